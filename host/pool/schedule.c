/* Who gets which slot; pool.h has the rules. Everything here is under the pool's lock and looks at
 * each slot once for each waiting call. */
#include "host/pool/internal.h"

#include <string.h>

static bool usable(const struct worker *worker)
{
    return worker->state == WORKER_UP && !worker->retiring;
}

static bool is_free(const struct slot *slot)
{
    return slot->state == POOL_SLOT_EMPTY || slot->state == POOL_SLOT_WARM;
}

static bool foreign(const struct function *other, const struct function *function)
{
    return other && memcmp(other->tenant, function->tenant, sizeof(function->tenant)) != 0;
}

/* Would the enclave hold two tenants if this slot got the function? Then the others must be emptied
 * first, which they can be if nothing runs in them. */
unsigned slots_to_empty(const struct slot *slot, const struct function *function,
                        struct slot *out[SLOTS_MAX])
{
    struct worker *worker = slot->worker;
    unsigned count = 0;

    if (worker->pool->options.tenancy == POOL_SHARED)
        return 0;
    for (unsigned i = 0; i < worker->slot_count; i++) {
        struct slot *other = &worker->slots[i];

        if (other != slot && (foreign(other->holds, function) || foreign(other->leased, function)))
            out[count++] = other;
    }
    return count;
}

static bool tenancy_allows(const struct slot *slot, const struct function *function)
{
    struct slot *others[SLOTS_MAX];
    unsigned count = slots_to_empty(slot, function, others);

    for (unsigned i = 0; i < count; i++)
        if (!is_free(others[i]))
            return false;
    return true;
}

/* The better of two free slots that do not hold the function: empty ones first, then the one that
 * was used longest ago. */
static bool is_better(const struct slot *slot, const struct slot *best)
{
    if (!best)
        return true;
    if (slot->state != best->state)
        return slot->state == POOL_SLOT_EMPTY;
    return slot->used_at < best->used_at;
}

/* Slots, a bit each, that somebody who waits longer has a claim on. */
struct claims {
    uint64_t slots[POOL_WORKERS_MAX];
};
_Static_assert(SLOTS_MAX <= 64, "a bit for each slot");

/* A session claims its slot only: who keeps that busy must not keep others from the rest. */
static void claim(struct claims *claims, const struct pin *pin)
{
    claims->slots[pin->worker->index] |= pin->slot < 0 ? UINT64_MAX : UINT64_C(1) << pin->slot;
}

static bool is_claimed(const struct claims *claims, const struct slot *slot)
{
    return claims && (claims->slots[slot->worker->index] >> slot->index & 1) != 0;
}

static struct slot *find_warm(struct pool *pool, const struct ticket *ticket,
                              const struct claims *claims)
{
    const struct function *function = ticket->function;
    struct slot *best = NULL;

    for (unsigned w = 0; w < pool->options.workers && function->held; w++) {
        struct worker *worker = &pool->workers[w];

        for (unsigned i = 0; usable(worker) && i < worker->slot_count; i++) {
            struct slot *slot = &worker->slots[i];

            if (is_claimed(claims, slot) || !pin_allows(&ticket->pin, slot))
                continue;

            /* the one used last: its memory is in the caches, and others can grow old */
            if (slot->state == POOL_SLOT_WARM && slot->holds == function &&
                (!best || slot->used_at > best->used_at))
                best = slot;
        }
    }
    return best;
}

static struct slot *find_other(struct pool *pool, const struct ticket *ticket,
                               const struct claims *claims)
{
    struct slot *best = NULL;

    for (unsigned w = 0; w < pool->options.workers; w++) {
        struct worker *worker = &pool->workers[w];

        for (unsigned i = 0; usable(worker) && i < worker->slot_count; i++) {
            struct slot *slot = &worker->slots[i];

            if (is_claimed(claims, slot) || !pin_allows(&ticket->pin, slot))
                continue;
            if (is_free(slot) && is_better(slot, best) &&
                (ticket->errand || tenancy_allows(slot, ticket->function)))
                best = slot;
        }
    }
    return best;
}

/* Is it quicker to wait for a slot that holds the function than to load it once more? */
static bool worth_waiting(const struct function *function)
{
    return function->held > 0 && function->run_us > 0 && function->load_us > 0 &&
           function->run_us * function->waiting < function->load_us * function->held;
}

static void set_busy(struct slot *slot)
{
    slot->state = POOL_SLOT_BUSY;
    slot->worker->leases++;
}

/* ---- the queue ---- */

