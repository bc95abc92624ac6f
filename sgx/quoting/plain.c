#include "sgx/quoting/plain.h"

#include "abi/image.h"
#include "abi/sgx_arch.h"
#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (4 << 20)
#define RUNS_MAX       64

/* The file in memory that may be the source of executable pages, page aligned. */
struct plain_image {
    uint8_t *file;
    size_t bytes;
};

/* ---- reading ------------------------------------------------------------- */

static enum status read_all(int fd, const struct plain_image *image, const char *path,
                            struct sgx_problem *p)
{
    size_t done = 0;

    while (done < image->bytes) {
        ssize_t n = read(fd, image->file + done, image->bytes - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sgx_problem(p, ST_IO, "%s: %s", path,
                               n < 0 ? strerror(errno) : "shrank while it was read");
        done += (size_t)n;
    }
    return ST_OK;
}

static enum status read_image(const char *path, struct plain_image *out, struct sgx_problem *p)
{
    struct plain_image image = {0};
    struct stat info;
    enum status status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return sgx_problem(p, errno == ENOENT ? ST_NOT_FOUND : ST_IO,
                           "the quoting enclave's image %s: %s (build it with make)", path,
                           strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0 ||
        info.st_size > FILE_BYTES_MAX) {
        close(fd);
        return sgx_problem(p, ST_CORRUPT, "%s: not a file of 1 byte to 4 MiB", path);
    }
    image.bytes = (size_t)info.st_size;
    image.file =
        mmap(NULL, image.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (image.file == MAP_FAILED) {
        close(fd);
        return sgx_problem(p, ST_NO_MEMORY, "%s: out of memory", path);
    }
    status = read_all(fd, &image, path, p);
    close(fd);
    if (status == ST_OK)
        *out = image;
    else
        munmap(image.file, image.bytes);
    return status;
}

static struct image_run run_at(const struct plain_image *image, uint32_t index)
{
    struct image_run run;

    memcpy(&run, image->file + sizeof(struct image_header) + index * sizeof(run), sizeof(run));
    return run;
}

static bool run_legal(const struct plain_image *image, const struct image_run *run)
{
    uint64_t bytes = (uint64_t)run->pages * PAGE_BYTES;

    if (run->pages == 0 || run->offset % PAGE_BYTES || (run->flags & ~IMAGE_ZERO) ||
        !range_inside(run->offset, bytes, 0, PLAIN_ELRANGE_BYTES))
        return false;
    return (run->flags & IMAGE_ZERO) || (run->file_offset % PAGE_BYTES == 0 &&
                                         range_inside(run->file_offset, bytes, 0, image->bytes));
}

static enum status check_image(const char *path, const struct plain_image *image,
                               struct sgx_problem *p)
{
    const struct image_header *h = (const void *)image->file;

