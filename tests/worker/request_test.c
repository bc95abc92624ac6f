/* Heads of requests: what they may say, key by key, and what is refused by name. */
#include "host/worker/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 3u

static struct message why;
static struct request request;

static enum status decode_bytes(enum frame_type type, const char *head, size_t bytes)
{
    struct frame frame = {.type = type, .id = 5, .head_bytes = (uint32_t)bytes};

    why.text[0] = 0;
    frame.head = malloc(bytes + 1);
    memcpy(frame.head, head, bytes);
    frame.head[bytes] = 0;
    return request_decode(&frame, SLOTS, &request, &why);
}

static void must_accept(enum frame_type type, const char *head)
{
    assert_int_equal(decode_bytes(type, head, strlen(head)), ST_OK);
    assert_int_equal(request.id, 5);
    request_free(&request);
}

static void must_reject(enum frame_type type, const char *head, const char *named)
{
    assert_int_equal(decode_bytes(type, head, strlen(head)), ST_CORRUPT);
    if (!strstr(why.text, named))
        fail_msg("'%s' does not name '%s'", why.text, named);
}

static void defaults_are_those_of_the_document(void **state)
{
    (void)state;
    assert_int_equal(decode_bytes(FRAME_INVOKE, "", 0), ST_OK);
    assert_int_equal(request.slot, 0);
    assert_int_equal(request.timeout_ms, 60000);
    assert_int_equal(request.output_limit, 1 << 20);
    assert_int_equal(request.log_limit, 128 << 10);
    assert_int_equal(request.strings.bytes, 0);
    request_free(&request);
}

static void every_key_is_read(void **state)
{
    const char head[] = "{\"slot\":2,\"timeout_ms\":1,\"output_limit\":2,\"log_limit\":3,"
                        "\"args\":[\"f\",\"x y\"],\"env\":[\"A=1\",\"B=\"]}";

    (void)state;
    assert_int_equal(decode_bytes(FRAME_INVOKE, head, strlen(head)), ST_OK);
    assert_int_equal(request.slot, 2);
    assert_int_equal(request.timeout_ms, 1);
    assert_int_equal(request.output_limit, 2);
    assert_int_equal(request.log_limit, 3);
    assert_int_equal(request.strings.arg_count, 2);
    assert_int_equal(request.strings.env_count, 2);
    assert_int_equal(request.strings.bytes, 13);
    assert_memory_equal(request.strings.block, "f\0x y\0A=1\0B=\0", 13);
    request_free(&request);
    must_accept(FRAME_LOAD, "{\"slot\":0,\"memory_limit\":65536}");
    must_accept(FRAME_HELLO, "{\"protocol\":1}");
    must_accept(FRAME_ABORT, "{\"target\":4294967295}");
    must_accept(FRAME_SHUTDOWN, "{}");
}

static void heads_that_are_no_object_are_refused(void **state)
{
    (void)state;
    must_reject(FRAME_RESET, "[]", "head");
    must_reject(FRAME_RESET, "1", "head");
    must_reject(FRAME_RESET, "{", "head");
    must_reject(FRAME_RESET, "{} x", "head");
    must_reject(FRAME_RESET, "{\"slot\":1,\"slot\":1}", "head");
    assert_int_equal(decode_bytes(FRAME_RESET, "{\"slot\":\xff}", 10), ST_CORRUPT);
    assert_int_equal(decode_bytes(FRAME_RESET, "{}\0", 3), ST_CORRUPT);
}

static void keys_of_other_requests_are_refused_by_name(void **state)
{
    (void)state;
    must_reject(FRAME_RESET, "{\"timeout_ms\":1}", "timeout_ms");
    must_reject(FRAME_INVOKE, "{\"memory_limit\":1}", "memory_limit");
    must_reject(FRAME_SHUTDOWN, "{\"slot\":0}", "slot");
    must_reject(FRAME_LOAD, "{\"allow_unverified\":true}", "allow_unverified");
}

static void values_of_another_type_are_refused_by_name(void **state)
{
    (void)state;
    must_reject(FRAME_RESET, "{\"slot\":\"0\"}", "slot");
    must_reject(FRAME_RESET, "{\"slot\":0.0}", "slot");
    must_reject(FRAME_INVOKE, "{\"args\":\"f\"}", "args");
    must_reject(FRAME_INVOKE, "{\"args\":[1]}", "args");
    must_reject(FRAME_INVOKE, "{\"env\":{\"A\":\"1\"}}", "env");
}

static void values_out_of_range_are_refused_by_name(void **state)
{
    (void)state;
    must_reject(FRAME_RESET, "{\"slot\":3}", "slot");
    must_reject(FRAME_RESET, "{\"slot\":-1}", "slot");
    must_reject(FRAME_RESET, "{\"slot\":4294967296}", "slot");
    must_reject(FRAME_INVOKE, "{\"output_limit\":67108865}", "output_limit");
    must_accept(FRAME_INVOKE, "{\"output_limit\":67108864}");
    must_reject(FRAME_INVOKE, "{\"log_limit\":-1}", "log_limit");
    must_reject(FRAME_LOAD, "{\"memory_limit\":9223372036854775807}", "memory_limit");
    must_reject(FRAME_INVOKE, "{\"timeout_ms\":9223372036854775807}", "timeout_ms");
    must_reject(FRAME_ABORT, "{\"target\":4294967296}", "target");
}

