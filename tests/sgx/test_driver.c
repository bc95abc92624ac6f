/* The rules of Linux's driver: which errno for which mistake. */
#include "sgx/emu/emu.h"
#include "tests/sgx/weak.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define RW SECINFO_R | SECINFO_W

static uint8_t page[2 * PAGE_BYTES] __attribute__((aligned(4096)));

static int ioctl_errno(struct weak *w, unsigned long request, void *arg)
{
    return w->driver->ioctl(w->fd, request, arg) == 0 ? 0 : errno;
}

static int map_errno(struct weak *w, uint64_t offset, int prot, int flags)
{
    void *at = (void *)(w->base + offset);

    return w->driver->mmap(at, PAGE_BYTES, prot, flags | MAP_FIXED, w->fd, 0) == at ? 0 : errno;
}

static void create_twice_is_einval(void **state)
{
    struct sgx_enclave_create call;
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    call.src = (uint64_t)&w.secs;
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_CREATE, &call), EINVAL);
    assert_int_equal(ioctl_errno(&w, 0x1234, &call), ENOTTY);
    weak_destroy(&w);
}

static void add_pages_arguments(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_add(&w, 0, page, PAGE_BYTES, SECINFO_REG | RW, true), 0);
    assert_int_equal(weak_add(&w, 0, page, PAGE_BYTES, SECINFO_REG | RW, true), EBUSY);
    assert_int_equal(weak_add(&w, 8, page, PAGE_BYTES, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page, 100, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page, 0, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page + 8, PAGE_BYTES, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(weak_add(&w, WEAK_ELRANGE, page, PAGE_BYTES, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(weak_add(&w, -4096ull, page, 8192, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page, PAGE_BYTES, SECINFO_REG | SECINFO_W, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page, PAGE_BYTES, SECINFO_TCS | SECINFO_R, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page, PAGE_BYTES, SECINFO_TRIM, true), EINVAL);
    assert_int_equal(weak_add(&w, 4096, page, PAGE_BYTES, SECINFO_REG | SECINFO_PENDING, true),
                     EINVAL);
    assert_int_equal(weak_add(&w, 4096, NULL, PAGE_BYTES, SECINFO_REG | RW, true), EFAULT);
    weak_destroy(&w);
}

static void add_pages_counts_what_it_added(void **state)
{
    struct sgx_secinfo info = {.flags = SECINFO_REG | RW};
    struct sgx_enclave_add_pages call = {
        .src = (uint64_t)page, .length = 2 * PAGE_BYTES, .secinfo = (uint64_t)&info};
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_add(&w, PAGE_BYTES, page, PAGE_BYTES, SECINFO_REG | RW, false), 0);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_ADD_PAGES, &call), EBUSY);
    assert_int_equal(call.count, PAGE_BYTES);
    weak_destroy(&w);
}

static void add_of_an_illegal_tcs_is_eio(void **state)
{
    static struct sgx_tcs tcs __attribute__((aligned(4096)));
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    tcs.reserved[17] = 1;
    assert_int_equal(weak_add(&w, 0, &tcs, sizeof(tcs), SECINFO_TCS, true), EIO);
    weak_destroy(&w);
}

static void only_before_and_only_after_init(void **state)
{
    struct sgx_enclave_init call = {.sigstruct = (uint64_t)page};
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_restrict(&w, 0, PAGE_BYTES, SECINFO_R, NULL, NULL), EINVAL);
    assert_int_equal(weak_modify(&w, 0, PAGE_BYTES, PT_TRIM, NULL, NULL), EINVAL);
    assert_int_equal(weak_remove(&w, 0, PAGE_BYTES, NULL), EINVAL);
    weak_destroy(&w);
    weak_create(&w, NULL);
    assert_int_equal(weak_add(&w, WEAK_HEAP, page, PAGE_BYTES, SECINFO_REG | RW, true), EINVAL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_INIT, &call), EINVAL);
    weak_destroy(&w);
}

static int init_errno(struct weak *w)
{
    struct sgx_enclave_init call = {.sigstruct = (uint64_t)&w->sigstruct};

    return ioctl_errno(w, SGX_IOC_ENCLAVE_INIT, &call);
}

/* An enclave with one page whose EINIT has been refused once; the sigstruct is good. */
static void create_uninitialised(struct weak *w)
{
    weak_create(w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_add(w, 0, page, PAGE_BYTES, SECINFO_REG | RW, true), 0);
    assert_int_equal(weak_init(w, &(struct weak_options){.bad_hash = 1}), EPERM);
}

