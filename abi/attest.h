/*
 * Level 1 of attestation: what a quote vouches for, and the keys of an enclave.
 *
 * REPORTDATA (SDM 3D, 37.16; 64 bytes):
 *   0..31   SHA-256("reclave report v1\0" || struct attested_identity)
 *   32..63  the challenge of whoever asked for the quote; zero when nobody did
 *
 * The first half says what the enclave is and never changes between ENTRY_INIT
 * and the enclave's end; the second makes one quote fresh.
 */
#ifndef RECLAVE_ABI_ATTEST_H
#define RECLAVE_ABI_ATTEST_H

#include <stdint.h>

#define REPORT_DOMAIN        "reclave report v1" /* hashed with its NUL: 18 bytes */
#define REPORT_DATA_BYTES    64u
#define REPORT_BINDING_OFF   0u  /* 32 bytes */
#define REPORT_CHALLENGE_OFF 32u /* 32 bytes */
#define CHALLENGE_BYTES      32u

/* What an image was told to be at its first entry; it cannot change. */
enum attest_role {
    ROLE_WORKER = 1,
    ROLE_KEEPER = 2,
};

#define SIGNING_KEY_BYTES   64u /* P-256 point: X || Y, big-endian */
#define SIGNATURE_BYTES     64u /* ECDSA: r || s, big-endian */
#define RECEIVING_KEY_BYTES 32u /* X25519, RFC 7748 */
#define BOOT_ID_BYTES       16u

/* Bytes only, so it has no padding. */
struct attested_identity {
    uint8_t role; /* enum attest_role */
    uint8_t signing_key[SIGNING_KEY_BYTES];
    uint8_t receiving_key[RECEIVING_KEY_BYTES];
    uint8_t boot_id[BOOT_ID_BYTES]; /* random per ENTRY_INIT */
    uint8_t policy_sha256[32];      /* of struct enclave_policy */
};

/* worker_id = SHA-256(signing_key): names an enclave in evidence. */

/* What L0 enforces beyond what its measurement says. Little-endian.
 * policy_sha256 = SHA-256("reclave policy v1\0" || struct enclave_policy). */
struct enclave_policy {
    uint32_t version;   /* 1 */
    uint32_t role;      /* enum attest_role */
    uint32_t tenancy;   /* enum tenancy */
    uint32_t flags;     /* POLICY_* */
    uint8_t keeper[32]; /* of a worker: worker_id of the keeper whose grants it takes, zero: none;
                         * of a keeper: its terms (abi/keeper.h) */
};

#define POLICY_DOMAIN         "reclave policy v1" /* hashed with its NUL: 18 bytes */
#define POLICY_VERSION        1u
#define POLICY_ENCRYPTED_ONLY 0x1u /* requests in the clear are refused */

enum tenancy {
    TENANCY_SEQUENTIAL = 1, /* one tenant in the enclave at a time */
    TENANCY_SHARED = 2,
};

/* Names a receiving key in messages: the first bytes of SHA-256(receiving key). */
#define KEY_ID_BYTES 16u

_Static_assert(sizeof(struct attested_identity) == 145, "attested identity");
_Static_assert(sizeof(struct enclave_policy) == 48, "enclave policy");

#endif