static void required_keys_are_asked_for(void **state)
{
    (void)state;
    must_reject(FRAME_HELLO, "{}", "protocol");
    must_reject(FRAME_ABORT, "{}", "target");
}

static void evidence_takes_a_nonce(void **state)
{
    const char head[] = "{\"evidence\":true,\"nonce\":\"00112233445566aB\"}";

    (void)state;
    assert_int_equal(decode_bytes(FRAME_INVOKE, head, strlen(head)), ST_OK);
    assert_true(request.evidence);
    assert_int_equal(request.nonce_bytes, 8);
    assert_memory_equal(request.nonce, "\x00\x11\x22\x33\x44\x55\x66\xab", 8);
    request_free(&request);
    must_accept(FRAME_INVOKE_SEALED, "{\"slot\":1,\"evidence\":false,\"timeout_ms\":1}");
    must_reject(FRAME_INVOKE, "{\"nonce\":\"0011223344556677\"}", "nonce");
    must_reject(FRAME_INVOKE, "{\"evidence\":true,\"nonce\":\"00112233445566\"}", "nonce");
    must_reject(FRAME_INVOKE, "{\"evidence\":true,\"nonce\":\"001122334455667\"}", "nonce");
    must_reject(FRAME_INVOKE, "{\"evidence\":true,\"nonce\":\"00112233445566xx\"}", "nonce");
    must_reject(FRAME_INVOKE, "{\"evidence\":true,\"nonce\":7}", "nonce");
    must_reject(FRAME_INVOKE, "{\"evidence\":1}", "evidence");
    must_accept(FRAME_INVOKE, "{\"evidence\":true,\"share_signature\":true}");
    must_accept(FRAME_INVOKE_SEALED, "{\"evidence\":true,\"share_signature\":false}");
    must_reject(FRAME_INVOKE, "{\"share_signature\":true}", "share_signature");
    must_reject(FRAME_INVOKE, "{\"evidence\":true,\"share_signature\":1}", "share_signature");
    must_reject(FRAME_LOAD, "{\"share_signature\":true}", "share_signature");
    must_reject(FRAME_INVOKE_SEALED, "{\"nonce\":\"0011223344556677\"}", "nonce");
    must_reject(FRAME_INVOKE_SEALED, "{\"args\":[]}", "args");
}

static void a_challenge_has_32_bytes(void **state)
{
    (void)state;
    must_accept(FRAME_QUOTE, "{}");
    must_accept(FRAME_QUOTE, "{\"challenge\":\"00112233445566770011223344556677"
                             "00112233445566770011223344556677\"}");
    must_reject(FRAME_QUOTE, "{\"challenge\":\"0011223344556677\"}", "challenge");
    must_reject(FRAME_SESSION_OPEN, "{\"challenge\":\"0011223344556677\"}", "challenge");
}

static void environment_entries_need_a_name(void **state)
{
    (void)state;
    must_reject(FRAME_INVOKE, "{\"env\":[\"A\"]}", "env");
    must_reject(FRAME_INVOKE, "{\"env\":[\"=1\"]}", "env");
    must_reject(FRAME_INVOKE, "{\"env\":[\"\"]}", "env");
}

static void strings_are_limited_together(void **state)
{
    char head[0x10000 + 64];
    size_t most = 0xf000 - 1; /* and a NUL */

    (void)state;
    strcpy(head, "{\"args\":[\"");
    memset(head + 10, 'a', most);
    strcpy(head + 10 + most, "\"]}");
    must_accept(FRAME_INVOKE, head);
    strcpy(head + 10 + most, "\"],\"env\":[\"A=\"]}");
    must_reject(FRAME_INVOKE, head, "args, env");
}

static void a_nul_in_a_string_is_refused(void **state)
{
    (void)state;
    must_reject(FRAME_INVOKE, "{\"args\":[\"a\\u0000b\"]}", "head");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_document),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(heads_that_are_no_object_are_refused),
        cmocka_unit_test(keys_of_other_requests_are_refused_by_name),
        cmocka_unit_test(values_of_another_type_are_refused_by_name),
        cmocka_unit_test(values_out_of_range_are_refused_by_name),
        cmocka_unit_test(required_keys_are_asked_for),
        cmocka_unit_test(evidence_takes_a_nonce),
        cmocka_unit_test(a_challenge_has_32_bytes),
        cmocka_unit_test(environment_entries_need_a_name),
        cmocka_unit_test(strings_are_limited_together),
        cmocka_unit_test(a_nul_in_a_string_is_refused),
    };

    return cmocka_run_group_tests_name("worker requests", tests, NULL, NULL);
}
