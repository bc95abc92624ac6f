/* What a report of this enclave binds: abi/attest.h. */
#ifndef RECLAVE_TRUSTED_ATTEST_REPORT_DATA_H
#define RECLAVE_TRUSTED_ATTEST_REPORT_DATA_H

#include "trusted/attest/keys.h"

void policy_digest(const struct enclave_policy *policy, uint8_t digest[32]);

void identity_fill(struct attested_identity *identity, enum attest_role role,
                   const struct signing_key *signing, const struct receiving_key *receiving,
                   const uint8_t boot_id[BOOT_ID_BYTES], const uint8_t policy_sha256[32]);

/* challenge: 32 bytes of whoever asked, or NULL: zeroes. */
void report_data(const struct attested_identity *identity, const uint8_t *challenge,
                 uint8_t data[REPORT_DATA_BYTES]);

#endif
