/* Arguments, environment and the manifest's allow-list. */
#include "trusted/monitor/strings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct function function;

static void add_field(unsigned kind, const char *value)
{
    struct bundle_field field = {(uint16_t)kind, (uint16_t)strlen(value)};

    memcpy(function.manifest + function.manifest_bytes, &field, sizeof(field));
    memcpy(function.manifest + function.manifest_bytes + sizeof(field), value, field.bytes);
    function.manifest_bytes += (uint32_t)sizeof(field) + field.bytes;
}

static void pad(void)
{
    function.manifest_bytes = (function.manifest_bytes + 7) & ~7u;
}

static int set_up(void **state)
{
    (void)state;
    memset(&function, 0, sizeof(function));
    add_field(FIELD_NAME, "f");
    add_field(FIELD_VERSION, "1.0");
    add_field(FIELD_ENV_ALLOW, "LANG");
    add_field(FIELD_ENV_ALLOW, "KEY");
    return 0;
}

static enum status check(const char *strings, size_t bytes, uint64_t args, uint64_t envs)
{
    uint32_t arg_bytes;

    return strings_check(&function, strings, (uint32_t)bytes, args, envs, &arg_bytes);
}

static void accepts_arguments_and_allowed_names(void **state)
{
    const char strings[] = "f\0two words\0LANG=C\0KEY=a=b";
    uint32_t arg_bytes = 0;

    (void)state;
    assert_int_equal(strings_check(&function, strings, sizeof(strings), 2, 2, &arg_bytes), ST_OK);
    assert_int_equal(arg_bytes, 12);
    assert_int_equal(check("", 0, 0, 0), ST_OK);
    assert_int_equal(check("\0", 1, 1, 0), ST_OK);
    assert_int_equal(check("KEY=\0", 5, 0, 1), ST_OK);
}

static void refuses_names_that_are_not_allowed(void **state)
{
    (void)state;
    assert_int_equal(check("PATH=x", 7, 0, 1), ST_ENVIRONMENT_REFUSED);
    assert_int_equal(check("LAN=x", 6, 0, 1), ST_ENVIRONMENT_REFUSED);
    assert_int_equal(check("LANGS=x", 8, 0, 1), ST_ENVIRONMENT_REFUSED);
    assert_int_equal(check("KEY", 4, 0, 1), ST_ENVIRONMENT_REFUSED);
    assert_int_equal(check("=x", 3, 0, 1), ST_ENVIRONMENT_REFUSED);
    assert_int_equal(check("*=x", 4, 0, 1), ST_ENVIRONMENT_REFUSED);
}

static void a_star_allows_all(void **state)
{
    (void)state;
    add_field(FIELD_ENV_ALLOW, "*");
    assert_int_equal(check("PATH=x", 7, 0, 1), ST_OK);
    assert_int_equal(check("=x", 3, 0, 1), ST_ENVIRONMENT_REFUSED);
}

static void refuses_counts_that_do_not_match(void **state)
{
    (void)state;
    assert_int_equal(check("a\0b", 4, 1, 0), ST_BAD_LENGTH);       /* something left over */
    assert_int_equal(check("a\0b", 4, 3, 0), ST_BAD_LENGTH);       /* one missing */
    assert_int_equal(check("a\0b", 3, 2, 0), ST_BAD_LENGTH);       /* last one has no NUL */
    assert_int_equal(check("a", 2, UINT64_MAX, 0), ST_BAD_LENGTH); /* no overflow */
    assert_int_equal(check("a", 2, 1, UINT64_MAX), ST_BAD_LENGTH);
    assert_int_equal(check("", 0, 0, 1), ST_BAD_LENGTH);
}

static enum status check_manifest(void)
{
    pad();
    return manifest_check(function.manifest, function.manifest_bytes);
}

static void manifest_accepts_known_fields_and_padding(void **state)
{
    (void)state;
    assert_int_equal(check_manifest(), ST_OK);
    (void)set_up(NULL);
    add_field(0x8001, "a later version's remark");
    assert_int_equal(check_manifest(), ST_OK);
}

static void manifest_refuses_unknown_fields(void **state)
{
    (void)state;
    add_field(FIELD_TOOLCHAIN + 1, "x");
    assert_int_equal(check_manifest(), ST_BUNDLE_MANIFEST);
}

static void manifest_refuses_two_names(void **state)
{
    (void)state;
    add_field(FIELD_NAME, "g");
    assert_int_equal(check_manifest(), ST_BUNDLE_MANIFEST);
}

static enum status check_input_and_logs(const char *input, const char *logs, bool logs_first)
{
    (void)set_up(NULL);
    if (logs_first)
        add_field(FIELD_LOGS, logs);
    add_field(FIELD_INPUT, input);
    if (!logs_first)
        add_field(FIELD_LOGS, logs);
    return check_manifest();
}

static void manifest_refuses_clear_logs_of_encrypted_input(void **state)
{
    (void)state;
    for (int logs_first = 0; logs_first < 2; logs_first++) {
        assert_int_equal(check_input_and_logs("encrypted", "clear", logs_first),
                         ST_BUNDLE_MANIFEST);
        assert_int_equal(check_input_and_logs("encrypted", "none", logs_first), ST_OK);
        assert_int_equal(check_input_and_logs("encrypted", "encrypted", logs_first), ST_OK);
        assert_int_equal(check_input_and_logs("any", "clear", logs_first), ST_OK);
    }
}

static void manifest_refuses_a_length_past_the_end(void **state)
{
    (void)state;
    function.manifest[2] = 0xff;
    function.manifest[3] = 0xff;
    assert_int_equal(check_manifest(), ST_BUNDLE_MANIFEST);
}

static void manifest_refuses_dirt_in_the_padding(void **state)
{
    (void)state;
    add_field(FIELD_EXPORT, "abc");
    pad();
    function.manifest[function.manifest_bytes] = 0;
    function.manifest_bytes += 8;
    function.manifest[function.manifest_bytes - 1] = 1;
    assert_int_equal(check_manifest(), ST_BUNDLE_MANIFEST);
}

static void manifest_refuses_an_empty_value_and_nul(void **state)
{
    (void)state;
    add_field(FIELD_EXPORT, "");
    assert_int_equal(check_manifest(), ST_BUNDLE_MANIFEST);
    (void)set_up(NULL);
    add_field(FIELD_EXPORT, "ab");
    function.manifest[function.manifest_bytes - 1] = 0;
    assert_int_equal(check_manifest(), ST_BUNDLE_MANIFEST);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_arguments_and_allowed_names),
        TEST(refuses_names_that_are_not_allowed),
        TEST(a_star_allows_all),
        TEST(refuses_counts_that_do_not_match),
        TEST(manifest_accepts_known_fields_and_padding),
        TEST(manifest_refuses_unknown_fields),
        TEST(manifest_refuses_two_names),
        TEST(manifest_refuses_clear_logs_of_encrypted_input),
        TEST(manifest_refuses_a_length_past_the_end),
        TEST(manifest_refuses_dirt_in_the_padding),
        TEST(manifest_refuses_an_empty_value_and_nul),
    };

    return cmocka_run_group_tests_name("strings", tests, NULL, NULL);
}
