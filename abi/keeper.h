/*
 * The keeper: an enclave of the same image in another role (ROLE_KEEPER), which holds owners'
 * function keys and the receiving keys of a fleet's epochs, and hands them to workers that it has
 * verified. Little-endian, sent as it lies here; docs/keeper.md is the prose.
 *
 * Who signs what (ECDSA P-256, r || s, over SHA-256(domain with its NUL || the struct up to the
 * signature)):
 *   platform_policy     the keeper's owner   which platforms, quoting enclave and images count
 *   handover_policy     the keeper's owner   which image may take over
 *   revocation          the keeper's owner (a worker), a function key's owner (that key)
 *   key_release         a function key's owner
 *   grant               the keeper
 * Numbers called `serial` only grow: a keeper refuses one that is not above what it has seen.
 */
#ifndef RECLAVE_ABI_KEEPER_H
#define RECLAVE_ABI_KEEPER_H

#include "abi/attest.h"
#include "abi/quote.h"
#include "abi/sealed.h"

#include <stdint.h>

#define KEEPER_VERSION 1u /* of every struct here that has a version */

/* ---- a quote, taken apart by the host -------------------------------------------- */

#define QUOTE_AUTH_MAX   64u
#define PCK_BYTES_MAX    2048u /* DER; Intel's have about 1,250 bytes ... */
#define ISSUER_BYTES_MAX 1024u /* ... and these about 660 */

/* The certificates are not signed by the quote and may come from anywhere: PCK and its issuer, in
 * DER. The root is a key (platform_policy). Bytes behind the lengths are zero. */
struct quote_copy {
    struct quote_signed body;
    struct quote_signature signature;
    uint16_t auth_bytes;
    uint16_t pck_bytes;
    uint16_t issuer_bytes;
    uint8_t reserved[10]; /* zero */
    uint8_t auth[QUOTE_AUTH_MAX];
    uint8_t pck[PCK_BYTES_MAX];
    uint8_t issuer[ISSUER_BYTES_MAX];
};

/* Names a quote in a transcript: SHA-256(body || signature). */

/* ---- which platforms count ---------------------------------------------------------- */

#define PLATFORM_MAGIC       "RCLVPLAT"
#define PLATFORM_DOMAIN      "reclave platform policy v1"
#define PLATFORM_LEVELS_MAX  16u
#define PLATFORM_REVOKED_MAX 32u
#define PLATFORM_IMAGES_MAX  4u
#define PCK_SERIAL_BYTES     20u /* RFC 5280, 4.1.2.2: at most */
#define PLATFORM_FMSPC_BYTES 6u
#define PLATFORM_COMPONENTS  16u

/* The least security versions that are accepted of one family of platforms: of each component in
 * the PCK certificate, and of the PCE. */
struct platform_level {
    uint8_t fmspc[PLATFORM_FMSPC_BYTES];
    uint16_t pce_svn;
    uint8_t components[PLATFORM_COMPONENTS];
};

/*
 * What remains of collateral: its owner evaluates Intel's JSON outside, at the current time, and
 * signs the result. Without a root of its own (zeros) Intel's root and quoting enclave count, which
 * are built in. root_key, qe_mrsigner and qe_prod_id are part of the keeper's identity and cannot
 * change: see KEEPER_TERMS_DOMAIN. Unused entries are zero.
 */
struct platform_policy {
    char magic[8];
    uint32_t version;
    uint16_t level_count;
    uint16_t revoked_count;
    uint64_t serial;
    uint64_t last_epoch; /* nobody is admitted after it */
    uint8_t root_key[SIGNING_KEY_BYTES];
    uint8_t qe_mrsigner[32];
    uint16_t qe_prod_id;
    uint16_t qe_svn; /* at least */
    uint32_t image_count;
    struct platform_level levels[PLATFORM_LEVELS_MAX];
    uint8_t revoked[PLATFORM_REVOKED_MAX]
                   [PCK_SERIAL_BYTES]; /* of PCKs and issuers; big-endian, on the right */
    /* MRENCLAVEs that keeper and workers may have; one's own always counts. A worker of another
     * image than the keeper's needs both here. */
    uint8_t images[PLATFORM_IMAGES_MAX][32];
    uint8_t signature[SIGNATURE_BYTES];
};

/* enclave_policy.keeper of a keeper = SHA-256(this with its NUL || owner's public key || root_key
 * || qe_mrsigner || qe_prod_id), with Intel's values where the policy has zeros. */
