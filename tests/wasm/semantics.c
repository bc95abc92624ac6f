/*
 * What bundles compute: semantics.wat is built by the real pipeline and each of
 * its cases run in an arena (arena.h). Must-trap and must-not side by side.
 */
#include "abi/gates.h"
#include "tests/wasm/arena.h"
#include "toolchain/bundle/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* In the order of $cases in semantics.wat. */
static const struct expectation {
    const char *name;
    enum trap trap;
    uint32_t value;
} expectations[] = {
    {"load of the last word", TRAP_NONE, 0},
    {"load one byte past the end", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"dead load past the end", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"store past the end", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"largest offset", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"largest offset and index", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"largest offset without a check", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"offset to the last byte", TRAP_NONE, 0},
    {"index and offset do not wrap", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"dead float load past the end", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"constant address of 2 GiB", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"store to a constant address near 4 GiB", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"narrow loads extend", TRAP_NONE, (uint32_t)(-12 + 0xf4 - 32382) + 0x818283f4u},
    {"float load and store keep a NaN's bits", TRAP_NONE, 0x7fa00001},
    {"memory.grow", TRAP_NONE, 1 * 16 + 2},
    {"memory.grow beyond the maximum", TRAP_NONE, (uint32_t)-1 + 3},
    {"memory.grow by nothing", TRAP_NONE, 1},
    {"load past grown memory", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"memory.fill past the end", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"memory.copy downwards, overlapping", TRAP_NONE, 1},
    {"memory.copy upwards, overlapping", TRAP_NONE, 1},
    {"memory.init and data.drop", TRAP_NONE, 0x6e656d67},
    {"empty memory.copy at the end", TRAP_NONE, 1},
    {"empty memory.fill past the end", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"call_indirect", TRAP_NONE, 42},
    {"call_indirect with the wrong type", TRAP_INDIRECT_CALL, 0},
    {"call_indirect of null", TRAP_INDIRECT_CALL, 0},
    {"call_indirect beyond the table", TRAP_INDIRECT_CALL, 0},
    {"call_indirect with an equal type", TRAP_NONE, 8},
    {"table.get beyond", TRAP_TABLE_OUT_OF_BOUNDS, 0},
    {"table.set beyond", TRAP_TABLE_OUT_OF_BOUNDS, 0},
    {"table.grow", TRAP_NONE, 8 * 1000 + 10 * 10 + 6},
    {"table.grow beyond the maximum", TRAP_NONE, UINT32_MAX},
    {"table.init beyond", TRAP_TABLE_OUT_OF_BOUNDS, 0},
    {"table.copy, overlapping", TRAP_NONE, 10 + 32},
    {"table.fill", TRAP_NONE, 32},
    {"table.init of a dropped segment", TRAP_TABLE_OUT_OF_BOUNDS, 0},
    {"ref.is_null", TRAP_NONE, 2},
    {"funcref global", TRAP_NONE, 100},
    {"unreachable", TRAP_UNREACHABLE, 0},
    {"division by zero", TRAP_INTEGER_DIVIDE_BY_ZERO, 0},
    {"overflowing division", TRAP_INTEGER_OVERFLOW, 0},
    {"truncation of a NaN", TRAP_INVALID_CONVERSION, 0},
    {"endless recursion", TRAP_STACK_EXHAUSTED, 0},
    {"three results", TRAP_NONE, 123},
    {"the start function ran", TRAP_NONE, 77},
    {"call_indirect of an import", TRAP_NONE, 46},
    {"unknown WASI call", TRAP_NONE, 52},
    {"proc_exit does not continue", TRAP_RUNTIME, 0},
    {"constant arithmetic quietens a NaN", TRAP_NONE, 1},
    {"constant conversion quietens a NaN", TRAP_NONE, 1},
    {"constant f32.min of zeros", TRAP_NONE, 0x80000000},
    {"nearest, ties to even", TRAP_NONE, 4 + 6},
    {"externref table.grow", TRAP_NONE, 3 * 100 + 8 * 10 + 1},
    {"64-bit arguments pass the WASI gate", TRAP_NONE, 0},
    {"memory.init of a dropped segment", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"dead division by zero", TRAP_INTEGER_DIVIDE_BY_ZERO, 0},
    {"endless recursion with spills", TRAP_STACK_EXHAUSTED, 0},
    {"empty memory.copy far beyond", TRAP_MEMORY_OUT_OF_BOUNDS, 0},
    {"float global", TRAP_NONE, 6},
    {"externref table.set beyond", TRAP_TABLE_OUT_OF_BOUNDS, 0},
    {"externref table.fill and table.copy", TRAP_NONE, 1},
    {"every f32 operation on constants quietens a NaN", TRAP_NONE, 1},
    {"every f64 operation on constants quietens a NaN", TRAP_NONE, 1},
    {"table.init with a null reference", TRAP_NONE, 42 + 1},
};

#define CASES (sizeof(expectations) / sizeof(expectations[0]))

static struct bundle_buffer built[2]; /* by header.tracking */

static const char *build_folder(void)
{
    const char *folder = getenv("BUILD");

    return folder ? folder : "build";
}

static void read_module(uint8_t *wasm, size_t room, size_t *bytes)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/tests/wasm/semantics.wasm", build_folder());
    file = fopen(path, "rb");
    if (!file)
        fail_msg("no %s", path);
    *bytes = fread(wasm, 1, room, file);
    assert_true(*bytes < room);
    fclose(file);
}

