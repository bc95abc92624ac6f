/* One test per point of what an SGX CPU does that a careless emulator does not. */
#include "tests/sgx/weak.h"

#include <errno.h>
#include <string.h>

#define RW      (SECINFO_R | SECINFO_W)
#define PENDING (SECINFO_REG | RW | SECINFO_PENDING)

extern const uint8_t weak_registers_ud2[];

static struct sgx_tcs tcs_of(struct weak *w, unsigned i)
{
    struct sgx_tcs tcs;

    weak_peek(w, WEAK_TCS(i), &tcs, sizeof(tcs));
    return tcs;
}

/* 1 */
static void eexit_keeps_cssa_and_returns_aep(void **state)
{
    struct weak w;
    struct weak_exit out;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 0);
    assert_int_equal(tcs_of(&w, 0).cssa, 0);
    assert_int_equal(tcs_of(&w, 0).state, 0);
    /* At CSSA 1 an EEXIT leaves CSSA at 1. */
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_CSSA, 0, 0, 0);
    assert_int_equal(out.rdi, 1);
    assert_int_equal(tcs_of(&w, 0).cssa, 1);
    weak_destroy(&w);
}

/* 2 */
static void einit_compares_the_measurement(void **state)
{
    static uint8_t page[PAGE_BYTES] __attribute__((aligned(4096)));
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_add(&w, 0, page, sizeof(page), SECINFO_REG | RW, true), 0);
    assert_int_equal(weak_init(&w, &(struct weak_options){.bad_hash = 1}), EPERM);
    weak_destroy(&w);
    weak_create(&w, &(struct weak_options){.no_init = true});
    assert_int_equal(weak_add(&w, 0, page, sizeof(page), SECINFO_REG | RW, true), 0);
    assert_int_equal(weak_init(&w, &(struct weak_options){0}), 0);
    weak_destroy(&w);
}

/* 3 */
static void eenter_registers_and_refusals(void **state)
{
    struct weak w;
    struct weak_exit out;

    (void)state;
    weak_create(&w, NULL);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_CSSA, 0, 0, 0);
    assert_int_equal(out.rdi, 0);
    assert_int_not_equal(out.rsi, 0); /* RCX: behind the ENCLU */
    assert_int_equal(out.rsi, tcs_of(&w, 0).aep + 3);
    assert_int_equal(weak_frame(&w, 0, 0).ursp, out.rsp);
    /* CSSA = NSSA = 2 after two faults: no third entry. */
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_CSSA, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_EENTER);
    assert_int_equal(out.vector, VECTOR_GP);
    /* ERESUME goes down to frame 1, then 0; at CSSA 0 it is refused. */
    assert_int_equal(weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0).vector, VECTOR_UD);
    assert_int_equal(tcs_of(&w, 0).cssa, 2);
    out = weak_call(&w, 1, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_ERESUME);
    assert_int_equal(out.vector, VECTOR_GP);
    weak_destroy(&w);
}

