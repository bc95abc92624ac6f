/* Quotes of real machines, as an enclave checks them: under Intel's root, which is built in. */
#include "client/keeper/statement.h"
#include "host/keeper/quotes.h"
#include "tests/attest/support.h"
#include "trusted/attest/quote_check.h"

#include <stdio.h>
#include <sys/stat.h>

struct file {
    uint8_t data[0x10000];
    size_t bytes;
};

/* false: there are no vectors here. */
static bool read_vector(const char *name, struct file *out)
{
    const char *folder = getenv("RECLAVE_TEST_VECTORS");
    char path[512];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/quotes/%s", folder && *folder ? folder : "../shared/vectors",
             name);
    stream = fopen(path, "rb");
    if (!stream)
        return false;
    out->bytes = fread(out->data, 1, sizeof(out->data), stream);
    fclose(stream);
    return true;
}

static void check_vector(const char *name)
{
    static struct file file;
    struct platform_policy policy;
    struct message why = {""};
    struct quote_copy quote;
    struct quoted quoted;

    if (!read_vector(name, &file)) {
        print_message("no third-party vectors\n");
        skip();
    }
    platform_policy_begin(&policy, 1, 1);
    assert_good(platform_policy_add(&policy, file.data, file.bytes, false));
    if (quote_take_apart(file.data, file.bytes, &quote, &why) != ST_OK)
        fail_msg("%s", why.text);
    assert_good(quote_check(&quote, &policy, &quoted));
    assert_memory_equal(quoted.mrenclave, file.data + 48 + 64, 32);
    quote.issuer[quote.issuer_bytes - 1] ^= 1; /* the root's signature */
    assert_status(quote_check(&quote, &policy, &quoted), ST_QUOTE_CHAIN);
    quote.issuer[quote.issuer_bytes - 1] ^= 1;
    policy.levels[0].pce_svn++;
    assert_status(quote_check(&quote, &policy, &quoted), ST_QUOTE_PLATFORM);
    policy.levels[0].pce_svn--;
    policy.qe_svn++;
    assert_status(quote_check(&quote, &policy, &quoted), ST_QUOTE_QE);
}

static void phala(void **state)
{
    (void)state;
    check_vector("phala/sgx_quote");
}

static void oasis(void **state)
{
    (void)state;
    check_vector("oasis/quote_v3_ecdsa_p256_pck_chain.bin");
}

static void what_is_no_quote(void **state)
{
    static struct file file;
    struct message why = {""};
    struct quote_copy quote;

    (void)state;
    assert_status(quote_take_apart((const uint8_t *)"", 0, &quote, &why), ST_CORRUPT);
    if (!read_vector("oasis/quote_v3_ecdsa_p256_pck_chain.bin", &file))
        skip();
    for (size_t bytes = 0; bytes < 1100; bytes++)
        assert_status(quote_take_apart(file.data, bytes, &quote, &why), ST_CORRUPT);
    if (!read_vector("oasis/quote_v3_ecdsa_p256_eppid.bin", &file))
        skip();
    assert_status(quote_take_apart(file.data, file.bytes, &quote, &why), ST_UNSUPPORTED);
    assert_non_null(strstr(why.text, "certification data"));
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(phala), CASE(oasis), CASE(what_is_no_quote)};

    return cmocka_run_group_tests_name("keeper: real quotes", tests, NULL, NULL);
}
