/* Signals and forbidden instructions while a thread is inside. */
#include "tests/sgx/weak.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define TICK_US     1000
#define RESUMES_MAX 1000u

static const uint64_t never; /* OP_SPIN waits for it in vain */

/* ---- break-out by a timer ------------------------------------------------ */

static struct weak *interrupted;
static unsigned ticks;       /* that found the thread at the AEP */
static unsigned break_after; /* of them: RBX = 0 */
static bool fs_is_hosts;
static __thread int in_host_tls = 4711;

static void on_tick(int sig, siginfo_t *info, void *context)
{
    greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *rip = (const uint8_t *)regs[REG_RIP];

    (void)sig;
    (void)info;
    if (regs[REG_RAX] != ENCLU_ERESUME || regs[REG_RCX] != regs[REG_RIP] ||
        regs[REG_RBX] != (greg_t)(interrupted->base + WEAK_TCS(0)) || rip[0] != 0x0f ||
        rip[1] != 0x01 || rip[2] != 0xd7)
        return; /* not inside */
    fs_is_hosts = in_host_tls == 4711;
    if (++ticks >= break_after)
        regs[REG_RBX] = 0;
}

static void start_timer(const struct sgx_driver *driver, unsigned breaks)
{
    struct itimerval tick = {{0, TICK_US}, {0, TICK_US}};
    struct sigaction action = {.sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART};

    ticks = 0;
    break_after = breaks;
    assert_int_equal(driver->sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &tick, NULL), 0);
}

static void stop_timer(const struct sgx_driver *driver)
{
    struct itimerval off = {0};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    setitimer(ITIMER_REAL, &off, NULL);
    assert_int_equal(driver->sigaction(SIGALRM, &ignore, NULL), 0);
}

static void a_timer_breaks_out_of_an_endless_loop(void **state)
{
    struct weak_exit out;
    struct weak w;
    uint64_t counted;

    (void)state;
    weak_create(&w, NULL);
    interrupted = &w;
    start_timer(w.driver, 3);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_SPIN, (uint64_t)&never, 0, 0);
    stop_timer(w.driver);
    assert_int_equal(out.result, 0);
    assert_int_equal(out.function, ENCLU_ERESUME);
    assert_int_equal(out.vector, VECTOR_PF);
    assert_int_equal(ticks, 3);
    assert_true(fs_is_hosts);
    /* The loop is still there, in SSA[0]; the TCS is free at CSSA 1. */
    counted = weak_frame(&w, 0, 0).rdi;
    assert_int_equal(weak_frame(&w, 0, 0).exitinfo, 0);
    assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 1);
    /* And it can go on: on a loaded machine a tick may come before it has counted once. */
    for (unsigned tries = 0; tries < RESUMES_MAX && weak_frame(&w, 0, 0).rdi <= counted; tries++) {
        start_timer(w.driver, 1);
        out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
        stop_timer(w.driver);
        assert_int_equal(out.function, ENCLU_ERESUME);
    }
    assert_true(weak_frame(&w, 0, 0).rdi > counted);
    weak_destroy(&w);
}

/* Ticks that change nothing must not change the enclave's arithmetic either. */
static void interrupts_are_invisible(void **state)
{
    const uint64_t iterations = 200000000;
    struct emu_counters before, after;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    interrupted = &w;
    before = weak_counters(&w);
    start_timer(w.driver, UINT32_MAX);
    weak_do(&w, 0, OP_COUNT, iterations, 0);
    stop_timer(w.driver);
    after = weak_counters(&w);
    assert_true(ticks > 0);
    /* A tick that hits the AEP itself needs no AEX. */
    assert_true(after.aex > before.aex && after.aex - before.aex <= ticks);
    assert_int_equal(after.eresume - before.eresume, after.aex - before.aex);
    weak_destroy(&w);
}

/* ---- signals whose handlers the emulator does not know ------------------- */

static volatile sig_atomic_t plain_seen;
static uint64_t release_word;

static void plain_handler(int sig)
{
    (void)sig;
    plain_seen++;
}

static void *poke_main(void *argument)
{
    pthread_t main_thread = *(pthread_t *)argument;

    for (int i = 0; i < 20; i++)
        pthread_kill(main_thread, SIGUSR1);
    __atomic_store_n(&release_word, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void unmanaged_signals_wait_outside(void **state)
{
    struct sigaction action = {.sa_handler = plain_handler};
    pthread_t self = pthread_self(), thread;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    plain_seen = 0;
    release_word = 0;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, poke_main, &self), 0);
    weak_do(&w, 0, OP_SPIN, (uint64_t)&release_word, 0);
    pthread_join(thread, NULL);
    assert_true(plain_seen > 0);
    weak_destroy(&w);
}

