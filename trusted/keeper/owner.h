/* What owners sign: platform policies, releases, revocations, handovers (abi/keeper.h). */
#ifndef RECLAVE_TRUSTED_KEEPER_OWNER_H
#define RECLAVE_TRUSTED_KEEPER_OWNER_H

#include "abi/keeper.h"
#include "trusted/attest/keys.h"
#include "trusted/attest/quote_check.h"

/* Is the statement, `signed_bytes` of it, signed by this owner? domain_bytes includes the NUL. */
MUST_CHECK bool owner_signed(const uint8_t owner[SIGNING_KEY_BYTES], const char *domain,
                             size_t domain_bytes, const void *statement, size_t signed_bytes,
                             const uint8_t signature[SIGNATURE_BYTES]);

/* Form, then signature: ST_KEEPER_POLICY, ST_KEEPER_SIGNATURE. */
MUST_CHECK enum status platform_policy_check(const struct platform_policy *policy,
                                             const uint8_t owner[SIGNING_KEY_BYTES]);
void platform_policy_digest(const struct platform_policy *policy, uint8_t digest[32]);
/* Is it the keeper's own image, or one that the policy names besides? */
MUST_CHECK bool platform_names_image(const struct platform_policy *policy, const uint8_t own[32],
                                     const uint8_t mrenclave[32]);

/* What a keeper is bound to for good: enclave_policy of a keeper with this owner and this policy's
 * root. ST_KEEPER_POLICY as platform_root_of. */
MUST_CHECK enum status keeper_enclave_policy(const uint8_t owner[SIGNING_KEY_BYTES],
                                             const struct platform_policy *policy,
                                             struct enclave_policy *out);

/* Form only: ST_KEEPER_POLICY. */
MUST_CHECK enum status function_policy_check(const struct function_policy *policy);
/* May an enclave of this image have the key? */
MUST_CHECK bool function_policy_names(const struct function_policy *policy,
                                      const struct quoted *enclave);
/* ... and a worker under this policy? */
MUST_CHECK bool function_policy_suits(const struct function_policy *policy,
                                      const struct enclave_policy *worker);

/* Form, keeper and signature by the owner it names; the key itself is not looked at. ST_CORRUPT,
 * ST_KEEPER_OTHER, ST_KEEPER_POLICY, ST_KEEPER_SIGNATURE; the next two likewise. */
MUST_CHECK enum status release_check(const struct key_release *release,
                                     const uint8_t keeper_id[32]);
/* Form, keeper and signature by the signer it names: whether that one may revoke this is not looked
 * at. */
MUST_CHECK enum status revocation_check(const struct revocation *revocation,
                                        const uint8_t keeper_id[32]);
MUST_CHECK enum status handover_check(const struct handover_policy *policy,
                                      const uint8_t owner[SIGNING_KEY_BYTES],
                                      const uint8_t from_keeper[32]);

#endif
