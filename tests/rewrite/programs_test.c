/*
 * Whole programs through gcc, the rewriter, clang and ld: the verifier accepts what comes out, and
 * in an arena (tests/wasm/arena.h) it does what the program does that was not rewritten: the same
 * end, the same calls of gates, the same linear memory.
 */
#include "abi/gates.h"
#include "tests/wasm/arena.h"
#include "toolchain/bundle/build.h"
#include "base/verify_reason.h"
#include "trusted/verify/verify.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WASM_MAX     (1u << 20)
#define PROGRAMS_MAX 64

struct program {
    char path[512];
    struct bundle_buffer plain, confined;
};

static struct program programs[PROGRAMS_MAX];
static size_t program_count;

/* Does not end, as its name says. */
/* Those that end without an input: the arena gives none. */
static const char *const always_end[] = {"empty.wasm", "hello.wasm", "sum.wasm",
                                         "reactor_counter.wasm", "reactor_return.wasm"};

static const char *const folders[] = {"guests", "examples", "tests/wasm"};

static const char *build_folder(void)
{
    const char *folder = getenv("BUILD");

    return folder ? folder : "build";
}

static const char *base_name(const struct program *program)
{
    return strrchr(program->path, '/') + 1;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct program *)a)->path, ((const struct program *)b)->path);
}

static void find_programs(const char *folder)
{
    char path[256];
    struct dirent *entry;
    DIR *listing;

    snprintf(path, sizeof(path), "%s/%s", build_folder(), folder);
    listing = opendir(path);
    if (!listing)
        fail_msg("no %s", path);
    while ((entry = readdir(listing)) != NULL) {
        size_t bytes = strlen(entry->d_name);

        if (bytes < 5 || strcmp(entry->d_name + bytes - 5, ".wasm") != 0)
            continue;
        assert_true(program_count < PROGRAMS_MAX);
        snprintf(programs[program_count++].path, sizeof(programs[0].path), "%s/%.200s", path,
                 entry->d_name);
    }
    closedir(listing);
}

static void build(const char *path, bool confined, struct bundle_buffer *out)
{
    static uint8_t wasm[WASM_MAX];
    struct bundle_build_options options = {
        .wasm = wasm, .sdk_dir = ".", .name = "program", .unconfined = !confined};
    char error[BUNDLE_ERROR_BYTES] = "";
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    options.wasm_bytes = fread(wasm, 1, sizeof(wasm), file);
    assert_true(options.wasm_bytes < sizeof(wasm));
    fclose(file);
    if (bundle_build(&options, out, error, sizeof(error)) != ST_OK)
        fail_msg("%s: %s", path, error);
}

static void view(const struct bundle_buffer *buffer, struct bundle_view *bundle)
{
    assert_int_equal(bundle_read(buffer->data, buffer->bytes, bundle), ST_OK);
}

static int build_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        find_programs(folders[i]);
    qsort(programs, program_count, sizeof(programs[0]), by_path);
    for (size_t i = 0; i < program_count; i++) {
        build(programs[i].path, false, &programs[i].plain);
        build(programs[i].path, true, &programs[i].confined);
    }
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < program_count; i++) {
        bundle_buffer_free(&programs[i].plain);
        bundle_buffer_free(&programs[i].confined);
    }
    return 0;
}

/* ---- the verifier's opinion ------------------------------------------------------- */

static enum verify_reason verify(const uint8_t *text, uint32_t text_bytes, uint32_t rodata_bytes,
                                 struct verify_result *result)
{
    uint64_t count = VERIFY_SCRATCH_COUNT(text_bytes);
    struct verify_bundle *scratch = calloc(count, sizeof(*scratch));
    struct verify_request request = {
        .text = text,
        .text_bytes = text_bytes,
        .text_offset = SFI_TEXT_OFF,
        .rodata_bytes = rodata_bytes,
        .gate_count = GATE2_COUNT,
        .scratch = scratch,
        .scratch_count = count,
    };
    enum verify_reason reason;

