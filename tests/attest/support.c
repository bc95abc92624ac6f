#include "tests/attest/support.h"

#include "trusted/attest/digest.h"

static void fill(void *context, void *to, size_t bytes)
{
    struct test_random *random = context;
    uint8_t *target = to;
    uint8_t block[32];

    for (size_t done = 0; done < bytes; done += sizeof(block)) {
        size_t piece = bytes - done < sizeof(block) ? bytes - done : sizeof(block);

        sha256_pieces(&(struct piece){random, sizeof(*random)}, 1, block);
        memcpy(target + done, block, piece);
        random->drawn++;
    }
}

struct random_source test_random_source(struct test_random *random)
{
    return (struct random_source){.fill = fill, .context = random};
}

void test_enclave_make(struct test_enclave *enclave, uint64_t seed)
{
    const struct enclave_policy policy = {
        .version = POLICY_VERSION, .role = ROLE_WORKER, .tenancy = TENANCY_SEQUENTIAL};

    memset(enclave, 0, sizeof(*enclave));
    enclave->random.seed = seed;
    enclave->source = test_random_source(&enclave->random);
    assert_good(signing_key_make(&enclave->source, &enclave->signing));
    assert_good(receiving_key_make(&enclave->source, &enclave->receiving));
    enclave->source.fill(enclave->source.context, enclave->boot_id, sizeof(enclave->boot_id));
    policy_digest(&policy, enclave->policy_sha256);
    identity_fill(&enclave->identity, ROLE_WORKER, &enclave->signing, &enclave->receiving,
                  enclave->boot_id, enclave->policy_sha256);
}

const uint8_t *test_digest(uint8_t value)
{
    static uint8_t digests[256][32];

    memset(digests[value], value, 32);
    return digests[value];
}

static unsigned nibble(char c)
{
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

void unhex(const char *text, void *to, size_t bytes)
{
    uint8_t *target = to;

    assert_int_equal(strlen(text), 2 * bytes);
    for (size_t i = 0; i < bytes; i++)
        target[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
}
