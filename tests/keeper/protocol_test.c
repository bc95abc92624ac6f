/* A keeper, workers, owners and a successor, and everything that must not work between them. */
#include "client/keeper/fleet.h"
#include "tests/keeper/world.h"

#include "base/bytes.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/report.h"
#include "trusted/attest/sealed.h"

#include <stdio.h>

static struct world world;
static struct node keeper, worker, other;

static void start_over(void)
{
    world_make(&world);
    keeper_node(&world, &keeper, 1);
    assert_good(keeper_start(&world, &keeper));
    worker_node(&world, &worker, 2, keeper.signing.worker_id);
}

static enum status command(uint64_t number)
{
    return node_command(&keeper, number, NULL, 0);
}

/* ---- what works --------------------------------------------------------------------- */

static void a_worker_gets_the_epochs_and_its_functions_keys(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE}, others[] = {OTHER_IMAGE};
    struct key_release release;
    struct receiving_key found;
    struct granted_key granted;
    uint8_t id[KEY_ID_BYTES], key[32], epoch_id[KEY_ID_BYTES];

    (void)state;
    start_over();
    release = release_of(&world, &keeper, 0xa1, 1, own, 1);
    assert_good(node_command(&keeper, KEEPER_RELEASE, &release, sizeof(release)));
    release = release_of(&world, &keeper, 0xa2, 1, others, 1);
    assert_good(node_command(&keeper, KEEPER_RELEASE, &release, sizeof(release)));
    assert_good(admit(&world, &worker, &keeper));

    assert_int_equal(worker.ring.epoch, 1);
    assert_int_equal(worker.ring.epoch_keys, 1);
    memcpy(epoch_id, worker.ring.epochs[0].id, sizeof(epoch_id));
    assert_true(ring_receiving_key(&worker.ring, epoch_id, &found));
    assert_memory_equal(found.secret, keeper.keeper.state.current, 32);
    assert_int_equal(worker.ring.key_count, 1);
    memset(key, 0xa1, sizeof(key));
    function_key_id(key, id);
    assert_true(ring_function_key(&worker.ring, id, &granted));
    assert_memory_equal(granted.key, key, sizeof(key));
    worker_id_of(world.tenant.public_key, key);
    assert_memory_equal(granted.tenant, key, sizeof(key));
    memset(key, 0xa2, sizeof(key));
    function_key_id(key, id);
    assert_false(ring_function_key(&worker.ring, id, &granted));

    /* two epochs later the first one's key is gone */
    assert_good(command(KEEPER_ROTATE));
    assert_good(admit(&world, &worker, &keeper));
    assert_int_equal(worker.ring.epoch_keys, 2);
    assert_true(ring_receiving_key(&worker.ring, epoch_id, &found));
    assert_good(command(KEEPER_ROTATE));
    assert_good(admit(&world, &worker, &keeper));
    assert_false(ring_receiving_key(&worker.ring, epoch_id, &found));
}

static void an_image_that_the_policy_names_is_admitted(void **state)
{
    (void)state;
    start_over();
    world.image = OTHER_IMAGE;
    worker_node(&world, &worker, 2, keeper.signing.worker_id);
    assert_good(admit(&world, &worker, &keeper));
    world.policy.image_count = 1; /* without the keeper's own the worker does not know it */
    memset(world.policy.images[1], 0, 32);
    world_sign_policy(&world);
    keeper_node(&world, &keeper, 1);
    memset(keeper.self.mrenclave, OWN_IMAGE, 32);
    assert_good(keeper_start(&world, &keeper));
    worker_node(&world, &worker, 2, keeper.signing.worker_id);
    assert_status(admit(&world, &worker, &keeper), ST_QUOTE_MEASUREMENT);
}

/* Of a changed certificate: its form or its signature, before anything that it says. */
static void must_be_nobodys(enum status status, size_t at)
{
    if (status != ST_CORRUPT && status != ST_GRANT_FORGED)
        fail_msg("byte %zu of a certificate: status %d", at, (int)status);
}

