/* Creating, initialising and destroying an enclave. */
#include "host/loader/internal.h"

#include "abi/sgx_arch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CPUID_SGX       0x12
#define CPUID_SGX2      0x2u                 /* leaf 12h, subleaf 0, EAX bit 1 (SDM table 37-4) */
#define ADD_CHUNK_BYTES (UINT64_C(16) << 20) /* between two reports of progress */
#define XFRM_AVX512     0xe0u

static unsigned log2_of(uint64_t power_of_two)
{
    return (unsigned)__builtin_ctzll(power_of_two);
}

/* Can this CPU hold such an enclave at all? Without these questions ECREATE would just refuse. */
static enum status check_cpu(const struct sgx_driver *driver, const struct image *image,
                             struct message *why)
{
    unsigned bits = log2_of(image->header->elrange_bytes);
    uint32_t leaf[4] = {0};
    unsigned cpu_bits;

    driver->cpuid(CPUID_SGX, 0, leaf);
    if ((image->header->flags & IMAGE_LAZY) && !(leaf[0] & CPUID_SGX2)) {
        message_set(why, "this CPU has no SGX2, which adding pages on demand needs: "
                         "use --pages eager");
        return ST_UNSUPPORTED;
    }
    cpu_bits = (leaf[3] >> 8) & 0xff;
    if (cpu_bits < bits) {
        message_set(why,
                    "the enclave's address range is 2^%u bytes, this CPU allows 2^%u: "
                    "use an image with fewer slots",
                    bits, cpu_bits);
        return ST_UNSUPPORTED;
    }
    return ST_OK;
}

static enum status refused(const char *step, struct message *why)
{
    const char *advice = "";

    if (errno == ENOMEM)
        advice = ": no enclave memory (EPC) left; use a smaller --enclave-size or --pages lazy";
    else if (errno == EBUSY)
        advice = ": another thread is at work on this enclave";
    message_set(why, "the SGX driver refused to %s: %s%s", step, strerror(errno), advice);
    return errno == ENOMEM ? ST_NO_MEMORY : ST_SGX_REFUSED;
}

static enum status create(const struct enclave *enclave, const struct image *image,
                          struct message *why)
{
    struct sgx_secs *secs = aligned_alloc(PAGE_BYTES, sizeof(*secs));
    struct sgx_enclave_create call = {.src = (uintptr_t)secs};
    enum status status = ST_OK;

    if (!secs)
        return ST_NO_MEMORY;
    memset(secs, 0, sizeof(*secs));
    secs->size = image->header->elrange_bytes;
    secs->base = enclave->base;
    secs->ssa_frame_pages = image->header->ssa_frame_pages;
    secs->miscselect = image->header->miscselect;
    secs->attributes = image->header->attributes;
    secs->xfrm = image->header->xfrm;
    if (enclave->driver->ioctl(enclave->fd, SGX_IOC_ENCLAVE_CREATE, &call) != 0)
        status = refused("create the enclave", why);
    free(secs);
    return status;
}

/* The driver may stop early (a signal, EPC pressure) and says how far it came. */
static enum status add_range(const struct enclave *enclave, const struct image_run *run,
                             uint64_t done, const uint8_t *source, uint64_t bytes,
                             struct message *why)
{
    struct sgx_secinfo secinfo = {.flags = run->secinfo};

    while (bytes) {
        struct sgx_enclave_add_pages call = {
            .src = (uintptr_t)source,
            .offset = run->offset + done,
            .length = bytes,
            .secinfo = (uintptr_t)&secinfo,
            .flags = SGX_PAGE_MEASURE,
        };
        int result = enclave->driver->ioctl(enclave->fd, SGX_IOC_ENCLAVE_ADD_PAGES, &call);

        if (result != 0 && !(errno == EINTR || (errno == EAGAIN && call.count)))
            return refused("add pages", why);
        if (call.count > bytes || (result == 0 && call.count == 0)) {
            message_set(why, "the SGX driver reports an impossible number of added pages");
            return ST_SGX_REFUSED;
        }
        done += call.count;
        source += call.count;
        bytes -= call.count;
    }
    return ST_OK;
}