static void build(unsigned tracking, struct bundle_view *view)
{
    static uint8_t wasm[65536];
    struct bundle_buffer *buffer = &built[tracking];
    struct bundle_build_options options = {
        .wasm = wasm,
        .sdk_dir = ".",
        .name = "semantics",
        .tracking = tracking == BUNDLE_TRACK_MARK ? BUNDLE_TRACKING_MARK : BUNDLE_TRACKING_COPY};
    char error[BUNDLE_ERROR_BYTES] = "";

    if (!buffer->data) {
        read_module(wasm, sizeof(wasm), &options.wasm_bytes);
        if (bundle_build(&options, buffer, error, sizeof(error)) != ST_OK)
            fail_msg("%s", error);
    }
    assert_int_equal(bundle_read(buffer->data, buffer->bytes, view), ST_OK);
    assert_int_equal(view->header.tracking, tracking);
}

static void start(const struct bundle_view *view)
{
    struct arena_result result;

    arena_open(view);
    if (view->header.tracking == BUNDLE_TRACK_MARK)
        arena_watch_marks();
    result = arena_call(CRT_INSTANTIATE, 0);
    assert_int_equal(result.trap, TRAP_NONE);
}

static void run_case(const struct bundle_view *view, uint32_t number)
{
    const struct expectation *expected = &expectations[number];
    struct arena_result result;
    uint64_t unmarked;

    start(view);
    result = arena_call(CRT_HANDLE, number);
    if (result.trap != expected->trap || (uint32_t)result.value != expected->value)
        fail_msg("%s: trap %d value 0x%x instead of trap %d value 0x%x", expected->name,
                 result.trap, (uint32_t)result.value, expected->trap, expected->value);
    if (view->header.tracking == BUNDLE_TRACK_MARK && !arena_marks_cover(&unmarked))
        fail_msg("%s: byte 0x%lx has changed without a mark", expected->name,
                 (unsigned long)unmarked);
    arena_close();
}

static void every_case(void **state)
{
    struct bundle_view view;

    (void)state;
    build(BUNDLE_TRACK_COPY, &view);
    for (uint32_t i = 0; i < CASES; i++)
        run_case(&view, i);
}

/* ... and what has changed is marked, also after a trap. */
static void every_case_with_marks(void **state)
{
    struct bundle_view view;

    (void)state;
    build(BUNDLE_TRACK_MARK, &view);
    for (uint32_t i = 0; i < CASES; i++)
        run_case(&view, i);
}

static uint32_t case_number(const char *name)
{
    for (uint32_t i = 0; i < CASES; i++)
        if (strcmp(expectations[i].name, name) == 0)
            return i;
    fail_msg("no case %s", name);
    return 0;
}

static void a_trapping_fill_writes_nothing(void **state)
{
    static const uint8_t zeros[6];
    struct bundle_view view;
    uint8_t bytes[6];

    (void)state;
    build(BUNDLE_TRACK_COPY, &view);
    start(&view);
    assert_int_equal(arena_call(CRT_HANDLE, case_number("memory.fill past the end")).trap,
                     TRAP_MEMORY_OUT_OF_BOUNDS);
    arena_read(65530, bytes, sizeof(bytes));
    assert_memory_equal(bytes, zeros, sizeof(bytes));
    arena_close();
}

static void active_segments_are_in_memory(void **state)
{
    struct bundle_view view;
    char bytes[16];

    (void)state;
    build(BUNDLE_TRACK_COPY, &view);
    start(&view);
    arena_read(1024, bytes, sizeof(bytes));
    assert_memory_equal(bytes, "0123456789abcdef", sizeof(bytes));
    assert_int_equal(arena_calls.data, 3); /* one data segment, two element segments */
    arena_close();
}

static void wasi_arguments_arrive(void **state)
{
    struct bundle_view view;

    (void)state;
    build(BUNDLE_TRACK_COPY, &view);
    start(&view);
    arena_call(CRT_HANDLE, case_number("64-bit arguments pass the WASI gate"));
    assert_int_equal(arena_calls.wasi[WASI_FD_SEEK], 1);
    assert_true(arena_calls.last_arguments[0] == 0xffffffff); /* i32, zero-extended */
    assert_true(arena_calls.last_arguments[1] == (uint64_t)-2);
    assert_true(arena_calls.last_arguments[2] == 7 && arena_calls.last_arguments[3] == 8);
    arena_close();
}

static void unknown_entries_are_refused(void **state)
{
    static const unsigned wrong[] = {0, CRT_START, CRT_INITIALIZE, CRT_AFTER_REWIND, CRT_WIZER, 99};
    struct bundle_view view;

    (void)state;
    build(BUNDLE_TRACK_COPY, &view);
    start(&view);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(arena_call(wrong[i], 0).trap, TRAP_RUNTIME);
    arena_close();
}

/* Nothing in a cage may be an address: the state is the same wherever the slot lies. */
static void the_cage_is_position_independent(void **state)
{
    static uint8_t first[4096], second[4096];
    struct bundle_view view;

    (void)state;
    build(BUNDLE_TRACK_COPY, &view);
    assert_true(view.header.state_bytes <= sizeof(first));
    start(&view);
    arena_read_state(first, view.header.state_bytes);
    arena_keep(); /* the next slot cannot be mapped at the same place */
    start(&view);
    arena_read_state(second, view.header.state_bytes);
    assert_memory_equal(first, second, view.header.state_bytes);
    arena_close();
    arena_close_kept();
}

static int free_built(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(built) / sizeof(built[0]); i++)
        bundle_buffer_free(&built[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case),
        cmocka_unit_test(every_case_with_marks),
        cmocka_unit_test(a_trapping_fill_writes_nothing),
        cmocka_unit_test(active_segments_are_in_memory),
        cmocka_unit_test(wasi_arguments_arrive),
        cmocka_unit_test(unknown_entries_are_refused),
        cmocka_unit_test(the_cage_is_position_independent),
    };

    return cmocka_run_group_tests(tests, NULL, free_built);
}