static void certificates_hold_for_callers(void **state)
{
    struct fleet_keeper view = {0};
    uint8_t images[2][32];
    struct fleet_images accepted = {(const uint8_t(*)[32])images, 2};
    struct keeper_status now;
    struct keeper_admitted admitted;
    struct fleet_epoch epoch;
    struct fleet_worker certified;
    uint8_t expected[32];

    (void)state;
    start_over();
    memset(images[0], OWN_IMAGE, 32);
    memset(images[1], OTHER_IMAGE, 32);
    assert_good(command(KEEPER_STATUS));
    now = keeper.reply.status;
    assert_good(admit(&world, &worker, &keeper));
    admitted = keeper.reply.admitted;
    view.identity = keeper.identity;
    memcpy(view.mrenclave, keeper.self.mrenclave, 32);
    memcpy(view.owner, now.owner, sizeof(view.owner));
    view.policy = now.policy;
    assert_good(fleet_keeper_check(&view, &accepted));
    accepted.count = 1;
    assert_status(fleet_keeper_check(&view, &accepted), ST_QUOTE_MEASUREMENT);
    accepted.count = 2;

    assert_good(fleet_epoch_check(&view, now.certificate, now.certificate_bytes, 0, &epoch));
    assert_int_equal(epoch.epoch, 1);
    assert_int_equal(epoch.counter, now.counter);
    assert_memory_equal(epoch.receiving_key, worker.ring.epochs[0].public_key, 32);
    assert_status(
        fleet_epoch_check(&view, now.certificate, now.certificate_bytes, now.counter + 1, &epoch),
        ST_KEEPER_STALE);
    assert_good(
        fleet_worker_check(&view, admitted.certificate, admitted.certificate_bytes, 1, &certified));
    assert_memory_equal(&certified.identity, &worker.identity, sizeof(worker.identity));
    assert_memory_equal(certified.mrenclave, worker.self.mrenclave, 32);
    assert_status(
        fleet_worker_check(&view, admitted.certificate, admitted.certificate_bytes, 2, &certified),
        ST_KEEPER_STALE);
    assert_good(fleet_worker_policy(&view, TENANCY_SEQUENTIAL, 0, expected));
    assert_memory_equal(worker.identity.policy_sha256, expected, 32);

    /* each kind in the other's place, and each byte of both changed */
    assert_status(
        fleet_epoch_check(&view, admitted.certificate, admitted.certificate_bytes, 0, &epoch),
        ST_CORRUPT);
    assert_status(fleet_worker_check(&view, now.certificate, now.certificate_bytes, 0, &certified),
                  ST_CORRUPT);
    for (size_t at = 0; at < now.certificate_bytes; at++) {
        now.certificate[at] ^= (uint8_t)(1u << (at % 8));
        must_be_nobodys(fleet_epoch_check(&view, now.certificate, now.certificate_bytes, 0, &epoch),
                        at);
        now.certificate[at] ^= (uint8_t)(1u << (at % 8));
    }
    for (size_t at = 0; at < admitted.certificate_bytes; at++) {
        admitted.certificate[at] ^= (uint8_t)(1u << (at % 8));
        must_be_nobodys(fleet_worker_check(&view, admitted.certificate, admitted.certificate_bytes,
                                           0, &certified),
                        at);
        admitted.certificate[at] ^= (uint8_t)(1u << (at % 8));
    }
    /* of another keeper, or under another policy */
    view.policy.serial++;
    assert_status(fleet_epoch_check(&view, now.certificate, now.certificate_bytes, 0, &epoch),
                  ST_KEEPER_POLICY);
    view.policy.serial--;
    memcpy(view.identity.signing_key, world.stranger.public_key, SIGNING_KEY_BYTES);
    assert_status(fleet_epoch_check(&view, now.certificate, now.certificate_bytes, 0, &epoch),
                  ST_GRANT_FORGED);
}

static void a_callers_view_of_a_keeper(void **state)
{
    static const uint8_t images[2][32];
    struct fleet_images accepted = {images, 2};
    struct fleet_keeper good = {0}, view;

    (void)state;
    start_over();
    good.identity = keeper.identity;
    memcpy(good.owner, world.owner.public_key, sizeof(good.owner));
    good.policy = world.policy;
    view = good;
    view.identity.role = ROLE_WORKER;
    assert_status(fleet_keeper_check(&view, &accepted), ST_WRONG_ROLE);
    view = good;
    memcpy(view.owner, world.stranger.public_key, sizeof(view.owner));
    assert_status(fleet_keeper_check(&view, &accepted), ST_KEEPER_SIGNATURE);
    view = good;
    view.policy.image_count = PLATFORM_IMAGES_MAX + 1;
    assert_status(fleet_keeper_check(&view, &accepted), ST_KEEPER_POLICY);
    /* the owner's other policy with another root: not this keeper's terms */
    view = good;
    world.policy.root_key[0] ^= 1;
    world_sign_policy(&world);
    view.policy = world.policy;
    assert_status(fleet_keeper_check(&view, &accepted), ST_QUOTE_IDENTITY);
}

/* ---- starting --------------------------------------------------------------------------- */

static void commands_are_legal_when_they_are(void **state)
{
    static const uint8_t nonce[ADMISSION_NONCE_BYTES];

    (void)state;
    world_make(&world);
    keeper_node(&world, &keeper, 1);
    for (uint64_t number = KEEPER_STATUS; number <= KEEPER_TAKE_OVER; number++) {
        struct keeper_sizes sizes;

        assert_status(keeper_sizes(&keeper.keeper, number, &sizes), ST_KEEPER_EMPTY);
    }
    assert_status(node_command(&keeper, 0, NULL, 0), ST_UNKNOWN_CALL);
    assert_status(node_command(&keeper, KEEPER_TAKE_OVER + 1, NULL, 0), ST_UNKNOWN_CALL);
    assert_good(keeper_start(&world, &keeper));
    assert_status(keeper_start(&world, &keeper), ST_KEEPER_READY);
    assert_good(node_command(&keeper, KEEPER_CHALLENGE, nonce, sizeof(nonce)));
}

static void policies_that_are_none(void **state)
{
    (void)state;
#define REFUSED(change, expected)                                                                  \
    do {                                                                                           \
        world_make(&world);                                                                        \
        keeper_node(&world, &keeper, 1);                                                           \
        change;                                                                                    \
        world_sign_policy(&world);                                                                 \
        assert_status(keeper_start(&world, &keeper), expected);                                    \
        assert_int_equal(keeper.keeper.state.epoch, 0);                                            \
    } while (0)
    REFUSED(world.policy.magic[0] ^= 1, ST_KEEPER_POLICY);
    REFUSED(world.policy.version++, ST_KEEPER_POLICY);
    REFUSED(world.policy.level_count = 0;
            memset(world.policy.levels, 0, sizeof(world.policy.levels)), ST_KEEPER_POLICY);
    REFUSED(world.policy.level_count = PLATFORM_LEVELS_MAX + 1, ST_KEEPER_POLICY);
    REFUSED(world.policy.revoked_count = PLATFORM_REVOKED_MAX + 1, ST_KEEPER_POLICY);
    REFUSED(world.policy.image_count = PLATFORM_IMAGES_MAX + 1, ST_KEEPER_POLICY);
    REFUSED(world.policy.serial = 0, ST_KEEPER_POLICY);
    REFUSED(world.policy.levels[1].pce_svn = 1, ST_KEEPER_POLICY);
    REFUSED(world.policy.revoked[0][0] = 1, ST_KEEPER_POLICY);
    REFUSED(world.policy.images[2][0] = 1, ST_KEEPER_POLICY);
    REFUSED(memset(world.policy.qe_mrsigner, 0, 32), ST_KEEPER_POLICY);
    REFUSED(world.owner = world.stranger;
            memcpy(world.owner.public_key, world.tenant.public_key, SIGNING_KEY_BYTES),
            ST_KEEPER_SIGNATURE);
#undef REFUSED
}