static void the_signal_mask_survives(void **state)
{
    sigset_t mask, now;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    weak_do(&w, 0, OP_CSSA, 0, 0);
    weak_must_fault(&w, 0, OP_FAULT, FAULT_UD, 0, VECTOR_UD, 0);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    assert_int_equal(sigismember(&now, SIGUSR2), 1);
    assert_int_equal(sigismember(&now, SIGUSR1), 0);
    assert_int_equal(sigismember(&now, SIGTERM), 0);
    sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    weak_destroy(&w);
}

static void endless_until_killed(struct weak *w)
{
    alarm(120); /* the default action: death */
    weak_do(w, 0, OP_CSSA, 0, 0);
    kill(getpid(), SIGTERM);
    weak_do(w, 0, OP_SPIN, (uint64_t)&never, 0);
}

static void sigterm_ends_the_process(void **state)
{
    (void)state;
    weak_must_die(endless_until_killed, SIGTERM, "");
}

static void driver_sigaction_reports_the_old_action(void **state)
{
    struct sigaction first = {.sa_handler = plain_handler}, ignore = {.sa_handler = SIG_IGN}, old;
    const struct sgx_driver *driver = weak_driver();

    (void)state;
    assert_int_equal(driver->sigaction(SIGUSR2, &first, NULL), 0);
    assert_int_equal(driver->sigaction(SIGUSR2, &ignore, &old), 0);
    assert_true(old.sa_handler == plain_handler);
    assert_int_equal(driver->sigaction(SIGUSR2, NULL, &old), 0);
    assert_true(old.sa_handler == SIG_IGN);
    assert_int_equal(driver->sigaction(0, &first, NULL), -1);
    assert_int_equal(errno, EINVAL);
}

/* ---- forbidden instructions ---------------------------------------------- */

static void must_be_ud(uint64_t fault)
{
    struct weak_exit out;
    struct weak w;

    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_FAULT, fault, 0, VECTOR_UD, 0);
    assert_int_equal(weak_frame(&w, 0, 0).exitinfo, 0x80000300u | VECTOR_UD);
    /* RIP is the instruction's: both are two bytes long, skipping them goes on. */
    weak_do(&w, 0, OP_SKIP, w.base + WEAK_SSA(0), 2);
    out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_EEXIT);
    weak_destroy(&w);
}

static void system_calls_are_ud(void **state)
{
    (void)state;
    must_be_ud(FAULT_SYSCALL);
    must_be_ud(FAULT_INT80);
}

static void other_forbidden_instructions_are_ud(void **state)
{
    (void)state;
    must_be_ud(FAULT_INT);
    must_be_ud(FAULT_IN);
}

/* ---- #BP and #DB: signals, never reported through enter() ------------------ */

static unsigned traps;

static void on_trap(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)info;
    if (((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] == ENCLU_ERESUME)
        traps++;
}

static void breakpoints_become_sigtrap_and_resume(void **state)
{
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO}, before;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    traps = 0;
    assert_int_equal(w.driver->sigaction(SIGTRAP, &action, &before), 0);
    weak_do(&w, 0, OP_FAULT, FAULT_BP, 0); /* RIP is behind INT3 */
    assert_int_equal(traps, 1);
    assert_int_equal(weak_frame(&w, 0, 0).exitinfo, 0x80000600u | VECTOR_BP);
    weak_do(&w, 0, OP_FAULT, FAULT_DB, 0);
    assert_int_equal(traps, 1 + FAULT_DB_TRAPS);
    assert_int_equal(weak_frame(&w, 0, 0).exitinfo, 0x80000300u | VECTOR_DB);
    assert_int_equal(w.driver->sigaction(SIGTRAP, &before, NULL), 0);
    weak_destroy(&w);
}

static void breakpoint(struct weak *w)
{
    weak_do(w, 0, OP_FAULT, FAULT_BP, 0);
}

static void an_unhandled_breakpoint_ends_the_process(void **state)
{
    (void)state;
    weak_must_die(breakpoint, SIGTRAP, "");
}

/* ---- the enclave's flags ---------------------------------------------------- */

static void enclave_flags_do_not_leak_into_handlers(void **state)
{
    const uint64_t flags = 0x40000 | 0x400 | 0x8d5 | 2; /* AC, DF, all arithmetic ones */
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    weak_must_fault(&w, 0, OP_FLAGS, flags, 0, VECTOR_UD, 0);
    assert_int_equal(weak_frame(&w, 0, 0).rflags & flags, flags);
    weak_destroy(&w);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_timer_breaks_out_of_an_endless_loop),
        CASE(interrupts_are_invisible),
        CASE(unmanaged_signals_wait_outside),
        CASE(the_signal_mask_survives),
        CASE(sigterm_ends_the_process),
        CASE(driver_sigaction_reports_the_old_action),
        CASE(system_calls_are_ud),
        CASE(other_forbidden_instructions_are_ud),
        CASE(breakpoints_become_sigtrap_and_resume),
        CASE(an_unhandled_breakpoint_ends_the_process),
        CASE(enclave_flags_do_not_leak_into_handlers),
    };

    return cmocka_run_group_tests_name("sgx-signals", tests, NULL, NULL);
}
