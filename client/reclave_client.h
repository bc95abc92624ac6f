/*
 * libreclave-client: does this SGX quote come from a genuine, up-to-date
 * platform, and is what it attests what I want to talk to?
 *
 * Checks DCAP ECDSA quotes (P-256, versions 3 and 4, SGX) against collateral
 * that the caller brings: nothing here opens a file or a connection. The time
 * is the caller's, too. Everything fails closed: what is missing, unknown or
 * contradictory is a rejection that names the step which noticed.
 *
 * Conventions. All bytes are the caller's; the library copies what it keeps.
 * A verifier is set up by one thread; after that any number of threads may
 * verify with it at once. `error` is text for people, always terminated.
 * Function names begin with reclave_; the library has no other global symbol.
 */
#ifndef RECLAVE_CLIENT_H
#define RECLAVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RECLAVE_PUBLIC     __attribute__((visibility("default")))
#define RECLAVE_MUST_CHECK __attribute__((warn_unused_result))
#else
#define RECLAVE_PUBLIC
#define RECLAVE_MUST_CHECK
#endif

/* The largest inputs that are looked at; longer ones are rejected. Real quotes have under
 * 8 KiB, real collateral under 64 KiB. */
#define RECLAVE_QUOTE_BYTES_MAX      (64u * 1024)
#define RECLAVE_COLLATERAL_BYTES_MAX (1024u * 1024)
#define RECLAVE_POLICY_BYTES_MAX     (1024u * 1024)

#define RECLAVE_ERROR_BYTES     512
#define RECLAVE_CHALLENGE_BYTES 32
#define RECLAVE_ADVISORIES_MAX  64
#define RECLAVE_ADVISORY_BYTES  32

/* The steps of a verification in the order in which they are taken; docs/verify.md says what
 * each one looks at. The first that fails ends it. Numbers and names are never reused. */
