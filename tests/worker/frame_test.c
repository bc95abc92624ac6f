/* The frame reader: whole, in pieces, and every length that it must refuse. */
#include "host/worker/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct message why;

/* Feeds at most `piece` bytes at a time; stops at the first result other than FRAME_MORE. */
static enum frame_progress feed(struct frame_reader *reader, const uint8_t *bytes, size_t total,
                                size_t piece, size_t *used)
{
    enum frame_progress progress = FRAME_MORE;

    *used = 0;
    while (progress == FRAME_MORE && *used < total) {
        size_t space, n;
        void *to = frame_reader_space(reader, &space);

        assert_true(space > 0);
        n = space < piece ? space : piece;
        n = n < total - *used ? n : total - *used;
        memcpy(to, bytes + *used, n);
        *used += n;
        progress = frame_reader_advance(reader, n, &why);
    }
    return progress;
}

static void reads_what_was_encoded_in_pieces_of_any_size(void **state)
{
    const char head[] = "{\"slot\":0}", body[] = "some input";
    size_t total, used;
    uint8_t *bytes =
        frame_encode(FRAME_INVOKE, 0x01020304, head, sizeof(head) - 1, body, sizeof(body), &total);

    (void)state;
    for (size_t piece = 1; piece <= total; piece++) {
        struct frame_reader reader = {.source = FRAME_FROM_CLIENT};
        struct frame frame;

        assert_int_equal(feed(&reader, bytes, total, piece, &used), FRAME_COMPLETE);
        assert_int_equal(used, total);
        frame = frame_reader_take(&reader);
        assert_int_equal(frame.type, FRAME_INVOKE);
        assert_int_equal(frame.id, 0x01020304);
        assert_string_equal(frame.head, head);
        assert_int_equal(frame.body_bytes, sizeof(body));
        assert_memory_equal(frame.body, body, sizeof(body));
        assert_int_equal((uintptr_t)frame.body % 8, 0);
        frame_free(&frame);
    }
    free(bytes);
}

static void the_prefix_is_little_endian(void **state)
{
    static const uint8_t expected[FRAME_PREFIX_BYTES] = {3, 0, 0, 0, 4, 3, 2, 1, 2, 0, 0, 0, 1};
    size_t total;
    uint8_t *bytes = frame_encode(FRAME_INVOKE, 0x01020304, "{}", 2, "x", 1, &total);

    (void)state;
    assert_int_equal(total, FRAME_PREFIX_BYTES + 3);
    assert_memory_equal(bytes, expected, sizeof(expected));
    assert_memory_equal(bytes + FRAME_PREFIX_BYTES, "{}x", 3);
    free(bytes);
}

static void a_frame_without_head_and_body_is_complete_with_its_prefix(void **state)
{
    struct frame_reader reader = {.source = FRAME_FROM_CLIENT};
    size_t total, used;
    uint8_t *bytes = frame_encode(FRAME_STATS, 1, NULL, 0, NULL, 0, &total);
    struct frame frame;

    (void)state;
    assert_int_equal(total, FRAME_PREFIX_BYTES);
    assert_int_equal(feed(&reader, bytes, total, total, &used), FRAME_COMPLETE);
    frame = frame_reader_take(&reader);
    assert_string_equal(frame.head, "");
    assert_null(frame.body);
    frame_free(&frame);
    free(bytes);
}

static void two_frames_follow_one_another(void **state)
{
    struct frame_reader reader = {.source = FRAME_FROM_CLIENT};
    size_t total, used;
    uint8_t *bytes = frame_encode(FRAME_RESET, 7, "{}", 2, NULL, 0, &total);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct frame frame;

        assert_int_equal(feed(&reader, bytes, total, 3, &used), FRAME_COMPLETE);
        frame = frame_reader_take(&reader);
        assert_int_equal(frame.id, 7);
        frame_free(&frame);
    }
    free(bytes);
}