    if (image->bytes < sizeof(*h) || memcmp(h->magic, IMAGE_MAGIC, sizeof(h->magic)) != 0)
        return sgx_problem(p, ST_CORRUPT, "%s: not an enclave image", path);
    if (h->format_version != IMAGE_FORMAT_VERSION)
        return sgx_problem(p, ST_UNSUPPORTED, "%s: format version %u, not %u: rebuild it", path,
                           h->format_version, IMAGE_FORMAT_VERSION);
    if (h->flags != IMAGE_PLAIN || h->elrange_bytes != PLAIN_ELRANGE_BYTES ||
        h->ssa_frame_pages != SSA_FRAME_PAGES)
        return sgx_problem(p, ST_CORRUPT, "%s: not a plain enclave (reclave-image --enclave)",
                           path);
    if (h->runs == 0 || h->runs > RUNS_MAX ||
        !range_inside(sizeof(*h), h->runs * sizeof(struct image_run), 0, image->bytes))
        return sgx_problem(p, ST_CORRUPT, "%s: its table of runs is damaged", path);
    for (uint32_t i = 0; i < h->runs; i++) {
        struct image_run run = run_at(image, i);

        if (!run_legal(image, &run))
            return sgx_problem(p, ST_CORRUPT, "%s: run %u is damaged", path, i);
    }
    return ST_OK;
}

/* ---- building ------------------------------------------------------------- */

static enum status refused(const char *step, struct sgx_problem *p)
{
    return sgx_problem(p, errno == ENOMEM ? ST_NO_MEMORY : ST_SGX_REFUSED,
                       "the SGX driver refused to %s the quoting enclave: %s", step,
                       strerror(errno));
}

/* Twice the size holds an aligned range wherever it lies; the rest is given back. */
static enum status reserve(const struct sgx_driver *driver, uint64_t *base, struct sgx_problem *p)
{
    const uint64_t bytes = PLAIN_ELRANGE_BYTES;
    void *wide = driver->mmap(NULL, 2 * bytes, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint64_t start, before;

    if (wide == MAP_FAILED)
        return sgx_problem(p, ST_NO_MEMORY, "no address space for the quoting enclave");
    start = (uint64_t)wide;
    *base = round_up(start, bytes);
    before = *base - start;
    if (before)
        driver->munmap(wide, before);
    driver->munmap((void *)(*base + bytes), bytes - before);
    return ST_OK;
}

static enum status create(const struct plain_enclave *e, const struct image_header *h,
                          struct sgx_problem *p)
{
    struct sgx_secs *secs = aligned_alloc(PAGE_BYTES, sizeof(*secs));
    struct sgx_enclave_create call = {.src = (uint64_t)secs};
    enum status status = ST_OK;

    if (!secs)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    memset(secs, 0, sizeof(*secs));
    secs->size = h->elrange_bytes;
    secs->base = e->base;
    secs->ssa_frame_pages = h->ssa_frame_pages;
    secs->miscselect = h->miscselect;
    secs->attributes = h->attributes;
    secs->xfrm = h->xfrm;
    if (e->driver->ioctl(e->fd, SGX_IOC_ENCLAVE_CREATE, &call) != 0)
        status = refused("create", p);
    free(secs);
    return status;
}

/* The driver may stop early and says how far it came. */
static enum status add_pages(const struct plain_enclave *e, const struct image_run *run,
                             const uint8_t *source, struct sgx_problem *p)
{
    struct sgx_secinfo secinfo = {.flags = run->secinfo};
    uint64_t left = (uint64_t)run->pages * PAGE_BYTES;
    uint64_t offset = run->offset;

    while (left) {
        struct sgx_enclave_add_pages call = {.src = (uint64_t)source,
                                             .offset = offset,
                                             .length = left,
                                             .secinfo = (uint64_t)&secinfo,
                                             .flags = SGX_PAGE_MEASURE};
        int result = e->driver->ioctl(e->fd, SGX_IOC_ENCLAVE_ADD_PAGES, &call);

        if (result != 0 && errno != EINTR)
            return refused("add pages to", p);
        if (call.count > left || (result == 0 && call.count == 0))
            return sgx_problem(p, ST_SGX_REFUSED,
                               "the SGX driver added an impossible number of"
                               " pages to the quoting enclave");
        source += call.count;
        offset += call.count;
        left -= call.count;
    }
    return ST_OK;
}

/* As Linux wants it: no more than the pages' own permissions; a TCS read-write. */
static int protection(uint64_t secinfo)
{
    if ((secinfo >> SECINFO_PT_SHIFT) == PT_TCS)
        return PROT_READ | PROT_WRITE;
    return (secinfo & SECINFO_R ? PROT_READ : 0) | (secinfo & SECINFO_W ? PROT_WRITE : 0) |
           (secinfo & SECINFO_X ? PROT_EXEC : 0);
}

static enum status add_run(const struct plain_enclave *e, const struct plain_image *image,
                           const struct image_run *run, struct sgx_problem *p)
{
    uint64_t bytes = (uint64_t)run->pages * PAGE_BYTES;
    void *zeros;
    enum status status;

    if (!(run->flags & IMAGE_ZERO))
        return add_pages(e, run, image->file + run->file_offset, p);
    zeros = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (zeros == MAP_FAILED)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    status = add_pages(e, run, zeros, p);
    munmap(zeros, bytes);
    return status;
}

static enum status initialise(const struct plain_enclave *e, const struct image_header *h,
                              struct sgx_problem *p)
{
    struct sgx_sigstruct *sigstruct = aligned_alloc(PAGE_BYTES, PAGE_BYTES);
    struct sgx_enclave_init call = {.sigstruct = (uint64_t)sigstruct};
    enum status status = ST_OK;

