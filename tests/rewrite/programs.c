#include "tests/rewrite/programs.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WASM_MAX (1u << 20)
#define SUFFIX   ".wasm"

struct program programs[PROGRAMS_MAX];
size_t program_count;

/* Of bench/sfi's modules those that take their input from stdin. */
static const struct {
    const char *folder, *ending;
} places[] = {
    {"guests", SUFFIX},
    {"examples", SUFFIX},
    {"tests/wasm", SUFFIX},
    {"bench/sfi-programs", ".stdio" SUFFIX},
};

/* Does not end, as its name says: there would be nothing to compare. */
static const char left_out[] = "endless_loop";

static const char *build_folder(void)
{
    const char *folder = getenv("BUILD");

    return folder ? folder : "build";
}

static bool ends_in(const char *name, const char *ending)
{
    size_t bytes = strlen(name), end = strlen(ending);

    return bytes > end && strcmp(name + bytes - end, ending) == 0;
}

static void add(const char *folder, const char *file)
{
    struct program *program = &programs[program_count];

    assert_true(program_count < PROGRAMS_MAX);
    snprintf(program->path, sizeof(program->path), "%s/%s", folder, file);
    snprintf(program->name, sizeof(program->name), "%.*s", (int)(strlen(file) - strlen(SUFFIX)),
             file);
    if (strcmp(program->name, left_out) != 0)
        program_count++;
}

static void find_in(const char *folder, const char *ending)
{
    size_t before = program_count;
    struct dirent *entry;
    char path[256];
    DIR *listing;

    snprintf(path, sizeof(path), "%s/%s", build_folder(), folder);
    listing = opendir(path);
    if (!listing)
        fail_msg("no %s", path);
    while ((entry = readdir(listing)) != NULL)
        if (ends_in(entry->d_name, ending))
            add(path, entry->d_name);
    closedir(listing);
    if (program_count == before)
        fail_msg("no programs in %s", path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct program *)a)->name, ((const struct program *)b)->name);
}

void programs_find(void)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        find_in(places[i].folder, places[i].ending);
    qsort(programs, program_count, sizeof(programs[0]), by_name);
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

void program_build(struct program *program)
{
    if (program->plain.data)
        return;
    build(program->path, false, BUNDLE_TRACKING_COPY, &program->plain);
    build(program->path, true, BUNDLE_TRACKING_COPY, &program->confined);
    build(program->path, true, BUNDLE_TRACKING_MARK, &program->marked);
}

void programs_free(void)
{
    for (size_t i = 0; i < program_count; i++) {
        bundle_buffer_free(&programs[i].plain);
        bundle_buffer_free(&programs[i].confined);
        bundle_buffer_free(&programs[i].marked);
    }
}

void program_view(const struct bundle_buffer *buffer, struct bundle_view *bundle)
{
    assert_int_equal(bundle_read(buffer->data, buffer->bytes, bundle), ST_OK);
}
