#include "trusted/attest/report_data.h"

#include "trusted/attest/digest.h"

#include <string.h>

void policy_digest(const struct enclave_policy *policy, uint8_t digest[32])
{
    const struct piece pieces[] = {{POLICY_DOMAIN, sizeof(POLICY_DOMAIN)},
                                   {policy, sizeof(*policy)}};

    sha256_pieces(pieces, 2, digest);
}

void identity_fill(struct attested_identity *identity, enum attest_role role,
                   const struct signing_key *signing, const struct receiving_key *receiving,
                   const uint8_t boot_id[BOOT_ID_BYTES], const uint8_t policy_sha256[32])
{
    identity->role = (uint8_t)role;
    memcpy(identity->signing_key, signing->public_key, sizeof(identity->signing_key));
    memcpy(identity->receiving_key, receiving->public_key, sizeof(identity->receiving_key));
    memcpy(identity->boot_id, boot_id, sizeof(identity->boot_id));
    memcpy(identity->policy_sha256, policy_sha256, sizeof(identity->policy_sha256));
}

void report_data(const struct attested_identity *identity, const uint8_t *challenge,
                 uint8_t data[REPORT_DATA_BYTES])
{
    const struct piece pieces[] = {{REPORT_DOMAIN, sizeof(REPORT_DOMAIN)},
                                   {identity, sizeof(*identity)}};

    sha256_pieces(pieces, 2, data + REPORT_BINDING_OFF);
    memset(data + REPORT_CHALLENGE_OFF, 0, CHALLENGE_BYTES);
    if (challenge)
        memcpy(data + REPORT_CHALLENGE_OFF, challenge, CHALLENGE_BYTES);
}
