/* The example function's transformer: what it accepts, replaces, keeps and refuses. */
#include "examples/pseudonymise/pseudonymise.h"
#include "examples/pseudonymise/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct rules rules = {"name,ssn,address,E-Mail", "key", 3};

/* The document comes from a buffer of exactly its size, so that a read beyond it is seen. */
static bool run(const struct rules *chosen, const char *document, struct text *out,
                struct problem *problem)
{
    size_t bytes = strlen(document);
    char *exact = malloc(bytes);
    bool ok;

    *out = (struct text){0};
    if (bytes)
        memcpy(exact, document, bytes);
    ok = pseudonymise(chosen, exact, bytes, out, problem);
    free(exact);
    return ok;
}

static void assert_becomes(const struct rules *chosen, const char *document, const char *expected)
{
    struct problem problem = {0};
    struct text out;

    if (!run(chosen, document, &out, &problem))
        fail_msg("%s: refused: %s", document, problem.message);
    assert_int_equal(out.bytes, strlen(expected));
    assert_memory_equal(out.data, expected, out.bytes);
    text_free(&out);
}

static void assert_refused(const char *document, size_t line, size_t column, const char *message)
{
    struct problem problem = {0};
    struct text out;

    if (run(&rules, document, &out, &problem))
        fail_msg("%s: accepted", document);
    assert_string_equal(problem.message, message);
    assert_int_equal(problem.line, line);
    assert_int_equal(problem.column, column);
    text_free(&out);
}

/* ---- kept ---- */

