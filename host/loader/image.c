#include "host/loader/image.h"

#include "abi/entry.h"
#include "abi/sgx_arch.h"
#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_FILE_MAX                                                                             \
    (UINT64_C(1) << 30) /* contents, not enclave size: zero runs store nothing                     \
                         */
#define RUNS_MAX 4096u

#define SECINFO_RWX      (SECINFO_R | SECINFO_W | SECINFO_X)
#define ATTRIBUTES_KNOWN (ATTR_MODE64BIT | ATTR_PROVISIONKEY | ATTR_KSS)

/* What a check needs to say where it failed. */
struct context {
    const char *name;
    struct message *why;
};

static bool fail(const struct context *context, const char *field, const char *problem)
{
    message_set(context->why, "%s: %s: %s", context->name, field, problem);
    return false;
}

static bool fail_run(const struct context *context, uint32_t run, const char *field,
                     const char *problem)
{
    message_set(context->why, "%s: run %u: %s: %s", context->name, run, field, problem);
    return false;
}

static uint64_t elrange_for(uint32_t slots)
{
    uint64_t bytes = 1;

    while (bytes < MONITOR_ZONE_BYTES + slots * SLOT_STRIDE)
        bytes <<= 1;
    return bytes;
}

static bool check_geometry(const struct context *c, const struct image_header *h)
{
    if (h->flags & ~IMAGE_LAZY)
        return fail(c, "flags", "unknown bits");
    if (h->slots == 0 || h->slots > SLOTS_MAX)
        return fail(c, "slots", "not in 1..15");
    if (h->elrange_bytes != elrange_for(h->slots))
        return fail(c, "elrange_bytes", "not the smallest power of two that holds all slots");
    if (h->ssa_frame_pages != SSA_FRAME_PAGES)
        return fail(c, "ssa_frame_pages", "not what the address space table says");
    if (((h->flags & IMAGE_LAZY) != 0) != (h->heap_bytes == 0))
        return fail(c, "heap_bytes", "must be 0 in a lazy image, and only there");
    if (h->runs == 0 || h->runs > RUNS_MAX)
        return fail(c, "runs", "not in 1..4096");
    return true;
}

static bool check_attributes(const struct context *c, const struct image_header *h)
{
    struct sgx_sigstruct sigstruct;

    if (!(h->attributes & ATTR_MODE64BIT))
        return fail(c, "attributes", "not a 64-bit enclave");
    if (h->attributes & ~(uint64_t)ATTRIBUTES_KNOWN)
        return fail(c, "attributes", "DEBUG or unknown bits are set");
    if ((h->xfrm & XFRM_LEGACY) != XFRM_LEGACY)
        return fail(c, "xfrm", "x87 and SSE state must be enabled");
    if (h->miscselect & ~MISC_EXINFO)
        return fail(c, "miscselect", "unknown bits");
    if (h->reserved)
        return fail(c, "reserved", "not zero");
    memcpy(&sigstruct, h->sigstruct, sizeof(sigstruct));
    if (memcmp(sigstruct.enclavehash, h->mrenclave, sizeof(h->mrenclave)) != 0)
        return fail(c, "mrenclave", "differs from the signed measurement");
    return true;
}

static bool check_permissions(const struct context *c, uint32_t i, const struct image_run *run)
{
    uint64_t rwx = run->secinfo & SECINFO_RWX;

    if ((run->secinfo & ~(uint64_t)SECINFO_RWX) == SECINFO_TCS)
        return rwx == 0 || fail_run(c, i, "secinfo", "a TCS has no permissions");
    if ((run->secinfo & ~(uint64_t)SECINFO_RWX) != SECINFO_REG)
        return fail_run(c, i, "secinfo", "neither a regular page nor a TCS");
    if (!(rwx & SECINFO_R))
        return fail_run(c, i, "secinfo", "regular pages must be readable");
    return true;
}

static bool check_contents(const struct context *c, uint32_t i, const struct image_run *run,
                           uint64_t contents_offset, uint64_t file_bytes)
{
    uint64_t bytes = (uint64_t)run->pages * PAGE_BYTES;

    if (run->flags & ~IMAGE_ZERO)
        return fail_run(c, i, "flags", "unknown bits");
    if (run->flags & IMAGE_ZERO)
        return run->file_offset == 0 ||
               fail_run(c, i, "file_offset", "must be 0 where no contents are stored");
    if (run->file_offset % PAGE_BYTES)
        return fail_run(c, i, "file_offset", "not page aligned");
    if (run->file_offset < contents_offset || !range_inside(run->file_offset, bytes, 0, file_bytes))
        return fail_run(c, i, "file_offset", "contents lie outside the file (truncated?)");
    return true;
}

/* *end: first free offset of the enclave so far; runs ascend. */
static bool check_place(const struct context *c, uint32_t i, const struct image_run *run,
                        uint64_t elrange_bytes, uint64_t *end)
{
    uint64_t bytes = (uint64_t)run->pages * PAGE_BYTES;

    if (run->pages == 0)
        return fail_run(c, i, "pages", "is 0");
    if (run->offset % PAGE_BYTES)
        return fail_run(c, i, "offset", "not page aligned");
    if (run->offset < *end)
        return fail_run(c, i, "offset", "overlaps or precedes the run before");
    if (!range_inside(run->offset, bytes, 0, elrange_bytes))
        return fail_run(c, i, "pages", "run ends outside the enclave");
    *end = run->offset + bytes;
    return true;
}

