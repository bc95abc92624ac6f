/* Lenient mode: as on hardware, the host reads ones, and its writes go nowhere. */
#include "tests/sgx/weak.h"

static void host_reads_ones_and_writes_nothing(void **state)
{
    volatile uint64_t *host;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    host = (volatile uint64_t *)(w.base + WEAK_DATA);
    weak_do(&w, 0, OP_POKE, w.base + WEAK_DATA, 42);
    assert_int_equal(*host, UINT64_MAX);
    *host = 7;
    assert_int_equal(weak_do(&w, 0, OP_PEEK, w.base + WEAK_DATA, 0), 42);
    assert_int_equal(*host, UINT64_MAX);
    assert_int_equal(weak_counters(&w).host_accesses, 2);
    weak_destroy(&w);
}

static void large_regions_too(void **state)
{
    const uint64_t flags = SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING;
    const uint64_t last = WEAK_HEAP + (WEAK_HEAP_PAGES - 1) * PAGE_BYTES;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (uint64_t at = WEAK_HEAP; at <= last; at += PAGE_BYTES)
        assert_int_equal(weak_accept(&w, at, flags), 0);
    weak_do(&w, 0, OP_POKE, w.base + last, 42);
    assert_int_equal(*(volatile uint64_t *)(w.base + last), UINT64_MAX);
    *(volatile uint64_t *)(w.base + WEAK_HEAP) = 1;
    assert_int_equal(weak_do(&w, 0, OP_PEEK, w.base + WEAK_HEAP, 0), 0);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, w.base + last, 0), 42);
    weak_destroy(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_reads_ones_and_writes_nothing),
        cmocka_unit_test(large_regions_too),
    };

    weak_cpu.lenient = 1;
    return cmocka_run_group_tests_name("sgx-lenient", tests, NULL, NULL);
}