static void eenter_on_a_bad_tcs_faults(void **state)
{
    struct sgx_enclave_run run = {0};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    run.tcs = w.base + WEAK_DATA; /* a regular page */
    assert_int_equal(w.driver->enter(0, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.function, ENCLU_EENTER);
    assert_int_equal(run.exception_vector, VECTOR_PF);
    run.tcs = w.base + WEAK_TCS(0) + 8; /* not aligned */
    assert_int_equal(w.driver->enter(0, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.exception_vector, VECTOR_GP);
    run.tcs = 0;
    assert_int_equal(w.driver->enter(0, 0, 0, ENCLU_EENTER, 0, 0, &run), 0);
    assert_int_equal(run.exception_vector, VECTOR_PF);
    weak_destroy(&w);
}

/* 4 and 5 */
static void aex_saves_all_registers_and_hides_them(void **state)
{
    const uint64_t p = PATTERN;
    uint64_t xmm[2];
    struct sgx_gprs g;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_REGISTERS, 0, 0, VECTOR_UD, 0);
    g = weak_frame(&w, 0, 0);
    assert_int_equal(g.rax, p);
    assert_int_equal(g.rcx, 2 * p);
    assert_int_equal(g.rdx, 3 * p);
    assert_int_equal(g.rbx, 4 * p);
    assert_int_equal(g.rsp, 5 * p);
    assert_int_equal(g.rbp, 6 * p);
    assert_int_equal(g.rsi, 7 * p);
    assert_int_equal(g.rdi, 8 * p);
    assert_int_equal(g.r8, 9 * p);
    assert_int_equal(g.r9, 10 * p);
    assert_int_equal(g.r10, 11 * p);
    assert_int_equal(g.r11, 12 * p);
    assert_int_equal(g.r12, 13 * p);
    assert_int_equal(g.r13, 14 * p);
    assert_int_equal(g.r14, 15 * p);
    assert_int_equal(g.r15, 16 * p);
    assert_int_equal(g.rip, w.base + (uint64_t)(weak_registers_ud2 - weak_code));
    assert_int_equal(g.fsbase, w.base + WEAK_TLS(0));
    assert_int_equal(g.gsbase, w.base + WEAK_TLS(0) + PAGE_BYTES);
    for (unsigned i = 0; i < 16; i++) { /* XMM registers at 160 of the XSAVE area */
        weak_peek(&w, WEAK_SSA(0) + 160 + 16 * i, xmm, sizeof(xmm));
        assert_int_equal(xmm[0], i + 1);
        assert_int_equal(xmm[1], 0);
    }
    weak_destroy(&w);
}

/* The user handler runs straight after the AEX: what it gets is the synthetic state. */
static struct {
    uint32_t mxcsr;
    uint16_t fcw;
    uint64_t flags, xmm1, r8, r9;
} synthetic;

static int take_synthetic(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                          struct sgx_enclave_run *run)
{
    (void)rdi, (void)rsi, (void)rdx, (void)rsp, (void)run;
    __asm__ volatile("stmxcsr %0" : "=m"(synthetic.mxcsr));
    __asm__ volatile("fnstcw %0" : "=m"(synthetic.fcw));
    __asm__ volatile("movq %%xmm1, %0" : "=r"(synthetic.xmm1));
    synthetic.r8 = (uint64_t)r8;
    synthetic.r9 = (uint64_t)r9;
    return 0;
}

static void aex_leaves_the_synthetic_state(void **state)
{
    const uint32_t default_mxcsr = 0x1f80;
    struct sgx_enclave_run run = {.user_handler = (uint64_t)take_synthetic};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    run.tcs = w.base + WEAK_TCS(0);
    assert_int_equal(w.driver->enter(OP_REGISTERS, 0, 0, ENCLU_EENTER, 77, 78, &run), 0);
    __asm__ volatile("ldmxcsr %0" : : "m"(default_mxcsr));
    assert_int_equal(run.function, ENCLU_ERESUME);
    assert_int_equal(synthetic.mxcsr, 0x1fbf);
    assert_int_equal(synthetic.fcw, 0x037f);
    assert_int_equal(synthetic.xmm1, 0);
    assert_int_equal(synthetic.r8, 0);
    assert_int_equal(synthetic.r9, 0);
    weak_destroy(&w);
}

static void eresume_refuses_a_bad_xsave_header(void **state)
{
    const uint64_t not_in_xfrm = 4, compacted = 1ull << 63, none = 0;
    const uint32_t bad_mxcsr = 0x10000;
    uint64_t good;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    weak_peek(&w, WEAK_SSA(0) + 512, &good, sizeof(good));
    weak_poke(&w, WEAK_SSA(0) + 512, &not_in_xfrm, 8);
    assert_int_equal(weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0).vector, VECTOR_GP);
    weak_poke(&w, WEAK_SSA(0) + 512, &good, 8);
    weak_poke(&w, WEAK_SSA(0) + 520, &compacted, 8);
    assert_int_equal(weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0).vector, VECTOR_GP);
    weak_poke(&w, WEAK_SSA(0) + 520, &none, 8);
    weak_poke(&w, WEAK_SSA(0) + 24, &bad_mxcsr, 4);
    assert_int_equal(weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0).vector, VECTOR_GP);
    assert_int_equal(tcs_of(&w, 0).cssa, 1); /* still there */
    weak_destroy(&w);
}

/* 6 */
static uint32_t exit_info_of(const struct weak_options *options, uint64_t fault, uint16_t vector)
{
    uint32_t info;
    struct weak w;

    weak_create(&w, options);
    weak_must_fault(&w, 0, OP_FAULT, fault, 0, vector, 0);
    info = weak_frame(&w, 0, 0).exitinfo;
    weak_destroy(&w);
    return info;
}

