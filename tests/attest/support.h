/* What the tests of messages and evidence share: deterministic enclaves and claims. */
#ifndef RECLAVE_TESTS_ATTEST_SUPPORT_H
#define RECLAVE_TESTS_ATTEST_SUPPORT_H

#include "trusted/attest/evidence.h"
#include "trusted/attest/keys.h"
#include "trusted/attest/report_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A generator that repeats with the same seed. */
struct test_random {
    uint64_t seed;
    uint64_t drawn;
};
struct random_source test_random_source(struct test_random *random);

struct test_enclave {
    struct test_random random;
    struct random_source source;
    struct signing_key signing;
    struct receiving_key receiving;
    uint8_t boot_id[BOOT_ID_BYTES];
    uint8_t policy_sha256[32];
    struct attested_identity identity;
};
/* Enclaves of different seeds share nothing but the policy. */
void test_enclave_make(struct test_enclave *enclave, uint64_t seed);

/* 32 bytes of a value. */
const uint8_t *test_digest(uint8_t value);

/* text must be lower-case hex of exactly `bytes` bytes. */
void unhex(const char *text, void *to, size_t bytes);

/* Fails unless the two differ in the way expected: prints what and where. */
#define assert_status(expression, expected)                                                        \
    do {                                                                                           \
        enum status got = (expression);                                                            \
        if (got != (expected))                                                                     \
            fail_msg("%s: status %d, not %d", #expression, got, (int)(expected));                  \
    } while (0)
#define assert_good(expression) assert_status(expression, ST_OK)

#endif