static void unlink_ticket(struct pool *pool, struct ticket **link)
{
    struct ticket *ticket = *link;

    *link = ticket->next;
    if (!*link)
        pool->last = link;
    pool->queue--;
    ticket->function->waiting--;
}

void unqueue_ticket(struct pool *pool, struct ticket *ticket)
{
    struct ticket **link = &pool->first;

    while (*link != ticket)
        link = &(*link)->next;
    unlink_ticket(pool, link);
}

/* The one after its party's last one that waits; who has none is of the next one, so that those who
 * come again and again do not keep pushing in before others. */
static uint64_t round_of(const struct pool *pool, uint64_t party)
{
    uint64_t round = pool->round + 1;

    for (const struct ticket *other = pool->first; other; other = other->next)
        if (other->party == party)
            round = other->round + 1;
    return round;
}

/* Makes room for a call of this round; false: there is none. */
static bool displace_last(struct pool *pool, uint64_t round)
{
    struct ticket *ticket = pool->first;

    while (ticket && ticket->next)
        ticket = ticket->next;
    if (!ticket || ticket->round <= round)
        return false;
    unqueue_ticket(pool, ticket);
    ticket->displaced = true;
    sem_post(&ticket->wakeup);
    return true;
}

bool queue_ticket(struct pool *pool, struct ticket *ticket)
{
    struct ticket **link = &pool->first;

    ticket->round = round_of(pool, ticket->party);
    if (pool->queue >= pool->options.queue_limit && !displace_last(pool, ticket->round))
        return false;
    while (*link && (*link)->round <= ticket->round)
        link = &(*link)->next;
    ticket->next = *link;
    *link = ticket;
    if (!ticket->next)
        pool->last = &ticket->next;
    pool->queue++;
    ticket->function->waiting++;
    return true;
}

/* ---- leases ---- */

/* The call gets the slot, and those that it has to empty. */
static void lease(struct slot *slot, struct ticket *ticket)
{
    struct slot *others[SLOTS_MAX];
    unsigned count = 0;

    if (slot->holds != ticket->function && !ticket->errand)
        count = slots_to_empty(slot, ticket->function, others);
    for (unsigned i = 0; i < count; i++)
        set_busy(others[i]);
    set_busy(slot);
    slot->leased = ticket->errand ? NULL : ticket->function;
    ticket->slot = slot;
    if (slot->worker->pool->round < ticket->round)
        slot->worker->pool->round = ticket->round;
    sem_post(&ticket->wakeup);
}

/* Calls whose function is warm, whatever their place in the queue. */
static void serve_warm(struct pool *pool)
{
    struct ticket **link = &pool->first;

    while (*link) {
        struct ticket *ticket = *link;
        struct slot *slot = find_warm(pool, ticket, NULL);

        if (slot) {
            unlink_ticket(pool, link);
            lease(slot, ticket);
        } else {
            link = &ticket->next;
        }
    }
}

/* Calls that wait for what will not come back. */
static void dismiss_homeless(struct pool *pool)
{
    struct ticket **link = &pool->first;

    while (*link) {
        struct ticket *ticket = *link;

        if (pin_holds(&ticket->pin, ticket->function)) {
            link = &ticket->next;
            continue;
        }
        unlink_ticket(pool, link);
        ticket->homeless = true;
        sem_post(&ticket->wakeup);
    }
}

/* In order of arrival; the first one that is overdue and finds nothing holds all others back, so
 * that slots become free for it. One that is pinned holds back only those who want its
 * worker, or of a session its slot. */
static void serve_in_order(struct pool *pool, uint64_t now_us)
{
    struct ticket **link = &pool->first;
    struct claims claims = {{0}};

    while (*link) {
        struct ticket *ticket = *link;
        bool overdue = now_us - ticket->since_us > POOL_PATIENCE_US;
        struct slot *slot = find_warm(pool, ticket, &claims);

        if (!slot && (overdue || !worth_waiting(ticket->function)))
            slot = find_other(pool, ticket, &claims);
        if (slot) {
            unlink_ticket(pool, link);
            lease(slot, ticket);
        } else if (overdue && !ticket->pin.worker) {
            return;
        } else {
            if (overdue)
                claim(&claims, &ticket->pin);
            link = &ticket->next;
        }
    }
}

void schedule(struct pool *pool)
{
    uint64_t now_us;

    dismiss_homeless(pool);
    if (!pool->first)
        return;
    now_us = pool_now_us();
    if (now_us - pool->first->since_us <= POOL_PATIENCE_US)
        serve_warm(pool);
    serve_in_order(pool, now_us);
}