static void a_policy_is_renewed_and_never_another_keepers(void **state)
{
    (void)state;
    start_over();
    world.policy.serial = 2;
    world.policy.revoked[0][19] = 77;
    world.policy.revoked_count = 1;
    world_sign_policy(&world);
    assert_good(node_command(&keeper, KEEPER_SET_POLICY, &world.policy, sizeof(world.policy)));
    assert_int_equal(keeper.keeper.state.policy.revoked_count, 1);
    assert_status(node_command(&keeper, KEEPER_SET_POLICY, &world.policy, sizeof(world.policy)),
                  ST_KEEPER_STALE);
    world.policy.serial = 3;
    assert_status(node_command(&keeper, KEEPER_SET_POLICY, &world.policy, sizeof(world.policy)),
                  ST_KEEPER_SIGNATURE);
    world.policy.root_key[0] ^= 1;
    world_sign_policy(&world);
    assert_status(node_command(&keeper, KEEPER_SET_POLICY, &world.policy, sizeof(world.policy)),
                  ST_KEEPER_POLICY);
    assert_int_equal(keeper.keeper.state.policy.serial, 2);
}

/* ---- admission: who is refused ------------------------------------------------------------- */

/* One exchange up to the keeper's answer. */
static void begin(struct node *asker, struct exchange *exchange)
{
    uint8_t nonce[ADMISSION_NONCE_BYTES];

    ring_begin(&asker->ring, &asker->self.random, nonce);
    exchange_make(&world, asker, &keeper, nonce, exchange);
}

static enum status ask(const struct exchange *exchange)
{
    return node_command(&keeper, KEEPER_ADMIT, &exchange->admission, sizeof(exchange->admission));
}

static enum status take(struct node *asker, const struct exchange *exchange,
                        const struct worker_grant *grant)
{
    struct worker_granted granted = {.answer = exchange->answer, .grant = *grant};

    return ring_install(&asker->ring, &asker->self, asker->policy.keeper, &granted);
}

static void workers_that_are_refused(void **state)
{
    struct exchange exchange;

    (void)state;
    start_over();
    world.image = ALIEN_IMAGE;
    worker_node(&world, &worker, 2, keeper.signing.worker_id);
    assert_status(admit(&world, &worker, &keeper), ST_QUOTE_MEASUREMENT);
    start_over(); /* of another keeper's fleet */
    worker_node(&world, &worker, 2, world.stranger.worker_id);
    begin(&worker, &exchange);
    assert_status(ask(&exchange), ST_KEEPER_OTHER); /* by the keeper; the worker would, too */
    start_over();                                   /* a keeper is no worker */
    keeper_node(&world, &other, 3);
    assert_good(keeper_start(&world, &other));
    assert_status(admit(&world, &other, &keeper), ST_QUOTE_IDENTITY);
    start_over(); /* a role of its own invention, and policies of another role */
    worker.identity.role = 3;
    assert_status(admit(&world, &worker, &keeper), ST_QUOTE_IDENTITY);
    start_over();
    worker.policy.role = ROLE_KEEPER;
    policy_digest(&worker.policy, worker.identity.policy_sha256);
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_OTHER);
    start_over();
    worker.policy.version = 2;
    policy_digest(&worker.policy, worker.identity.policy_sha256);
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_OTHER);
    start_over(); /* another policy than the quoted one */
    worker.policy.flags = POLICY_ENCRYPTED_ONLY;
    assert_status(admit(&world, &worker, &keeper), ST_QUOTE_IDENTITY);
    start_over(); /* debug, revoked, below the level */
    world.recipe.debug = true;
    assert_status(admit(&world, &worker, &keeper), ST_QUOTE_DEBUG);
    start_over();
    world.recipe.platform_svns[0]--;
    assert_status(admit(&world, &worker, &keeper), ST_QUOTE_PLATFORM);
}

static void nobody_is_admitted_after_the_policys_last_epoch(void **state)
{
    (void)state;
    world_make(&world);
    world.policy.last_epoch = 2;
    world_sign_policy(&world);
    keeper_node(&world, &keeper, 1);
    assert_good(keeper_start(&world, &keeper));
    worker_node(&world, &worker, 2, keeper.signing.worker_id);
    assert_good(command(KEEPER_ROTATE));
    assert_good(admit(&world, &worker, &keeper));
    assert_good(command(KEEPER_ROTATE));
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_EXPIRED);
}

static void a_nonce_serves_one_attempt(void **state)
{
    struct exchange exchange, second;
    struct worker_grant grant;

    (void)state;
    start_over();
    begin(&worker, &exchange);
    assert_good(ask(&exchange));
    grant = keeper.reply.admitted.grant;
    assert_status(ask(&exchange), ST_KEEPER_CHALLENGE);
    assert_good(take(&worker, &exchange, &grant));
    assert_status(take(&worker, &exchange, &grant), ST_KEEPER_CHALLENGE);
    /* a failed attempt spends it, too */
    begin(&worker, &exchange);
    second = exchange;
    second.admission.identity.boot_id[0] ^= 1;
    assert_status(ask(&second), ST_QUOTE_IDENTITY);
    assert_status(ask(&exchange), ST_KEEPER_CHALLENGE);
    /* replayed after the worker has asked anew: quote and grant are for another nonce */
    begin(&worker, &exchange);
    assert_good(ask(&exchange));
    grant = keeper.reply.admitted.grant;
    begin(&worker, &second);
    assert_status(take(&worker, &exchange, &grant), ST_QUOTE_IDENTITY);
    /* an old keeper's quote with a new grant, and the reverse */
    begin(&worker, &second);
    assert_good(ask(&second));
    assert_status(take(&worker, &second, &grant), ST_GRANT_FORGED);
}