static void init_refuses_a_changed_sigstruct(void **state)
{
    struct sgx_sigstruct good;
    struct weak w;

    (void)state;
    create_uninitialised(&w);
    good = w.sigstruct;
    w.sigstruct.vendor = 5;
    assert_int_equal(init_errno(&w), EINVAL);
    w.sigstruct = good;
    w.sigstruct.enclavehash[0] ^= 1; /* now the right hash, but not what was signed */
    assert_int_equal(init_errno(&w), EPERM);
    w.sigstruct = good;
    w.sigstruct.signature[5] ^= 1;
    assert_int_equal(init_errno(&w), EPERM);
    w.sigstruct = good;
    w.sigstruct.q1[5] ^= 1;
    assert_int_equal(init_errno(&w), EPERM);
    w.sigstruct = good;
    w.sigstruct.q2[5] ^= 1;
    assert_int_equal(init_errno(&w), EPERM);
    w.sigstruct = good;
    w.sigstruct.header[0] ^= 1;
    assert_int_equal(init_errno(&w), EPERM);
    weak_destroy(&w);
}

/* weak_init signs what w->secs says: a lie there is a mask that does not hold. */
static int init_with_signed_secs(uint64_t attributes, uint64_t xfrm, uint32_t miscselect)
{
    struct weak w;
    int error;

    weak_create(&w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_add(&w, 0, page, PAGE_BYTES, SECINFO_REG | RW, true), 0);
    w.secs.attributes ^= attributes;
    w.secs.xfrm ^= xfrm;
    w.secs.miscselect ^= miscselect;
    error = weak_init(&w, &(struct weak_options){0});
    weak_destroy(&w);
    return error;
}

static void init_compares_attributes_under_their_masks(void **state)
{
    (void)state;
    assert_int_equal(init_with_signed_secs(0, 0, 0), 0);
    assert_int_equal(init_with_signed_secs(ATTR_DEBUG, 0, 0), EPERM);
    assert_int_equal(init_with_signed_secs(0, XFRM_AVX, 0), EPERM);
    assert_int_equal(init_with_signed_secs(0, 0, MISC_EXINFO), EPERM);
}

static int create_errno(struct sgx_secs *secs)
{
    struct sgx_enclave_create call = {.src = (uint64_t)secs};
    const struct sgx_driver *driver = weak_driver();
    int fd = driver->open();
    int error = driver->ioctl(fd, SGX_IOC_ENCLAVE_CREATE, &call) == 0 ? 0 : errno;

    driver->close(fd);
    return error;
}

static void create_refuses_an_illegal_secs(void **state)
{
    const struct sgx_secs good = {
        .size = 0x10000,
        .base = 0x100000000000,
        .ssa_frame_pages = 1,
        .attributes = ATTR_MODE64BIT,
        .xfrm = XFRM_LEGACY,
        .miscselect = MISC_EXINFO,
    };
    struct sgx_secs bad;

    (void)state;
    bad = good;
    assert_int_equal(create_errno(&bad), 0);
    bad.size = 0x11000;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.base += 0x1000;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.ssa_frame_pages = 0;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.xfrm = 1;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.xfrm |= 1ull << 62;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.attributes |= ATTR_INIT;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.miscselect = 2;
    assert_int_equal(create_errno(&bad), EIO);
    bad = good;
    bad.reserved4[99] = 1;
    assert_int_equal(create_errno(&bad), EIO);
}

static void provision_key_needs_the_provision_device(void **state)
{
    struct sgx_enclave_provision provision = {.fd = 0};
    struct sgx_enclave_create call;
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    w.driver->close(w.fd);
    w.fd = w.driver->open();
    w.secs.attributes |= ATTR_PROVISIONKEY;
    call.src = (uint64_t)&w.secs;
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_CREATE, &call), 0);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_PROVISION, &provision), EINVAL);
    assert_int_equal(weak_init(&w, &(struct weak_options){0}), EACCES);
    weak_destroy(&w);
}

