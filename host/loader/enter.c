/*
 * A call into the enclave: EENTER, then as many nested entries and ERESUMEs
 * as it takes until L0 leaves with EEXIT.
 */
#include "host/loader/internal.h"

#include "abi/sgx_arch.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

/* A fault at one address that L0 says is not the function's goes away when the kernel repairs the
 * page; one that is still there after so many resumes will not. */
#define RESUMES_PER_ADDRESS 64
/* L0 ends its own work in far less than so many ticks of the kick timer (a minute's worth). */
#define ABORTS_MAX 30000

/* Progress of one call's interruptions. */
struct interruptions {
    uint64_t address;
    unsigned vector;
    unsigned same; /* resumes in a row for this address and vector */
    unsigned aborts;
};

static int on_exit_from_enclave(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                                struct sgx_enclave_run *run)
{
    struct slot *slot = (struct slot *)(uintptr_t)run->user_data;

    (void)rsi, (void)rdx, (void)rsp, (void)r8, (void)r9;
    if (run->function == ENCLU_EEXIT)
        slot->exit_status = (enum status)rdi;
    return 0; /* ends the vDSO's call */
}

unsigned enter_once(struct slot *slot, unsigned leaf, uint64_t rdi, uint64_t rsi, uint64_t rdx)
{
    struct sgx_enclave_run *run = &slot->run;
    int result;

    memset(run, 0, sizeof(*run));
    run->tcs = slot->tcs;
    run->user_handler = (uintptr_t)on_exit_from_enclave;
    run->user_data = (uintptr_t)slot;
    slot->exit_status = ST_SGX_ENTER;
    atomic_fetch_add_explicit(&slot->transitions, 1, memory_order_relaxed);
    result = enter_shim(slot->enclave->driver->enter, rdi, rsi, rdx, leaf, run);
    if (result != 0) /* -EINVAL: not even tried */
        return ENCLU_EENTER;
    return run->function;
}

static const char *vector_name(unsigned vector)
{
    switch (vector) {
    case VECTOR_DE:
        return "divide error";
    case VECTOR_UD:
        return "illegal instruction";
    case VECTOR_GP:
        return "general protection";
    case VECTOR_PF:
        return "page fault";
    case VECTOR_AC:
        return "alignment check";
    default:
        return "exception";
    }
}

static void describe_fault(struct slot *slot, const char *when)
{
    const struct sgx_enclave_run *run = &slot->run;

    snprintf(slot->fault, sizeof(slot->fault), "%s: %s (vector %u, code 0x%x) at enclave+0x%llx",
             when, vector_name(run->exception_vector), run->exception_vector,
             run->exception_error_code,
             (unsigned long long)(run->exception_addr - slot->enclave->base));
}

static enum status lose(struct slot *slot, enum status status)
{
    slot->lost = true;
    return status;
}

/* May the same fault be resumed once more? */
static bool resume_again(struct slot *slot, struct interruptions *seen)
{
    const struct sgx_enclave_run *run = &slot->run;

    if (seen->same > 0 && seen->address == run->exception_addr &&
        seen->vector == run->exception_vector) {
        seen->same++;
    } else {
        seen->same = 1;
        seen->address = run->exception_addr;
        seen->vector = run->exception_vector;
    }
    if (seen->same > RESUMES_PER_ADDRESS)
        return false;
    if (seen->same > 1)
        sched_yield(); /* the kernel may be waiting for memory */
    return true;
}

/* An entry at CSSA 1: about the frame that was interrupted. A fault in there leaves nothing to
 * do but to resume it: there is no third frame. */
static enum status enter_nested(struct slot *slot, enum entry_call call)
{
    struct interruptions seen = {0};
    unsigned leaf = enter_once(slot, ENCLU_EENTER, call, 0, 0);

    while (leaf == ENCLU_ERESUME) {
        describe_fault(slot, "fault in the monitor's exception entry");
        if (!resume_again(slot, &seen))
            return lose(slot, ST_SGX_ENTER);
        leaf = enter_once(slot, ENCLU_ERESUME, 0, 0, 0);
    }
    if (leaf != ENCLU_EEXIT) {
        describe_fault(slot, "the exception entry could not be entered");
        return lose(slot, ST_SGX_ENTER);
    }
    return slot->exit_status;
}

