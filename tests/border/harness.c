#include "tests/border/harness.h"

#include "base/bytes.h"
#include "base/status.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MUST(call)                                                                                 \
    do {                                                                                           \
        enum status must_status = (call);                                                          \
        if (must_status != ST_OK)                                                                  \
            fail_msg("%s: %s", #call, status_text(must_status));                                   \
    } while (0)

/* ---- files of the build ---------------------------------------------------- */

static void own_build(char folder[PATH_MAX])
{
    ssize_t bytes = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    char *slash;

    assert_true(bytes > 0);
    folder[bytes] = 0;
    for (int levels = 0; levels < 2; levels++) { /* BUILD/tests/NAME */
        slash = strrchr(folder, '/');
        assert_non_null(slash);
        *slash = 0;
    }
}

static void join(char path[PATH_MAX], const char *folder, const char *middle, const char *relative)
{
    int bytes = snprintf(path, PATH_MAX, "%s%s%s", folder, middle, relative);

    assert_in_range(bytes, 1, PATH_MAX - 1);
}

void border_path(const char *relative, char path[PATH_MAX])
{
    const char *chosen = getenv("RECLAVE_DATA_DIR");
    char folder[PATH_MAX];

    if (chosen && chosen[0]) {
        join(path, chosen, "/../../", relative);
        return;
    }
    own_build(folder);
    join(path, folder, "/", relative);
}

static struct border_file read_whole(const char *path)
{
    struct border_file file;
    struct stat stat;
    size_t done = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &stat) != 0)
        fail_msg("cannot open %s", path);
    file.size = (size_t)stat.st_size;
    file.bytes = loader_buffer_alloc(file.size);
    assert_non_null(file.bytes);
    while (done < file.size) {
        ssize_t got = read(fd, file.bytes + done, file.size - done);

        assert_true(got > 0);
        done += (size_t)got;
    }
    close(fd);
    return file;
}

struct border_file border_guest(const char *name)
{
    char folder[PATH_MAX], path[PATH_MAX], file[NAME_MAX];

    own_build(folder);
    snprintf(file, sizeof(file), "%s.rcl", name);
    join(path, folder, "/guests/", file);
    return read_whole(path);
}

void border_file_free(struct border_file *file)
{
    free(file->bytes);
    *file = (struct border_file){0};
}

/* ---- enclaves ---------------------------------------------------------------- */

void border_open(struct border *border, const char *image_name)
{
    struct enclave_options options = {0};
    struct message why = {0};
    char relative[NAME_MAX], path[PATH_MAX];
    struct image image;

    memset(border, 0, sizeof(*border));
    MUST(sgx_driver_select(SGX_EMULATOR, NULL, &border->driver));
    snprintf(relative, sizeof(relative), "lib/reclave/images/%s.rci", image_name);
    border_path(relative, path);
    if (image_open(path, &image, &why) != ST_OK)
        fail_msg("%s", why.text);
    options.driver = border->driver;
    if (enclave_create(&image, &options, &border->enclave, &why) != ST_OK)
        fail_msg("%s", why.text);
    image_close(&image);
    MUST(enclave_init(border->enclave, &(struct enclave_terms){0}));
    border->fd = enclave_fd(border->enclave);
    border->base = enclave_base(border->enclave);
}

void border_close(struct border *border)
{
    enclave_destroy(border->enclave);
    memset(border, 0, sizeof(*border));
}

/* ---- a slot -------------------------------------------------------------------- */

void border_boot(struct border *border, unsigned slot)
{
    MUST(slot_boot(enclave_slot(border->enclave, slot)));
}

void border_load(struct border *border, unsigned slot, const struct border_file *bundle,
                 uint8_t digest[32])
{
    struct slot_load load = {.bundle = bundle->bytes, .bundle_bytes = bundle->size};

    MUST(slot_load(enclave_slot(border->enclave, slot), &load));
    if (digest)
        memcpy(digest, load.initial.snapshot_sha256, 32);
}

/* Inputs are copied, so that callers need not care for alignment. */
static uint64_t stage(uint8_t *buffer, size_t room, const void *bytes, size_t count)
{
    assert_true(count <= room);
    if (count)
        memcpy(buffer, bytes, count);
    return (uint64_t)(uintptr_t)buffer;
}

void border_prepare(struct border_call *call)
{
    static uint8_t input[BORDER_OUTPUT_BYTES] __attribute__((aligned(64)));
    static uint8_t strings[BORDER_OUTPUT_BYTES] __attribute__((aligned(64)));

    call->result = (struct entry_invocation){
        .input = stage(input, sizeof(input), call->input, call->input_bytes),
        .input_bytes = call->input_bytes,
        .strings = stage(strings, sizeof(strings), call->strings, call->strings_bytes),
        .strings_bytes = call->strings_bytes,
        .arg_count = call->arg_count,
        .env_count = call->env_count,
        .output = (uint64_t)(uintptr_t)call->output,
        .output_limit = sizeof(call->output),
        .log = (uint64_t)(uintptr_t)call->log,
        .log_limit = sizeof(call->log),
    };
}

void border_invoke(struct border *border, unsigned slot, struct border_call *call)
{
    border_prepare(call);
    MUST(slot_invoke(enclave_slot(border->enclave, slot), &call->result, call->timeout_ms));
}

void border_rewind(struct border *border, unsigned slot)
{
    MUST(slot_rewind(enclave_slot(border->enclave, slot), NULL));
}

void border_reset(struct border *border, unsigned slot)
{
    MUST(slot_reset(enclave_slot(border->enclave, slot), NULL));
}