static void exchanges_are_not_mixed(void **state)
{
    struct exchange mine, others, mixed;
    struct worker_grant grant, others_grant;

    (void)state;
    start_over();
    worker_node(&world, &other, 5, keeper.signing.worker_id);
    begin(&worker, &mine);
    begin(&other, &others);
    mixed = mine;
    memcpy(mixed.admission.keeper_nonce, others.nonces.keeper, ADMISSION_NONCE_BYTES);
    assert_status(ask(&mixed), ST_QUOTE_IDENTITY); /* and the other's nonce is spent */
    assert_good(ask(&mine));
    grant = keeper.reply.admitted.grant;
    begin(&other, &others);
    assert_good(ask(&others));
    others_grant = keeper.reply.admitted.grant;
    assert_status(take(&worker, &mine, &others_grant), ST_GRANT_FORGED);
    assert_status(take(&other, &others, &grant), ST_GRANT_FORGED);
    assert_int_equal(worker.ring.epoch_keys, 0);
}

/* The keeper's own quote as a worker's, a worker's as the keeper's. */
static void reflections(void **state)
{
    struct exchange exchange;
    struct worker_grant grant;

    (void)state;
    start_over();
    begin(&worker, &exchange);
    exchange.admission.quote = exchange.answer.quote;
    exchange.admission.identity = exchange.answer.identity;
    assert_status(ask(&exchange), ST_QUOTE_IDENTITY);
    begin(&worker, &exchange);
    assert_good(ask(&exchange));
    grant = keeper.reply.admitted.grant;
    exchange.answer.quote = exchange.admission.quote;
    exchange.answer.identity = exchange.admission.identity;
    assert_status(take(&worker, &exchange, &grant), ST_KEEPER_OTHER);
}

/* ---- grants: what a worker refuses ----------------------------------------------------------- */

static void keepers_that_are_refused(void **state)
{
    struct exchange exchange;
    struct worker_grant grant;

    (void)state;
    start_over(); /* not the one that the worker names */
    begin(&worker, &exchange);
    assert_good(ask(&exchange));
    grant = keeper.reply.admitted.grant;
    memcpy(worker.policy.keeper, world.stranger.worker_id, 32);
    assert_status(take(&worker, &exchange, &grant), ST_KEEPER_OTHER);
    start_over(); /* a policy that its owner did not sign, or that belongs to other terms */
    begin(&worker, &exchange);
    assert_good(ask(&exchange));
    grant = keeper.reply.admitted.grant;
    exchange.answer.policy.serial++;
    assert_status(take(&worker, &exchange, &grant), ST_KEEPER_SIGNATURE);
    worker.ring.waiting = 1;
    memcpy(exchange.answer.owner, world.stranger.public_key, SIGNING_KEY_BYTES);
    sign_statement(&world.stranger, STATEMENT_PLATFORM, &exchange.answer.policy);
    assert_status(take(&worker, &exchange, &grant), ST_QUOTE_IDENTITY);
    assert_int_equal(worker.ring.epoch_keys, 0);
}

/* A host knows all that is public, and may encrypt keys of its own to the worker. */
static void grants_made_by_others(void **state)
{
    struct node forger;
    struct exchange exchange;
    struct worker_grant grant;
    uint8_t asker_quote[32], keeper_quote[32], transcript[32];

    (void)state;
    start_over();
    begin(&worker, &exchange);
    keeper_node(&world, &forger, 66);
    memset(&grant, 0, sizeof(grant));
    grant.body.epoch = 1;
    memset(grant.body.current, 0x66, sizeof(grant.body.current));
    quote_digest(&exchange.admission.quote, asker_quote);
    quote_digest(&exchange.answer.quote, keeper_quote);
    exchange_transcript(&exchange.nonces, asker_quote, keeper_quote, transcript);
    assert_good(grant_seal(&forger.self, GRANT_WORKER, transcript, worker.receiving.public_key,
                           &grant, sizeof(grant.body)));
    assert_status(take(&worker, &exchange, &grant), ST_GRANT_FORGED);
    assert_int_equal(worker.ring.epoch_keys, 0);
}

/* A keeper whose state was rolled back has a lower counter, an old grant an older epoch. */
static void older_grants_are_refused(void **state)
{
    struct keeper_state before;
    struct receiving_key key;

    (void)state;
    start_over();
    before = keeper.keeper.state;
    assert_good(command(KEEPER_ROTATE));
    assert_good(admit(&world, &worker, &keeper));
    keeper.keeper.state = before;
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_STALE);
    assert_int_equal(worker.ring.epoch, 2); /* it keeps what it has */
    assert_true(ring_receiving_key(&worker.ring, worker.ring.epochs[0].id, &key));
    keeper.keeper.state.epoch = 2;
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_STALE); /* the counter alone */
    keeper.keeper.state.counter += 5;
    keeper.keeper.state.epoch = 1;
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_STALE); /* the epoch alone */
}

/* ---- function keys -----------------------------------------------------------------------------
 */

static enum status release(const struct key_release *statement)
{
    return node_command(&keeper, KEEPER_RELEASE, statement, sizeof(*statement));
}

