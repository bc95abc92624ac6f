/*
 * Getting a thread out of an enclave at its deadline or at an abort.
 *
 * A timer sends KICK_SIGNAL to the slot's thread at the deadline, and from then
 * on again and again until the call is over: a single signal could arrive just
 * before EENTER and be lost. Calls that end in time leave it as it is: setting
 * it costs more than the signal that comes once in a while for a call that has
 * long ended, and then is set for the one that runs.
 *
 * If it lands while the enclave runs, the kernel has made an AEX first, and
 * the handler sees the thread at the AEP, about to ERESUME. It clears RBX
 * there, the TCS's address: ERESUME faults and enter() returns. Nothing is
 * lost by that: the interrupted frame still lies in the SSA.
 */
#include "host/loader/internal.h"

#include "abi/sgx_arch.h"

#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define TICK_NS     2000000l
#define TICKING     1u /* a deadline that has passed */
#define NS_PER_MS   1000000ull
#define NS_PER_S    1000000000ull
#define TIMEOUT_MAX (UINT64_C(1) << 40) /* ms: 34 years, so that nothing overflows */

/* The slot whose call this thread is making. */
static __thread struct slot *current;

static uint64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool stop_wanted(struct slot *slot)
{
    uint64_t deadline = atomic_load_explicit(&slot->deadline_ns, memory_order_relaxed);

    return atomic_load_explicit(&slot->abort_wanted, memory_order_relaxed) ||
           (deadline != 0 && monotonic_ns() >= deadline);
}

/* At the AEP of this slot? RIP must be looked at last: only then is it known to be readable code
 * of an enclave entry. */
static bool about_to_resume(const struct slot *slot, const gregset_t regs)
{
    static const uint8_t enclu[3] = {0x0f, 0x01, 0xd7};

    return (uint64_t)regs[REG_RBX] == slot->tcs && regs[REG_RAX] == ENCLU_ERESUME &&
           memcmp((const void *)(uintptr_t)regs[REG_RIP], enclu, sizeof(enclu)) == 0;
}

/* TICKING: now and every TICK_NS; else once, at that time of CLOCK_MONOTONIC; 0: never. Called by
 * the handler, too: async-signal-safe. */
static void arm(struct slot *slot, uint64_t at_ns)
{
    struct itimerspec when = {.it_value = {(time_t)(at_ns / NS_PER_S), (long)(at_ns % NS_PER_S)}};

    if (at_ns == TICKING)
        when.it_interval.tv_nsec = TICK_NS;
    atomic_store(&slot->armed_ns, at_ns);
    timer_settime(slot->timer, TIMER_ABSTIME, &when, NULL);
}

/* The signal that the timer was set for has come, perhaps for an earlier call. */
static void arm_anew(struct slot *slot)
{
    if (stop_wanted(slot)) {
        if (atomic_load(&slot->armed_ns) != TICKING)
            arm(slot, TICKING);
        return;
    }
    arm(slot, atomic_load(&slot->deadline_ns));
    if (atomic_load(&slot->abort_wanted)) /* since: slot_abort's setting may be overwritten */
        arm(slot, TICKING);
}

static void on_kick(int sig, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;
    struct slot *slot = current;

    (void)sig, (void)info;
    if (!slot)
        return; /* between calls: kick_begin sees that it is past */
    arm_anew(slot);
    if (!slot->breakable || !stop_wanted(slot))
        return;
    if (!about_to_resume(slot, interrupted->uc_mcontext.gregs))
        return; /* not inside: the next tick */
    slot->kicked = 1;
    interrupted->uc_mcontext.gregs[REG_RBX] = 0;
}

enum status kick_install(const struct sgx_driver *driver)
{
    struct sigaction action = {.sa_sigaction = on_kick,
                               .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};

    sigemptyset(&action.sa_mask);
    return driver->sigaction(KICK_SIGNAL, &action, NULL) == 0 ? ST_OK : ST_IO;
}

void kick_slot_setup(struct slot *slot)
{
    pthread_mutex_init(&slot->timer_lock, NULL);
}

static void drop_timer(struct slot *slot)
{
    if (slot->timer_made)
        timer_delete(slot->timer);
    slot->timer_made = false;
}

void kick_slot_teardown(struct slot *slot)
{
    drop_timer(slot);
    pthread_mutex_destroy(&slot->timer_lock);
}

/* A timer that signals this thread, kept from call to call. */
static enum status ensure_timer(struct slot *slot)
{
    static __thread pid_t self;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = KICK_SIGNAL};
    sigset_t kick;

    if (!self)
        self = (pid_t)syscall(SYS_gettid);
    if (slot->timer_made && slot->timer_thread == self)
        return ST_OK;
    drop_timer(slot);
    event.sigev_notify_thread_id = self;
    if (timer_create(CLOCK_MONOTONIC, &event, &slot->timer) != 0)
        return ST_NO_MEMORY;
    slot->timer_made = true;
    atomic_store(&slot->armed_ns, 0);
    slot->timer_thread = self;
    sigemptyset(&kick);
    sigaddset(&kick, KICK_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
    return ST_OK;
}

/* After `current` was set: a signal that came earlier was for a time that has passed, and one that
 * is still to come finds this call. */
static void ensure_armed(struct slot *slot, uint64_t deadline_ns)
{
    uint64_t armed_ns = atomic_load(&slot->armed_ns);

    if (atomic_load(&slot->abort_wanted))
        arm(slot, TICKING);
    else if (deadline_ns && (armed_ns > deadline_ns || armed_ns <= monotonic_ns()))
        arm(slot, deadline_ns);
}

enum status kick_begin(struct slot *slot, uint64_t timeout_ms)
{
    enum status status;
    uint64_t deadline = 0;

    if (timeout_ms) {
        timeout_ms = timeout_ms > TIMEOUT_MAX ? TIMEOUT_MAX : timeout_ms;
        deadline = monotonic_ns() + timeout_ms * NS_PER_MS;
    }
    pthread_mutex_lock(&slot->timer_lock);
    status = ensure_timer(slot);
    if (status == ST_OK) {
        atomic_store_explicit(&slot->deadline_ns, deadline, memory_order_relaxed);
        slot->inside = true;
        slot->kicked = 0;
        slot->breakable = 1;
        atomic_signal_fence(memory_order_seq_cst);
        current = slot; /* from here on the handler knows it */
        atomic_signal_fence(memory_order_seq_cst);
        ensure_armed(slot, deadline);
    }
    pthread_mutex_unlock(&slot->timer_lock);
    return status;
}

void kick_rest(struct slot *slot)
{
    pthread_mutex_lock(&slot->timer_lock);
    slot->inside = false;
    if (atomic_load(&slot->armed_ns) == TICKING)
        arm(slot, 0);
    pthread_mutex_unlock(&slot->timer_lock);
}

void kick_end(struct slot *slot)
{
    slot->breakable = 0;
    current = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    kick_rest(slot);
}

void slot_abort(struct slot *slot)
{
    pthread_mutex_lock(&slot->timer_lock);
    atomic_store(&slot->abort_wanted, true);
    if (slot->inside)
        arm(slot, TICKING);
    pthread_mutex_unlock(&slot->timer_lock);
}

void slot_clear_abort(struct slot *slot)
{
    atomic_store(&slot->abort_wanted, false);
}