struct adding {
    const struct enclave_options *options;
    const uint8_t *zeros; /* ADD_CHUNK_BYTES */
    uint64_t pages_done, pages_total;
};

static enum status add_run(const struct enclave *enclave, const struct image *image,
                           const struct image_run *run, struct adding *adding, struct message *why)
{
    uint64_t bytes = (uint64_t)run->pages * PAGE_BYTES;

    for (uint64_t done = 0; done < bytes;) {
        uint64_t chunk = bytes - done < ADD_CHUNK_BYTES ? bytes - done : ADD_CHUNK_BYTES;
        const uint8_t *source =
            run->flags & IMAGE_ZERO ? adding->zeros : image->file + run->file_offset + done;
        enum status status = add_range(enclave, run, done, source, chunk, why);

        if (status != ST_OK)
            return status;
        done += chunk;
        adding->pages_done += chunk / PAGE_BYTES;
        if (adding->options->progress)
            adding->options->progress(adding->options->progress_context, adding->pages_done,
                                      adding->pages_total);
    }
    return ST_OK;
}

static enum status add_pages(const struct enclave *enclave, const struct image *image,
                             const struct enclave_options *options, struct message *why)
{
    /* Executable, so that it may be the source of executable pages; untouched, so that it is
     * the kernel's one page of zeros. */
    void *zeros = mmap(NULL, ADD_CHUNK_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct adding adding = {.options = options, .zeros = zeros, .pages_total = image->pages};
    enum status status = ST_OK;

    if (zeros == MAP_FAILED)
        return ST_NO_MEMORY;
    for (uint32_t i = 0; i < image->header->runs && status == ST_OK; i++)
        status = add_run(enclave, image, &image->runs[i], &adding, why);
    munmap(zeros, ADD_CHUNK_BYTES);
    return status;
}

static enum status init(const struct enclave *enclave, const struct image *image,
                        struct message *why)
{
    struct sgx_sigstruct *sigstruct = aligned_alloc(PAGE_BYTES, PAGE_BYTES);
    struct sgx_enclave_init call = {.sigstruct = (uintptr_t)sigstruct};
    enum status status = ST_OK;

    if (!sigstruct)
        return ST_NO_MEMORY;
    memset(sigstruct, 0, PAGE_BYTES);
    memcpy(sigstruct, image->header->sigstruct, sizeof(*sigstruct));
    if (enclave->driver->ioctl(enclave->fd, SGX_IOC_ENCLAVE_INIT, &call) != 0) {
        status = errno == EPERM || errno == EINVAL ? ST_SGX_SIGSTRUCT : ST_SGX_REFUSED;
        message_set(why,
                    "the SGX driver refused to initialise the enclave (%s): the image does not "
                    "match its signature, or this machine does not allow its attributes",
                    strerror(errno));
    }
    free(sigstruct);
    return status;
}

static void setup_slots(struct enclave *enclave)
{
    for (unsigned i = 0; i < enclave->slot_count; i++) {
        struct slot *slot = &enclave->slots[i];

        slot->enclave = enclave;
        slot->tcs = enclave->base + SLOT_CONTROL_OFF + (uint64_t)i * SLOT_CONTROL_STRIDE + CTL_TCS;
        kick_slot_setup(slot);
    }
}

static struct enclave *allocate(const struct image *image, const struct sgx_driver *driver)
{
    struct enclave *enclave = calloc(1, sizeof(*enclave));
    uint32_t leaf[4] = {0};

    if (!enclave)
        return NULL;
    driver->cpuid(CPUID_SGX, 0, leaf);
    enclave->driver = driver;
    enclave->fd = -1;
    pthread_mutex_init(&enclave->ioctl_lock, NULL);
    enclave->bytes = image->header->elrange_bytes;
    enclave->xfrm = image->header->xfrm;
    enclave->lazy = (image->header->flags & IMAGE_LAZY) != 0;
    enclave->rdtsc = (leaf[0] & CPUID_SGX2) != 0;
    enclave->slot_count = image->header->slots;
    return enclave;
}

static enum status build(struct enclave *enclave, const struct image *image,
                         const struct enclave_options *options, struct message *why)
{
    enum status status = create(enclave, image, why);

    if (status == ST_OK)
        status = add_pages(enclave, image, options, why);
    if (status == ST_OK)
        status = init(enclave, image, why);
    if (status == ST_OK)
        status = space_map(enclave, image, why);
    return status;
}

enum status enclave_create(const struct image *image, const struct enclave_options *options,
                           struct enclave **out, struct message *why)
{
    const struct sgx_driver *driver = options->driver;
    struct enclave *enclave;
    enum status status;

    *out = NULL;
    message_set(why, "%s", "");
    status = check_cpu(driver, image, why);
    if (status != ST_OK)
        return status;
    enclave = allocate(image, driver);
    if (!enclave)
        return ST_NO_MEMORY;
    status = kick_install(driver);
    if (status != ST_OK)
        goto free_enclave;
    enclave->fd = driver->open();
    if (enclave->fd < 0) {
        status = refused("open a new enclave", why);
        goto free_enclave;
    }
    status = space_reserve(driver, enclave->bytes, &enclave->base);
    if (status != ST_OK) {
        message_set(why, "no address space for an enclave of 2^%u bytes (ulimit -v?)",
                    log2_of(enclave->bytes));
        goto close_device;
    }
    status = build(enclave, image, options, why);
    if (status != ST_OK)
        goto release_space;
    setup_slots(enclave);
    *out = enclave;
    return ST_OK;

release_space:
    driver->munmap((void *)(uintptr_t)enclave->base, enclave->bytes);
close_device:
    driver->close(enclave->fd);
free_enclave:
    pthread_mutex_destroy(&enclave->ioctl_lock);
    free(enclave);
    return status;
}

void enclave_destroy(struct enclave *enclave)
{
    if (!enclave)
        return;
    for (unsigned i = 0; i < enclave->slot_count; i++)
        kick_slot_teardown(&enclave->slots[i]);
    enclave->driver->munmap((void *)(uintptr_t)enclave->base, enclave->bytes);
    enclave->driver->close(enclave->fd);
    pthread_mutex_destroy(&enclave->ioctl_lock);
    free(enclave);
}

/* The highest x86-64-vN that this CPU and the enclave's XFRM both allow. */
static uint64_t cpu_level(uint64_t xfrm)
{
    if (!(xfrm & XFRM_AVX) || !__builtin_cpu_supports("x86-64-v3"))
        return 2;
    if ((xfrm & XFRM_AVX512) != XFRM_AVX512 || !__builtin_cpu_supports("x86-64-v4"))
        return 3;
    return 4;
}

enum status enclave_init(struct enclave *enclave, const struct enclave_terms *terms)
{
    struct entry_init argument = {
        .flags = (enclave->rdtsc ? INIT_RDTSC : 0) |
                 (terms->shared_tenancy ? INIT_SHARED_TENANCY : 0) |
                 (terms->encrypted_only ? INIT_ENCRYPTED_ONLY : 0),
        .page_limit = terms->page_limit,
        .cpu_level = cpu_level(enclave->xfrm),
        .role = terms->keeper ? ROLE_KEEPER : ROLE_WORKER,
    };

    memcpy(argument.keeper, terms->keeper_id, sizeof(argument.keeper));
    return slot_call(&enclave->slots[0], ENTRY_INIT, &argument, sizeof(argument),
                     SLOT_SERVICE_TIMEOUT_MS);
}

unsigned enclave_slot_count(const struct enclave *enclave)
{
    return enclave->slot_count;
}

struct slot *enclave_slot(struct enclave *enclave, unsigned index)
{
    return &enclave->slots[index];
}

uint64_t enclave_base(const struct enclave *enclave)
{
    return enclave->base;
}

uint64_t enclave_bytes(const struct enclave *enclave)
{
    return enclave->bytes;
}

int enclave_fd(const struct enclave *enclave)
{
    return enclave->fd;
}

bool enclave_can_rdtsc(const struct enclave *enclave)
{
    return enclave->rdtsc;
}
