/* An SGX1 CPU with a small EPC and small enclaves. */
#include "tests/sgx/weak.h"

#include <errno.h>
#include <stdlib.h>

/* The usual weak enclave: SECS, one code page, data, two TCSs with two SSA frames each. */
#define WEAK_PAGES   (1 + 1 + WEAK_DATA_PAGES + 2 * 3)
#define EPC_PAGES    64
#define ELRANGE_BITS 26

static void cpuid_says_so(void **state)
{
    uint32_t out[4];

    (void)state;
    weak_driver()->cpuid(0x12, 0, out);
    assert_int_equal(out[0], 1); /* SGX1, not SGX2 */
    assert_int_equal(out[3] >> 8 & 0xff, ELRANGE_BITS);
    weak_driver()->cpuid(0x12, 2, out);
    assert_int_equal(out[0] & 15, 1);
    assert_int_equal(out[2] & ~15u, EPC_PAGES * PAGE_BYTES);
    weak_driver()->cpuid(0x12, 3, out);
    assert_int_equal(out[0] & 15, 0);
}

static void sgx2_ioctls_are_enodev(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, SECINFO_R, NULL, NULL), ENODEV);
    assert_int_equal(weak_modify(&w, WEAK_DATA, PAGE_BYTES, PT_TRIM, NULL, NULL), ENODEV);
    assert_int_equal(weak_remove(&w, WEAK_DATA, PAGE_BYTES, NULL), ENODEV);
    weak_destroy(&w);
}

static void sgx2_leaves_are_gp(void **state)
{
    static const uint64_t leaves[] = {ENCLU_EACCEPT, ENCLU_EMODPE, ENCLU_EACCEPTCOPY};

    (void)state;
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        struct weak w;

        weak_create(&w, NULL);
        assert_int_equal(weak_enclu_exit(&w, leaves[i], weak_secinfo(&w, SECINFO_REG),
                                         w.base + WEAK_DATA, w.base + WEAK_CODE)
                             .vector,
                         VECTOR_GP);
        weak_destroy(&w);
    }
}

static void no_page_comes_by_itself(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_PEEK, w.base + WEAK_HEAP, 0, VECTOR_PF, PF_USER);
    assert_int_equal(weak_counters(&w).eaug, 0);
    assert_int_equal(emu_hostile_augment(w.fd, WEAK_HEAP), ST_UNSUPPORTED);
    weak_destroy(&w);
}

static void the_epc_is_finite_and_given_back(void **state)
{
    static uint8_t pages[EPC_PAGES * PAGE_BYTES] __attribute__((aligned(4096)));
    const uint64_t rw = SECINFO_REG | SECINFO_R | SECINFO_W;
    struct weak w, other;

    (void)state;
    for (int round = 0; round < 3; round++) {
        weak_create(&w, NULL);
        assert_int_equal(weak_counters(&w).pages, WEAK_PAGES);
        weak_create(&other, &(struct weak_options){.no_init = true}); /* one page: its SECS */
        assert_int_equal(weak_add(&other, 0, pages, sizeof(pages), rw, false), ENOMEM);
        assert_int_equal(weak_counters(&other).pages, EPC_PAGES - WEAK_PAGES);
        weak_destroy(&other);
        weak_destroy(&w);
    }
}

static int create_errno(uint64_t size)
{
    struct sgx_secs secs = {.size = size,
                            .base = 0x200000000000,
                            .ssa_frame_pages = 1,
                            .attributes = ATTR_MODE64BIT,
                            .xfrm = XFRM_LEGACY};
    struct sgx_enclave_create call = {.src = (uint64_t)&secs};
    const struct sgx_driver *driver = weak_driver();
    int fd = driver->open();
    int error = driver->ioctl(fd, SGX_IOC_ENCLAVE_CREATE, &call) == 0 ? 0 : errno;

    driver->close(fd);
    return error;
}

static void elrange_is_limited(void **state)
{
    (void)state;
    assert_int_equal(create_errno(1ull << ELRANGE_BITS), 0);
    assert_int_equal(create_errno(2ull << ELRANGE_BITS), EIO);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cpuid_says_so),
        CASE(sgx2_ioctls_are_enodev),
        CASE(sgx2_leaves_are_gp),
        CASE(no_page_comes_by_itself),
        CASE(the_epc_is_finite_and_given_back),
        CASE(elrange_is_limited),
    };

    weak_cpu = (struct sgx_cpu){
        .sgx1_only = 1,
        .epc_bytes = EPC_PAGES * PAGE_BYTES,
        .elrange_bits = ELRANGE_BITS,
    };
    return cmocka_run_group_tests_name("sgx-sgx1", tests, NULL, NULL);
}