    assert_non_null(scratch);
    reason = verify_text(&request, result);
    free(scratch);
    return reason;
}

static void the_verifier_accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < program_count; i++) {
        struct bundle_view bundle;
        const struct bundle_header *header = &bundle.header;
        struct verify_result result;

        view(&programs[i].confined, &bundle);
        if (verify(bundle.code, header->code_bytes, header->rodata_bytes, &result) != VERIFY_OK)
            fail_msg("%s: 0x%x: %s", programs[i].path, result.offset,
                     verify_reason_text(result.reason));
    }
}

static void the_verifier_refuses_what_is_not_rewritten(void **state)
{
    (void)state;
    for (size_t i = 0; i < program_count; i++) {
        struct bundle_view bundle;
        struct verify_result result;

        view(&programs[i].plain, &bundle);
        assert_int_not_equal(verify(bundle.code, bundle.header.code_bytes, 0, &result), VERIFY_OK);
    }
}

/* ---- the same behaviour ------------------------------------------------------------- */

struct behaviour {
    struct arena_result ends[4];
    struct arena_calls calls;
    uint8_t *memory;
};

static void run(const struct bundle_view *bundle, struct behaviour *behaviour)
{
    static const unsigned calls[4] = {CRT_INSTANTIATE, CRT_INITIALIZE, CRT_START, CRT_HANDLE};
    bool trapped = false;

    memset(behaviour, 0, sizeof(*behaviour));
    arena_open(bundle);
    for (int i = 0; i < 4 && !trapped; i++) {
        static const uint32_t needed[4] = {0, BUNDLE_HAS_INITIALIZE, BUNDLE_HAS_START,
                                           BUNDLE_HAS_HANDLE};

        if (needed[i] && !(bundle->header.exports & needed[i]))
            continue;
        behaviour->ends[i] = arena_call(calls[i], 0);
        trapped = behaviour->ends[i].trap != TRAP_NONE;
        if (trapped)
            behaviour->ends[i].value = 0;
    }
    behaviour->calls = arena_calls;
    behaviour->memory = malloc(bundle->header.memory_initial + 1);
    assert_non_null(behaviour->memory);
    arena_read(0, behaviour->memory, bundle->header.memory_initial);
    arena_close();
}

static void compare(const struct program *program)
{
    struct bundle_view plain, confined;
    struct behaviour expected, got;

    view(&program->plain, &plain);
    view(&program->confined, &confined);
    run(&plain, &expected);
    run(&confined, &got);
    for (int i = 0; i < 4; i++)
        if (expected.ends[i].trap != got.ends[i].trap ||
            expected.ends[i].value != got.ends[i].value)
            fail_msg("%s: call %d ended with trap %d value 0x%llx instead of trap %d value 0x%llx",
                     program->path, i, got.ends[i].trap, (unsigned long long)got.ends[i].value,
                     expected.ends[i].trap, (unsigned long long)expected.ends[i].value);
    if (memcmp(&expected.calls, &got.calls, sizeof(got.calls)) != 0)
        fail_msg("%s: other calls of gates", program->path);
    if (memcmp(expected.memory, got.memory, plain.header.memory_initial) != 0)
        fail_msg("%s: other contents of linear memory", program->path);
    free(expected.memory);
    free(got.memory);
}

static void programs_behave_the_same(void **state)
{
    size_t compared = 0;

    (void)state;
    for (size_t i = 0; i < program_count; i++) {
        for (size_t k = 0; k < sizeof(always_end) / sizeof(always_end[0]); k++)
            if (strcmp(base_name(&programs[i]), always_end[k]) == 0)
                compare(&programs[i]), compared++;
    }
    assert_int_equal(compared, sizeof(always_end) / sizeof(always_end[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verifier_accepts),
        cmocka_unit_test(the_verifier_refuses_what_is_not_rewritten),
        cmocka_unit_test(programs_behave_the_same),
    };

    return cmocka_run_group_tests(tests, build_all, free_all);
}