static void documents_without_chosen_fields_stay_as_they_are(void **state)
{
    static const char *const documents[] = {
        "{}",
        "[]",
        "null",
        " true\n",
        "-0",
        "0.5e+10",
        "12E-3",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\ud800\"",
        "\"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80\x7f\"",
        "[1, [2, [3]], {\"a\" : {} , \"b\":[ ]}]",
        "{\"names\": \"x\", \"nam\": \"y\", \"\": \"z\", \"name \": 1}",
        "\t{\r\n  \"id\": 12345678901234567890\n}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        assert_becomes(&rules, documents[i], documents[i]);
}

static void words_in_chosen_fields_stay(void **state)
{
    (void)state;
    assert_becomes(&rules, "{\"name\":null,\"ssn\":true,\"address\":[false]}",
                   "{\"name\":null,\"ssn\":true,\"address\":[false]}");
}

/* ---- replaced ---- */

/* Tokens: HMAC-SHA-256 computed independently. */
static void strings_and_numbers_become_tokens(void **state)
{
    (void)state;
    assert_becomes(&rules, "{ \"name\" : \"Ada\", \"n\": 1 }",
                   "{ \"name\" : \"name-c289ccfd07333b2d\", \"n\": 1 }");
    assert_becomes(&rules, "{\"ssn\":123}", "{\"ssn\":\"ssn-ca9ac27c9c80f0e5\"}");
    assert_becomes(&rules, "{\"ssn\":\"123\"}", "{\"ssn\":\"ssn-a4de7c165ac193c7\"}");
    assert_becomes(&rules, "{\"name\":\"\"}", "{\"name\":\"name-1abe105f51484bac\"}");
}

static void equal_strings_give_equal_tokens_however_escaped(void **state)
{
    (void)state;
    assert_becomes(&rules, "{\"name\":\"Zo\xc3\xab \xf0\x9f\x98\x80\\n\\\"\"}",
                   "{\"name\":\"name-5ffafdbb011d045b\"}");
    assert_becomes(&rules, "{\"n\\u0061me\":\"\\u005ao\\u00EB \\ud83d\\uDE00\\u000a\\u0022\"}",
                   "{\"n\\u0061me\":\"name-5ffafdbb011d045b\"}");
}

static void names_match_without_regard_to_case(void **state)
{
    (void)state;
    assert_becomes(&rules, "{\"NAME\":\"Ada\"}", "{\"NAME\":\"name-c289ccfd07333b2d\"}");
}

static void everything_below_a_chosen_field_is_replaced(void **state)
{
    struct problem problem;
    struct text out;

    (void)state;
    assert_true(run(&rules,
                    "{\"address\":{\"zip\":12345,\"lines\":[\"Main St\",{\"name\":\"Ada\"}]}}",
                    &out, &problem));
    assert_true(text_append(&out, "", 1));
    assert_non_null(strstr((char *)out.data, "{\"address\":{\"zip\":\"address-"));
    assert_null(strstr((char *)out.data, "12345"));
    assert_null(strstr((char *)out.data, "Main"));
    assert_null(strstr((char *)out.data, "Ada"));
    text_free(&out);
}

static void another_key_gives_another_token(void **state)
{
    const struct rules other = {"name", "another key", 11};
    struct problem problem;
    struct text out;

    (void)state;
    assert_true(run(&other, "{\"name\":\"Ada\"}", &out, &problem));
    assert_int_equal(out.bytes, strlen("{\"name\":\"name-0123456789abcdef\"}"));
    assert_memory_not_equal(out.data, "{\"name\":\"name-c289ccfd07333b2d\"}", out.bytes);
    text_free(&out);
}

static void odd_characters_of_a_name_are_not_in_its_token(void **state)
{
    struct problem problem;
    struct text out;

    (void)state;
    assert_true(run(&rules, "{\"e-mail\":1}", &out, &problem));
    assert_memory_equal(out.data, "{\"e-mail\":\"e_mail-", 18);
    text_free(&out);
}

static void no_fields_replace_nothing(void **state)
{
    const struct rules none = {"", "key", 3};
    const struct rules commas = {",,", "key", 3};

    (void)state;
    assert_becomes(&none, "{\"name\":\"Ada\",\"\":1}", "{\"name\":\"Ada\",\"\":1}");
    assert_becomes(&commas, "{\"name\":\"Ada\",\"\":1}", "{\"name\":\"Ada\",\"\":1}");
}

/* ---- refused ---- */

static void structure_errors_have_a_place(void **state)
{
    (void)state;
    assert_refused("", 1, 1, "expected a value");
    assert_refused("  ", 1, 3, "expected a value");
    assert_refused("{", 1, 2, "expected a string");
    assert_refused("{\"a\"", 1, 5, "expected ':' after the field's name");
    assert_refused("{\"a\" 1}", 1, 6, "expected ':' after the field's name");
    assert_refused("{\"a\":}", 1, 6, "expected a value");
    assert_refused("{\"a\":1", 1, 7, "expected ',' or '}'");
    assert_refused("{\"a\":1,}", 1, 8, "expected a string");
    assert_refused("{a:1}", 1, 2, "expected a string");
    assert_refused("{1:1}", 1, 2, "expected a string");
    assert_refused("[", 1, 2, "expected a value");
    assert_refused("[1,]", 1, 4, "expected a value");
    assert_refused("[1 2]", 1, 4, "expected ',' or ']'");
    assert_refused("[1}", 1, 3, "expected ',' or ']'");
    assert_refused("{} {}", 1, 4, "unexpected text after the document");
    assert_refused("]", 1, 1, "expected a value");
    assert_refused("\xef\xbb\xbf{}", 1, 1, "expected a value");
}

static void lines_and_columns_count_characters(void **state)
{
    (void)state;
    assert_refused("{\n  \"a\": 1,\n  \"b\" 2\n}", 3, 7, "expected ':' after the field's name");
    assert_refused("[\"\xc3\xab\xe2\x82\xac\",x]", 1, 7, "expected a value");
}

static void wrong_words_and_numbers(void **state)
{
    (void)state;
    assert_refused("tru", 1, 4, "expected a value");
    assert_refused("trUe", 1, 3, "expected a value");
    assert_refused("nullx", 1, 5, "unexpected text after the document");
    assert_refused("01", 1, 2, "unexpected text after the document");
    assert_refused("-", 1, 2, "expected a digit");
    assert_refused("+1", 1, 1, "expected a value");
    assert_refused(".5", 1, 1, "expected a value");
    assert_refused("1.", 1, 3, "expected a digit");
    assert_refused("1e", 1, 3, "expected a digit");
    assert_refused("1e+-1", 1, 4, "expected a digit");
    assert_refused("NaN", 1, 1, "expected a value");
}

static void wrong_strings(void **state)
{
    (void)state;
    assert_refused("\"abc", 1, 5, "string without end");
    assert_refused("\"a\\", 1, 4, "unknown escape");
    assert_refused("\"\\x\"", 1, 3, "unknown escape");
    assert_refused("\"\\u12g4\"", 1, 6, "\\u needs four hexadecimal digits");
    assert_refused("\"\\u12", 1, 6, "\\u needs four hexadecimal digits");
    assert_refused("\"a\tb\"", 1, 3, "control character in a string");
    assert_refused("\"a\nb\"", 1, 3, "control character in a string");
    assert_refused("'a'", 1, 1, "expected a value");
}

static void wrong_utf8(void **state)
{
    static const char *const bodies[] = {
        "\x80",             /* continuation alone */
        "\xc3",             /* cut short */
        "\xc3(",            /* no continuation */
        "\xc0\xaf",         /* longer than necessary */
        "\xe0\x80\xaf",     /* longer than necessary */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xff",
    };
    char document[16];

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        snprintf(document, sizeof(document), "\"%s\"", bodies[i]);
        assert_refused(document, 1, 2, "invalid UTF-8");
        snprintf(document, sizeof(document), "\"%s", bodies[i]); /* at the very end */
        assert_refused(document, 1, 2, "invalid UTF-8");
    }
}

