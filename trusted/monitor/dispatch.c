/*
 * Which call is legal when. The host may call anything at any time; what a
 * call may do is decided here, from L0's own state, before its handler runs.
 */
#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#define IN(state) (1u << (state))
#define IN_ANY    (IN(SLOT_POISONED + 1) - 1)

static const struct call_policy {
    uint16_t call;
    uint8_t cssa;
    uint8_t states;    /* IN() of the states it is legal in */
    uint16_t in_bytes; /* of its struct: copied in */
    uint16_t bytes;    /* the whole struct; the rest is OUT */
    uint8_t role;      /* enum attest_role that it is for */
} policies[] = {
#define ANY_ROLE                0
#define STRUCT(type, first_out) offsetof(struct type, first_out), sizeof(struct type)
    {ENTRY_INIT, 0, IN_ANY, sizeof(struct entry_init), sizeof(struct entry_init), ANY_ROLE},
    {ENTRY_BOOT, 0, IN(SLOT_EMPTY), 0, 0, ROLE_WORKER},
    {ENTRY_LOAD, 0, IN(SLOT_BOOTED), STRUCT(entry_load, restrict_offset), ROLE_WORKER},
    {ENTRY_FINISH_LOAD, 0, IN(SLOT_LOADING), STRUCT(entry_invocation, claims_bytes), ROLE_WORKER},
    {ENTRY_INVOKE, 0, IN(SLOT_READY), STRUCT(entry_invocation, claims_bytes), ROLE_WORKER},
    {ENTRY_REWIND, 0, IN(SLOT_DIRTY), STRUCT(entry_rewind, pages_restored), ROLE_WORKER},
    {ENTRY_RESET, 0, IN(SLOT_LOADING) | IN(SLOT_READY) | IN(SLOT_DIRTY),
     STRUCT(entry_rewind, pages_restored), ROLE_WORKER},
    {ENTRY_TRIM, 0, IN(SLOT_BOOTED) | IN(SLOT_DIRTY), STRUCT(entry_trim, offset), ROLE_WORKER},
    {ENTRY_TRIM_ACCEPT, 0, IN(SLOT_BOOTED) | IN(SLOT_DIRTY), STRUCT(entry_trim, offset),
     ROLE_WORKER},
    {ENTRY_INVOKE_SEALED, 0, IN(SLOT_READY), STRUCT(entry_envelope, answer_bytes), ROLE_WORKER},
    {ENTRY_SESSION_OPEN, 0, IN(SLOT_READY), STRUCT(entry_envelope, answer_bytes), ROLE_WORKER},
    {ENTRY_SIGN, 0, IN_ANY & ~IN(SLOT_POISONED), STRUCT(entry_sign, root_bytes), ROLE_WORKER},
    {ENTRY_REPORT, 0, IN_ANY & ~IN(SLOT_POISONED), STRUCT(entry_report, report), ANY_ROLE},
    {ENTRY_ADMISSION, 0, IN_ANY & ~IN(SLOT_POISONED), STRUCT(entry_admission, nonce), ROLE_WORKER},
    {ENTRY_GRANT, 0, IN_ANY & ~IN(SLOT_POISONED), sizeof(struct entry_grant),
     sizeof(struct entry_grant), ROLE_WORKER},
    {ENTRY_KEEPER, 0, IN(SLOT_EMPTY), STRUCT(entry_keeper, answer_bytes), ROLE_KEEPER},
    {ENTRY_STATS, 0, IN_ANY, STRUCT(entry_stats, state), ANY_ROLE},
    {ENTRY_NULL, 0, IN_ANY, 0, 0, ANY_ROLE},
    {ENTRY_EXCEPTION, 1, IN_ANY & ~IN(SLOT_POISONED), 0, 0, ANY_ROLE},
    {ENTRY_ABORT, 1, IN_ANY & ~IN(SLOT_POISONED), 0, 0, ANY_ROLE},
#undef STRUCT
#undef ANY_ROLE
};

_Static_assert(ST_SLOT_POISONED - ST_SLOT_EMPTY == SLOT_POISONED, "a status for each state");

union request {
    struct entry_init init;
    struct entry_load load;
    struct entry_invocation invocation;
    struct entry_rewind rewind;
    struct entry_trim trim;
    struct entry_envelope envelope;
    struct entry_sign sign;
    struct entry_report report;
    struct entry_admission admission;
    struct entry_grant grant;
    struct entry_keeper keeper;
    struct entry_stats stats;
};

