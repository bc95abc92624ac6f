#include "host/worker/outcome.h"

#include "base/status.h"
#include "base/verify_reason.h"

#include <stdio.h>

#define MIB       (UINT64_C(1) << 20)
#define NS_PER_MS 1000000u

static void say_bytes(char *to, size_t capacity, uint64_t bytes)
{
    if (bytes % MIB == 0)
        snprintf(to, capacity, "%llu MiB", (unsigned long long)(bytes / MIB));
    else
        snprintf(to, capacity, "%llu bytes", (unsigned long long)bytes);
}

static void say_trap(const struct entry_invocation *invocation, struct message *why)
{
    enum trap trap = (enum trap)invocation->trap;
    char limit[32];

    switch (trap) {
    case TRAP_OUTPUT_LIMIT:
        say_bytes(limit, sizeof(limit), invocation->output_limit);
        message_set(why,
                    "output larger than %s: raise --output-limit (output_limit); if far less came "
                    "out, raise --enclave-size",
                    limit);
        return;
    case TRAP_STACK_EXHAUSTED:
        message_set(why,
                    "the function trapped: %s (endless recursion, or rebuild it with a "
                    "larger `reclave build --stack`)",
                    trap_text(trap));
        return;
    case TRAP_MACHINE_FAULT:
        message_set(why,
                    "the function trapped: %s at address 0x%llx of its cage: its bundle is "
                    "damaged or hostile, or was built by a faulty toolchain",
                    trap_text(trap), (unsigned long long)invocation->fault_address);
        return;
    default:
        message_set(why, "the function trapped: %s", trap_text(trap));
    }
}

static void say_abort(struct outcome_time time, struct message *why)
{
    if (time.limit_ns && time.taken_ns >= time.limit_ns)
        message_set(why,
                    "stopped at the time limit of %llu ms: raise --timeout (timeout_ms) if the "
                    "function needs longer",
                    (unsigned long long)(time.limit_ns / NS_PER_MS));
    else
        message_set(why, "aborted");
}

static void say_outcome(const struct entry_invocation *invocation, struct outcome_time time,
                        struct message *why)
{
    switch ((enum outcome)invocation->outcome) {
    case OUTCOME_FUNCTION_ERROR:
        message_set(why, "the function reported an error: exit code %lld",
                    (long long)invocation->exit_code);
        return;
    case OUTCOME_TRAP:
        say_trap(invocation, why);
        return;
    case OUTCOME_ABORTED_BY_HOST:
        say_abort(time, why);
        return;
    case OUTCOME_REFUSED:
        message_set(why, "the enclave refused the invocation");
        return;
    default:
        message_set(why, "the enclave reports an unknown outcome (%llu)",
                    (unsigned long long)invocation->outcome);
    }
}

static void say_refusal(enum status status, const struct entry_invocation *invocation,
                        struct message *why)
{
    switch (status) {
    case ST_INPUT_TOO_LARGE:
        message_set(why,
                    "input of %llu bytes: larger than the enclave can take; use a larger "
                    "--enclave-size or --pages lazy",
                    (unsigned long long)invocation->input_bytes);
        return;
    case ST_ENVIRONMENT_REFUSED:
        message_set(why, "%s: rebuild with `reclave build --env NAME`", status_text(status));
        return;
    default:
        message_set(why, "%s", status_text(status));
    }
}

bool outcome_ok(enum status status, const struct entry_invocation *invocation,
                struct outcome_time time, struct message *why)
{
    if (status != ST_OK) {
        say_refusal(status, invocation, why);
        return false;
    }
    if (invocation->outcome != OUTCOME_OK) {
        say_outcome(invocation, time, why);
        return false;
    }
    message_set(why, "%s", "");
    return true;
}

static void say_failed_initialisation(const struct slot_load *load, struct outcome_time time,
                                      struct message *why)
{
    struct message inner;

    say_outcome(&load->initial, time, &inner);
    message_set(why, "the function's initialisation failed: %.400s", inner.text);
}

void outcome_of_load(enum status status, const struct slot_load *load, struct outcome_time time,
                     struct message *why)
{
    switch (status) {
    case ST_BUNDLE_FORMAT:
    case ST_BUNDLE_ABI:
    case ST_BUNDLE_SFI:
        message_set(why, "%s: rebuild it with `reclave build F.wasm -o F.rcl`",
                    status_text(status));
        return;
    case ST_BUNDLE_CPU:
        message_set(why, "%s: rebuild it with `reclave build --cpu 2`", status_text(status));
        return;
    case ST_BUNDLE_CODE:
        message_set(
            why, "%s: %s, at offset 0x%llx: rebuild it with `reclave build F.wasm -o F.rcl`",
            status_text(status), verify_reason_text((enum verify_reason)load->verify_reason),
            (unsigned long long)load->verify_offset);
        return;
    case ST_BUNDLE_MEMORY:
        message_set(why,
                    "%s: %llu KiB are missing; use a larger --enclave-size or build with a "
                    "smaller initial memory",
                    status_text(status),
                    (unsigned long long)load->needed_pages * (PAGE_BYTES / 1024));
        return;
    case ST_BUNDLE_INIT:
        say_failed_initialisation(load, time, why);
        return;
    case ST_BUNDLE_RANDOM:
        message_set(why,
                    "%s and has no hook to draw them anew: export reclave_after_rewind, or "
                    "build with --allow-init-random",
                    status_text(status));
        return;
    default:
        message_set(why, "%s", status_text(status));
    }
}
