/* What the Linux kernel's SGX selftests demand of driver and CPU, case by case. */
#include "tests/sgx/weak.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define RW          (SECINFO_R | SECINFO_W)
#define REG_RW      (SECINFO_REG | RW)
#define PENDING_RW  (REG_RW | SECINFO_PENDING)
#define TRIMMED     (SECINFO_TRIM | SECINFO_MODIFIED)
#define HEAP(page)  (WEAK_HEAP + (page)*PAGE_BYTES)
#define DATA(page)  (WEAK_DATA + (page)*PAGE_BYTES)
#define ADDRESS(at) (w.base + (at))

static void unclobbered_vdso(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_do(&w, 0, OP_POKE, ADDRESS(DATA(0)), 0x1122334455667788);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(DATA(0)), 0), 0x1122334455667788);
    weak_destroy(&w);
}

/* R12-R15, RBX, RBP and DF after an enclave that spoils them. */
static void clobbered_vdso(void **state)
{
    uint64_t before[4] = {11, 22, 33, 44}, after[4];
    struct sgx_enclave_run run = {0};
    uint64_t flags;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    run.tcs = ADDRESS(WEAK_TCS(0));
    for (uint64_t op = OP_EXIT_DIRTY; op <= OP_EXIT_FLAG; op += OP_EXIT_FLAG - OP_EXIT_DIRTY) {
        register uint64_t r12 __asm__("r12") = before[0];
        register uint64_t r13 __asm__("r13") = before[1];
        register uint64_t r14 __asm__("r14") = before[2];
        register uint64_t r15 __asm__("r15") = before[3];

        __asm__ volatile("" : "+r"(r12), "+r"(r13), "+r"(r14), "+r"(r15));
        assert_int_equal(w.driver->enter(op, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
        __asm__ volatile("pushfq; pop %0"
                         : "=r"(flags), "+r"(r12), "+r"(r13), "+r"(r14), "+r"(r15));
        after[0] = r12, after[1] = r13, after[2] = r14, after[3] = r15;
        assert_memory_equal(before, after, sizeof(before));
        assert_int_equal(flags & 0x400, 0);
        assert_int_equal(run.function, ENCLU_EEXIT);
    }
    weak_destroy(&w);
}

static int answer; /* of the user handler, while calls are left */
static int calls_left;
static int calls;

static int counting_handler(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                            struct sgx_enclave_run *run)
{
    (void)rdi, (void)rsi, (void)rdx, (void)rsp, (void)r8, (void)r9, (void)run;
    calls++;
    return calls_left-- > 0 ? ENCLU_EENTER : answer;
}

static void clobbered_vdso_and_user_function(void **state)
{
    struct sgx_enclave_run run = {.user_handler = (uint64_t)counting_handler};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    run.tcs = ADDRESS(WEAK_TCS(0));
    calls = 0, calls_left = 0, answer = 0;
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(calls, 1);
    answer = -7;
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), -7);
    /* A positive answer enters again, until it is zero. */
    calls = 0, calls_left = 2, answer = 0;
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(calls, 3);
    weak_destroy(&w);
}

static void words_pushed_on_the_host_stack_reach_the_handler(void **state)
{
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_PUSH, 5, 6, 0);
    assert_int_equal(out.rsp, weak_frame(&w, 0, 0).ursp - 16);
    weak_destroy(&w);
}

static void tcs_entry(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 0);
    assert_int_equal(weak_do(&w, 1, OP_CSSA, 0, 0), 0);
    weak_destroy(&w);
}

static void pte_permissions(void **state)
{
    struct weak_exit out;
    struct weak w;
    void *page;

    (void)state;
    weak_create(&w, NULL);
    page = (void *)ADDRESS(DATA(0));
    weak_do(&w, 0, OP_POKE, ADDRESS(DATA(0)), 1);
    assert_int_equal(w.driver->mprotect(page, PAGE_BYTES, PROT_READ), 0);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_POKE, ADDRESS(DATA(0)), 2, 0);
    assert_int_equal(out.function, ENCLU_ERESUME);
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(out.error, 0x7);
    assert_int_equal(out.address, (uint64_t)page);
    assert_int_equal(w.driver->mprotect(page, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
    out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_EEXIT);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(DATA(0)), 0), 2);
    weak_destroy(&w);
}