static void releases_that_are_refused(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE};
    struct key_release good, bad;

    (void)state;
    start_over();
    good = release_of(&world, &keeper, 0xa1, 5, own, 1);
    bad = good;
    memcpy(bad.keeper, world.stranger.worker_id, 32);
    sign_statement(&world.tenant, STATEMENT_RELEASE, &bad);
    assert_status(release(&bad), ST_KEEPER_OTHER);
    bad = good;
    bad.policy.measured_count = 0; /* nobody may have it */
    memset(bad.policy.measured[0], 0, 32);
    sign_statement(&world.tenant, STATEMENT_RELEASE, &bad);
    assert_status(release(&bad), ST_KEEPER_POLICY);
    bad = good;
    bad.policy.flags = 4;
    sign_statement(&world.tenant, STATEMENT_RELEASE, &bad);
    assert_status(release(&bad), ST_KEEPER_POLICY);
    bad = good;
    sign_statement(&world.stranger, STATEMENT_RELEASE, &bad);
    assert_status(release(&bad), ST_KEEPER_SIGNATURE);
    bad = good; /* wrapped for another */
    bad.wrapped.recipient[0] ^= 1;
    sign_statement(&world.tenant, STATEMENT_RELEASE, &bad);
    assert_status(release(&bad), ST_SEALED_KEY);
    assert_int_equal(keeper.keeper.state.key_count, 0);
    assert_good(release(&good));
    assert_status(release(&good), ST_KEEPER_STALE);
    /* another's claim to the same key */
    bad = release_of(&world, &keeper, 0xa1, 6, own, 1);
    memcpy(bad.owner, world.stranger.public_key, SIGNING_KEY_BYTES);
    sign_statement(&world.stranger, STATEMENT_RELEASE, &bad);
    assert_status(release(&bad), ST_KEEPER_SIGNATURE);
    good = release_of(&world, &keeper, 0xa1, 6, own, 1);
    assert_good(release(&good));
    assert_int_equal(keeper.keeper.state.key_count, 1);
}

static void policies_of_functions(void **state)
{
    struct function_policy policy = {.serial = 1, .measured_count = 1};
    struct quoted quoted = {.isv_prod_id = 7, .isv_svn = 3};
    struct enclave_policy enclave = {.tenancy = TENANCY_SEQUENTIAL};

    (void)state;
    memset(policy.measured[0], OWN_IMAGE, 32);
    memset(quoted.mrenclave, OWN_IMAGE, 32);
    memset(quoted.mrsigner, 0x51, 32);
    assert_true(function_policy_names(&policy, &quoted));
    quoted.mrenclave[31] ^= 1;
    assert_false(function_policy_names(&policy, &quoted));
    memset(policy.mrsigner, 0x51, 32);
    policy.isv_prod_id = 7;
    policy.isv_svn = 3;
    assert_true(function_policy_names(&policy, &quoted));
    quoted.isv_svn = 2;
    assert_false(function_policy_names(&policy, &quoted));
    quoted.isv_svn = 4;
    quoted.isv_prod_id = 8;
    assert_false(function_policy_names(&policy, &quoted));
    quoted.isv_prod_id = 7;
    quoted.mrsigner[0] ^= 1;
    assert_false(function_policy_names(&policy, &quoted));
    memset(policy.mrsigner, 0, 32); /* no signer is not the signer of zeros */
    memset(quoted.mrsigner, 0, 32);
    assert_false(function_policy_names(&policy, &quoted));

    assert_true(function_policy_suits(&policy, &enclave));
    policy.flags = FUNCTION_NEEDS_SEQUENTIAL | FUNCTION_NEEDS_ENCRYPTED;
    assert_false(function_policy_suits(&policy, &enclave));
    enclave.flags = POLICY_ENCRYPTED_ONLY;
    assert_true(function_policy_suits(&policy, &enclave));
    enclave.tenancy = TENANCY_SHARED;
    assert_false(function_policy_suits(&policy, &enclave));
}

static void a_full_table_says_so(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE};
    struct key_release statement;

    (void)state;
    start_over();
    keeper.keeper.state.key_count = KEEPER_KEYS_MAX;
    statement = release_of(&world, &keeper, 0xa1, 1, own, 1);
    assert_status(release(&statement), ST_KEEPER_FULL);
}

/* ---- revocation
 * ---------------------------------------------------------------------------------- */

static struct revocation revocation_of(enum revocation_kind kind, const uint8_t *subject,
                                       const struct signing_key *signer)
{
    struct revocation revocation;

    assert_good(revocation_make(kind, subject, kind == REVOKE_WORKER ? 32 : KEY_ID_BYTES,
                                signer->public_key, keeper.signing.worker_id, &revocation));
    sign_statement(signer, STATEMENT_REVOCATION, &revocation);
    return revocation;
}

static enum status revoke(const struct revocation *revocation)
{
    return node_command(&keeper, KEEPER_REVOKE, revocation, sizeof(*revocation));
}

static void a_revoked_function_key_is_gone_for_good(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE};
    static const uint8_t zero[32];
    struct key_release statement;
    struct revocation revocation;
    struct granted_key granted;

    (void)state;
    start_over();
    statement = release_of(&world, &keeper, 0xa1, 1, own, 1);
    assert_good(release(&statement));
    assert_good(admit(&world, &worker, &keeper));
    assert_true(ring_function_key(&worker.ring, statement.wrapped.function_key_id, &granted));
    /* the keeper's owner has no say, nor has anybody else */
    revocation =
        revocation_of(REVOKE_FUNCTION_KEY, statement.wrapped.function_key_id, &world.owner);
    assert_status(revoke(&revocation), ST_KEEPER_SIGNATURE);
    revocation =
        revocation_of(REVOKE_FUNCTION_KEY, statement.wrapped.function_key_id, &world.tenant);
    assert_good(revoke(&revocation));
    assert_memory_equal(keeper.keeper.state.keys[0].key, zero, sizeof(zero));
    assert_good(admit(&world, &worker, &keeper));
    assert_false(ring_function_key(&worker.ring, statement.wrapped.function_key_id, &granted));
    statement = release_of(&world, &keeper, 0xa1, 9, own, 1);
    assert_status(release(&statement), ST_KEEPER_REVOKED);
    revocation = revocation_of(REVOKE_FUNCTION_KEY, zero, &world.tenant);
    assert_status(revoke(&revocation), ST_NOT_FOUND);
}

