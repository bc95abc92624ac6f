/* SGX2 with little EPC: dynamic pages run out too. And the hostile kernel of instrument.h. */
#include "tests/sgx/weak.h"

#include <errno.h>

#define PENDING_RW (SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING)
#define WEAK_PAGES (1 + 1 + WEAK_DATA_PAGES + 2 * 3)
#define SPARE      5

static void augmenting_stops_at_the_end_of_the_epc(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (unsigned i = 0; i < SPARE; i++)
        assert_int_equal(weak_accept(&w, WEAK_HEAP + i * PAGE_BYTES, PENDING_RW), 0);
    weak_must_fault(&w, 0, OP_PEEK, w.base + WEAK_HEAP + SPARE * PAGE_BYTES, 0, VECTOR_PF, PF_USER);
    assert_int_equal(weak_counters(&w).pages, WEAK_PAGES + SPARE);
    /* One page given back makes room for one. */
    assert_int_equal(weak_modify(&w, WEAK_HEAP, PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    const uint64_t registers[4] = {ENCLU_EACCEPT, weak_secinfo(&w, SECINFO_TRIM | SECINFO_MODIFIED),
                                   w.base + WEAK_HEAP, 0};
    assert_int_equal(weak_do(&w, 1, OP_ENCLU, (uint64_t)registers, 0), 0);
    assert_int_equal(weak_remove(&w, WEAK_HEAP, PAGE_BYTES, NULL), 0);
    assert_int_equal(emu_hostile_augment(w.fd, WEAK_HEAP + SPARE * PAGE_BYTES), ST_OK);
    assert_int_equal(emu_hostile_augment(w.fd, WEAK_HEAP), ST_NO_MEMORY);
    weak_destroy(&w);
}

static void a_removed_page_comes_back_pending_and_zero(void **state)
{
    uint64_t value;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_do(&w, 0, OP_POKE, w.base + WEAK_DATA, 42);
    assert_int_equal(emu_hostile_remove(w.fd, WEAK_DATA), ST_OK);
    assert_int_equal(emu_hostile_augment(w.fd, WEAK_DATA), ST_OK);
    weak_peek(&w, WEAK_DATA, &value, sizeof(value));
    assert_int_equal(value, 0);
    /* The enclave notices: the page is PENDING, and stays so unless it accepts. */
    weak_must_fault(&w, 0, OP_PEEK, w.base + WEAK_DATA, 0, VECTOR_PF, 0x8005);
    weak_destroy(&w);
}

static void an_unmapped_page_faults_and_keeps_its_contents(void **state)
{
    struct emu_page page;
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_do(&w, 0, OP_POKE, w.base + WEAK_DATA, 42);
    assert_int_equal(emu_hostile_unmap(w.fd, WEAK_DATA, 1), ST_OK);
    assert_int_equal(emu_next_page(w.fd, WEAK_DATA, &page), ST_OK);
    assert_int_equal(page.flags >> 63, 1);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_PEEK, w.base + WEAK_DATA, 0, 0);
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(out.error, PF_USER);
    assert_int_equal(emu_hostile_unmap(w.fd, WEAK_DATA, 0), ST_OK);
    out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.rdi, 42);
    weak_destroy(&w);
}

static void page_walk_and_bounds(void **state)
{
    struct emu_counters counters;
    struct emu_page page;
    uint64_t at = 0, seen = 0, word;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    while (emu_next_page(w.fd, at, &page) == ST_OK) {
        seen++;
        at = page.offset + PAGE_BYTES;
    }
    assert_int_equal(seen, WEAK_PAGES - 1); /* the SECS has no address */
    assert_int_equal(emu_peek(w.fd, WEAK_ELRANGE - 4, &word, 8), ST_OUT_OF_RANGE);
    assert_int_equal(emu_poke(w.fd, WEAK_ELRANGE, &word, 8), ST_OUT_OF_RANGE);
    assert_int_equal(emu_hostile_remove(w.fd, WEAK_HEAP), ST_NOT_FOUND);
    assert_int_equal(emu_hostile_augment(w.fd, WEAK_DATA), ST_INVALID_ARGUMENT);
    assert_int_equal(emu_counters(0, &counters), ST_NOT_FOUND);
    weak_destroy(&w);
}

static void counters_count(void **state)
{
    struct emu_counters before, after;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    before = weak_counters(&w);
    assert_int_equal(before.eadd, WEAK_PAGES - 1);
    assert_int_equal(weak_accept(&w, WEAK_HEAP, PENDING_RW), 0);
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    after = weak_counters(&w);
    assert_int_equal(after.eenter - before.eenter, 2);
    assert_int_equal(after.eexit - before.eexit, 1);
    assert_int_equal(after.eaccept - before.eaccept, 1);
    assert_int_equal(after.eaug - before.eaug, 1);
    assert_int_equal(after.aex - before.aex, 2); /* one hidden: EACCEPT's target was absent */
    assert_int_equal(after.eresume - before.eresume, 1);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(augmenting_stops_at_the_end_of_the_epc),
        CASE(a_removed_page_comes_back_pending_and_zero),
        CASE(an_unmapped_page_faults_and_keeps_its_contents),
        CASE(page_walk_and_bounds),
        CASE(counters_count),
    };

    weak_cpu.epc_bytes = (WEAK_PAGES + SPARE) * PAGE_BYTES;
    return cmocka_run_group_tests_name("sgx-limits", tests, NULL, NULL);
}