static void tcs_permissions(void **state)
{
    uint64_t count, result;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_restrict(&w, WEAK_TCS(0), PAGE_BYTES, SECINFO_R, &count, &result),
                     EINVAL);
    assert_int_equal(count, 0);
    assert_int_equal(result, 0);
    weak_destroy(&w);
}

static void epcm_permissions(void **state)
{
    const uint64_t at = DATA(0);
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_do(&w, 0, OP_POKE, ADDRESS(at), 1);
    assert_int_equal(weak_restrict(&w, at, PAGE_BYTES, SECINFO_R, NULL, NULL), 0);
    assert_int_equal(weak_accept(&w, at, SECINFO_REG | SECINFO_R | SECINFO_PR), 0);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_POKE, ADDRESS(at), 2, 0);
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(out.error, 0x8007);
    assert_int_equal(out.address, ADDRESS(at));
    /* Extend again, by the other TCS; then the write succeeds. */
    const uint64_t registers[4] = {ENCLU_EMODPE, weak_secinfo(&w, REG_RW), ADDRESS(at), 0};
    weak_do(&w, 1, OP_ENCLU, (uint64_t)registers, 0);
    out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_EEXIT);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(at), 0), 2);
    weak_destroy(&w);
}

static void augment(void **state)
{
    struct emu_counters before, after;
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    before = weak_counters(&w);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_POKE, ADDRESS(HEAP(0)), 9, 0);
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(out.error, 0x8007); /* there, but PENDING */
    after = weak_counters(&w);
    assert_int_equal(after.eaug - before.eaug, 1);
    assert_int_equal(after.faults_hidden - before.faults_hidden, 1);
    assert_int_equal(after.aex - before.aex, 2);
    const uint64_t registers[4] = {ENCLU_EACCEPT, weak_secinfo(&w, PENDING_RW), ADDRESS(HEAP(0)),
                                   0};
    assert_int_equal(weak_do(&w, 1, OP_ENCLU, (uint64_t)registers, 0), 0);
    out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_EEXIT);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(HEAP(0)), 0), 9);
    weak_destroy(&w);
}

static void augment_via_eaccept(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (unsigned page = 0; page < WEAK_HEAP_PAGES; page++) {
        assert_int_equal(weak_accept(&w, HEAP(page), PENDING_RW), 0);
        weak_do(&w, 0, OP_POKE, ADDRESS(HEAP(page)), page);
    }
    for (unsigned page = 0; page < WEAK_HEAP_PAGES; page++)
        assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(HEAP(page)), 0), page);
    weak_destroy(&w);
}

static void acceptcopy_fills_and_sets_permissions(void **state)
{
    uint64_t code = 0;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_peek(&w, WEAK_CODE, &code, 8);
    assert_int_equal(weak_enclu(&w, ENCLU_EACCEPTCOPY,
                                weak_secinfo(&w, SECINFO_REG | SECINFO_R | SECINFO_X),
                                ADDRESS(HEAP(1)), ADDRESS(WEAK_CODE), NULL),
                     0);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(HEAP(1)), 0), code);
    weak_must_fault(&w, 0, OP_POKE, ADDRESS(HEAP(1)), 0, VECTOR_PF, 0x8007);
    weak_destroy(&w);
}

static void acceptcopy_refuses_an_accepted_page(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_enclu(&w, ENCLU_EACCEPTCOPY, weak_secinfo(&w, REG_RW), ADDRESS(DATA(0)),
                                ADDRESS(WEAK_CODE), NULL),
                     SGX_PAGE_ATTRIBUTES_MISMATCH);
    weak_destroy(&w);
}

