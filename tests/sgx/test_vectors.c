/*
 * An enclave and SIGSTRUCTs that somebody else built and signed, from the
 * folder $RECLAVE_TEST_VECTORS (default ../shared/vectors); skipped without it.
 */
#include "sgx/emu/emu.h"
#include "tests/sgx/weak.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RECORD_BYTES 64
#define CHUNK_BYTES  256
#define FILE_MAX     (1 << 20)

/* An SGXS file: the records that SHA-256 makes MRENCLAVE of. */
struct sgxs {
    uint8_t *bytes;
    size_t size;
};

static struct sgxs read_vector(const char *name)
{
    const char *folder = getenv("RECLAVE_TEST_VECTORS");
    struct sgxs file = {malloc(FILE_MAX), 0};
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s/enclaves/%s", folder ? folder : "../shared/vectors", name);
    f = fopen(path, "rb");
    if (!f) {
        print_message("# %s is absent\n", path);
        free(file.bytes);
        skip();
    }
    assert_non_null(file.bytes);
    file.size = fread(file.bytes, 1, FILE_MAX, f);
    fclose(f);
    return file;
}

static uint64_t word(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

struct foreign {
    const struct sgx_driver *driver;
    int fd;
    uint64_t base, size, tcs;
    void *reservation;
};

static void create(struct foreign *e, const uint8_t *record, const struct sgx_sigstruct *s)
{
    struct sgx_secs secs = {.attributes = s->attributes, .xfrm = s->xfrm};
    struct sgx_enclave_create call = {.src = (uint64_t)&secs};

    memcpy(&secs.ssa_frame_pages, record + 8, 4);
    secs.size = e->size = word(record + 12);
    e->driver = weak_driver();
    e->fd = e->driver->open();
    e->reservation = e->driver->mmap(NULL, 2 * e->size, PROT_NONE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(e->reservation != MAP_FAILED);
    secs.base = e->base = ((uint64_t)e->reservation + e->size - 1) & ~(e->size - 1);
    assert_int_equal(e->driver->ioctl(e->fd, SGX_IOC_ENCLAVE_CREATE, &call), 0);
}

/* One EADD record and the 16 EEXTEND records behind it; returns the bytes consumed. */
static size_t add(struct foreign *e, const uint8_t *record)
{
    static uint8_t page[PAGE_BYTES] __attribute__((aligned(4096)));
    uint64_t offset = word(record + 8), flags = word(record + 16);
    struct sgx_secinfo info = {.flags = flags};
    struct sgx_enclave_add_pages call = {(uint64_t)page,  offset,           PAGE_BYTES,
                                         (uint64_t)&info, SGX_PAGE_MEASURE, 0};
    void *at = (void *)(e->base + offset);
    int prot = (int)(flags & EPCM_RWX);

    record += RECORD_BYTES;
    for (size_t i = 0; i < PAGE_BYTES / CHUNK_BYTES; i++) {
        assert_memory_equal(record, "EEXTEND", 8);
        assert_int_equal(word(record + 8), offset + i * CHUNK_BYTES);
        memcpy(page + i * CHUNK_BYTES, record + RECORD_BYTES, CHUNK_BYTES);
        record += RECORD_BYTES + CHUNK_BYTES;
    }
    assert_int_equal(e->driver->ioctl(e->fd, SGX_IOC_ENCLAVE_ADD_PAGES, &call), 0);
    if ((flags & EPCM_TYPE) == SECINFO_TCS) {
        e->tcs = e->base + offset;
        prot = PROT_READ | PROT_WRITE;
    }
    assert_true(e->driver->mmap(at, PAGE_BYTES, prot, MAP_SHARED | MAP_FIXED, e->fd, 0) == at);
    return RECORD_BYTES + PAGE_BYTES / CHUNK_BYTES * (RECORD_BYTES + CHUNK_BYTES);
}

static uint64_t exit_rdi;

static int take_rdi(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                    struct sgx_enclave_run *run)
{
    (void)rsi, (void)rdx, (void)rsp, (void)r8, (void)r9, (void)run;
    exit_rdi = (uint64_t)rdi;
    return 0;
}

static void a_foreign_enclave_initialises_and_runs(void **state)
{
    struct sgxs stream = read_vector("test_enclave.sgxs");
    struct sgxs signature = read_vector("test_enclave.sig");
    struct sgx_enclave_init init = {.sigstruct = (uint64_t)signature.bytes};
    struct sgx_enclave_run run = {.user_handler = (uint64_t)take_rdi};
    struct foreign e = {0};
    size_t at = RECORD_BYTES;
    uint32_t written = 0;

    (void)state;
    assert_int_equal(signature.size, sizeof(struct sgx_sigstruct));
    assert_memory_equal(stream.bytes, "ECREATE", 8);
    create(&e, stream.bytes, (const struct sgx_sigstruct *)signature.bytes);
    while (at < stream.size) {
        assert_memory_equal(stream.bytes + at, "EADD\0\0\0", 8);
        at += add(&e, stream.bytes + at);
    }
    assert_int_equal(e.driver->ioctl(e.fd, SGX_IOC_ENCLAVE_INIT, &init), 0);
    run.tcs = e.tcs;
    assert_int_equal(e.driver->enter(0, (unsigned long)&written, 0, ENCLU_EENTER, 0, 0, &run), 0);
    if (run.function != 4)
        print_message("# vec %u err %x addr %llx base %lx\n", run.exception_vector,
                      run.exception_error_code, run.exception_addr, e.base);
    assert_int_equal(run.function, ENCLU_EEXIT);
    assert_int_equal(exit_rdi, UINT64_MAX);
    assert_int_equal(written, 100); /* what this enclave stores where RSI points */
    assert_int_equal(e.driver->munmap(e.reservation, 2 * e.size), 0);
    e.driver->close(e.fd);
    free(signature.bytes);
    free(stream.bytes);
}

static void a_foreign_sigstruct_verifies_and_no_changed_one(void **state)
{
    static const size_t places[] = {
        offsetof(struct sgx_sigstruct, date),        offsetof(struct sgx_sigstruct, modulus),
        offsetof(struct sgx_sigstruct, signature),   offsetof(struct sgx_sigstruct, attributes),
        offsetof(struct sgx_sigstruct, enclavehash), offsetof(struct sgx_sigstruct, isvsvn),
        offsetof(struct sgx_sigstruct, q1),          offsetof(struct sgx_sigstruct, q2),
    };
    struct sgxs file = read_vector("sig1.sigstruct.bin");
    struct sgx_sigstruct *s = (struct sgx_sigstruct *)file.bytes;

    (void)state;
    assert_true(file.size >= sizeof(*s));
    assert_true(emu_sigstruct_verify(s));
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        file.bytes[places[i]] ^= 1;
        assert_false(emu_sigstruct_verify(s));
        file.bytes[places[i]] ^= 1;
    }
    assert_true(emu_sigstruct_verify(s));
    free(file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_foreign_enclave_initialises_and_runs),
        cmocka_unit_test(a_foreign_sigstruct_verifies_and_no_changed_one),
    };

    return cmocka_run_group_tests_name("sgx-vectors", tests, NULL, NULL);
}
