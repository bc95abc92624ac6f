/* Each bit pattern of each message, byte by byte: what was changed is refused, and nothing changes.
 */
#include "tests/keeper/world.h"

static struct world world;
static struct node keeper, worker;

static void start_over(void)
{
    world_make(&world);
    keeper_node(&world, &keeper, 1);
    assert_good(keeper_start(&world, &keeper));
    worker_node(&world, &worker, 2, keeper.signing.worker_id);
}

static void flip(void *message, size_t at)
{
    ((uint8_t *)message)[at] ^= (uint8_t)(1u << (at % 8));
}

static void quotes(void **state)
{
    static const uint8_t challenge[CHALLENGE_BYTES];
    struct quote_copy quote;
    struct quoted quoted;

    (void)state;
    start_over();
    quote_of(&world, &worker, challenge, &quote);
    for (size_t at = 0; at < sizeof(quote); at++) {
        flip(&quote, at);
        if (quote_check(&quote, &world.policy, &quoted) == ST_OK)
            fail_msg("byte %zu of the quote", at);
        flip(&quote, at);
    }
    assert_good(quote_check(&quote, &world.policy, &quoted));
}

/* Everything but the quote, which has its own test. The digest of the keeper's own quote is not the
 * keeper's to check: with a wrong one the worker refuses the grant. */
static void admissions(void **state)
{
    struct keeper_admission good;
    struct exchange exchange;
    uint8_t nonce[ADMISSION_NONCE_BYTES];

    (void)state;
    start_over();
    ring_begin(&worker.ring, &worker.self.random, nonce);
    exchange_make(&world, &worker, &keeper, nonce, &exchange);
    good = exchange.admission;
    for (size_t at = 0; at < offsetof(struct keeper_admission, quote); at++) {
        struct worker_granted granted = {.answer = exchange.answer};
        enum status status;

        keeper.keeper.pending[0].used = 1;
        keeper.keeper.pending[0].nonces = exchange.nonces;
        flip(&exchange.admission, at);
        status =
            node_command(&keeper, KEEPER_ADMIT, &exchange.admission, sizeof(exchange.admission));
        if (status == ST_OK) {
            granted.grant = keeper.reply.admitted.grant;
            worker.ring.waiting = 1;
            status = ring_install(&worker.ring, &worker.self, worker.policy.keeper, &granted);
        }
        if (status == ST_OK)
            fail_msg("byte %zu of the admission", at);
        exchange.admission = good;
    }
    assert_int_equal(worker.ring.epoch_keys, 0);
}

static void grants(void **state)
{
    struct worker_granted good, granted;
    struct exchange exchange;
    uint8_t nonce[ADMISSION_NONCE_BYTES];

    (void)state;
    start_over();
    ring_begin(&worker.ring, &worker.self.random, nonce);
    exchange_make(&world, &worker, &keeper, nonce, &exchange);
    assert_good(
        node_command(&keeper, KEEPER_ADMIT, &exchange.admission, sizeof(exchange.admission)));
    good = (struct worker_granted){.answer = exchange.answer, .grant = keeper.reply.admitted.grant};
    for (size_t at = 0; at < sizeof(good); at++) {
        if (at >= offsetof(struct worker_granted, answer.quote) &&
            at < offsetof(struct worker_granted, grant))
            continue;
        if (at > offsetof(struct worker_granted, grant.body) + 64 &&
            at < offsetof(struct worker_granted, grant.tag) && at % 61 != 0)
            continue; /* ciphertext is ciphertext */
        granted = good;
        flip(&granted, at);
        worker.ring.waiting = 1;
        if (ring_install(&worker.ring, &worker.self, worker.policy.keeper, &granted) == ST_OK)
            fail_msg("byte %zu of the grant", at);
    }
    assert_int_equal(worker.ring.epoch_keys, 0);
    worker.ring.waiting = 1;
    assert_good(ring_install(&worker.ring, &worker.self, worker.policy.keeper, &good));
}

static void statement(uint64_t command, void *message, size_t bytes, const char *name)
{
    const struct keeper_state before = keeper.keeper.state;

    for (size_t at = 0; at < bytes; at++) {
        flip(message, at);
        if (node_command(&keeper, command, message, bytes) == ST_OK)
            fail_msg("byte %zu of the %s", at, name);
        flip(message, at);
    }
    assert_memory_equal(&keeper.keeper.state, &before, sizeof(before));
    assert_good(node_command(&keeper, command, message, bytes));
}

static void owners_statements(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE};
    struct key_release release;
    struct revocation revocation;

    (void)state;
    start_over();
    release = release_of(&world, &keeper, 0xa1, 1, own, 1);
    statement(KEEPER_RELEASE, &release, sizeof(release), "release");
    assert_good(revocation_make(REVOKE_FUNCTION_KEY, release.wrapped.function_key_id, KEY_ID_BYTES,
                                world.tenant.public_key, keeper.signing.worker_id, &revocation));
    sign_statement(&world.tenant, STATEMENT_REVOCATION, &revocation);
    statement(KEEPER_REVOKE, &revocation, sizeof(revocation), "revocation");
    world.policy.serial++;
    world_sign_policy(&world);
    statement(KEEPER_SET_POLICY, &world.policy, sizeof(world.policy), "platform policy");
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(quotes), CASE(admissions), CASE(grants),
                                       CASE(owners_statements)};

    return cmocka_run_group_tests_name("keeper: flips", tests, NULL, NULL);
}
