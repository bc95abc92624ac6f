/* Request targets and routes. */
#include "host/http/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void accepts(void **state)
{
    struct uri uri;

    (void)state;
    assert_int_equal(uri_parse("/a/b%20c/%E2%9D%84/?x=1+2&y=%2B&z&=v", &uri), ST_OK);
    assert_int_equal(uri.segment_count, 3);
    assert_string_equal(uri.segments[1], "b c");
    assert_string_equal(uri.segments[2], "\u2744");
    assert_true(uri.trailing_slash);
    assert_string_equal(uri.path, "/a/b%20c/%E2%9D%84/");
    assert_string_equal(uri.query, "x=1+2&y=%2B&z&=v");
    assert_int_equal(uri.parameter_count, 4);
    assert_string_equal(uri.parameters[0].value, "1 2");
    assert_string_equal(uri.parameters[1].value, "+");
    assert_string_equal(uri.parameters[2].value, "");
    uri_free(&uri);
    assert_int_equal(uri_parse("/", &uri), ST_OK);
    assert_int_equal(uri.segment_count, 0);
    uri_free(&uri);
    assert_int_equal(uri_parse("/a%2Fb//..?", &uri),
                     ST_OK); /* an escaped slash separates nothing */
    assert_int_equal(uri.segment_count, 3);
    assert_string_equal(uri.segments[0], "a/b");
    assert_string_equal(uri.segments[1], "");
    uri_free(&uri);
}

static void refuses(void **state)
{
    static const char *const bad[] = {
        "",     "a/b",     "*",          "http://x/",     "/%",     "/%4",    "/%zz",  "/%00",
        "/%ff", "/%c0%80", "/%ed%a0%80", "/%f4%90%80%80", "/a?x=%", "/a?%00", "/\xc3", "/%e2%9d"};
    char many[256] = "", flood[400] = "/?";
    struct uri uri;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (uri_parse(bad[i], &uri) != ST_CORRUPT)
            fail_msg("accepted: %s", bad[i]);
    for (unsigned i = 0; i <= HTTP_SEGMENTS_MAX; i++)
        strcat(many, "/a");
    assert_int_equal(uri_parse(many, &uri), ST_OUT_OF_RANGE);
    for (unsigned i = 0; i <= HTTP_QUERY_MAX; i++)
        strcat(flood, "a=b&");
    assert_int_equal(uri_parse(flood, &uri), ST_OUT_OF_RANGE);
}

static const struct http_route first[] = {
    {"GET", "/api/{}/list", NULL, 0},
    {"POST", "/api/{}", NULL, 0},
    {"GET", "/", NULL, 0},
    {NULL, NULL, NULL, 0},
};
static const struct http_route second[] = {
    {"*", "/web/{}/{...}", NULL, 0},
    {"DELETE", "/api/{}", NULL, 0},
    {NULL, NULL, NULL, 0},
};
static const struct http_route *const tables[] = {first, second, NULL};

static enum route_match find(const char *method, const char *target, unsigned *captures,
                             char *allow)
{
    struct http_request request = {0};
    const struct http_route *route = NULL;
    struct uri uri;
    enum route_match match;

    assert_int_equal(uri_parse(target, &uri), ST_OK);
    match = route_find(tables, method, &uri, &route, &request, allow);
    *captures = request.capture_count;
    uri_free(&uri);
    return match;
}

static void routes(void **state)
{
    static const struct {
        const char *method, *target;
        enum route_match match;
        unsigned captures;
        const char *allow;
    } cases[] = {
        {"GET", "/", ROUTE_FOUND, 0, ""},
        {"HEAD", "/", ROUTE_FOUND, 0, ""},
        {"GET", "/api/x/list", ROUTE_FOUND, 1, ""},
        {"GET", "/api/x/list/", ROUTE_FOUND, 1, ""},
        {"GET", "/api/x/lists", ROUTE_NO_PATH, 0, ""},
        {"GET", "/api//list", ROUTE_NO_PATH, 0, ""},
        {"DELETE", "/api/x", ROUTE_FOUND, 1, ""},
        {"PUT", "/api/x", ROUTE_NO_METHOD, 0, "POST, DELETE"},
        {"PATCH", "/web/a", ROUTE_FOUND, 1, ""},
        {"PATCH", "/web/a/b/c", ROUTE_FOUND, 3, ""},
        {"PATCH", "/web", ROUTE_NO_PATH, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char allow[ROUTE_ALLOW_BYTES];
        unsigned captures;

        if (find(cases[i].method, cases[i].target, &captures, allow) != cases[i].match)
            fail_msg("%s %s", cases[i].method, cases[i].target);
        if (cases[i].match == ROUTE_FOUND)
            assert_int_equal(captures, cases[i].captures);
        else
            assert_string_equal(allow, cases[i].allow);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(routes),
    };

    return cmocka_run_group_tests_name("http-uri", tests, NULL, NULL);
}