enum reclave_step {
    RECLAVE_STEP_NONE = 0,               /* nothing failed */
    RECLAVE_STEP_QUOTE_FORMAT = 1,       /* not an ECDSA P-256 SGX quote of version 3 or 4 */
    RECLAVE_STEP_CERTIFICATION_DATA = 2, /* the quote does not carry its PCK chain */
    RECLAVE_STEP_PCK_CHAIN = 3,          /* certificates do not form a chain; a signature */
    RECLAVE_STEP_TRUSTED_ROOT = 4,       /* the chain ends in another root */
    RECLAVE_STEP_PCK_VALIDITY = 5,  /* a certificate of the chain is expired or not yet valid */
    RECLAVE_STEP_PCK_EXTENSION = 6, /* Intel's SGX extension is missing or malformed */
    RECLAVE_STEP_QE_REPORT_SIGNATURE = 7, /* the PCK did not sign the quoting enclave's report */
    RECLAVE_STEP_QE_REPORT_DATA = 8,      /* that report is for another attestation key */
    RECLAVE_STEP_QUOTE_SIGNATURE = 9,     /* the attestation key did not sign the quote */
    RECLAVE_STEP_DEBUG = 10,              /* a debug enclave, and the policy does not allow it */
    RECLAVE_STEP_COLLATERAL = 11,         /* no collateral, or it is not understood */
    RECLAVE_STEP_CRL = 12,                /* a CRL is missing, malformed or not its issuer's */
    RECLAVE_STEP_CRL_VALIDITY = 13,       /* a CRL is expired or not yet valid */
    RECLAVE_STEP_REVOKED = 14,            /* a certificate is revoked */
    RECLAVE_STEP_QE_IDENTITY_SIGNATURE = 15,
    RECLAVE_STEP_QE_IDENTITY_VALIDITY = 16,
    RECLAVE_STEP_QE_IDENTITY = 17, /* malformed, or not the identity of this quoting enclave */
    RECLAVE_STEP_TCB_INFO_SIGNATURE = 18,
    RECLAVE_STEP_TCB_INFO_VALIDITY = 19,
    RECLAVE_STEP_TCB_INFO = 20,   /* malformed, of another platform, or without a matching level */
    RECLAVE_STEP_TCB_STATUS = 21, /* the policy does not accept the platform's TCB status */
    RECLAVE_STEP_POLICY = 22,     /* measurement, signer, product or version: not what is wanted */
    RECLAVE_STEP_CHALLENGE = 23,  /* made for another challenge, or none to compare with */
    RECLAVE_STEP_EVIDENCE = 24,   /* the policy asks for what only evidence can show */
    RECLAVE_STEP_INTERNAL = 25,   /* out of memory, or the crypto library failed */
    /* reclave_verify_evidence and reclave_enclave_verify, after the quote's: */
    RECLAVE_STEP_EVIDENCE_FORMAT =
        26, /* not evidence, or not an identity, in the one accepted encoding */
    RECLAVE_STEP_EVIDENCE_IDENTITY =
        27, /* the quote binds another identity, or the enclave has another role */
    RECLAVE_STEP_EVIDENCE_SIGNATURE = 28, /* the quoted key has not signed this batch */
    RECLAVE_STEP_EVIDENCE_PROOF = 29,     /* the claims are not in the signed batch */
    RECLAVE_STEP_EVIDENCE_WORKER =
        30, /* the claims speak of another enclave, boot or policy than the quote */
    RECLAVE_STEP_EVIDENCE_NONCE = 31,    /* the evidence is for another nonce */
    RECLAVE_STEP_EVIDENCE_INPUT = 32,    /* the function got another input */
    RECLAVE_STEP_EVIDENCE_STRINGS = 33,  /* the function got other arguments or variables */
    RECLAVE_STEP_EVIDENCE_OUTPUT = 34,   /* the function gave another output */
    RECLAVE_STEP_EVIDENCE_TENANT = 35,   /* the policy does not accept the tenant */
    RECLAVE_STEP_EVIDENCE_BUNDLE = 36,   /* the policy does not accept the function */
    RECLAVE_STEP_EVIDENCE_SNAPSHOT = 37, /* the policy does not accept the snapshot */
    RECLAVE_STEP_EVIDENCE_POLICY =
        38, /* the policy does not accept what the enclave enforces (its own policy) */
    RECLAVE_STEP_EVIDENCE_OUTCOME = 39, /* the caller does not accept the outcome */
    /* reclave_fleet_verify, with the keeper's quote: */
    RECLAVE_STEP_KEEPER_FORMAT = 40, /* not the description of a keeper */
    RECLAVE_STEP_KEEPER_OWNER = 41,  /* the policy does not accept the keeper's owner */
    RECLAVE_STEP_KEEPER_POLICY =
        42, /* platform policy: not the owner's, of another root, an image that is not accepted */
    RECLAVE_STEP_KEEPER_EPOCH = 43, /* the epoch's certificate is not this keeper's, or is old */
    RECLAVE_STEP_EPOCH_AGE = 44,    /* the key epoch is older than the policy accepts */
    /* ... and of what a worker of the fleet answers: */
    RECLAVE_STEP_WORKER_CERTIFICATE = 45, /* there is none, or it is not this keeper's */
    RECLAVE_STEP_WORKER_MEASUREMENT = 46, /* for an image that the keeper's policy does not name */
    RECLAVE_STEP_WORKER_EPOCH = 47,       /* of another epoch than the request's or the next */
};

/* "quote_format", "tcb_status", ...; NULL for RECLAVE_STEP_NONE and unknown numbers. */
RECLAVE_PUBLIC const char *reclave_step_name(enum reclave_step step);

/* Intel's statuses; of the QE only UpToDate, OutOfDate and Revoked occur. */
enum reclave_tcb_status {
    RECLAVE_TCB_UNKNOWN = 0, /* verification did not get that far */
    RECLAVE_TCB_UP_TO_DATE = 1,
    RECLAVE_TCB_SW_HARDENING_NEEDED = 2,
    RECLAVE_TCB_CONFIGURATION_NEEDED = 3,
    RECLAVE_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED = 4,
    RECLAVE_TCB_OUT_OF_DATE = 5,
    RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED = 6,
    RECLAVE_TCB_REVOKED = 7,
};

/* Intel's string, "UpToDate" and so on; NULL for RECLAVE_TCB_UNKNOWN and unknown numbers. */
RECLAVE_PUBLIC const char *reclave_tcb_status_name(enum reclave_tcb_status status);