static void a_revoked_worker_gets_nothing_any_more(void **state)
{
    struct revocation revocation;
    uint64_t epoch;

    (void)state;
    start_over();
    worker_node(&world, &other, 5, keeper.signing.worker_id);
    assert_good(admit(&world, &worker, &keeper));
    epoch = keeper.keeper.state.epoch;
    revocation = revocation_of(REVOKE_WORKER, worker.signing.worker_id, &world.tenant);
    assert_status(revoke(&revocation), ST_KEEPER_SIGNATURE);
    revocation = revocation_of(REVOKE_WORKER, worker.signing.worker_id, &world.owner);
    assert_good(revoke(&revocation));
    assert_int_equal(keeper.keeper.state.epoch, epoch + 1);
    assert_status(admit(&world, &worker, &keeper), ST_KEEPER_REVOKED);
    assert_good(admit(&world, &other, &keeper));
    assert_status(revoke(&revocation), ST_KEEPER_STALE);
}

static void revocations_for_others(void **state)
{
    struct revocation revocation;

    (void)state;
    start_over();
    revocation = revocation_of(REVOKE_WORKER, worker.signing.worker_id, &world.owner);
    memcpy(revocation.keeper, world.stranger.worker_id, 32);
    sign_statement(&world.owner, STATEMENT_REVOCATION, &revocation);
    assert_status(revoke(&revocation), ST_KEEPER_OTHER);
    revocation = revocation_of(REVOKE_WORKER, worker.signing.worker_id, &world.owner);
    revocation.kind = 3;
    sign_statement(&world.owner, STATEMENT_REVOCATION, &revocation);
    assert_status(revoke(&revocation), ST_CORRUPT);
}

/* ---- the state
 * ------------------------------------------------------------------------------------- */

static enum status restore(struct node *node, const uint8_t sealed[KEEPER_SEALED_BYTES])
{
    return node_command(node, KEEPER_RESTORE, sealed, KEEPER_SEALED_BYTES);
}

static uint8_t sealed[KEEPER_SEALED_BYTES];

static void a_state_restores_the_keeper(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE};
    struct key_release statement;

    (void)state;
    start_over();
    statement = release_of(&world, &keeper, 0xa1, 1, own, 1);
    assert_good(release(&statement));
    memcpy(sealed, keeper.reply.sealed, sizeof(sealed));
    keeper_node(&world, &other, 9);
    assert_good(restore(&other, sealed));
    assert_memory_equal(&other.keeper.state, &keeper.keeper.state, sizeof(keeper.keeper.state));
    assert_memory_equal(other.identity.signing_key, keeper.identity.signing_key, SIGNING_KEY_BYTES);
    assert_memory_equal(other.identity.policy_sha256, keeper.identity.policy_sha256, 32);
    assert_memory_not_equal(other.identity.receiving_key, keeper.identity.receiving_key, 32);
    assert_memory_not_equal(other.identity.boot_id, keeper.identity.boot_id, BOOT_ID_BYTES);
    assert_good(admit(&world, &worker, &other));
    assert_status(restore(&other, sealed), ST_KEEPER_READY);
    /* nothing secret lies in it in the clear */
    assert_null(memmem(sealed, sizeof(sealed), keeper.signing.secret, 16));
    assert_null(memmem(sealed, sizeof(sealed), keeper.keeper.state.current, 16));
    assert_null(memmem(sealed, sizeof(sealed), keeper.keeper.state.keys[0].key, 16));
}

static void states_that_are_refused(void **state)
{
    static const uint8_t zero[sizeof(struct keeper_state)];

    (void)state;
    start_over();
    memcpy(sealed, keeper.reply.sealed, sizeof(sealed));
    world.image = OTHER_IMAGE; /* another image's */
    keeper_node(&world, &other, 9);
    assert_status(restore(&other, sealed), ST_SEALED_FORGED);
    world.image = OWN_IMAGE;
    keeper_node(&world, &other, 9);
    for (size_t at = 0; at < sizeof(sealed); at += at < sizeof(struct state_header) ? 1 : 97) {
        sealed[at] ^= (uint8_t)(1u << (at % 8));
        if (restore(&other, sealed) == ST_OK)
            fail_msg("byte %zu", at);
        assert_memory_equal(&other.keeper.state, zero, sizeof(zero));
        sealed[at] ^= (uint8_t)(1u << (at % 8));
    }
    for (size_t at = sizeof(sealed) - AEAD_TAG_BYTES; at < sizeof(sealed); at++) {
        sealed[at] ^= 1;
        assert_status(restore(&other, sealed), ST_SEALED_FORGED);
        sealed[at] ^= 1;
    }
    assert_good(restore(&other, sealed));
}

/* Authentic, but not what this version writes. */
static void states_that_contradict_themselves(void **state)
{
    struct state_header header;
    struct keeper_state good, bad;
    struct sealing_id id;
    uint8_t key[16];

    (void)state;
    start_over();
    memcpy(&header, keeper.reply.sealed, sizeof(header));
    good = keeper.keeper.state;
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        bad = good;                                                                                \
        change;                                                                                    \
        memcpy(id.key_id, header.key_id, 32);                                                      \
        memcpy(id.cpu_svn, header.cpusvn, 16);                                                     \
        id.isv_svn = header.isvsvn;                                                                \
        assert_good(sealing_key(&id, key));                                                        \
        memcpy(sealed, &header, sizeof(header));                                                   \
        memcpy(sealed + sizeof(header), &bad, sizeof(bad));                                        \
        state_seal(&header, key, sealed + sizeof(header));                                         \
        keeper_node(&world, &other, 9);                                                            \
        assert_status(restore(&other, sealed), ST_CORRUPT);                                        \
    } while (0)
    memset(&id, 0, sizeof(id));
    REFUSED(bad.version++);
    REFUSED(bad.counter++);
    REFUSED(bad.has_previous = 2);
    REFUSED(bad.key_count = KEEPER_KEYS_MAX + 1);
    REFUSED(bad.worker_count = KEEPER_WORKERS_MAX + 1);
    REFUSED(bad.policy.signature[0] ^= 1);