static void exitinfo_by_vector(void **state)
{
    const struct weak_options no_exinfo = {.no_exinfo = true};

    (void)state;
    assert_int_equal(exit_info_of(NULL, FAULT_DE, VECTOR_DE), 0x80000300u | VECTOR_DE);
    assert_int_equal(exit_info_of(NULL, FAULT_UD, VECTOR_UD), 0x80000300u | VECTOR_UD);
    assert_int_equal(exit_info_of(NULL, FAULT_MF, VECTOR_MF), 0x80000300u | VECTOR_MF);
    assert_int_equal(exit_info_of(NULL, FAULT_AC, VECTOR_AC), 0x80000300u | VECTOR_AC);
    assert_int_equal(exit_info_of(NULL, FAULT_XM, VECTOR_XM), 0x80000300u | VECTOR_XM);
    assert_int_equal(exit_info_of(NULL, FAULT_GP, VECTOR_GP), 0x80000300u | VECTOR_GP);
    assert_int_equal(exit_info_of(&no_exinfo, FAULT_UD, VECTOR_UD), 0x80000300u | VECTOR_UD);
    assert_int_equal(exit_info_of(&no_exinfo, FAULT_GP, VECTOR_GP), 0);
}

static void page_fault_in_exinfo(void **state)
{
    struct sgx_exinfo info;
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_POKE, w.base + 0x123, 1, 0); /* code is R X */
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(out.address, w.base); /* CR2 without its low bits ... */
    info = weak_exinfo(&w, 0, 0);
    assert_int_equal(info.maddr, w.base + 0x123); /* ... which EXINFO has */
    assert_int_equal(info.errcd, out.error);
    assert_int_equal(weak_frame(&w, 0, 0).exitinfo, 0x80000300u | VECTOR_PF);
    weak_destroy(&w);
    weak_create(&w, &(struct weak_options){.no_exinfo = true});
    weak_call(&w, 0, ENCLU_EENTER, OP_POKE, w.base, 1, 0);
    assert_int_equal(weak_frame(&w, 0, 0).exitinfo, 0);
    weak_destroy(&w);
}

/* 7, 8, 9: weak_init signs what the toolchain's own measurement says, so EINIT's success is
 * the comparison; here, what must not be part of it. */
static void base_and_attributes_are_not_measured(void **state)
{
    uint8_t first[32];
    struct weak w, other;

    (void)state;
    weak_create(&w, NULL);
    weak_create(&other, &(struct weak_options){.debug = true, .no_exinfo = true, .xfrm = 7});
    memcpy(first, w.mrenclave, 32);
    assert_memory_equal(first, other.mrenclave, 32);
    assert_int_not_equal(w.base, other.base);
    weak_destroy(&other);
    weak_destroy(&w);
}

static void unmeasured_pages_still_count_as_added(void **state)
{
    struct weak w, other;

    (void)state;
    weak_create(&w, NULL);
    weak_create(&other, &(struct weak_options){.unmeasured_data = true});
    assert_memory_not_equal(w.mrenclave, other.mrenclave, 32);
    weak_destroy(&other);
    weak_destroy(&w);
}

/* 10 */
static void eaccept_needs_an_exact_match(void **state)
{
    const uint64_t heap = WEAK_HEAP;
    uint64_t flags, secinfo;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    secinfo = weak_secinfo(&w, PENDING | SECINFO_X);
    assert_int_equal(weak_enclu(&w, ENCLU_EACCEPT, secinfo, w.base + heap, 0, &flags),
                     SGX_PAGE_ATTRIBUTES_MISMATCH);
    assert_int_equal(flags & 0x40, 0x40); /* ZF */
    secinfo = weak_secinfo(&w, PENDING);
    assert_int_equal(weak_enclu(&w, ENCLU_EACCEPT, secinfo, w.base + heap, 0, &flags), 0);
    assert_int_equal(flags & 0x40, 0);
    /* Accepted twice: the state is no longer PENDING. */
    assert_int_equal(weak_accept(&w, heap, PENDING), SGX_PAGE_ATTRIBUTES_MISMATCH);
    weak_destroy(&w);
}

