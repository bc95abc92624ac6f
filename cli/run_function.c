/* Where the function comes from: a bundle file, or a module built on the fly. */
#include "cli/run.h"

#include "abi/bundle.h"
#include "base/status.h"
#include "cli/build_verified.h"
#include "cli/data_dir.h"
#include "cli/progress.h"
#include "host/loader/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT ((uint64_t)BUNDLE_BYTES_MAX)

static enum status fail_errno(const char *path)
{
    fprintf(stderr, "reclave run: %s: %s\n", path, strerror(errno));
    return ST_IO;
}

static enum status read_fully(int fd, const char *path, uint8_t *to, size_t bytes)
{
    size_t done = 0;

    while (done < bytes) {
        ssize_t n = read(fd, to + done, bytes - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENODATA; /* shrank while it was read */
        if (n <= 0)
            return fail_errno(path);
        done += (size_t)n;
    }
    return ST_OK;
}

static enum status check_size(const char *path, const struct stat *info)
{
    if (!S_ISREG(info->st_mode)) {
        fprintf(stderr, "reclave run: %s: not a file\n", path);
        return ST_CORRUPT;
    }
    if (info->st_size == 0 || (uint64_t)info->st_size > FILE_LIMIT) {
        fprintf(stderr, "reclave run: %s: %s\n", path,
                info->st_size ? "too large for a function" : "the file is empty");
        return ST_CORRUPT;
    }
    return ST_OK;
}

static enum status read_file(const char *path, void **out, size_t *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status;
    struct stat info;

    *out = NULL;
    if (fd < 0)
        return fail_errno(path);
    if (fstat(fd, &info) != 0) {
        status = fail_errno(path);
        goto close_file;
    }
    status = check_size(path, &info);
    if (status != ST_OK)
        goto close_file;
    *bytes = (size_t)info.st_size;
    *out = loader_buffer_alloc(*bytes);
    status = *out ? read_fully(fd, path, *out, *bytes) : ST_NO_MEMORY;
    if (status != ST_OK) {
        free(*out);
        *out = NULL;
    }
close_file:
    close(fd);
    return status;
}

static bool has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);

    return length >= tail && !strcmp(text + length - tail, suffix);
}

static bool is_bundle(const char *path, const void *file, size_t bytes)
{
    size_t magic = sizeof(BUNDLE_MAGIC) - 1;

    return has_suffix(path, ".rcl") || (bytes >= magic && !memcmp(file, BUNDLE_MAGIC, magic));
}

const char *run_function_name(const struct run_options *options, char buffer[129])
{
    size_t length;

    bundle_name_from_path(options->function, buffer, 129);
    length = strlen(buffer);
    if (has_suffix(buffer, ".rcl") && length > 4)
        buffer[length - 4] = 0;
    return buffer;
}

/* The names of NAME=VALUE pairs, as one allocation that also holds the list. */
static const char **env_names(const struct run_options *options)
{
    size_t list = (options->env_count + 1) * sizeof(char *);
    size_t bytes = list;
    const char **names;
    char *at;

    for (size_t i = 0; i < options->env_count; i++)
        bytes += strlen(options->env[i]) + 1;
    names = malloc(bytes);
    if (!names)
        return NULL;
    at = (char *)names + list;
    for (size_t i = 0; i < options->env_count; i++) {
        size_t length = strcspn(options->env[i], "=");

        memcpy(at, options->env[i], length);
        at[length] = 0;
        names[i] = at;
        at += length + 1;
    }
    return names;
}

static enum status build(const struct run_options *options, const void *wasm, size_t wasm_bytes,
                         struct bundle_buffer *out)
{
    static char error[BUNDLE_ERROR_BYTES];
    char sdk[PATH_MAX], name[129];
    const char **names = env_names(options);
    struct bundle_build_options build = {
        .wasm = wasm,
        .wasm_bytes = wasm_bytes,
        .sdk_dir = sdk,
        .name = run_function_name(options, name),
        .env_allow = names,
        .env_allow_count = options->env_count,
        .memory_mib = options->memory_mib,
    };
    enum status status;

    if (!names)
        return ST_NO_MEMORY;
    status = data_dir_path("sdk", sdk, sizeof(sdk));
    if (status != ST_OK) {
        fprintf(stderr, "reclave run: no sdk folder: run make, or set RECLAVE_DATA_DIR\n");
        goto free_names;
    }
    progress_show("compiling the module");
    status = build_verified(&build, out, error, sizeof(error));
    progress_clear();
    if (status != ST_OK)
        fprintf(stderr, "reclave run: %s: %s\n", options->function,
                error[0] ? error : status_text(status));
free_names:
    free(names);
    return status;
}

enum status run_get_bundle(const struct run_options *options, void **bundle, size_t *bytes)
{
    struct bundle_buffer built = {0};
    enum status status = read_file(options->function, bundle, bytes);

    if (status != ST_OK || is_bundle(options->function, *bundle, *bytes))
        return status;
    status = build(options, *bundle, *bytes, &built);
    free(*bundle);
    *bundle = NULL;
    if (status != ST_OK)
        return status;
    *bytes = built.bytes;
    *bundle = loader_buffer_alloc(built.bytes);
    if (*bundle)
        memcpy(*bundle, built.data, built.bytes);
    else
        status = ST_NO_MEMORY;
    bundle_buffer_free(&built);
    return status;
}