    if (!sigstruct)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    memset(sigstruct, 0, PAGE_BYTES);
    memcpy(sigstruct, h->sigstruct, sizeof(*sigstruct));
    if (e->driver->ioctl(e->fd, SGX_IOC_ENCLAVE_INIT, &call) != 0)
        status = refused("initialise", p);
    free(sigstruct);
    return status;
}

static enum status map_run(const struct plain_enclave *e, const struct image_run *run,
                           struct sgx_problem *p)
{
    void *at = (void *)(e->base + run->offset);

    if (e->driver->mmap(at, (uint64_t)run->pages * PAGE_BYTES, protection(run->secinfo),
                        MAP_SHARED | MAP_FIXED, e->fd, (off_t)run->offset) == at)
        return ST_OK;
    return refused("map", p);
}

static enum status build(const struct plain_enclave *e, const struct plain_image *image,
                         struct sgx_problem *p)
{
    const struct image_header *h = (const void *)image->file;
    enum status status = create(e, h, p);

    for (uint32_t i = 0; status == ST_OK && i < h->runs; i++) {
        struct image_run run = run_at(image, i);

        status = add_run(e, image, &run, p);
    }
    if (status == ST_OK)
        status = initialise(e, h, p);
    for (uint32_t i = 0; status == ST_OK && i < h->runs; i++) {
        struct image_run run = run_at(image, i);

        status = map_run(e, &run, p);
    }
    return status;
}

static enum status load(const struct sgx_driver *driver, const struct plain_image *image,
                        struct plain_enclave *out, struct sgx_problem *p)
{
    struct plain_enclave e = {.driver = driver, .fd = driver->open()};
    enum status status;

    if (e.fd < 0)
        return refused("open", p);
    status = reserve(driver, &e.base, p);
    if (status != ST_OK)
        goto close_device;
    status = build(&e, image, p);
    if (status != ST_OK)
        goto release_space;
    *out = e;
    return ST_OK;

release_space:
    driver->munmap((void *)e.base, PLAIN_ELRANGE_BYTES);
close_device:
    driver->close(e.fd);
    return status;
}

enum status plain_open(const struct sgx_driver *driver, const char *path, struct plain_enclave *out,
                       struct sgx_problem *p)
{
    struct plain_image image = {0};
    enum status status = read_image(path, &image, p);

    if (status != ST_OK)
        return status;
    status = check_image(path, &image, p);
    if (status == ST_OK)
        status = load(driver, &image, out, p);
    munmap(image.file, image.bytes);
    return status;
}

void plain_close(struct plain_enclave *enclave)
{
    enclave->driver->munmap((void *)enclave->base, PLAIN_ELRANGE_BYTES);
    enclave->driver->close(enclave->fd);
}

/* ---- calling ---------------------------------------------------------------- */

static int take_status(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                       struct sgx_enclave_run *run)
{
    (void)rsi, (void)rdx, (void)rsp, (void)r8, (void)r9;
    if (run->function == ENCLU_EEXIT)
        *(enum status *)run->user_data = (enum status)rdi;
    return 0; /* ends the vDSO's call */
}

enum status plain_call(const struct plain_enclave *enclave, uint64_t number, void *request,
                       uint64_t bytes)
{
    enum status status = ST_SGX_ENTER;
    struct sgx_enclave_run run = {.tcs = enclave->base + PLAIN_TCS,
                                  .user_handler = (uint64_t)take_status,
                                  .user_data = (uint64_t)&status};

    if (enclave->driver->enter(number, (uint64_t)request, bytes, ENCLU_EENTER, 0, 0, &run) != 0)
        return ST_SGX_ENTER;
    return status;
}