static enum status after_kick(struct slot *slot, struct interruptions *seen)
{
    enum status status = enter_nested(slot, ENTRY_ABORT);

    if (status == ST_OK) {
        kick_rest(slot);
        return ST_OK;
    }
    if (status == ST_IN_MONITOR) {
        if (++seen->aborts < ABORTS_MAX)
            return ST_OK; /* L0 goes on; the timer asks again */
        snprintf(slot->fault, sizeof(slot->fault), "the monitor did not finish");
        return lose(slot, ST_TIMEOUT);
    }
    if (!slot->lost)
        snprintf(slot->fault, sizeof(slot->fault), "the enclave refused to abort: status %d",
                 (int)status);
    return lose(slot, ST_SGX_ENTER);
}

static enum status after_exception(struct slot *slot, struct interruptions *seen)
{
    const struct sgx_enclave_run interrupted = slot->run;
    enum status status;

    atomic_fetch_add_explicit(&slot->exceptions, 1, memory_order_relaxed);
    status = enter_nested(slot, ENTRY_EXCEPTION);
    if (slot->lost)
        return status;
    slot->run = interrupted; /* what messages are about from here on */
    if (status == ST_OK)
        return ST_OK; /* the frame leads to L0 */
    if (status == ST_FAULT_RESUME || status == ST_IN_MONITOR) {
        if (resume_again(slot, seen))
            return ST_OK;
        describe_fault(slot, status == ST_IN_MONITOR ? "fault in the monitor, not repaired"
                                                     : "fault on the enclave's page, not repaired");
        return lose(slot, ST_SGX_ENTER);
    }
    describe_fault(slot, "the enclave refused the exception");
    return lose(slot, ST_SGX_ENTER);
}

/* After an AEX that reached us: decide what the frame does next. ST_OK: ERESUME. */
static enum status handle_interruption(struct slot *slot, struct interruptions *seen)
{
    bool kicked = slot->kicked;
    enum status status;

    slot->breakable = 0; /* a break-out at CSSA 1 would leave no frame to enter with */
    slot->kicked = 0;
    if (kicked) {
        atomic_fetch_add_explicit(&slot->kicks, 1, memory_order_relaxed);
        status = after_kick(slot, seen);
    } else {
        status = after_exception(slot, seen);
    }
    slot->breakable = 1;
    return status;
}

static enum status run_to_exit(struct slot *slot, enum entry_call call, void *argument,
                               size_t argument_bytes)
{
    struct interruptions seen = {0};
    unsigned leaf = enter_once(slot, ENCLU_EENTER, call, (uintptr_t)argument, argument_bytes);

    while (leaf == ENCLU_ERESUME) {
        enum status status = handle_interruption(slot, &seen);

        if (status != ST_OK)
            return status;
        leaf = enter_once(slot, ENCLU_ERESUME, 0, 0, 0);
    }
    if (leaf != ENCLU_EEXIT) /* the slot's state is what it was: busy, or the enclave is gone */
        describe_fault(slot, "EENTER faulted");
    return slot->exit_status;
}

enum status slot_call(struct slot *slot, enum entry_call call, void *argument,
                      size_t argument_bytes, uint64_t timeout_ms)
{
    enum status status;

    if (slot->lost)
        return ST_SGX_ENTER;
    if ((uintptr_t)argument % 8)
        return ST_BAD_POINTER;
    status = kick_begin(slot, timeout_ms);
    if (status != ST_OK)
        return status;
    status = run_to_exit(slot, call, argument, argument_bytes);
    kick_end(slot);
    return status;
}

struct slot_counters slot_counters(const struct slot *slot)
{
    return (struct slot_counters){
        .transitions = atomic_load_explicit(&slot->transitions, memory_order_relaxed),
        .exceptions = atomic_load_explicit(&slot->exceptions, memory_order_relaxed),
        .kicks = atomic_load_explicit(&slot->kicks, memory_order_relaxed),
    };
}

bool slot_lost(const struct slot *slot)
{
    return slot->lost;
}

const char *slot_fault(const struct slot *slot)
{
    return slot->fault;
}