static void pr_does_not_block_but_pending_and_modified_do(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, SECINFO_R, NULL, NULL), 0);
    weak_do(&w, 0, OP_PEEK, w.base + WEAK_DATA, 0); /* PR set, not accepted: readable */
    assert_int_equal(weak_modify(&w, WEAK_DATA + PAGE_BYTES, PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    weak_must_fault(&w, 1, OP_PEEK, w.base + WEAK_DATA + PAGE_BYTES, 0, VECTOR_PF, 0x8005);
    weak_must_fault(&w, 1, OP_PEEK, w.base + WEAK_HEAP, 0, VECTOR_PF, 0x8005); /* PENDING */
    weak_destroy(&w);
}

static void emodt_takes_permissions_and_emodpe_gives_no_status(void **state)
{
    struct emu_page page;
    uint64_t flags;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(weak_modify(&w, WEAK_DATA, PAGE_BYTES, PT_TRIM, NULL, NULL), 0);
    assert_int_equal(emu_next_page(w.fd, WEAK_DATA, &page), ST_OK);
    assert_int_equal(page.flags, SECINFO_TRIM | SECINFO_MODIFIED);
    assert_int_equal(weak_restrict(&w, WEAK_DATA + PAGE_BYTES, PAGE_BYTES, SECINFO_R, NULL, NULL),
                     0);
    assert_int_equal(weak_accept(&w, WEAK_DATA + PAGE_BYTES, SECINFO_REG | SECINFO_R | SECINFO_PR),
                     0);
    assert_int_equal(weak_enclu(&w, ENCLU_EMODPE, weak_secinfo(&w, SECINFO_REG | RW),
                                w.base + WEAK_DATA + PAGE_BYTES, 0, &flags),
                     ENCLU_EMODPE); /* RAX as it was */
    weak_do(&w, 0, OP_POKE, w.base + WEAK_DATA + PAGE_BYTES, 1);
    weak_destroy(&w);
}

/* 11 */
static void tcs_is_unreadable_even_inside(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_PEEK, w.base + WEAK_TCS(1), 0, VECTOR_PF, 0x8005);
    weak_must_fault(&w, 0, OP_POKE, w.base + WEAK_TCS(1), 0, VECTOR_PF, 0x8007);
    weak_destroy(&w);
}

/* 12 */
static void ssa_and_aep_live_in_enclave_memory(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    /* The enclave itself moves the frame's RIP over the UD2; ERESUME follows it. */
    weak_do(&w, 0, OP_SKIP, w.base + WEAK_SSA(0), 2);
    assert_int_equal(weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0).function, ENCLU_EEXIT);
    assert_int_not_equal(tcs_of(&w, 0).aep, 0);
    weak_destroy(&w);
}

static void fs_and_gs_follow_tcs_and_ssa(void **state)
{
    struct weak_exit out;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    out = weak_call(&w, 1, ENCLU_EENTER, OP_BASES, 0, 0, 0);
    assert_int_equal(out.rdi, w.base + WEAK_TLS(1));
    assert_int_equal(out.rsi, w.base + WEAK_TLS(1) + PAGE_BYTES);
    weak_must_fault(&w, 1, OP_SET_BASES, 0x1234, 0x5678, VECTOR_UD, 0);
    weak_do(&w, 1, OP_SKIP, w.base + WEAK_SSA(1), 2);
    out = weak_call(&w, 1, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.rdi, 0x1234);
    assert_int_equal(out.rsi, 0x5678);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(eexit_keeps_cssa_and_returns_aep),
        CASE(einit_compares_the_measurement),
        CASE(eenter_registers_and_refusals),
        CASE(eenter_on_a_bad_tcs_faults),
        CASE(aex_saves_all_registers_and_hides_them),
        CASE(aex_leaves_the_synthetic_state),
        CASE(eresume_refuses_a_bad_xsave_header),
        CASE(exitinfo_by_vector),
        CASE(page_fault_in_exinfo),
        CASE(base_and_attributes_are_not_measured),
        CASE(unmeasured_pages_still_count_as_added),
        CASE(eaccept_needs_an_exact_match),
        CASE(pr_does_not_block_but_pending_and_modified_do),
        CASE(emodt_takes_permissions_and_emodpe_gives_no_status),
        CASE(tcs_is_unreadable_even_inside),
        CASE(ssa_and_aep_live_in_enclave_memory),
        CASE(fs_and_gs_follow_tcs_and_ssa),
    };

    return cmocka_run_group_tests_name("sgx-fidelity", tests, NULL, NULL);
}