#define KEEPER_TERMS_DOMAIN "reclave keeper terms v1"

/* ---- function keys --------------------------------------------------------------------- */

#define RELEASE_MAGIC        "RCLVRELS"
#define RELEASE_DOMAIN       "reclave key release v1"
#define RELEASE_MEASURED_MAX 4u

/* What a worker must also be. */
#define FUNCTION_NEEDS_SEQUENTIAL 1u /* TENANCY_SEQUENTIAL */
#define FUNCTION_NEEDS_ENCRYPTED  2u /* POLICY_ENCRYPTED_ONLY */

/* Who may receive a function key. A worker opens bundles of the key's owner only with it. */
struct function_policy {
    uint64_t serial;
    uint32_t flags; /* FUNCTION_* */
    uint32_t measured_count;
    uint16_t isv_prod_id;                       /* with mrsigner */
    uint16_t isv_svn;                           /* ... at least */
    uint8_t reserved[4];                        /* zero */
    uint8_t mrsigner[32];                       /* zero: only the measurements below */
    uint8_t measured[RELEASE_MEASURED_MAX][32]; /* MRENCLAVEs; unused ones zero */
};

struct key_release {
    char magic[8];
    uint32_t version;
    uint32_t reserved;  /* zero */
    uint8_t keeper[32]; /* worker_id of the keeper that it is for */
    uint8_t owner[SIGNING_KEY_BYTES];
    struct function_policy policy;
    struct wrapped_key wrapped; /* to the keeper's receiving key */
    uint8_t signature[SIGNATURE_BYTES];
};

#define REVOKE_MAGIC  "RCLVREVO"
#define REVOKE_DOMAIN "reclave revocation v1"

enum revocation_kind {
    REVOKE_FUNCTION_KEY = 1, /* subject: its ID, then zeros; signer: the owner who released it */
    REVOKE_WORKER = 2, /* subject: worker_id; signer: the keeper's owner; a new epoch begins */
};

