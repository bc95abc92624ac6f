/* The quoting stand-in's AES-CMAC against RFC 4493's examples (whole blocks) and OpenSSL. */
#include "sgx/quoting/enclave/qe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

/* RFC 4493, 4: K and the first 64 bytes of M. */
static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const uint8_t message[64] = {
    0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a,
    0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e, 0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51,
    0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4, 0x11, 0xe5, 0xfb, 0xc1, 0x19, 0x1a, 0x0a, 0x52, 0xef,
    0xf6, 0x9f, 0x24, 0x45, 0xdf, 0x4f, 0x9b, 0x17, 0xad, 0x2b, 0x41, 0x7b, 0xe6, 0x6c, 0x37, 0x10};

static void rfc_4493_example_2_one_block(void **state)
{
    static const uint8_t expected[16] = {0x07, 0x0a, 0x16, 0xb4, 0x6b, 0x4d, 0x41, 0x44,
                                         0xf7, 0x9b, 0xdd, 0x9d, 0xd0, 0x4a, 0x28, 0x7c};
    uint8_t mac[16];

    (void)state;
    cmac(key, message, 16, mac);
    assert_memory_equal(mac, expected, 16);
}

static void rfc_4493_example_4_four_blocks(void **state)
{
    static const uint8_t expected[16] = {0x51, 0xf0, 0xbe, 0xbf, 0x7e, 0x3b, 0x9d, 0x92,
                                         0xfc, 0x49, 0x74, 0x17, 0x79, 0x36, 0x3c, 0xfe};
    uint8_t mac[16];

    (void)state;
    cmac(key, message, 64, mac);
    assert_memory_equal(mac, expected, 16);
}

/* Both ways of doubling occur: the top bit of AES(0) is set for about half of all keys. */
static void agrees_with_openssl_for_many_keys(void **state)
{
    uint8_t k[16] = {0}, text[384], mine[16], theirs[16];
    size_t bytes = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)(i * 7 + 1);
    for (unsigned i = 0; i < 64; i++) {
        k[i % 16] = (uint8_t)(k[i % 16] + 1 + i);
        cmac(k, text, sizeof(text), mine);
        assert_non_null(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, k, 16, text,
                                  sizeof(text), theirs, 16, &bytes));
        assert_memory_equal(mine, theirs, 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4493_example_2_one_block),
        cmocka_unit_test(rfc_4493_example_4_four_blocks),
        cmocka_unit_test(agrees_with_openssl_for_many_keys),
    };

    return cmocka_run_group_tests_name("quoting-cmac", tests, NULL, NULL);
}