/* Three dynamic pages become an SSA and a TCS, which is entered, trimmed, removed, added again. */
static void tcs_create(void **state)
{
    const uint64_t tcs_at = HEAP(0), ssa_at = HEAP(1);
    struct sgx_tcs tcs = {.ossa = ssa_at, .nssa = 2, .oentry = WEAK_CODE};
    struct sgx_enclave_run run = {0};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (unsigned page = 0; page < 3; page++)
        assert_int_equal(weak_accept(&w, HEAP(page), PENDING_RW), 0);
    weak_poke(&w, tcs_at, &tcs, sizeof(tcs));
    assert_int_equal(weak_modify(&w, tcs_at, PAGE_BYTES, PT_TCS, NULL, NULL), 0);
    run.tcs = ADDRESS(tcs_at);
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.exception_vector, VECTOR_PF); /* not accepted yet */
    assert_int_equal(weak_accept(&w, tcs_at, SECINFO_TCS | SECINFO_MODIFIED), 0);
    assert_int_equal(w.driver->enter(OP_CSSA, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.function, ENCLU_EEXIT);
    assert_int_equal(weak_modify(&w, tcs_at, PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    assert_int_equal(weak_accept(&w, tcs_at, TRIMMED), 0);
    assert_int_equal(weak_remove(&w, tcs_at, PAGE_BYTES, NULL), 0);
    assert_int_equal(weak_accept(&w, tcs_at, PENDING_RW), 0);
    assert_int_equal(weak_do(&w, 0, OP_PEEK, ADDRESS(tcs_at), 0), 0); /* fresh and zero */
    weak_destroy(&w);
}

static void remove_added_page_no_eaccept(void **state)
{
    uint64_t count = 1;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_modify(&w, DATA(0), PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    assert_int_equal(weak_remove(&w, DATA(0), PAGE_BYTES, &count), EPERM);
    assert_int_equal(count, 0);
    assert_int_equal(weak_remove(&w, DATA(1), PAGE_BYTES, &count), EPERM); /* not even trimmed */
    weak_destroy(&w);
}

static void remove_added_page_invalid_access(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_modify(&w, DATA(0), PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    weak_must_fault(&w, 0, OP_PEEK, ADDRESS(DATA(0)), 0, VECTOR_PF, 0x8005);
    weak_destroy(&w);
}

static void remove_added_page_invalid_access_after_eaccept(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_modify(&w, DATA(0), PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    assert_int_equal(weak_accept(&w, DATA(0), TRIMMED), 0);
    weak_must_fault(&w, 0, OP_PEEK, ADDRESS(DATA(0)), 0, VECTOR_PF, 0x8005);
    weak_destroy(&w);
}

static void remove_untouched_page(void **state)
{
    uint64_t count;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_modify(&w, DATA(0), PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    assert_int_equal(weak_accept(&w, DATA(0), TRIMMED), 0);
    assert_int_equal(weak_remove(&w, DATA(0), PAGE_BYTES, &count), 0);
    assert_int_equal(count, PAGE_BYTES);
    weak_destroy(&w);
}

/* oversubscribed_remove: a whole heap in single calls, counted in full. */
static void remove_a_whole_heap(void **state)
{
    const uint64_t bytes = WEAK_HEAP_PAGES * PAGE_BYTES;
    struct emu_counters counters;
    uint64_t count, pages;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    pages = weak_counters(&w).pages;
    for (unsigned page = 0; page < WEAK_HEAP_PAGES; page++)
        assert_int_equal(weak_accept(&w, HEAP(page), PENDING_RW), 0);
    assert_int_equal(weak_modify(&w, WEAK_HEAP, bytes, PT_TRIM, &count, NULL), 0);
    assert_int_equal(count, bytes);
    for (unsigned page = 0; page < WEAK_HEAP_PAGES; page++)
        assert_int_equal(weak_accept(&w, HEAP(page), TRIMMED), 0);
    assert_int_equal(weak_remove(&w, WEAK_HEAP, bytes, &count), 0);
    assert_int_equal(count, bytes);
    counters = weak_counters(&w);
    assert_int_equal(counters.pages, pages);
    assert_int_equal(counters.pages_peak, pages + WEAK_HEAP_PAGES);
    assert_int_equal(counters.eremove, WEAK_HEAP_PAGES);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(unclobbered_vdso),
        CASE(clobbered_vdso),
        CASE(clobbered_vdso_and_user_function),
        CASE(words_pushed_on_the_host_stack_reach_the_handler),
        CASE(tcs_entry),
        CASE(pte_permissions),
        CASE(tcs_permissions),
        CASE(epcm_permissions),
        CASE(augment),
        CASE(augment_via_eaccept),
        CASE(acceptcopy_fills_and_sets_permissions),
        CASE(acceptcopy_refuses_an_accepted_page),
        CASE(tcs_create),
        CASE(remove_added_page_no_eaccept),
        CASE(remove_added_page_invalid_access),
        CASE(remove_added_page_invalid_access_after_eaccept),
        CASE(remove_untouched_page),
        CASE(remove_a_whole_heap),
    };

    return cmocka_run_group_tests_name("sgx-selftests", tests, NULL, NULL);
}