static bool is_tcs_at(const struct image_run *run, uint64_t offset)
{
    return (run->secinfo & SECINFO_TCS) && !(run->secinfo & SECINFO_RWX) &&
           range_inside(offset, PAGE_BYTES, run->offset, (uint64_t)run->pages * PAGE_BYTES);
}

static bool check_tcs_of_slots(const struct context *c, const struct image *image)
{
    for (uint32_t slot = 0; slot < image->header->slots; slot++) {
        uint64_t tcs = SLOT_CONTROL_OFF + (uint64_t)slot * SLOT_CONTROL_STRIDE + CTL_TCS;
        bool found = false;

        for (uint32_t i = 0; i < image->header->runs && !found; i++)
            found = is_tcs_at(&image->runs[i], tcs);
        if (!found)
            return fail(c, "runs", "a slot has no TCS");
    }
    return true;
}

static bool check_runs(const struct context *c, struct image *image)
{
    const struct image_header *h = image->header;
    uint64_t contents = sizeof(*h) + (uint64_t)h->runs * sizeof(struct image_run);
    uint64_t end = 0;

    if (contents > image->file_bytes)
        return fail(c, "runs", "the table of runs ends outside the file (truncated?)");
    for (uint32_t i = 0; i < h->runs; i++) {
        const struct image_run *run = &image->runs[i];

        if (!check_place(c, i, run, h->elrange_bytes, &end) || !check_permissions(c, i, run) ||
            !check_contents(c, i, run, contents, image->file_bytes))
            return false;
        image->pages += run->pages;
    }
    return check_tcs_of_slots(c, image);
}

/* Magic and versions come first: everything else may differ between versions. */
static enum status check_version(const struct context *c, const struct image_header *h)
{
    if (memcmp(h->magic, IMAGE_MAGIC, sizeof(h->magic)) != 0) {
        fail(c, "magic", "not a Reclave enclave image");
        return ST_CORRUPT;
    }
    if (h->format_version != IMAGE_FORMAT_VERSION) {
        fail(c, "format_version", "unknown: the image was made by another version of Reclave");
        return ST_UNSUPPORTED;
    }
    if (h->abi_version != RECLAVE_ABI_VERSION) {
        fail(c, "abi_version", "unknown: the image was made by another version of Reclave");
        return ST_UNSUPPORTED;
    }
    return ST_OK;
}

enum status image_check(const char *name, const uint8_t *file, size_t bytes, struct image *out,
                        struct message *why)
{
    const struct context context = {name, why};
    struct image image = {
        .header = (const void *)file,
        .runs = (const void *)(file + sizeof(struct image_header)),
        .file = file,
        .file_bytes = bytes,
    };
    enum status status;

    memset(out, 0, sizeof(*out));
    if (bytes < sizeof(struct image_header)) {
        fail(&context, "header", "the file is shorter than an image header");
        return ST_CORRUPT;
    }
    status = check_version(&context, image.header);
    if (status != ST_OK)
        return status;
    if (!check_geometry(&context, image.header) || !check_attributes(&context, image.header) ||
        !check_runs(&context, &image))
        return ST_CORRUPT;
    *out = image;
    return ST_OK;
}

static enum status read_all(int fd, uint8_t *to, size_t bytes)
{
    size_t done = 0;

    while (done < bytes) {
        ssize_t n = read(fd, to + done, bytes - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ST_IO;
        if (n == 0) {
            errno = ENODATA; /* shrank while it was read */
            return ST_IO;
        }
        done += (size_t)n;
    }
    return ST_OK;
}

/* Anonymous memory rather than a mapping of the file: the driver copies
 * executable pages only from memory that may be executable, which a file on a
 * noexec mount is not. */
static enum status read_file(int fd, const char *path, uint8_t **out, size_t *out_bytes,
                             struct message *why)
{
    struct stat info;
    uint8_t *memory;

    if (fstat(fd, &info) != 0) {
        message_set(why, "%s: %s", path, strerror(errno));
        return ST_IO;
    }
    if (!S_ISREG(info.st_mode) || info.st_size <= 0 || (uint64_t)info.st_size > IMAGE_FILE_MAX) {
        message_set(why, "%s: not a file of 1 byte to 1 GiB", path);
        return ST_CORRUPT;
    }
    memory = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                  -1, 0);
    if (memory == MAP_FAILED) {
        message_set(why, "%s: %s", path, strerror(errno));
        return ST_NO_MEMORY;
    }
    if (read_all(fd, memory, (size_t)info.st_size) != ST_OK) {
        message_set(why, "%s: %s", path, strerror(errno));
        munmap(memory, (size_t)info.st_size);
        return ST_IO;
    }
    *out = memory;
    *out_bytes = (size_t)info.st_size;
    return ST_OK;
}

enum status image_open(const char *path, struct image *out, struct message *why)
{
    uint8_t *file = NULL;
    size_t bytes = 0;
    enum status status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    memset(out, 0, sizeof(*out));
    if (fd < 0) {
        message_set(why, "%s: %s", path, strerror(errno));
        return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
    }
    status = read_file(fd, path, &file, &bytes, why);
    close(fd);
    if (status != ST_OK)
        return status;
    status = image_check(path, file, bytes, out, why);
    if (status != ST_OK)
        munmap(file, bytes);
    return status;
}

void image_close(struct image *image)
{
    if (image->file)
        munmap((void *)(uintptr_t)image->file, image->file_bytes);
    memset(image, 0, sizeof(*image));
}
