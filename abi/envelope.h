/*
 * Encrypted requests and responses between a caller and an enclave, version 1.
 * Little-endian, sent as it lies here; docs/envelope.md is the prose.
 *
 *   message = header || ciphertext || tag      header.prefix.cipher_bytes counts the last two
 *
 * The header is readable by everybody and authenticated as associated data.
 *
 * Suite: HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-128-GCM; there is no other.
 *
 *   kind              header                   keys
 *   REQUEST           envelope_request         HPKE to a receiving key, sequence 0
 *   RESPONSE          envelope_response        RFC 9458, 4.4, from the request's exporter
 *   SESSION_OPEN      envelope_request         HPKE to a receiving key; whoever opens it has it
 *   SESSION_OPENED    envelope_opened          session keys, response direction, sequence 0
 *   SESSION_REQUEST   envelope_session_request session keys, request direction, sequence n >= 1
 *   SESSION_RESPONSE  envelope_session_response session keys, response direction, the same n
 *
 * Response keys (RFC 9458, 4.4, with our label):
 *   secret = Export(RESPONSE_LABEL, 16);  prk = Extract(enc || response_nonce, secret)
 *   key = Expand(prk, "key", 16);         nonce = Expand(prk, "nonce", 12)
 * Session keys, which only exist once the enclave has chosen session_nonce, so that a replayed
 * SESSION_OPEN leads to other keys and nothing recorded fits them:
 *   secret = Export(SESSION_LABEL, 32);   prk = Extract(enc || session_nonce, secret)
 *   Expand(prk, "request key", 16), (.. "request nonce", 12), (.. "response key", 16),
 *   (.. "response nonce", 12), (.. "session id", 16)
 *   nonce of message n = nonce XOR n, big-endian on the right (RFC 9180, 5.2)
 */
#ifndef RECLAVE_ABI_ENVELOPE_H
#define RECLAVE_ABI_ENVELOPE_H

#include "abi/attest.h"
#include "abi/evidence.h"

#include <stdint.h>

#define ENVELOPE_MAGIC   "RCLVENVL" /* 8 bytes, no NUL in the message */
#define ENVELOPE_VERSION 1u

enum envelope_kind {
    ENVELOPE_REQUEST = 1,
    ENVELOPE_RESPONSE = 2,
    ENVELOPE_SESSION_OPEN = 3,
    ENVELOPE_SESSION_OPENED = 4,
    ENVELOPE_SESSION_REQUEST = 5,
    ENVELOPE_SESSION_RESPONSE = 6,
};

/* RFC 9180, 7 */
#define HPKE_KEM_X25519_HKDF_SHA256 0x0020u
#define HPKE_KDF_HKDF_SHA256        0x0001u
#define HPKE_AEAD_AES_128_GCM       0x0001u
#define HPKE_ENC_BYTES              32u

#define AEAD_KEY_BYTES   16u
#define AEAD_NONCE_BYTES 12u
#define AEAD_TAG_BYTES   16u

/* HPKE info and exporter contexts, each with its NUL. */
#define REQUEST_INFO   "reclave request v1"
#define SESSION_INFO   "reclave session open v1"
#define RESPONSE_LABEL "reclave response v1"
#define SESSION_LABEL  "reclave session v1"

#define RESPONSE_NONCE_BYTES 16u /* max(Nn, Nk), RFC 9458, 4.4 */
#define SESSION_NONCE_BYTES  32u
#define SESSION_ID_BYTES     16u

/* A session serves requests 1 .. this. */
#define SESSION_REQUESTS_MAX 0xffffffffull

struct envelope_prefix {
    char magic[8];
    uint16_t version;
    uint16_t kind;     /* enum envelope_kind */
    uint32_t reserved; /* zero */
    uint64_t cipher_bytes;
};

struct envelope_request {
    struct envelope_prefix prefix;
    uint16_t kem;
    uint16_t kdf;
    uint16_t aead;
    uint16_t nonce_bytes;         /* 0, or NONCE_MIN..NONCE_MAX */
    uint8_t nonce[NONCE_MAX];     /* the caller's, goes into the evidence; then zeros */
    uint8_t key_id[KEY_ID_BYTES]; /* of the receiving key */
    uint8_t bundle_sha256[32];
    uint8_t policy_sha256[32];
    uint8_t enc[HPKE_ENC_BYTES];
};

struct envelope_response {
    struct envelope_prefix prefix;
    uint8_t response_nonce[RESPONSE_NONCE_BYTES]; /* the enclave's, random */
};

struct envelope_opened {
    struct envelope_prefix prefix;
    uint8_t session_nonce[SESSION_NONCE_BYTES]; /* the enclave's, random */
};

struct envelope_session_request {
    struct envelope_prefix prefix;
    uint8_t session_id[SESSION_ID_BYTES];
    uint64_t sequence; /* 1, 2, 3 ... */
    uint16_t nonce_bytes;
    uint8_t reserved[6];
    uint8_t nonce[NONCE_MAX];
};

struct envelope_session_response {
    struct envelope_prefix prefix;
    uint8_t session_id[SESSION_ID_BYTES];
    uint64_t sequence; /* the request's */
};

/*
 * Plaintexts. A request's and a response's body is a struct, then its variable parts in the order
 * of the struct's lengths without gaps, then zeros of any number (padding).
 */
#define BODY_VERSION 1u

/* request_body.response_padding: how long the response's plaintext is to be made. A power of two
 * from PAD_MULTIPLE_MIN to PAD_MULTIPLE_MAX: the next multiple of it. */
#define PAD_NONE         0u
#define PAD_POWER_OF_TWO 1u /* the next power of two, at least PAD_MULTIPLE_MIN */
#define PAD_MULTIPLE_MIN 16u
#define PAD_MULTIPLE_MAX 0x100000u

struct request_body {
    uint32_t version;
    uint32_t response_padding;
    uint32_t arg_count;
    uint32_t env_count;
    uint64_t strings_bytes; /* as in struct entry_invocation */
    uint64_t input_bytes;   /* stdin */
};

struct response_body {
    uint32_t version;
    uint32_t status;  /* enum status: ST_OK, or why there was no invocation */
    uint32_t outcome; /* enum outcome */
    uint32_t trap;    /* enum trap */
    int64_t exit_code;
    uint64_t log_dropped;
    uint64_t output_bytes; /* stdout */
    uint64_t log_bytes;    /* stderr */
    uint64_t claims_bytes; /* this invocation's claims (abi/evidence.h); 0: none */
};

/* SESSION_OPEN has an empty plaintext, SESSION_OPENED this one: who answered. */
struct opened_body {
    uint8_t worker_id[32];
    uint8_t boot_id[BOOT_ID_BYTES];
};

_Static_assert(sizeof(struct envelope_prefix) == 24, "prefix");
_Static_assert(sizeof(struct envelope_request) == 208, "request");
_Static_assert(sizeof(struct envelope_response) == 40, "response");
_Static_assert(sizeof(struct envelope_opened) == 56, "opened");
_Static_assert(sizeof(struct envelope_session_request) == 120, "session request");
_Static_assert(sizeof(struct envelope_session_response) == 48, "session response");
_Static_assert(sizeof(struct request_body) == 32, "request body");
_Static_assert(sizeof(struct response_body) == 56, "response body");
_Static_assert(sizeof(struct opened_body) == 48, "opened body");

#endif
