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
    struct bundle_buffer plain, confined, marked;
};

static struct program programs[PROGRAMS_MAX];
static size_t program_count;

/* Does not end, as its name says. */
static const char *const folders[] = {"guests", "examples", "tests/wasm"};

static const char *build_folder(void)
{
    const char *folder = getenv("BUILD");

    return folder ? folder : "build";
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

static void build(const char *path, bool confined, enum bundle_tracking tracking,
                  struct bundle_buffer *out)
{
    static uint8_t wasm[WASM_MAX];
    struct bundle_build_options options = {.wasm = wasm,
                                           .sdk_dir = ".",
                                           .name = "program",
                                           .unconfined = !confined,
                                           .tracking = tracking};
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
        build(programs[i].path, false, BUNDLE_TRACKING_COPY, &programs[i].plain);
        build(programs[i].path, true, BUNDLE_TRACKING_COPY, &programs[i].confined);
        build(programs[i].path, true, BUNDLE_TRACKING_MARK, &programs[i].marked);
    }
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < program_count; i++) {
        bundle_buffer_free(&programs[i].plain);
        bundle_buffer_free(&programs[i].confined);
        bundle_buffer_free(&programs[i].marked);
    }
    return 0;
}

/* ---- the verifier's opinion ------------------------------------------------------- */

static enum verify_reason verify(const uint8_t *text, uint32_t text_bytes, uint32_t rodata_bytes,
                                 enum verify_linear linear, struct verify_result *result)
{
    uint64_t count = VERIFY_SCRATCH_COUNT(text_bytes);
    struct verify_bundle *scratch = calloc(count, sizeof(*scratch));
    struct verify_request request = {
        .text = text,
        .text_bytes = text_bytes,
        .text_offset = SFI_TEXT_OFF,
        .rodata_bytes = rodata_bytes,
        .gate_count = linear == VERIFY_LINEAR_READ_ONLY ? GATE1_COUNT : GATE2_COUNT,
        .linear = linear,
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
        if (verify(bundle.code, header->code_bytes, header->rodata_bytes, VERIFY_LINEAR_FREE,
                   &result) != VERIFY_OK)
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
        assert_int_not_equal(
            verify(bundle.code, bundle.header.code_bytes, 0, VERIFY_LINEAR_FREE, &result),
            VERIFY_OK);
    }
}

/* ... and marks what each writes of linear memory; the others' stores it refuses. */
static void the_verifier_accepts_marks(void **state)
{
    uint64_t marks = 0;

    (void)state;
    for (size_t i = 0; i < program_count; i++) {
        struct bundle_view bundle;
        const struct bundle_header *header = &bundle.header;
        struct verify_result result;

        view(&programs[i].marked, &bundle);
        assert_int_equal(header->tracking, BUNDLE_TRACK_MARK);
        if (verify(bundle.code, header->code_bytes, header->rodata_bytes, VERIFY_LINEAR_MARKED,
                   &result) != VERIFY_OK)
            fail_msg("%s: 0x%x: %s", programs[i].path, result.offset,
                     verify_reason_text(result.reason));
        marks += result.marks;
        if (result.marks == 0)
            continue;
        assert_int_equal(verify(bundle.code, header->code_bytes, header->rodata_bytes,
                                VERIFY_LINEAR_FREE, &result),
                         VERIFY_MARK);
        view(&programs[i].confined, &bundle);
        assert_int_equal(verify(bundle.code, header->code_bytes, header->rodata_bytes,
                                VERIFY_LINEAR_MARKED, &result),
                         VERIFY_UNMARKED);
    }
    assert_true(marks > 1000);
}

/* Layer 1's own code, which writes linear memory through a gate. */
static void the_runtime_only_reads_linear_memory(void **state)
{
    static uint8_t code[1 << 16];
    struct verify_result result;
    char path[512];
    FILE *file;
    size_t bytes;

    (void)state;
    snprintf(path, sizeof(path), "%s/sandboxed/l1.bin", build_folder());
    file = fopen(path, "rb");
    assert_non_null(file);
    bytes = fread(code, 1, sizeof(code), file);
    fclose(file);
    assert_true(bytes > 0 && bytes < sizeof(code));
    if (verify(code, (uint32_t)bytes, 0, VERIFY_LINEAR_READ_ONLY, &result) != VERIFY_OK)
        fail_msg("l1.bin: 0x%x: %s", result.offset, verify_reason_text(result.reason));
    assert_true(result.gates_used >> GATE1_WRITE & 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verifier_accepts),
        cmocka_unit_test(the_verifier_accepts_marks),
        cmocka_unit_test(the_runtime_only_reads_linear_memory),
        cmocka_unit_test(the_verifier_refuses_what_is_not_rewritten),
    };

    return cmocka_run_group_tests(tests, build_all, free_all);
}
