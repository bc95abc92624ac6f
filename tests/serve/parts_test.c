/* Small parts of the daemon: text for JSON, manifests, functions' identities, histograms. */
#include "abi/bundle.h"
#include "host/action/env.h"
#include "host/action/plain.h"
#include "host/action/text.h"
#include "host/pool/histogram.h"
#include "host/pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_text(const char *bytes, size_t size, const char *wanted)
{
    json_t *json = text_json(bytes, size);

    assert_string_equal(json_string_value(json), wanted);
    json_decref(json);
}

static void text_of_any_bytes(void **state)
{
    (void)state;
    expect_text("plain", 5, "plain");
    expect_text("caf\xc3\xa9 \xe2\x9d\x84", 9, "caf\xc3\xa9 \xe2\x9d\x84");
    expect_text("a\xff"
                "b",
                3,
                "a\xef\xbf\xbd"
                "b");
    expect_text("\xe2\x9d", 2, "\xef\xbf\xbd\xef\xbf\xbd");                 /* cut off */
    expect_text("\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* a surrogate */
    expect_text(NULL, 0, "");
}

/* A header, and a manifest that allows A and B2. */
static size_t make_bundle(uint8_t bundle[512])
{
    static const uint8_t manifest[] = {3, 0, 1, 0, 'A', 3, 0, 2, 0, 'B', '2', 0, 0, 0, 0, 0};
    struct bundle_header header = {.manifest_bytes = sizeof(manifest)};

    memcpy(header.magic, BUNDLE_MAGIC, sizeof(header.magic));
    memcpy(bundle, &header, sizeof(header));
    memcpy(bundle + sizeof(header), manifest, sizeof(manifest));
    return sizeof(header) + sizeof(manifest);
}

static void environment_as_the_bundle_allows(void **state)
{
    uint8_t bundle[512];
    size_t bytes = make_bundle(bundle);
    json_t *variables = json_pack("{s:s, s:s, s:s, s:i}", "A", "1", "B2", "x=y", "C", "3", "B", 4);
    json_t *list = env_list(bundle, bytes, variables);

    (void)state;
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "A=1");
    assert_string_equal(json_string_value(json_array_get(list, 1)), "B2=x=y");
    json_decref(list);
    for (size_t cut = 0; cut < bytes;
         cut++) { /* a damaged bundle allows nothing it does not name */
        assert_false(env_allowed(bundle, cut, "C"));
        if (cut < bytes - 5)
            assert_false(env_allowed(bundle, cut, "B2"));
    }
    json_decref(variables);
}

static void owners_copies_are_different_functions(void **state)
{
    uint8_t code[512] = {0}, first[512], second[512];
    size_t bytes = make_bundle(code);
    struct bundle_signature signature = {.public_key = {1}};
    struct pool_function one, other, plain;

    (void)state;
    memcpy(signature.magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature.magic));
    memcpy(first, code, bytes);
    memcpy(first + bytes, &signature, sizeof(signature));
    signature.public_key[0] = 2;
    memcpy(second, code, bytes);
    memcpy(second + bytes, &signature, sizeof(signature));
    assert_int_equal(pool_function_describe(code, bytes, &plain), ST_OK);
    assert_int_equal(pool_function_describe(first, bytes + sizeof(signature), &one), ST_OK);
    assert_int_equal(pool_function_describe(second, bytes + sizeof(signature), &other), ST_OK);
    assert_memory_not_equal(one.id, other.id, 32);
    assert_memory_not_equal(one.tenant, other.tenant, 32);
    assert_memory_not_equal(one.tenant, plain.tenant, 32);
    assert_int_equal(pool_function_describe(code, 100, &plain), ST_CORRUPT);
    code[0] ^= 1;
    assert_int_equal(pool_function_describe(code, bytes, &plain), ST_CORRUPT);
}

static void histograms(void **state)
{
    struct histogram histogram = {0};

    (void)state;
    assert_int_equal(histogram_quantile_us(&histogram, 0.5), 0);
    for (unsigned i = 0; i < 99; i++)
        histogram_add(&histogram, 7);
    histogram_add(&histogram, UINT64_C(1) << 40);
    assert_int_equal(histogram_quantile_us(&histogram, 0.5), 10);
    assert_int_equal(histogram_quantile_us(&histogram, 0.99), 10);
    assert_int_equal(histogram_quantile_us(&histogram, 1.0), 60000000);
    assert_int_equal(histogram.count, 100);
}