struct revocation {
    char magic[8];
    uint32_t version;
    uint32_t kind;
    uint8_t keeper[32];
    uint8_t subject[32];
    uint8_t signer[SIGNING_KEY_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
};

/* ---- admission ----------------------------------------------------------------------------- */

/*
 * The asker is a worker, or a keeper that takes over.
 *   asker   ENTRY_ADMISSION or KEEPER_TAKE_OVER_BEGIN   -> asker_nonce
 *   keeper  KEEPER_CHALLENGE  asker_nonce               -> keeper_nonce
 *   both    ENTRY_REPORT with their challenges, then quotes
 *   keeper  KEEPER_ADMIT or KEEPER_HAND_OVER            -> grant
 *   asker   ENTRY_GRANT or KEEPER_TAKE_OVER
 * challenge  = SHA-256(domain of the side, with its NUL || asker_nonce || keeper_nonce)
 * transcript = SHA-256(TRANSCRIPT_DOMAIN with its NUL || asker_nonce || keeper_nonce ||
 *              SHA-256 of the asker's quote || of the keeper's)
 * A nonce serves one attempt.
 */
#define ADMISSION_NONCE_BYTES 32u
#define ASKER_DOMAIN          "reclave admission asker v1"
#define KEEPER_DOMAIN         "reclave admission keeper v1"
#define TRANSCRIPT_DOMAIN     "reclave admission transcript v1"
#define KEEPER_PENDING_MAX    16u /* challenges of a keeper; the oldest gives way */
#define KEEPER_KEYS_MAX       64u
#define KEEPER_WORKERS_MAX    64u /* revoked ones */

struct keeper_challenge {
    uint8_t asker_nonce[ADMISSION_NONCE_BYTES];
};

/* Each side learns the digest of its own quote from the host: a wrong one makes another transcript.
 */
struct keeper_admission {
    uint8_t keeper_nonce[ADMISSION_NONCE_BYTES];
    uint8_t own_quote_sha256[32];
    struct attested_identity identity; /* the asker's */
    uint8_t reserved[7];
    struct enclave_policy policy; /* whose digest the identity has; of a keeper zeros, since it has
                                   * that of its terms */
    struct quote_copy quote;
};

enum grant_kind {
    GRANT_WORKER = 1,
    GRANT_HANDOVER = 2,
};

#define GRANT_MAGIC  "RCLVGRNT"
#define GRANT_INFO   "reclave grant v1" /* HPKE info: this with its NUL || transcript */
#define GRANT_DOMAIN "reclave grant signature v1"

/* signature: over SHA-256(GRANT_DOMAIN with its NUL || transcript || header || body || tag). The
 * header is the associated data. */
struct grant_header {
    char magic[8];
    uint32_t version;
    uint32_t kind; /* enum grant_kind */
    uint8_t enc[HPKE_ENC_BYTES];
};

struct granted_key {
    uint8_t id[KEY_ID_BYTES];
    uint8_t key[FUNCTION_KEY_BYTES];
    uint8_t tenant[32]; /* its owner */
};

/* Always of full length: the host does not see how many keys there are. */
struct worker_grant_body {
    uint64_t epoch;
    uint64_t counter;    /* of the keeper's state: never less than before */
    uint8_t current[32]; /* X25519 secret of the epoch */
    uint8_t previous[32];
    uint32_t has_previous;
    uint32_t key_count;
    struct granted_key keys[KEEPER_KEYS_MAX];
};

struct worker_grant {
    struct grant_header header;
    struct worker_grant_body body; /* encrypted */
    uint8_t tag[AEAD_TAG_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
};

/* What a keeper keeps of a function key. key is zero when it is revoked: the entry stays, so that
 * an old release is not taken for a new one. */
struct keeper_key {
    uint8_t id[KEY_ID_BYTES];
    uint8_t key[FUNCTION_KEY_BYTES];
    uint8_t tenant[32];
    uint32_t revoked;
    uint32_t reserved;
    struct function_policy policy;
};

/* A new keeper has keys of its own. Its owner's word moves function keys only, and of those only
 * the ones whose owners accept the new image. */
struct handover_body {
    uint64_t epoch;
    uint32_t key_count;
    uint32_t worker_count;
    struct keeper_key keys[KEEPER_KEYS_MAX];
    uint8_t workers[KEEPER_WORKERS_MAX][32]; /* revoked */
};

struct handover_grant {
    struct grant_header header;
    struct handover_body body; /* encrypted */
    uint8_t tag[AEAD_TAG_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
};

#define HANDOVER_MAGIC  "RCLVHAND"
#define HANDOVER_DOMAIN "reclave handover policy v1"

struct handover_policy {
    char magic[8];
    uint32_t version;
    uint32_t reserved;       /* zero */
    uint8_t from_keeper[32]; /* worker_id of the keeper that hands over */
    uint8_t from_mrenclave[32];
    uint8_t to_mrenclave[32];
    uint8_t signature[SIGNATURE_BYTES];
};

/* ---- the keeper's commands: ENTRY_KEEPER -------------------------------------------------- */

/*
 *   command                request             answer           legal  writes state
 *   KEEPER_START           keeper_start        -                EMPTY  yes
 *   KEEPER_RESTORE         sealed state        -                EMPTY  no
 *   KEEPER_STATUS          -                   keeper_status    ready  no
 *   KEEPER_CHALLENGE       keeper_challenge    ADMISSION_NONCE_BYTES      ready  no
 *   KEEPER_ADMIT           keeper_admission    keeper_admitted  ready  no
 *   KEEPER_ROTATE          -                   -                ready  yes
 *   KEEPER_RELEASE         key_release         -                ready  yes
 *   KEEPER_REVOKE          revocation          -                ready  yes
 *   KEEPER_SET_POLICY      platform_policy     -                ready  yes
 *   KEEPER_HAND_OVER       keeper_handover     handover_grant   ready  no
 *   KEEPER_TAKE_OVER_BEGIN -                   ADMISSION_NONCE_BYTES      ready  no
 *   KEEPER_TAKE_OVER       keeper_take_over    -                ready  yes
 *
 * A command that writes state answers with the new sealed state (struct state_header, ciphertext,
 * tag): the host must have it on disk before it tells anybody that the command was done.
 */
enum keeper_command {
    KEEPER_START = 1,
    KEEPER_RESTORE = 2,
    KEEPER_STATUS = 3,
    KEEPER_CHALLENGE = 4,
    KEEPER_ADMIT = 5,
    KEEPER_ROTATE = 6,
    KEEPER_RELEASE = 7,
    KEEPER_REVOKE = 8,
    KEEPER_SET_POLICY = 9,
    KEEPER_HAND_OVER = 10,
    KEEPER_TAKE_OVER_BEGIN = 11,
    KEEPER_TAKE_OVER = 12,
};

struct keeper_start {
    uint8_t owner[SIGNING_KEY_BYTES];
    struct platform_policy policy;
};

/* The keeper's certificates are COSE_Sign1 with its signing key: CDDL in docs/keeper.md. */
#define CERTIFICATE_EPOCH_PROFILE  "urn:x-reclave:epoch-key:2"
#define CERTIFICATE_WORKER_PROFILE "urn:x-reclave:worker-key:2"
#define CERTIFICATE_MAX            640u
#define CLAIM_EPOCH                (-70021)
#define CLAIM_STATE_COUNTER        (-70022)
#define CLAIM_RECEIVING_KEY        (-70023)
#define CLAIM_PLATFORM_POLICY      (-70024) /* SHA-256 of the whole struct, signature included */
#define CLAIM_MRENCLAVE            (-70025)
#define CLAIM_IDENTITY             (-70026) /* struct attested_identity */
/* Seconds since 1970, by the clock of the keeper's host when the epoch began; it never goes back.
 * The enclave has no clock of its own: docs/keeper.md says what this is good for. */
#define CLAIM_EPOCH_BEGAN (-70027)

struct keeper_status {
    uint64_t epoch;
    uint64_t counter;
    uint64_t key_count; /* revoked ones included */
    uint64_t certificate_bytes;
    uint8_t certificate[CERTIFICATE_MAX]; /* of the epoch's receiving key */
    uint8_t owner[SIGNING_KEY_BYTES];
    struct platform_policy policy;
};

struct keeper_admitted {
    struct worker_grant grant;
    uint64_t certificate_bytes;
    uint8_t certificate[CERTIFICATE_MAX]; /* of the worker's identity, for this epoch */
};

struct keeper_handover {
    struct handover_policy policy;
    struct keeper_admission admission;
};

/* What an asker needs to know of the keeper that answered. */
struct keeper_answer {
    uint8_t keeper_nonce[ADMISSION_NONCE_BYTES];
    uint8_t own_quote_sha256[32];
    struct attested_identity identity; /* the keeper's */
    uint8_t reserved[7];
    uint8_t owner[SIGNING_KEY_BYTES]; /* the keeper's */
    struct platform_policy policy;    /* signed by the owner */
    struct quote_copy quote;
};

struct keeper_take_over {
    struct handover_policy handover;
    struct keeper_answer answer;
    struct handover_grant grant;
};

/* ENTRY_GRANT */
struct worker_granted {
    struct keeper_answer answer;
    struct worker_grant grant;
};

/* ---- the sealed state ------------------------------------------------------------------------ */

#define STATE_PURPOSE_KEEPER 1u
#define KEEPER_STATE_VERSION 2u /* 2: with epoch_began */

/* Plaintext of the state; abi/sealed.h has its frame. */
struct keeper_state {
    uint32_t version; /* KEEPER_STATE_VERSION */
    uint32_t has_previous;
    uint64_t counter; /* as in the header */
    uint64_t epoch;
    uint64_t epoch_began; /* seconds since 1970, the host's word */
    struct signing_secret {
        uint8_t secret[32];
        uint8_t public_key[SIGNING_KEY_BYTES];
    } signing;
    uint8_t current[32]; /* X25519 secrets of epochs */
    uint8_t previous[32];
    uint8_t owner[SIGNING_KEY_BYTES];
    struct platform_policy policy;
    uint32_t key_count;
    uint32_t worker_count;
    struct keeper_key keys[KEEPER_KEYS_MAX];
    uint8_t workers[KEEPER_WORKERS_MAX][32]; /* revoked */
};

#define KEEPER_SEALED_BYTES                                                                        \
    (sizeof(struct state_header) + sizeof(struct keeper_state) + AEAD_TAG_BYTES)

_Static_assert(sizeof(struct quote_copy) == 432 + 576 + 16 + 64 + 3072, "quote copy");
_Static_assert(sizeof(struct platform_level) == 24, "level");
_Static_assert(sizeof(struct platform_policy) == 200 + 16 * 24 + 32 * 20 + 4 * 32, "platform");
_Static_assert(sizeof(struct function_policy) == 184, "function policy");
_Static_assert(sizeof(struct grant_header) == 48, "grant header");
_Static_assert(sizeof(struct keeper_key) == 88 + sizeof(struct function_policy), "keeper key");
_Static_assert(sizeof(struct handover_policy) == 176, "handover policy");

#endif