/* What the quote says of the enclave (SDM 3D, REPORT). Bytes as they lie in the report. */
struct reclave_report {
    uint8_t cpu_svn[16];
    uint32_t miscselect;
    uint64_t attributes;
    uint64_t xfrm;
    uint8_t mrenclave[32];
    uint8_t mrsigner[32];
    uint16_t isv_prod_id;
    uint16_t isv_svn;
    uint8_t report_data[64];
    bool debug; /* of `attributes` */
};

struct reclave_verdict {
    bool accepted;
    enum reclave_step failed_step;    /* NONE exactly when accepted */
    char reason[RECLAVE_ERROR_BYTES]; /* one sentence, printable ASCII; "" when accepted */

    /* What follows is proven only when `accepted`. In a rejection it is what was read
     * by then: good for a message, never for a decision. */
    bool has_report;
    unsigned quote_version;
    size_t trailing_bytes; /* behind the quote: not part of it, ignored */
    struct reclave_report report;

    enum reclave_tcb_status tcb_status; /* platform and QE, converged */
    enum reclave_tcb_status platform_tcb_status;
    enum reclave_tcb_status qe_tcb_status;
    size_t advisory_count;
    char advisories[RECLAVE_ADVISORIES_MAX][RECLAVE_ADVISORY_BYTES]; /* sorted, without doubles */
    uint8_t fmspc[6];                    /* the platform's family, of the PCK certificate */
    uint32_t tcb_evaluation_data_number; /* the lower one of TCB info's and QE identity's */
    int64_t collateral_expires;          /* earliest nextUpdate, seconds since 1970 */
};

struct reclave_verifier;

/* Trusts Intel's root, has no collateral, takes no policy for the default one, the present for the
 * time. NULL: out of memory. Free with reclave_verifier_free, which takes NULL, too. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK struct reclave_verifier *reclave_verifier_new(void);
RECLAVE_PUBLIC void reclave_verifier_free(struct reclave_verifier *verifier);

/* Trust this root certificate (one, PEM or DER) INSTEAD OF Intel's. False: it is none, or not a
 * self-signed P-256 one; the verifier is unchanged. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool reclave_verifier_set_root(struct reclave_verifier *verifier,
                                                                 const void *certificate,
                                                                 size_t bytes,
                                                                 char error[RECLAVE_ERROR_BYTES]);

/* One JSON object (docs/verify.md) with TCB info, QE identity, CRLs and their issuers' chains. It
 * is untrusted, so what is wrong with it becomes the verdict of each verification. False: out of
 * memory. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_verifier_set_collateral(struct reclave_verifier *verifier, const void *json, size_t bytes);

/* A policy, JSON (docs/verify.md). False: a field is unknown or wrong, and `error` names it; from
 * then on the verifier rejects everything until a good policy is set. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool
reclave_verifier_set_policy(struct reclave_verifier *verifier, const void *json, size_t bytes,
                            char error[RECLAVE_ERROR_BYTES]);

/* Verify as of this moment, seconds since 1970, instead of the present. */
RECLAVE_PUBLIC void reclave_verifier_set_time(struct reclave_verifier *verifier, int64_t seconds);

/* Accept only a quote that was made for this challenge, which stands in bytes 32 to 63 of
 * REPORTDATA (as Reclave's enclaves have it): random bytes that the caller drew make the quote
 * fresh. Without this call bytes are not compared, and a policy with "require_challenge" rejects.
 * NULL: none again. */
RECLAVE_PUBLIC void
reclave_verifier_set_challenge(struct reclave_verifier *verifier,
                               const uint8_t challenge[RECLAVE_CHALLENGE_BYTES]);

/* DANGER: a missing CRL is not an error, so a revoked key may pass. CRLs that are there count. */
RECLAVE_PUBLIC void reclave_verifier_allow_missing_crl(struct reclave_verifier *verifier,
                                                       bool allow);

/* The whole verification. True exactly when the quote is accepted; *verdict is always filled in and
 * holds no pointer. */
RECLAVE_PUBLIC RECLAVE_MUST_CHECK bool reclave_verify_quote(const struct reclave_verifier *verifier,
                                                            const void *quote, size_t bytes,
                                                            struct reclave_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
