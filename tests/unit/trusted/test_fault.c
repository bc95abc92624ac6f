/* CSSA 1: whom L0 believes when a layer was interrupted. */
#include "tests/unit/trusted/mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Stand-ins for what assembly defines. */
void gate2_wasi(void);
void gate2_grow(void);
void gate2_data(void);
void gate1_commit(void);
void gate1_random(void);
void gate1_write(void);
void gate2_wasi(void) {}
void gate2_grow(void) {}
void gate2_data(void) {}
void gate1_commit(void) {}
void gate1_random(void) {}
void gate1_write(void) {}
void layer_stop(void) {}

static struct slot *slot;
static struct thread_block *block;
static struct sgx_gprs *gprs;
static struct sgx_exinfo *exinfo;

static int set_up(void **state)
{
    uint8_t *frame_end;

    (void)state;
    slot = mock_enclave(1, IMAGE_LAZY);
    mock_region(REGION_LINEAR, 0, 1024);
    mock_region(REGION_CODE, 0, 16);
    mock_region(REGION_L2_STACK, 0, 16);
    slot->state = SLOT_RUNNING;
    assert_int_equal(linear_place(slot, 16), ST_OK);
    assert_int_equal(commit_region(slot, REGION_CODE, 4), ST_OK);
    assert_int_equal(commit_region(slot, REGION_L2_STACK, 16), ST_OK);
    block = thread_of(slot);
    block->layer = 2;
    block->l0_rsp = 0x1234560;
    frame_end = (uint8_t *)slot - CTL_SLOT + CTL_SSA + SSA_FRAME_PAGES * PAGE_BYTES;
    gprs = (struct sgx_gprs *)(void *)(frame_end - GPRSGX_BYTES);
    exinfo = (struct sgx_exinfo *)(void *)(frame_end - GPRSGX_BYTES - EXINFO_BYTES);
    gprs->rip = (uint64_t)region_start(slot, REGION_CODE) + GATE_PAGE_BYTES;
    gprs->rax = 0x5ec4e7;
    gprs->r15 = 0x5ec4e7;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static void page_fault_at(const uint8_t *address, uint32_t code)
{
    gprs->exitinfo = EXITINFO_VALID | 3 << 8 | VECTOR_PF;
    exinfo->maddr = (uint64_t)address;
    exinfo->errcd = code;
}

static void assert_trap(enum trap trap)
{
    assert_int_equal(handle_exception(slot), ST_OK);
    assert_int_equal(block->leave_reason, LEAVE_FAULT);
    assert_int_equal(block->leave_value & 0xff, trap);
    assert_int_equal(gprs->rip, (uint64_t)layer_stop);
    assert_int_equal(gprs->rsp, block->l0_rsp);
    assert_int_equal(gprs->fsbase, (uint64_t)block);
    assert_int_equal(gprs->gsbase, (uint64_t)block);
    assert_int_equal(gprs->rax, 0);
    assert_int_equal(gprs->r15, 0);
}

static void assert_untouched(enum status expected)
{
    uint64_t rip = gprs->rip;

    assert_int_equal(handle_exception(slot), expected);
    assert_int_equal(gprs->rip, rip);
    assert_int_equal(gprs->rax, 0x5ec4e7);
}

/* ---- believed: hardware says that the function did it ------------------------ */

static void a_fault_past_linear_memory_is_the_functions(void **state)
{
    (void)state;
    page_fault_at(linear_start(slot) + 16 * PAGE_BYTES, PF_USER);
    assert_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void a_fault_at_the_end_of_the_guard_is_the_functions(void **state)
{
    (void)state;
    page_fault_at(slot_base(slot) + SLOT_CODE - 1, PF_USER | PF_WRITE);
    assert_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void a_pending_page_past_the_end_is_the_functions_too(void **state)
{
    (void)state; /* Linux adds a page on any fault in a mapping: still not ours */
    page_fault_at(linear_start(slot) + 17 * PAGE_BYTES, PF_USER | PF_PRESENT | PF_SGX);
    assert_trap(TRAP_MEMORY_OUT_OF_BOUNDS);
}

static void a_fault_below_the_stack_is_exhaustion(void **state)
{
    (void)state;
    page_fault_at(region_start(slot, REGION_L2_STACK) - 8, PF_USER | PF_WRITE);
    assert_trap(TRAP_STACK_EXHAUSTED);
}

static void a_gate_that_pops_from_the_guard_is_the_functions(void **state)
{
    (void)state;
    gprs->rip = (uint64_t)gate2_wasi;
    page_fault_at(region_start(slot, REGION_L2_STACK) - 8, PF_USER);
    assert_trap(TRAP_STACK_EXHAUSTED);
}

static void a_wild_address_is_a_machine_fault(void **state)
{
    (void)state;
    page_fault_at(enclave_base(), PF_USER);
    assert_trap(TRAP_MACHINE_FAULT);
}

static void other_exceptions_are_machine_faults(void **state)
{
    static const unsigned vectors[] = {VECTOR_DE, VECTOR_UD, VECTOR_GP, VECTOR_MF, VECTOR_XM};

    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        (void)tear_down(state);
        (void)set_up(state);
        gprs->exitinfo = EXITINFO_VALID | 3 << 8 | vectors[i];
        assert_trap(TRAP_MACHINE_FAULT);
    }
}

static void a_fault_of_layer_1_is_the_runtimes(void **state)
{
    (void)state;
    block->layer = 1;
    page_fault_at(linear_start(slot) + 16 * PAGE_BYTES, PF_USER);
    assert_trap(TRAP_RUNTIME);
}

/* ---- not believed: the host may have done it ------------------------------------ */

static void a_fault_on_a_committed_page_is_resumed(void **state)
{
    (void)state;
    page_fault_at(linear_start(slot), PF_USER);
    assert_untouched(ST_FAULT_RESUME);
    page_fault_at(region_start(slot, REGION_CODE), PF_USER | PF_INSTR);
    assert_untouched(ST_FAULT_RESUME);
}

static void a_replaced_page_poisons(void **state)
{
    (void)state;
    page_fault_at(linear_start(slot) + 5, PF_USER | PF_PRESENT | PF_SGX);
    assert_untouched(ST_POISONED_NOW);
    assert_int_equal(slot->state, SLOT_POISONED);
}

static void an_interrupt_is_resumed(void **state)
{
    (void)state;
    gprs->exitinfo = 0;
    exinfo->maddr = (uint64_t)linear_start(slot) + 16 * PAGE_BYTES;
    assert_untouched(ST_FAULT_RESUME);
}

static void l0_is_never_redirected(void **state)
{
    (void)state;
    page_fault_at(linear_start(slot) + 16 * PAGE_BYTES, PF_USER);
    gprs->rip = (uint64_t)enclave_base() + MON_IMAGE_OFF + 64;
    assert_untouched(ST_IN_MONITOR);
    assert_int_equal(handle_abort(slot), ST_IN_MONITOR);
    gprs->rip = (uint64_t)region_start(slot, REGION_CODE);
    block->layer = 0;
    assert_untouched(ST_IN_MONITOR);
    assert_int_equal(handle_abort(slot), ST_IN_MONITOR);
}

static void marks_are_no_linear_memory(void **state)
{
    (void)state;
    page_fault_at(slot_base(slot) + SLOT_MARKS, PF_USER | PF_WRITE); /* none is committed */
    assert_trap(TRAP_MACHINE_FAULT);
}

static void an_abort_is_the_hosts(void **state)
{
    (void)state;
    assert_int_equal(handle_abort(slot), ST_OK);
    assert_int_equal(block->leave_reason, LEAVE_ABORTED);
    assert_int_equal(gprs->rip, (uint64_t)layer_stop);
    assert_int_equal(gprs->rax, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fault_past_linear_memory_is_the_functions),
        TEST(a_fault_at_the_end_of_the_guard_is_the_functions),
        TEST(a_pending_page_past_the_end_is_the_functions_too),
        TEST(a_fault_below_the_stack_is_exhaustion),
        TEST(a_gate_that_pops_from_the_guard_is_the_functions),
        TEST(a_wild_address_is_a_machine_fault),
        TEST(other_exceptions_are_machine_faults),
        TEST(a_fault_of_layer_1_is_the_runtimes),
        TEST(a_fault_on_a_committed_page_is_resumed),
        TEST(a_replaced_page_poisons),
        TEST(an_interrupt_is_resumed),
        TEST(l0_is_never_redirected),
        TEST(marks_are_no_linear_memory),
        TEST(an_abort_is_the_hosts),
    };

    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