#undef REFUSED
}

static void each_state_has_a_higher_counter_and_another_key(void **state)
{
    struct state_header first, second;

    (void)state;
    start_over();
    memcpy(&first, keeper.reply.sealed, sizeof(first));
    assert_good(command(KEEPER_ROTATE));
    memcpy(&second, keeper.reply.sealed, sizeof(second));
    assert_true(second.counter == first.counter + 1);
    assert_memory_not_equal(first.key_id, second.key_id, 32);
}

/* ---- handover
 * ---------------------------------------------------------------------------------------- */

static struct handover_policy handover;

/* `other` is a keeper of OTHER_IMAGE; the owner has signed the handover. */
static void prepare_handover(void)
{
    static const uint8_t own[] = {OWN_IMAGE}, both[] = {OWN_IMAGE, OTHER_IMAGE};
    struct key_release statement;
    struct revocation revocation;

    start_over();
    statement = release_of(&world, &keeper, 0xa1, 1, own, 1);
    assert_good(release(&statement));
    statement = release_of(&world, &keeper, 0xa2, 1, both, 2);
    assert_good(release(&statement));
    statement = release_of(&world, &keeper, 0xa3, 1, own, 1);
    assert_good(release(&statement));
    revocation =
        revocation_of(REVOKE_FUNCTION_KEY, statement.wrapped.function_key_id, &world.tenant);
    assert_good(revoke(&revocation));
    revocation = revocation_of(REVOKE_WORKER, worker.signing.worker_id, &world.owner);
    assert_good(revoke(&revocation));
    world.image = OTHER_IMAGE;
    keeper_node(&world, &other, 20);
    assert_good(keeper_start(&world, &other));
    handover_policy_make(keeper.signing.worker_id, keeper.self.mrenclave, other.self.mrenclave,
                         &handover);
    sign_statement(&world.owner, STATEMENT_HANDOVER, &handover);
}

static struct keeper_take_over result;

static enum status hand_over(struct exchange *exchange)
{
    struct keeper_handover request;
    enum status status;

    assert_good(node_command(&other, KEEPER_TAKE_OVER_BEGIN, NULL, 0));
    exchange_make(&world, &other, &keeper, other.keeper.asker_nonce, exchange);
    request = (struct keeper_handover){.policy = handover, .admission = exchange->admission};
    status = node_command(&keeper, KEEPER_HAND_OVER, &request, sizeof(request));
    result.handover = handover;
    result.answer = exchange->answer;
    result.grant = keeper.reply.handover;
    return status;
}

static enum status take_over(void)
{
    return node_command(&other, KEEPER_TAKE_OVER, &result, sizeof(result));
}

static void another_image_takes_over_what_owners_allow(void **state)
{
    static const uint8_t zero[32];
    const struct keeper_state *old = &keeper.keeper.state, *new = &other.keeper.state;
    struct exchange exchange;

    (void)state;
    prepare_handover();
    assert_good(hand_over(&exchange));
    assert_good(take_over());
    assert_int_equal(new->key_count, 2); /* one for both images, and the revoked one */
    assert_int_equal(new->keys[0].key[0], 0xa2);
    assert_int_equal(new->keys[1].revoked, 1);
    assert_memory_equal(new->keys[1].key, zero, sizeof(zero));
    assert_int_equal(new->worker_count, 1);
    assert_int_equal(new->epoch, old->epoch + 1);
    /* keys that callers know the old image by stay there */
    assert_memory_not_equal(new->signing.secret, old->signing.secret, 32);
    assert_memory_not_equal(new->current, old->current, 32);
    assert_memory_not_equal(new->previous, old->current, 32);
    assert_memory_not_equal(new->previous, old->previous, 32);
    assert_status(take_over(), ST_KEEPER_CHALLENGE);
    assert_good(hand_over(&exchange));
    assert_status(take_over(), ST_KEEPER_FULL); /* nothing is overwritten */
}

static void handovers_that_are_refused(void **state)
{
    struct exchange exchange;

    (void)state;
    prepare_handover(); /* an image that the owner does not name */
    memset(other.self.mrenclave, ALIEN_IMAGE, 32);
    assert_status(hand_over(&exchange), ST_QUOTE_MEASUREMENT);
    prepare_handover(); /* signed by nobody who may */
    sign_statement(&world.tenant, STATEMENT_HANDOVER, &handover);
    assert_status(hand_over(&exchange), ST_KEEPER_SIGNATURE);
    prepare_handover(); /* from another keeper, or another image */
    memcpy(handover.from_keeper, world.stranger.worker_id, 32);
    sign_statement(&world.owner, STATEMENT_HANDOVER, &handover);
    assert_status(hand_over(&exchange), ST_KEEPER_OTHER);
    prepare_handover();
    handover.from_mrenclave[0] ^= 1;
    sign_statement(&world.owner, STATEMENT_HANDOVER, &handover);
    assert_status(hand_over(&exchange), ST_QUOTE_MEASUREMENT);
    prepare_handover(); /* to a worker */
    other.identity.role = ROLE_WORKER;
    assert_status(hand_over(&exchange), ST_QUOTE_IDENTITY);
    prepare_handover(); /* ... or to what says that it has a worker's policy */
    other.policy = worker.policy;
    assert_status(hand_over(&exchange), ST_CORRUPT);
    prepare_handover(); /* to a keeper of another owner */
    world.owner = world.stranger;
    world_sign_policy(&world);
    keeper_node(&world, &other, 20);
    assert_good(keeper_start(&world, &other));
    assert_status(hand_over(&exchange), ST_QUOTE_IDENTITY);
}

