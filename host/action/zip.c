#include "host/action/zip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* Files by how well they fit; the last one seen of each kind, and how many there were. */
struct candidates {
    zip_int64_t main_bundle, main_module, bundle, module, file;
    unsigned bundles, modules, files;
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);

    return length >= tail && !strcmp(name + length - tail, suffix);
}

static bool is_main(const char *name, const char *main, const char *suffix)
{
    return main && strncmp(name, main, strlen(main)) == 0 && !strcmp(name + strlen(main), suffix);
}

static void look_at(struct candidates *found, const char *name, zip_int64_t index, const char *main)
{
    if (ends_with(name, "/"))
        return;
    found->file = index;
    found->files++;
    if (is_main(name, main, ".rcl"))
        found->main_bundle = index;
    if (is_main(name, main, ".wasm"))
        found->main_module = index;
    if (ends_with(name, ".rcl")) {
        found->bundle = index;
        found->bundles++;
    } else if (ends_with(name, ".wasm")) {
        found->module = index;
        found->modules++;
    }
}

static zip_int64_t choose(const struct candidates *found)
{
    if (found->main_bundle >= 0)
        return found->main_bundle;
    if (found->main_module >= 0)
        return found->main_module;
    if (found->bundles == 1)
        return found->bundle;
    if (found->bundles == 0 && found->modules == 1)
        return found->module;
    return found->files == 1 ? found->file : -1;
}

static enum status find(zip_t *zip, const char *main, zip_int64_t *index, struct message *why)
{
    zip_int64_t count = zip_get_num_entries(zip, 0);
    struct candidates found = {-1, -1, -1, -1, -1, 0, 0, 0};

    if (count > CODE_FILES_MAX) {
        message_set(why, "the zip has more than %u files", CODE_FILES_MAX);
        return ST_OUT_OF_RANGE;
    }
    for (zip_int64_t i = 0; i < count; i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

        if (name)
            look_at(&found, name, i, main);
    }
    *index = choose(&found);
    if (*index >= 0)
        return ST_OK;
    message_set(why,
                "the zip has no single function: put one .wasm or one .rcl file into it, or name "
                "one with --main");
    return ST_NOT_FOUND;
}

/* What the directory promises is checked against what comes out. */
static enum status extract(zip_t *zip, zip_int64_t index, uint8_t **out, size_t *out_bytes,
                           struct message *why)
{
    zip_stat_t info;
    zip_file_t *file;
    zip_int64_t got;
    char more;

    if (zip_stat_index(zip, (zip_uint64_t)index, 0, &info) != 0 || !(info.valid & ZIP_STAT_SIZE))
        return ST_CORRUPT;
    if (info.size == 0 || info.size > CODE_FILE_MAX) {
        message_set(why, "the function in the zip is empty or has more than %u MiB",
                    CODE_FILE_MAX >> 20);
        return ST_OUT_OF_RANGE;
    }
    file = zip_fopen_index(zip, (zip_uint64_t)index, 0);
    if (!file)
        return ST_CORRUPT;
    *out = malloc(info.size);
    got = *out ? zip_fread(file, *out, info.size) : -1;
    if (got == (zip_int64_t)info.size && zip_fread(file, &more, 1) == 0) {
        zip_fclose(file);
        *out_bytes = info.size;
        return ST_OK;
    }
    zip_fclose(file);
    free(*out);
    *out = NULL;
    return ST_CORRUPT;
}

enum status zip_pick(const uint8_t *archive, size_t bytes, const char *main, uint8_t **out,
                     size_t *out_bytes, struct message *why)
{
    zip_source_t *source = zip_source_buffer_create(archive, bytes, 0, NULL);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, NULL) : NULL;
    zip_int64_t index = -1;
    enum status status;

    *out = NULL;
    message_set(why, "the zip is damaged");
    if (!zip) {
        zip_source_free(source);
        return ST_CORRUPT;
    }
    status = find(zip, main, &index, why);
    if (status == ST_OK)
        status = extract(zip, index, out, out_bytes, why);
    zip_discard(zip);
    return status;
}
