/*
 * What lies outside under a key: sealed bundles, wrapped function keys, an
 * enclave's own sealed state. Little-endian; docs/sealed.md is the prose.
 *
 * Sealed bundle (F.rcl that only holders of its function key can read):
 *
 *   struct sealed_header    in the clear, authenticated by every chunk
 *   struct wrapped_key      the function key for one recipient, or zeros: released otherwise
 *   chunks                  each chunk_bytes of the bundle, the last one the rest (1 ..
 * chunk_bytes), each followed by its tag of 16 bytes
 *
 *   prk = Extract(salt, function key)
 *   key = Expand(prk, "key" || header, 16);   prefix = Expand(prk, "nonce" || header, 7)
 *   chunk i: AES-128-GCM, nonce = prefix || i (4 bytes, big-endian) || last (1 byte: 0 or 1), no
 *   associated data. This is STREAM (Hoang, Reyhanitabar, Rogaway, Vizar 2015, section 7).
 */
#ifndef RECLAVE_ABI_SEALED_H
#define RECLAVE_ABI_SEALED_H

#include "abi/attest.h"
#include "abi/envelope.h"

#include <stdint.h>

#define SEALED_MAGIC   "RCLVSEAL" /* 8 bytes each, no NUL in the file */
#define WRAPPED_MAGIC  "RCLVWKEY"
#define STATE_MAGIC    "RCLVSTAT"
#define SEALED_VERSION 1u /* of all three */

#define FUNCTION_KEY_BYTES 32u

/* function_key_id = the first KEY_ID_BYTES of HMAC-SHA256(function key, this with its NUL) */
#define FUNCTION_KEY_ID_LABEL "reclave function key id v1"

#define SEALED_CHUNK_MIN     4096u /* chunk_bytes is a power of two in this range */
#define SEALED_CHUNK_MAX     0x100000u
#define SEALED_CHUNK_DEFAULT 0x10000u

struct sealed_header {
    char magic[8];
    uint32_t version;
    uint32_t chunk_bytes;
    uint64_t bundle_bytes; /* of the whole .rcl file, not 0, <= BUNDLE_BYTES_MAX */
    uint8_t bundle_sha256[32];
    uint8_t function_key_id[KEY_ID_BYTES];
    uint8_t salt[32]; /* random per sealing */
};

/* A function key under HPKE to a receiving key: info = WRAP_INFO with its NUL, associated data =
 * everything before `sealed`. */
struct wrapped_key {
    char magic[8];
    uint32_t version;
    uint32_t reserved;               /* zero */
    uint8_t recipient[KEY_ID_BYTES]; /* of the receiving key */
    uint8_t function_key_id[KEY_ID_BYTES];
    uint8_t enc[HPKE_ENC_BYTES];
    uint8_t sealed[FUNCTION_KEY_BYTES + AEAD_TAG_BYTES];
};

#define WRAP_INFO "reclave function key v1"

/*
 * An enclave's own state, under a key of EGETKEY (KEYNAME_SEAL, policy MRENCLAVE) that is requested
 * with key_id, cpusvn and isvsvn of this header. Then state_bytes of ciphertext and the tag.
 *   prk = Extract(key_id, EGETKEY's key); key, nonce = Expand(prk, "state key" .. 16, "state nonce"
 * .. 12) key_id is random for each sealing, so no key is used twice. Associated data = the header.
 */
struct state_header {
    char magic[8];
    uint32_t version;
    uint32_t purpose; /* the owner of the state says what it is; opened only for the same one */
    uint64_t counter; /* of the state: grows with each one written */
    uint64_t state_bytes;
    uint8_t key_id[32];
    uint8_t cpusvn[16];
    uint16_t isvsvn;
    uint8_t reserved[6]; /* zero */
};

_Static_assert(sizeof(struct sealed_header) == 104, "sealed header");
_Static_assert(sizeof(struct wrapped_key) == 128, "wrapped key");
_Static_assert(sizeof(struct state_header) == 88, "state header");

#endif