static const struct call_policy *find_policy(uint64_t call)
{
    for (unsigned i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
        if (policies[i].call == call)
            return &policies[i];
    return NULL;
}

static enum status check_call(const struct call_policy *policy, uint64_t request, uint64_t bytes,
                              uint64_t cssa, const struct slot *slot)
{
    uint32_t initialised = __atomic_load_n(&enclave.initialised, __ATOMIC_ACQUIRE);

    if (!policy)
        return ST_UNKNOWN_CALL;
    if (policy->cssa != cssa)
        return ST_WRONG_CSSA;
    if (policy->call != ENTRY_INIT && initialised != 2)
        return ST_NOT_INITIALISED;
    if (policy->role && policy->role != enclave.identity.role)
        return ST_WRONG_ROLE;
    if (!(policy->states & IN(slot->state)))
        return (enum status)(ST_SLOT_EMPTY + (int)slot->state);
    if (bytes != policy->bytes)
        return ST_BAD_LENGTH;
    if (bytes && !border_outside(request, bytes))
        return ST_BAD_POINTER;
    return ST_OK;
}

/* *scrub_to: the state to take after a scrubbing exit, see entry.S. */
static enum status call_handler(uint64_t call, struct slot *slot, union request *request,
                                uint64_t *scrub_to)
{
    enum status status;

    switch (call) {
    case ENTRY_INIT:
        return init_enclave(&request->init);
    case ENTRY_BOOT:
        status = boot_slot(slot);
        *scrub_to = SCRUB | (status == ST_OK ? SLOT_BOOTED : SLOT_POISONED);
        return status;
    case ENTRY_LOAD:
        status = load_bundle(slot, &request->load);
        *scrub_to = SCRUB | slot->state; /* a sealed bundle's key was there */
        return status;
    case ENTRY_FINISH_LOAD:
        status = finish_load(slot, &request->invocation);
        *scrub_to = SCRUB | (status == ST_OK ? SLOT_READY : slot->state);
        return status;
    case ENTRY_INVOKE:
        return invoke(slot, &request->invocation);
    case ENTRY_REWIND:
        if (request->rewind.reserved)
            return ST_INVALID_ARGUMENT;
        if (!slot->function_ready)
            return ST_NO_SNAPSHOT;
        rewind_slot(slot, &request->rewind);
        *scrub_to = SCRUB | SLOT_READY;
        return ST_OK;
    case ENTRY_RESET:
        if (request->rewind.reserved)
            return ST_INVALID_ARGUMENT;
        reset_slot(slot, &request->rewind);
        *scrub_to = SCRUB | SLOT_BOOTED;
        return ST_OK;
    case ENTRY_TRIM:
        return trim_plan(slot, &request->trim);
    case ENTRY_TRIM_ACCEPT:
        return trim_accept(slot, &request->trim);
    case ENTRY_INVOKE_SEALED:
        status = invoke_sealed(slot, &request->envelope);
        *scrub_to = SCRUB | slot->state; /* keys were used: nothing of them stays on stacks */
        return status;
    case ENTRY_SESSION_OPEN:
        status = open_session(slot, &request->envelope);
        *scrub_to = SCRUB | slot->state; /* keys were used: nothing of them stays on stacks */
        return status;
    case ENTRY_SIGN:
        status = sign_batch(slot, &request->sign);
        *scrub_to = SCRUB | slot->state; /* keys were used: nothing of them stays on stacks */
        return status;
    case ENTRY_REPORT:
        return make_report(&request->report);
    case ENTRY_ADMISSION:
        return ask_admission(&request->admission);
    case ENTRY_GRANT:
        status = take_grant(&request->grant);
        *scrub_to = SCRUB | slot->state; /* keys were used: nothing of them stays on stacks */
        return status;
    case ENTRY_KEEPER:
        status = keeper_call(&request->keeper);
        *scrub_to = SCRUB | slot->state; /* keys were used: nothing of them stays on stacks */
        return status;
    case ENTRY_STATS:
        if (request->stats.reserved)
            return ST_INVALID_ARGUMENT;
        report_stats(slot, &request->stats);
        return ST_OK;
    case ENTRY_NULL:
        return ST_OK;
    case ENTRY_EXCEPTION:
        return handle_exception(slot);
    case ENTRY_ABORT:
        return handle_abort(slot);
    default:
        return ST_UNKNOWN_CALL;
    }
}

struct dispatch_result monitor_dispatch(uint64_t call, uint64_t request, uint64_t bytes,
                                        uint64_t cssa, struct thread_block *block)
{
    const struct call_policy *policy = find_policy(call);
    struct slot *slot = slot_of(block);
    union request copy;
    uint64_t scrub_to = 0;
    enum status status = check_call(policy, request, bytes, cssa, slot);

    if (status != ST_OK)
        return (struct dispatch_result){status, 0};
    bytes_wipe(&copy, sizeof(copy));
    border_copy_in(&copy, request, policy->in_bytes);
    status = call_handler(call, slot, &copy, &scrub_to);
    border_copy_out(request + policy->in_bytes, (const uint8_t *)&copy + policy->in_bytes,
                    bytes - policy->in_bytes);
    if (slot->state == SLOT_POISONED) { /* nothing leads out of it */
        scrub_to = 0;
        if (policy->cssa == 0 && !(policy->states & IN(SLOT_POISONED))) /* it was not before */
            status = ST_POISONED_NOW;
    }
    return (struct dispatch_result){status, scrub_to};
}