static void mappings_are_capped_by_add_pages(void **state)
{
    void *data;
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_map = true});
    data = (void *)(w.base + WEAK_DATA);
    assert_int_equal(map_errno(&w, WEAK_DATA, PROT_READ | PROT_EXEC, MAP_SHARED), EACCES);
    assert_int_equal(map_errno(&w, WEAK_CODE, PROT_READ | PROT_WRITE, MAP_SHARED), EACCES);
    assert_int_equal(map_errno(&w, WEAK_DATA, PROT_READ, MAP_PRIVATE), EINVAL);
    assert_int_equal(map_errno(&w, WEAK_ELRANGE, PROT_READ, MAP_SHARED), EACCES);
    assert_int_equal(map_errno(&w, WEAK_DATA, PROT_READ, MAP_SHARED), 0);
    assert_int_equal(w.driver->mprotect(data, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
    assert_int_equal(w.driver->mprotect(data, PAGE_BYTES, PROT_READ | PROT_EXEC), -1);
    assert_int_equal(errno, EACCES);
    /* Dynamic pages may become anything. */
    assert_int_equal(map_errno(&w, WEAK_HEAP, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED), 0);
    weak_destroy(&w);
}

static void sgx2_arguments(void **state)
{
    struct sgx_enclave_restrict_permissions restricted = {WEAK_DATA, PAGE_BYTES, SECINFO_R, 1, 0};
    struct sgx_enclave_modify_types modified = {WEAK_DATA, PAGE_BYTES, PT_TRIM, 0, 1};
    struct sgx_enclave_remove_pages removed = {WEAK_DATA, PAGE_BYTES, 1};
    static uint8_t zero[64];
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, zero), EINVAL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_MODIFY_TYPES, zero), EINVAL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_REMOVE_PAGES, zero), EINVAL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &restricted), EINVAL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_MODIFY_TYPES, &modified), EINVAL);
    assert_int_equal(ioctl_errno(&w, SGX_IOC_ENCLAVE_REMOVE_PAGES, &removed), EINVAL);
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, SECINFO_W, NULL, NULL), EINVAL);
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, 8, NULL, NULL), EINVAL);
    assert_int_equal(weak_modify(&w, WEAK_DATA, PAGE_BYTES, PT_REG, NULL, NULL), EINVAL);
    assert_int_equal(weak_restrict(&w, WEAK_HEAP, PAGE_BYTES, SECINFO_R, NULL, NULL), EFAULT);
    assert_int_equal(weak_remove(&w, WEAK_HEAP, PAGE_BYTES, NULL), EFAULT);
    weak_destroy(&w);
}

static void unaccepted_pages_are_not_modifiable(void **state)
{
    uint64_t count, result;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(emu_hostile_augment(w.fd, WEAK_HEAP), ST_OK); /* PENDING */
    assert_int_equal(weak_modify(&w, WEAK_HEAP, PAGE_BYTES, PT_TRIM, &count, &result), EFAULT);
    assert_int_equal(result, SGX_PAGE_NOT_MODIFIABLE);
    assert_int_equal(count, 0);
    assert_int_equal(weak_restrict(&w, WEAK_HEAP, PAGE_BYTES, SECINFO_R, &count, &result), EFAULT);
    assert_int_equal(result, SGX_PAGE_NOT_MODIFIABLE);
    /* A page that is being trimmed has no way back. */
    assert_int_equal(weak_modify(&w, WEAK_DATA, PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    assert_int_equal(weak_modify(&w, WEAK_DATA, PAGE_BYTES, PT_TCS, NULL, NULL), EINVAL);
    weak_destroy(&w);
}

static void an_enclave_outlives_its_descriptor(void **state)
{
    struct sgx_enclave_run run = {0};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(w.driver->close(w.fd), 0);
    run.tcs = w.base + WEAK_TCS(0);
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.function, ENCLU_EEXIT);
    assert_int_equal(w.driver->munmap(w.reservation, w.reservation_bytes), 0);
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.exception_vector, VECTOR_PF); /* gone */
}

static void a_concurrent_ioctl_is_ebusy(void **state)
{
    struct emu_enclave *e;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    e = emu_enclave_of_fd(w.fd);
    e->ioctl_busy = true; /* as if another thread were in one */
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, SECINFO_R, NULL, NULL), EBUSY);
    e->ioctl_busy = false;
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, SECINFO_R, NULL, NULL), 0);
    weak_destroy(&w);
}

static void enter_checks_its_arguments(void **state)
{
    struct sgx_enclave_run run = {0};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    run.tcs = w.base + WEAK_TCS(0);
    assert_int_equal(w.driver->enter(0, 0, 0, ENCLU_EEXIT, 0, 0, &run), -EINVAL);
    assert_int_equal(w.driver->enter(0, 0, 0, 1, 0, 0, &run), -EINVAL);
    run.reserved[100] = 1;
    assert_int_equal(w.driver->enter(0, 0, 0, ENCLU_EENTER, 0, 0, &run), -EINVAL);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(create_twice_is_einval),
        CASE(add_pages_arguments),
        CASE(add_pages_counts_what_it_added),
        CASE(add_of_an_illegal_tcs_is_eio),
        CASE(only_before_and_only_after_init),
        CASE(init_refuses_a_changed_sigstruct),
        CASE(init_compares_attributes_under_their_masks),
        CASE(create_refuses_an_illegal_secs),
        CASE(provision_key_needs_the_provision_device),
        CASE(mappings_are_capped_by_add_pages),
        CASE(sgx2_arguments),
        CASE(unaccepted_pages_are_not_modifiable),
        CASE(an_enclave_outlives_its_descriptor),
        CASE(a_concurrent_ioctl_is_ebusy),
        CASE(enter_checks_its_arguments),
    };

    return cmocka_run_group_tests_name("sgx-driver", tests, NULL, NULL);
}
