/* Quotes on hardware, with a library that stands for Intel's. */
#include "tests/quoting/support.h"

#include <stdlib.h>
#include <string.h>

/* Any driver but the emulator's; its functions are not needed for this. */
static const struct sgx_driver hardware = {.name = "sgx"};

static enum status open_library(const char *path, struct quoting **out, struct sgx_problem *why)
{
    struct quoting_options options = {.driver = &hardware, .library = path};

    return quoting_open(&options, out, why);
}

static struct quoting *must_open(void)
{
    struct quoting *quoting;
    struct sgx_problem why;

    if (open_library(build_path("tests/fake-dcap.so"), &quoting, &why))
        fail_msg("%s", why.text);
    return quoting;
}

static int clean(void **state)
{
    (void)state;
    return unsetenv("FAKE_DCAP_TARGET") | unsetenv("FAKE_DCAP_SIZE") | unsetenv("FAKE_DCAP_BYTES") |
           unsetenv("FAKE_DCAP_QUOTE");
}

static void target_and_quote_are_the_librarys(void **state)
{
    struct quoting *quoting = must_open();
    struct sgx_report report = {.isvsvn = 9, .reportdata = {1, 2, 3}};
    struct sgx_targetinfo target;
    struct sgx_problem why;
    uint8_t *quote;
    size_t bytes;

    (void)state;
    assert_string_equal(quoting_name(quoting), "Intel DCAP");
    assert_int_equal(quoting_target_info(quoting, &target, &why), ST_OK);
    assert_int_equal(target.mrenclave[31], 0xd1);
    assert_int_equal(target.attributes, ATTR_INIT);
    assert_int_equal(quoting_quote(quoting, &report, &quote, &bytes, &why), ST_OK);
    assert_int_equal(bytes, 5000);
    assert_memory_equal(quote + 48, &report, 384);
    assert_int_equal(quote[4999], 0xab);
    free(quote);
    quoting_close(quoting);
}

static void must_fail(const char *variable, const char *code, enum status expected,
                      const char *words)
{
    struct quoting *quoting = must_open();
    struct sgx_report report = {.isvsvn = 9};
    struct sgx_problem why = {""};
    struct sgx_targetinfo target;
    enum status status;
    uint8_t *quote;
    size_t bytes;

    assert_int_equal(setenv(variable, code, 1), 0);
    status = quoting_target_info(quoting, &target, &why);
    if (status == ST_OK) {
        status = quoting_quote(quoting, &report, &quote, &bytes, &why);
        assert_null(quote);
    }
    assert_int_equal(status, expected);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
    assert_int_equal(unsetenv(variable), 0);
    quoting_close(quoting);
}

static void each_functions_failure_names_it(void **state)
{
    (void)state;
    must_fail("FAKE_DCAP_TARGET", "0xe00d", ST_SGX_QUOTING,
              "sgx_qe_get_target_info failed with 0xe00d: the quoting enclave is not reachable");
    must_fail("FAKE_DCAP_SIZE", "0xe011", ST_SGX_QUOTING,
              "sgx_qe_get_quote_size failed with 0xe011: no certificate for this platform");
    must_fail("FAKE_DCAP_QUOTE", "0xe019", ST_SGX_QUOTING,
              "sgx_qe_get_quote failed with 0xe019: the certificate service is not reachable");
}

static void a_bad_report_is_told_apart(void **state)
{
    (void)state;
    must_fail("FAKE_DCAP_QUOTE", "0xe015", ST_SGX_REPORT, "not made on this machine");
}

static void an_unknown_code_is_printed(void **state)
{
    (void)state;
    must_fail("FAKE_DCAP_QUOTE", "0xe0fe", ST_SGX_QUOTING, "0xe0fe: see Intel's");
    must_fail("FAKE_DCAP_QUOTE", "1", ST_SGX_QUOTING, "0x0001: see Intel's");
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    must_fail("FAKE_DCAP_BYTES", "0", ST_SGX_QUOTING, "a quote of 0 bytes");
    must_fail("FAKE_DCAP_BYTES", "431", ST_SGX_QUOTING, "a quote of 431 bytes");
    must_fail("FAKE_DCAP_BYTES", "0xffffffff", ST_SGX_QUOTING, "a quote of 4294967295 bytes");
}

