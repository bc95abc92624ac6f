#include "client/evidence/sha256.h"
#include "client/evidence/verdict.h"

#include <string.h>

enum status identity_report_data(const struct attested_identity *identity, const uint8_t *challenge,
                                 uint8_t data[64])
{
    const struct sha256_piece pieces[] = {{REPORT_DOMAIN, sizeof(REPORT_DOMAIN)},
                                          {identity, sizeof(*identity)}};

    memset(data, 0, REPORT_DATA_BYTES);
    if (!sha256_of(pieces, 2, data + REPORT_BINDING_OFF))
        return ST_UNSUPPORTED;
    if (challenge)
        memcpy(data + REPORT_CHALLENGE_OFF, challenge, CHALLENGE_BYTES);
    return ST_OK;
}

enum status policy_sha256_of(const struct enclave_policy *policy, uint8_t digest[32])
{
    const struct sha256_piece pieces[] = {{POLICY_DOMAIN, sizeof(POLICY_DOMAIN)},
                                          {policy, sizeof(*policy)}};

    return sha256_of(pieces, 2, digest) ? ST_OK : ST_UNSUPPORTED;
}

enum status strings_sha256_of(uint64_t arg_count, uint64_t env_count, const char *strings,
                              size_t bytes, uint8_t digest[32])
{
    const struct sha256_piece pieces[] = {{STRINGS_DOMAIN, sizeof(STRINGS_DOMAIN)},
                                          {&arg_count, sizeof(arg_count)},
                                          {&env_count, sizeof(env_count)},
                                          {strings, bytes}};

    return sha256_of(pieces, bytes ? 4 : 3, digest) ? ST_OK : ST_UNSUPPORTED;
}

struct evidence_verdict evidence_check_identity(const struct attested_identity *identity,
                                                enum attest_role role,
                                                const uint8_t report_data[64],
                                                const uint8_t *challenge)
{
    uint8_t bound[REPORT_DATA_BYTES];

    if (identity_report_data(identity, challenge, bound) != ST_OK)
        return rejected(EVIDENCE_SYSTEM, "SHA-256 is not available");
    if (memcmp(bound + REPORT_BINDING_OFF, report_data + REPORT_BINDING_OFF, 32) != 0)
        return rejected(EVIDENCE_IDENTITY, "the quote binds another identity than the evidence's");
    if (identity->role != role)
        return rejected(EVIDENCE_IDENTITY, "the enclave has another role");
    if (challenge && memcmp(challenge, report_data + REPORT_CHALLENGE_OFF, CHALLENGE_BYTES) != 0)
        return rejected(EVIDENCE_CHALLENGE, "the quote does not answer the challenge");
    return accepted();
}