/* A keeper may move to another machine, where it has the same image; its own quote, reflected, is
 * not the successor's. */
static void a_keeper_does_not_hand_over_to_itself(void **state)
{
    struct exchange exchange;

    (void)state;
    prepare_handover();
    world.image = OWN_IMAGE;
    keeper_node(&world, &other, 20);
    assert_good(keeper_start(&world, &other));
    memcpy(handover.to_mrenclave, keeper.self.mrenclave, 32);
    sign_statement(&world.owner, STATEMENT_HANDOVER, &handover);
    assert_good(hand_over(&exchange));
    assert_good(node_command(&other, KEEPER_TAKE_OVER_BEGIN, NULL, 0));
    exchange_make(&world, &other, &keeper, other.keeper.asker_nonce, &exchange);
    exchange.admission.quote = exchange.answer.quote;
    exchange.admission.identity = exchange.answer.identity;
    {
        const struct keeper_handover request = {.policy = handover,
                                                .admission = exchange.admission};

        assert_status(node_command(&keeper, KEEPER_HAND_OVER, &request, sizeof(request)),
                      ST_QUOTE_IDENTITY);
    }
}

/* The successor looks as closely as the predecessor. */
static void predecessors_that_are_refused(void **state)
{
    struct exchange exchange;

    (void)state;
    prepare_handover();
    assert_good(hand_over(&exchange));
    result.handover.to_mrenclave[0] ^= 1;
    assert_status(take_over(), ST_KEEPER_SIGNATURE);
    prepare_handover();
    assert_good(hand_over(&exchange));
    handover.to_mrenclave[0] ^= 1;
    sign_statement(&world.owner, STATEMENT_HANDOVER, &handover);
    result.handover = handover;
    assert_status(take_over(), ST_QUOTE_MEASUREMENT);
    prepare_handover();
    assert_good(hand_over(&exchange));
    result.answer.identity.boot_id[0] ^= 1;
    assert_status(take_over(), ST_QUOTE_IDENTITY);
    prepare_handover(); /* an owner, or a policy of the owner's, that is none */
    assert_good(hand_over(&exchange));
    memcpy(result.answer.owner, world.stranger.public_key, sizeof(result.answer.owner));
    assert_status(take_over(), ST_KEEPER_SIGNATURE);
    prepare_handover();
    assert_good(hand_over(&exchange));
    result.answer.policy.serial++;
    assert_status(take_over(), ST_KEEPER_SIGNATURE);
    prepare_handover();
    assert_good(hand_over(&exchange));
    result.answer.own_quote_sha256[0] ^= 1;
    assert_status(take_over(), ST_GRANT_FORGED);
    prepare_handover();
    assert_good(hand_over(&exchange));
    result.grant.header.kind = GRANT_WORKER;
    assert_status(take_over(), ST_GRANT_FORGED);
    assert_int_equal(other.keeper.state.key_count, 0);
}

/* ---- secrets
 * -------------------------------------------------------------------------------------------- */

static void a_refused_grant_leaves_nothing(void **state)
{
    struct exchange exchange;
    struct worker_granted granted, zero;

    (void)state;
    start_over();
    begin(&worker, &exchange);
    assert_good(ask(&exchange));
    granted =
        (struct worker_granted){.answer = exchange.answer, .grant = keeper.reply.admitted.grant};
    granted.grant.tag[0] ^= 1;
    assert_status(ring_install(&worker.ring, &worker.self, worker.policy.keeper, &granted),
                  ST_GRANT_FORGED);
    memset(&zero, 0, sizeof(zero));
    assert_memory_equal(&granted.grant, &zero.grant, sizeof(zero.grant));
    assert_int_equal(worker.ring.epoch_keys, 0);
    assert_int_equal(worker.ring.key_count, 0);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_worker_gets_the_epochs_and_its_functions_keys),
        CASE(an_image_that_the_policy_names_is_admitted),
        CASE(certificates_hold_for_callers),
        CASE(a_callers_view_of_a_keeper),
        CASE(commands_are_legal_when_they_are),
        CASE(policies_that_are_none),
        CASE(a_policy_is_renewed_and_never_another_keepers),
        CASE(workers_that_are_refused),
        CASE(nobody_is_admitted_after_the_policys_last_epoch),
        CASE(a_nonce_serves_one_attempt),
        CASE(exchanges_are_not_mixed),
        CASE(reflections),
        CASE(keepers_that_are_refused),
        CASE(grants_made_by_others),
        CASE(older_grants_are_refused),
        CASE(releases_that_are_refused),
        CASE(policies_of_functions),
        CASE(a_full_table_says_so),
        CASE(a_revoked_function_key_is_gone_for_good),
        CASE(a_revoked_worker_gets_nothing_any_more),
        CASE(revocations_for_others),
        CASE(a_state_restores_the_keeper),
        CASE(states_that_are_refused),
        CASE(states_that_contradict_themselves),
        CASE(each_state_has_a_higher_counter_and_another_key),
        CASE(another_image_takes_over_what_owners_allow),
        CASE(handovers_that_are_refused),
        CASE(a_keeper_does_not_hand_over_to_itself),
        CASE(predecessors_that_are_refused),
        CASE(a_refused_grant_leaves_nothing),
    };

    return cmocka_run_group_tests_name("keeper: protocol", tests, NULL, NULL);
}