static void an_absent_library_says_what_to_install(void **state)
{
    struct quoting *quoting;
    struct sgx_problem why = {""};

    (void)state;
    assert_int_equal(open_library("libreclave-no-such-library.so.1", &quoting, &why),
                     ST_SGX_QUOTING);
    assert_null(quoting);
    assert_non_null(strstr(why.text, "libreclave-no-such-library.so.1"));
    assert_non_null(strstr(why.text, "install Intel's libsgx-dcap-ql"));
}

static void another_library_is_told_apart(void **state)
{
    struct quoting *quoting;
    struct sgx_problem why = {""};

    (void)state;
    assert_int_equal(open_library(build_path("tests/fake-dcap-incomplete.so"), &quoting, &why),
                     ST_SGX_QUOTING);
    assert_null(quoting);
    assert_non_null(strstr(why.text, "has no function sgx_qe_get_quote: not a DCAP"));
}

static void collateral_is_fetched_elsewhere(void **state)
{
    struct quoting *quoting = must_open();
    struct sgx_problem why = {""};
    char *json, *root;

    (void)state;
    assert_int_equal(quoting_collateral(quoting, 1750000000, &json, &root, &why), ST_UNSUPPORTED);
    assert_null(json);
    assert_null(root);
    assert_non_null(strstr(why.text, "Provisioning Certification Service"));
    quoting_close(quoting);
}

/* The emulator never asks a library: its quotes would not be of its machine. */
static void the_emulator_wants_image_and_folder(void **state)
{
    struct quoting_options options = {.driver = support_driver(),
                                      .library = build_path("tests/fake-dcap.so")};
    struct quoting *quoting;
    struct sgx_problem why = {""};

    (void)state;
    assert_int_equal(quoting_open(&options, &quoting, &why), ST_INVALID_ARGUMENT);
    options.image = "/nonexistent/quoting.rci";
    options.state_folder = "/nonexistent";
    assert_int_equal(quoting_open(&options, &quoting, &why), ST_NOT_FOUND);
    assert_non_null(strstr(why.text, "/nonexistent/quoting.rci"));
    options.image = build_path("lib/reclave/images/reclave-lazy.rci");
    assert_int_equal(quoting_open(&options, &quoting, &why), ST_CORRUPT);
    assert_non_null(strstr(why.text, "not a plain enclave"));
}

static void the_state_folder_follows_the_environment(void **state)
{
    char path[64];

    (void)state;
    assert_int_equal(setenv("RECLAVE_STATE_DIR", "/s", 1), 0);
    assert_int_equal(setenv("XDG_STATE_HOME", "/x", 1), 0);
    assert_int_equal(setenv("HOME", "/h", 1), 0);
    assert_int_equal(quoting_state_folder(path, sizeof(path)), ST_OK);
    assert_string_equal(path, "/s");
    assert_int_equal(setenv("RECLAVE_STATE_DIR", "", 1), 0);
    assert_int_equal(quoting_state_folder(path, sizeof(path)), ST_OK);
    assert_string_equal(path, "/x/reclave");
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(quoting_state_folder(path, sizeof(path)), ST_OK);
    assert_string_equal(path, "/h/.local/state/reclave");
    assert_int_equal(quoting_state_folder(path, 5), ST_OUT_OF_RANGE);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(quoting_state_folder(path, sizeof(path)), ST_NOT_FOUND);
}

#define CASE(f) cmocka_unit_test_setup(f, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(target_and_quote_are_the_librarys),
        CASE(each_functions_failure_names_it),
        CASE(a_bad_report_is_told_apart),
        CASE(an_unknown_code_is_printed),
        CASE(absurd_sizes_are_refused),
        CASE(an_absent_library_says_what_to_install),
        CASE(another_library_is_told_apart),
        CASE(collateral_is_fetched_elsewhere),
        CASE(the_emulator_wants_image_and_folder),
        CASE(the_state_folder_follows_the_environment),
    };

    return cmocka_run_group_tests_name("quoting-dcap", tests, NULL, NULL);
}