static void nesting_up_to_the_limit_and_no_deeper(void **state)
{
    char document[2 * (DEPTH_LIMIT + 1) + 1] = {0};

    (void)state;
    memset(document, '[', DEPTH_LIMIT);
    memset(document + DEPTH_LIMIT, ']', DEPTH_LIMIT);
    assert_becomes(&rules, document, document);
    memset(document, '[', DEPTH_LIMIT + 1);
    memset(document + DEPTH_LIMIT + 1, ']', DEPTH_LIMIT + 1);
    assert_refused(document, 1, DEPTH_LIMIT + 1, "nested too deeply");
}

/* Every prefix of a good document is refused, without reading beyond it. */
static void truncated_documents_are_refused(void **state)
{
    static const char document[] =
        "{\"name\":\"Zo\xc3\xab\\u00eb\",\"address\":[1.5e3,{\"a\":true}]}";
    char prefix[sizeof(document)];
    struct problem problem;
    struct text out;

    (void)state;
    for (size_t bytes = 0; bytes < sizeof(document) - 1; bytes++) {
        snprintf(prefix, sizeof(prefix), "%.*s", (int)bytes, document);
        assert_false(run(&rules, prefix, &out, &problem));
        text_free(&out);
    }
    assert_true(run(&rules, document, &out, &problem));
    text_free(&out);
}

/* ---- the hash ---- */

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    char text[2 * SHA256_BYTES + 1];

    for (int i = 0; i < SHA256_BYTES; i++)
        sprintf(text + 2 * i, "%02x", bytes[i]);
    assert_string_equal(text, hex);
}

/* FIPS 180-4's example, the empty string, and lengths around the padding. */
static void sha256_of_known_texts(void **state)
{
    static const struct {
        const char *text;
        unsigned repeat;
        const char *digest;
    } vectors[] = {
        {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"a", 119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {"a", 1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct sha256 hash;
        uint8_t digest[SHA256_BYTES];

        sha256_start(&hash);
        for (unsigned j = 0; j < vectors[i].repeat; j++)
            sha256_add(&hash, vectors[i].text, strlen(vectors[i].text));
        sha256_finish(&hash, digest);
        assert_hex(digest, vectors[i].digest);
    }
}

/* RFC 4231, test cases 1, 2 and 6 */
static void hmac_of_known_texts(void **state)
{
    char key[131];
    struct hmac hmac;
    uint8_t mac[SHA256_BYTES];

    (void)state;
    memset(key, 0x0b, sizeof(key));
    hmac_start(&hmac, key, 20);
    hmac_add(&hmac, "Hi There", 8);
    hmac_finish(&hmac, mac);
    assert_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    hmac_start(&hmac, "Jefe", 4);
    hmac_add(&hmac, "what do ya want for nothing?", 28);
    hmac_finish(&hmac, mac);
    assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    hmac_start(&hmac, key, sizeof(key));
    hmac_add(&hmac, "Test Using Larger Than Block-Size Key - Hash Key First", 54);
    hmac_finish(&hmac, mac);
    assert_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_without_chosen_fields_stay_as_they_are),
        cmocka_unit_test(words_in_chosen_fields_stay),
        cmocka_unit_test(strings_and_numbers_become_tokens),
        cmocka_unit_test(equal_strings_give_equal_tokens_however_escaped),
        cmocka_unit_test(names_match_without_regard_to_case),
        cmocka_unit_test(everything_below_a_chosen_field_is_replaced),
        cmocka_unit_test(another_key_gives_another_token),
        cmocka_unit_test(odd_characters_of_a_name_are_not_in_its_token),
        cmocka_unit_test(no_fields_replace_nothing),
        cmocka_unit_test(structure_errors_have_a_place),
        cmocka_unit_test(lines_and_columns_count_characters),
        cmocka_unit_test(wrong_words_and_numbers),
        cmocka_unit_test(wrong_strings),
        cmocka_unit_test(wrong_utf8),
        cmocka_unit_test(nesting_up_to_the_limit_and_no_deeper),
        cmocka_unit_test(truncated_documents_are_refused),
        cmocka_unit_test(sha256_of_known_texts),
        cmocka_unit_test(hmac_of_known_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