static void expect_plain(bool wanted, const char *text)
{
    static const char *const none[] = {NULL};

    if (plain_json(text, strlen(text), none, NULL) != wanted)
        fail_msg("%s: should %sbe plain", text, wanted ? "" : "not ");
}

static void plain_json_is_recognised(void **state)
{
    static const char *const plain[] = {"{}",
                                        "[]",
                                        " { } ",
                                        "[ ]",
                                        "{\"a\":1}",
                                        "{\"a\" : [1, -2.50, 0, -0, true, false, null]}",
                                        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
                                        "[{\"a\":{\"a\":[[]]}}]",
                                        "[999999999999999999]",
                                        "{\"\":\"\"}"};
    static const char *const other[] = {
        "", " ", "1", "\"text\"", "null", "{", "[", "}", "{]", "[}", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "[1,]", "[,1]", "[1 2]", "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "{}x", "[]]",
        "[01]", "[-]", "[1.]", "[.5]", "[+1]", "[tru]", "[nulll]", "[\"]", "[\"\\\"]", "[\"\\x\"]",
        "['a']", "[\"a\tb\"]",
        /* JSON, but to be parsed: */
        "[1e5]", "[1234567890123456789]", "[\"\\u0000\"]", "[\"caf\xc3\xa9\"]", "[\"\xff\"]",
        "[1,\n2]", "\n{}", "{}\n", "{\"\\n\":1}", "{\"a\\u0062\":1}"};

    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        expect_plain(true, plain[i]);
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        expect_plain(false, other[i]);
}

static void plain_json_nests_so_deep(void **state)
{
    char text[2 * PLAIN_DEPTH_MAX + 3] = "";

    (void)state;
    memset(text, '[', PLAIN_DEPTH_MAX);
    memset(text + PLAIN_DEPTH_MAX, ']', PLAIN_DEPTH_MAX);
    expect_plain(true, text);
    memset(text, '[', PLAIN_DEPTH_MAX + 1);
    memset(text + PLAIN_DEPTH_MAX + 1, ']', PLAIN_DEPTH_MAX + 1);
    expect_plain(false, text);
}

static void plain_json_ends_where_it_is_said_to(void **state)
{
    static const char text[] = "{\"a\":[true,\"\\n\",1.5,null]}";
    static const char *const none[] = {NULL};

    (void)state;
    for (size_t bytes = 0; bytes < strlen(text); bytes++) {
        char *exact = malloc(bytes ? bytes : 1); /* the sanitizer sees a byte too far */

        assert_non_null(exact);
        memcpy(exact, text, bytes);
        assert_false(plain_json(exact, bytes, none, NULL));
        free(exact);
    }
}

static void members_of_plain_json(void **state)
{
    static const char *const names[] = {"value", "absent", "n", NULL};
    static const char text[] =
        "{\"value\":1, \"x\":{\"absent\":1}, \"n\" : \"q\" ,\"valu\":2,\"value\": {\"value\":3} }";
    static const char array[] = "[{\"value\":1}]";
    struct plain found[3];

    (void)state;
    assert_true(plain_json(text, strlen(text), names, found));
    assert_int_equal(found[0].bytes, strlen("{\"value\":3}")); /* the last one counts */
    assert_memory_equal(found[0].text, "{\"value\":3}", found[0].bytes);
    assert_null(found[1].text);
    assert_int_equal(found[2].bytes, 3);
    assert_memory_equal(found[2].text, "\"q\"", 3);
    assert_true(plain_json(array, strlen(array), names, found));
    assert_null(found[0].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_any_bytes),
        cmocka_unit_test(plain_json_is_recognised),
        cmocka_unit_test(plain_json_nests_so_deep),
        cmocka_unit_test(plain_json_ends_where_it_is_said_to),
        cmocka_unit_test(members_of_plain_json),
        cmocka_unit_test(environment_as_the_bundle_allows),
        cmocka_unit_test(owners_copies_are_different_functions),
        cmocka_unit_test(histograms),
    };

    return cmocka_run_group_tests_name("serve-parts", tests, NULL, NULL);
}
