/*
 * What owners say to a keeper (abi/keeper.h), on the owner's side. These functions fill everything
 * but the signature; whoever has the private key signs statement_message().
 */
#ifndef RECLAVE_CLIENT_KEEPER_STATEMENT_H
#define RECLAVE_CLIENT_KEEPER_STATEMENT_H

#include "abi/keeper.h"
#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum statement_kind {
    STATEMENT_PLATFORM,   /* struct platform_policy */
    STATEMENT_RELEASE,    /* struct key_release */
    STATEMENT_REVOCATION, /* struct revocation */
    STATEMENT_HANDOVER,   /* struct handover_policy */
};

#define STATEMENT_MESSAGE_MAX (sizeof(struct platform_policy) + 64)

/* What is signed (ECDSA P-256, SHA-256, r || s): `message` holds STATEMENT_MESSAGE_MAX. */
size_t statement_message(enum statement_kind kind, const void *statement, uint8_t *message);
/* Where the signature goes, SIGNATURE_BYTES. */
uint8_t *statement_signature(enum statement_kind kind, void *statement);

/* An empty policy: add platforms, then set what else is wanted (fields of abi/keeper.h). */
void platform_policy_begin(struct platform_policy *policy, uint64_t serial, uint64_t last_epoch);

/*
 * Takes the platform of a quote that the caller has verified against collateral as the least that
 * is accepted of its family: FMSPC, components and PCESVN of its PCK certificate, and its quoting
 * enclave's version if that is lower than what is there. With own_root the quote's root key and
 * quoting enclave (signer, product) become the policy's; without, Intel's stay.
 * ST_CORRUPT: no such quote; ST_OUT_OF_RANGE: no free entry; ST_KEEPER_POLICY: another root or
 * quoting enclave than that of a quote before.
 */
MUST_CHECK enum status platform_policy_add(struct platform_policy *policy, const uint8_t *quote,
                                           size_t bytes, bool own_root);

/* Signature and the form that matters to a caller: ST_KEEPER_POLICY, ST_KEEPER_SIGNATURE. */
MUST_CHECK enum status platform_policy_is_owners(const struct platform_policy *policy,
                                                 const uint8_t owner[SIGNING_KEY_BYTES]);

/* The function key under `policy`, for the keeper with this identity, whose quote has been
 * verified. As caller_function_key_wrap. */
MUST_CHECK enum status key_release_make(const uint8_t key[FUNCTION_KEY_BYTES],
                                        const uint8_t owner[SIGNING_KEY_BYTES],
                                        const struct function_policy *policy,
                                        const struct attested_identity *keeper,
                                        struct key_release *out);

/* subject_bytes: KEY_ID_BYTES of a function key, 32 of a worker ID. */
MUST_CHECK enum status revocation_make(enum revocation_kind kind, const uint8_t *subject,
                                       size_t subject_bytes,
                                       const uint8_t signer[SIGNING_KEY_BYTES],
                                       const uint8_t keeper_id[32], struct revocation *out);

void handover_policy_make(const uint8_t from_keeper[32], const uint8_t from_mrenclave[32],
                          const uint8_t to_mrenclave[32], struct handover_policy *out);

#endif
