/* Strict mode: the host that touches enclave memory dies, and says where. */
#include "tests/sgx/weak.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define MESSAGE "sgx emulator: the host accessed enclave memory: address 0x"

#define WILD_JUMP 0x1000

static volatile int *volatile nowhere = (volatile int *)8;

static void read_data(struct weak *w)
{
    (void)*(volatile uint64_t *)(w->base + WEAK_DATA);
}

static void write_data_after_use(struct weak *w)
{
    weak_do(w, 0, OP_POKE, w->base + WEAK_DATA, 1);
    *(volatile uint64_t *)(w->base + WEAK_DATA) = 2;
}

static void read_between_the_pages(struct weak *w)
{
    (void)*(volatile uint64_t *)(w->base + 0x3000000);
}

static void read_large_region_after_use(struct weak *w)
{
    const uint64_t flags = SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING;

    for (unsigned i = 0; i < WEAK_HEAP_PAGES; i++)
        (void)weak_accept(w, WEAK_HEAP + i * PAGE_BYTES, flags);
    for (unsigned i = 0; i < WEAK_HEAP_PAGES; i++)
        weak_do(w, 0, OP_POKE, w->base + WEAK_HEAP + i * PAGE_BYTES, 1);
    (void)*(volatile uint64_t *)(w->base + WEAK_HEAP);
}

static void read_after_an_aex(struct weak *w)
{
    weak_must_fault(w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    (void)*(volatile uint64_t *)(w->base + WEAK_SSA(0));
}

static void execute_enclave_code(struct weak *w)
{
    void (*code)(void) = (void (*)(void))(w->base + WEAK_CODE);

    code();
}

static void host_reads_die(void **state)
{
    (void)state;
    weak_must_die(read_data, SIGABRT, MESSAGE);
    weak_must_die(read_between_the_pages, SIGABRT, MESSAGE);
    weak_must_die(read_large_region_after_use, SIGABRT, MESSAGE);
    weak_must_die(read_after_an_aex, SIGABRT, MESSAGE);
}

static void host_writes_die(void **state)
{
    (void)state;
    weak_must_die(write_data_after_use, SIGABRT, MESSAGE);
}

static void host_execution_dies(void **state)
{
    (void)state;
    weak_must_die(execute_enclave_code, SIGABRT, MESSAGE);
}

static void nothing(struct weak *w)
{
    weak_do(w, 0, OP_CSSA, 0, 0);
    raise(SIGKILL);
}

static void the_same_without_access_lives(void **state)
{
    (void)state;
    weak_must_die(nothing, SIGKILL, "");
}

static void a_host_crash_stays_a_host_crash(struct weak *w)
{
    (void)w;
    *nowhere = 1;
}

static void other_faults_go_to_the_host(void **state)
{
    (void)state;
    weak_must_die(a_host_crash_stays_a_host_crash, SIGSEGV, "");
}

/* The host's own handler of a trap signal, installed through the driver, still gets its faults. */
static sigjmp_buf escape;

static void jump_out(int sig)
{
    (void)sig;
    siglongjmp(escape, 1);
}

static void host_handlers_are_chained(void **state)
{
    struct sigaction action = {.sa_handler = jump_out}, before;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    assert_int_equal(w.driver->sigaction(SIGSEGV, &action, &before), 0);
    if (sigsetjmp(escape, 1) == 0) {
        *nowhere = 1;
        fail();
    }
    assert_int_equal(w.driver->sigaction(SIGSEGV, &before, NULL), 0);
    assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 0);
    weak_destroy(&w);
}

static void system_calls_on_enclave_memory_fail(void **state)
{
    struct weak w;
    FILE *file;

    (void)state;
    weak_create(&w, NULL);
    weak_do(&w, 0, OP_POKE, w.base + WEAK_DATA, 1);
    file = tmpfile();
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    assert_int_equal(fwrite((void *)(w.base + WEAK_DATA), 1, 8, file), 0);
    fclose(file);
    weak_destroy(&w);
}

/* Enclave code that leaves ELRANGE by a jump to nowhere: #GP, not a crash. */
static void a_wild_jump_inside_is_an_aex(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_JUMP, WILD_JUMP, 0, VECTOR_GP, 0);
    assert_int_equal(weak_frame(&w, 0, 0).rip, WILD_JUMP);
    weak_destroy(&w);
}

/* Jumping to data faults as an instruction fetch that the EPCM denies. */
static void a_jump_to_data_is_a_fetch_fault(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_JUMP, w.base + WEAK_DATA, 0, VECTOR_PF,
                    PF_PRESENT | PF_USER | PF_INSTR);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(host_reads_die),
        CASE(host_writes_die),
        CASE(host_execution_dies),
        CASE(the_same_without_access_lives),
        CASE(other_faults_go_to_the_host),
        CASE(host_handlers_are_chained),
        CASE(system_calls_on_enclave_memory_fail),
        CASE(a_wild_jump_inside_is_an_aex),
        CASE(a_jump_to_data_is_a_fetch_fault),
    };

    return cmocka_run_group_tests_name("sgx-strict", tests, NULL, NULL);
}