static void an_unfinished_frame_is_freed(void **state)
{
    struct frame_reader reader = {.source = FRAME_FROM_CLIENT};
    size_t total, used;
    uint8_t *bytes = frame_encode(FRAME_INVOKE, 7, "{}", 2, "body", 4, &total);

    (void)state;
    for (size_t cut = 0; cut < total; cut++) {
        assert_int_equal(feed(&reader, bytes, cut, total, &used), FRAME_MORE);
        frame_reader_free(&reader);
    }
    free(bytes);
}

/* The prefix alone decides: no byte of head or body is sent. */
static void must_break(enum frame_source source, uint32_t type, uint32_t head, uint32_t body,
                       const char *field)
{
    struct frame_reader reader = {.source = source};
    const uint32_t words[4] = {type, 9, head, body}; /* tests run on little-endian x86 */
    size_t used;

    why.text[0] = 0;
    assert_int_equal(feed(&reader, (const uint8_t *)words, sizeof(words), 16, &used), FRAME_BROKEN);
    assert_non_null(strstr(why.text, field));
    assert_int_equal(reader.frame.id, 9);
    frame_reader_free(&reader);
}

static void must_accept(enum frame_source source, uint32_t type, uint32_t head, uint32_t body)
{
    struct frame_reader reader = {.source = source};
    const uint32_t words[4] = {type, 9, head, body};
    size_t used;

    assert_int_equal(feed(&reader, (const uint8_t *)words, sizeof(words), 16, &used), FRAME_MORE);
    frame_reader_free(&reader);
}

static void unknown_types_are_refused_from_clients(void **state)
{
    (void)state;
    must_break(FRAME_FROM_CLIENT, 0, 0, 0, "type");
    must_break(FRAME_FROM_CLIENT, FRAME_REQUEST_COUNT, 0, 0, "type");
    must_break(FRAME_FROM_CLIENT, FRAME_REPLY + FRAME_LOAD, 0, 0, "type");
    must_break(FRAME_FROM_CLIENT, UINT32_MAX, 0, 0, "type");
}

static void head_and_body_are_limited_by_type(void **state)
{
    (void)state;
    must_accept(FRAME_FROM_CLIENT, FRAME_RESET, FRAME_HEAD_MAX, 0);
    must_break(FRAME_FROM_CLIENT, FRAME_RESET, FRAME_HEAD_MAX + 1, 0, "head_bytes");
    must_break(FRAME_FROM_CLIENT, FRAME_RESET, UINT32_MAX, UINT32_MAX, "head_bytes");
    must_break(FRAME_FROM_CLIENT, FRAME_RESET, 0, 1, "body_bytes");
    must_break(FRAME_FROM_CLIENT, FRAME_HELLO, 0, 1, "body_bytes");
    must_accept(FRAME_FROM_CLIENT, FRAME_INVOKE, 2, FRAME_INPUT_MAX);
    must_break(FRAME_FROM_CLIENT, FRAME_INVOKE, 2, FRAME_INPUT_MAX + 1, "body_bytes");
    must_accept(FRAME_FROM_CLIENT, FRAME_LOAD, 2, FRAME_BUNDLE_MAX);
    must_break(FRAME_FROM_CLIENT, FRAME_LOAD, 2, FRAME_BUNDLE_MAX + 1, "body_bytes");
    must_accept(FRAME_FROM_WORKER, FRAME_REPLY + FRAME_INVOKE, 2, FRAME_OUTPUT_MAX);
    must_break(FRAME_FROM_WORKER, FRAME_REPLY + FRAME_INVOKE, 2, FRAME_OUTPUT_MAX + 1,
               "body_bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_encoded_in_pieces_of_any_size),
        cmocka_unit_test(the_prefix_is_little_endian),
        cmocka_unit_test(a_frame_without_head_and_body_is_complete_with_its_prefix),
        cmocka_unit_test(two_frames_follow_one_another),
        cmocka_unit_test(an_unfinished_frame_is_freed),
        cmocka_unit_test(unknown_types_are_refused_from_clients),
        cmocka_unit_test(head_and_body_are_limited_by_type),
    };

    return cmocka_run_group_tests_name("worker frames", tests, NULL, NULL);
}
