/* Each bit pattern of each message, byte by byte: what was changed is refused, and nothing changes.
 */
#include "tests/attest/fields.h"
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

/* A quote alone, for a table of its fields. */
struct quote_of_it {
    struct quote_copy quote;
};

/* ---- the fields, and who refuses a change ------------------------------------------- */

/* Of a quote: what is not signed changes what the rest is checked against. */
#define QUOTE_FIELDS(type, quote)                                                                  \
    FIELD(type, quote.body.header.version, ST_QUOTE_FORMAT),                                       \
        FIELD(type, quote.body.header.key_type, ST_QUOTE_FORMAT),                                  \
        FIELD(type, quote.body.header.tee_type, ST_QUOTE_FORMAT),                                  \
        FIELD(type, quote.body.header.qe_svn, ST_QUOTE_SIGNATURE),                                 \
        FIELD(type, quote.body.header.pce_svn, ST_QUOTE_SIGNATURE),                                \
        FIELD(type, quote.body.header.vendor, ST_QUOTE_FORMAT),                                    \
        FIELD(type, quote.body.header.user_data, ST_QUOTE_SIGNATURE),                              \
        FIELD(type, quote.body.report, ST_QUOTE_SIGNATURE),                                        \
        FIELD(type, quote.signature.signature, ST_QUOTE_SIGNATURE),                                \
        FIELD(type, quote.signature.attestation_key, ST_QUOTE_QE),                                 \
        FIELD(type, quote.signature.qe_report, ST_QUOTE_QE),                                       \
        FIELD(type, quote.signature.qe_report_signature, ST_QUOTE_QE),                             \
        FIELD_OR(type, quote.auth_bytes, ST_QUOTE_FORMAT, ST_QUOTE_QE),                            \
        FIELD_OR(type, quote.pck_bytes, ST_QUOTE_FORMAT, ST_QUOTE_CHAIN),                          \
        FIELD_OR(type, quote.issuer_bytes, ST_QUOTE_FORMAT, ST_QUOTE_CHAIN),                       \
        FIELD(type, quote.reserved, ST_QUOTE_FORMAT),                                              \
        FIELD_OR(type, quote.auth, ST_QUOTE_QE, ST_QUOTE_FORMAT),                                  \
        FIELD_OR(type, quote.pck, ST_QUOTE_CHAIN, ST_QUOTE_FORMAT),                                \
        FIELD_OR(type, quote.issuer, ST_QUOTE_CHAIN, ST_QUOTE_FORMAT)

#define IDENTITY_FIELDS(type, identity, expected)                                                  \
    FIELD(type, identity.role, expected), FIELD(type, identity.signing_key, expected),             \
        FIELD(type, identity.receiving_key, expected), FIELD(type, identity.boot_id, expected),    \
        FIELD(type, identity.policy_sha256, expected)

#define ADMISSION_FIELDS(type, prefix, policy_refused)                                             \
    FIELD(type, prefix keeper_nonce, ST_KEEPER_CHALLENGE),                                         \
        FIELD(type, prefix own_quote_sha256, ST_GRANT_FORGED), /* by the asker */                  \
        IDENTITY_FIELDS(type, prefix identity, ST_QUOTE_IDENTITY),                                 \
        FIELD(type, prefix reserved, ST_CORRUPT),                                                  \
        FIELD(type, prefix policy.version, policy_refused),                                        \
        FIELD(type, prefix policy.role, policy_refused),                                           \
        FIELD(type, prefix policy.tenancy, policy_refused),                                        \
        FIELD(type, prefix policy.flags, policy_refused),                                          \
        FIELD(type, prefix policy.keeper, policy_refused), QUOTE_FIELDS(type, prefix quote)

/* Statements are signed as a whole: what is checked before that is their form. */
#define POLICY_FIELDS(type, prefix)                                                                \
    FIELD(type, prefix magic, ST_KEEPER_POLICY), FIELD(type, prefix version, ST_KEEPER_POLICY),    \
        FIELD_OR(type, prefix level_count, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),                 \
        FIELD_OR(type, prefix revoked_count, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),               \
        FIELD_OR(type, prefix serial, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),                      \
        FIELD(type, prefix last_epoch, ST_KEEPER_SIGNATURE),                                       \
        FIELD(type, prefix root_key, ST_KEEPER_SIGNATURE),                                         \
        FIELD(type, prefix qe_mrsigner, ST_KEEPER_SIGNATURE),                                      \
        FIELD(type, prefix qe_prod_id, ST_KEEPER_SIGNATURE),                                       \
        FIELD(type, prefix qe_svn, ST_KEEPER_SIGNATURE),                                           \
        FIELD_OR(type, prefix image_count, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),                 \
        FIELD_OR(type, prefix levels, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),                      \
        FIELD_OR(type, prefix revoked, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),                     \
        FIELD_OR(type, prefix images, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),                      \
        FIELD(type, prefix signature, ST_KEEPER_SIGNATURE)

#define HANDOVER_FIELDS(type, prefix)                                                              \
    FIELD(type, prefix magic, ST_CORRUPT), FIELD(type, prefix version, ST_CORRUPT),                \
        FIELD(type, prefix reserved, ST_CORRUPT),                                                  \
        FIELD(type, prefix from_keeper, ST_KEEPER_OTHER),                                          \
        FIELD(type, prefix from_mrenclave, ST_KEEPER_SIGNATURE),                                   \
        FIELD(type, prefix to_mrenclave, ST_KEEPER_SIGNATURE),                                     \
        FIELD(type, prefix signature, ST_KEEPER_SIGNATURE)

#define GRANT_FIELDS(type)                                                                         \
    FIELD(type, grant.header.magic, ST_GRANT_FORGED),                                              \
        FIELD(type, grant.header.version, ST_GRANT_FORGED),                                        \
        FIELD(type, grant.header.kind, ST_GRANT_FORGED),                                           \
        FIELD(type, grant.header.enc, ST_GRANT_FORGED), FIELD(type, grant.body, ST_GRANT_FORGED),  \
        FIELD(type, grant.tag, ST_GRANT_FORGED), FIELD(type, grant.signature, ST_GRANT_FORGED)

/* A keeper's answer to an admission; another nonce is another challenge. */
#define ANSWER_FIELDS(type)                                                                        \
    FIELD(type, answer.keeper_nonce, ST_QUOTE_IDENTITY),                                           \
        FIELD(type, answer.own_quote_sha256, ST_GRANT_FORGED),                                     \
        FIELD(type, answer.identity.role, ST_QUOTE_IDENTITY),                                      \
        FIELD(type, answer.identity.signing_key, ST_KEEPER_OTHER),                                 \
        FIELD(type, answer.identity.receiving_key, ST_QUOTE_IDENTITY),                             \
        FIELD(type, answer.identity.boot_id, ST_QUOTE_IDENTITY),                                   \
        FIELD(type, answer.identity.policy_sha256, ST_QUOTE_IDENTITY),                             \
        FIELD(type, answer.reserved, ST_CORRUPT), FIELD(type, answer.owner, ST_KEEPER_SIGNATURE),  \
        POLICY_FIELDS(type, answer.policy.), QUOTE_FIELDS(type, answer.quote)

static const struct field quote_fields[] = {QUOTE_FIELDS(quote_of_it, quote)};
static const struct field admission_fields[] = {
    ADMISSION_FIELDS(keeper_admission, , ST_QUOTE_IDENTITY)};
static const struct field granted_fields[] = {
    ANSWER_FIELDS(worker_granted),
    GRANT_FIELDS(worker_granted),
};
static const struct field take_over_fields[] = {
    HANDOVER_FIELDS(keeper_take_over, handover.),
    ANSWER_FIELDS(keeper_take_over),
    GRANT_FIELDS(keeper_take_over),
};
static const struct field handover_fields[] = {
    HANDOVER_FIELDS(keeper_handover, policy.),
    ADMISSION_FIELDS(keeper_handover, admission., ST_CORRUPT),
};
static const struct field policy_fields[] = {POLICY_FIELDS(platform_policy, )};
static const struct field release_fields[] = {
    FIELD(key_release, magic, ST_CORRUPT),
    FIELD(key_release, version, ST_CORRUPT),
    FIELD(key_release, reserved, ST_CORRUPT),
    FIELD(key_release, keeper, ST_KEEPER_OTHER),
    FIELD(key_release, owner, ST_KEEPER_SIGNATURE),
    FIELD_OR(key_release, policy.serial, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD_OR(key_release, policy.flags, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD_OR(key_release, policy.measured_count, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD_OR(key_release, policy.isv_prod_id, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD_OR(key_release, policy.isv_svn, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD_OR(key_release, policy.reserved, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD(key_release, policy.mrsigner, ST_KEEPER_SIGNATURE),
    FIELD_OR(key_release, policy.measured, ST_KEEPER_SIGNATURE, ST_KEEPER_POLICY),
    FIELD(key_release, wrapped, ST_KEEPER_SIGNATURE),
    FIELD(key_release, signature, ST_KEEPER_SIGNATURE),
};
static const struct field revocation_fields[] = {
    FIELD(revocation, magic, ST_CORRUPT),
    FIELD(revocation, version, ST_CORRUPT),
    FIELD_OR(revocation, kind, ST_KEEPER_SIGNATURE, ST_CORRUPT),
    FIELD(revocation, keeper, ST_KEEPER_OTHER),
    /* behind a key's ID: zeros */
    FIELD_OR(revocation, subject, ST_KEEPER_SIGNATURE, ST_CORRUPT),
    FIELD(revocation, signer, ST_KEEPER_SIGNATURE),
    FIELD(revocation, signature, ST_KEEPER_SIGNATURE),
};

static void every_field_has_a_row(void **state)
{
    (void)state;
    FIELDS_FILL(quote_fields, quote_of_it);
    FIELDS_FILL(admission_fields, keeper_admission);
    FIELDS_FILL(granted_fields, worker_granted);
    FIELDS_FILL(take_over_fields, keeper_take_over);
    FIELDS_FILL(handover_fields, keeper_handover);
    FIELDS_FILL(policy_fields, platform_policy);
    FIELDS_FILL(release_fields, key_release);
    FIELDS_FILL(revocation_fields, revocation);
}

/* ---- the flips ------------------------------------------------------------------------ */

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
        field_must_refuse(FIELD_AT(quote_fields, at), at,
                          quote_check(&quote, &world.policy, &quoted), ST_OK);
        flip(&quote, at);
    }
    assert_good(quote_check(&quote, &world.policy, &quoted));
}

/* The digest of the keeper's own quote is not the keeper's to check: with a wrong one the worker
 * refuses the grant. Of the quote, which has its own test, each field's first byte. */
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
    for (size_t at = 0; at < sizeof(good); at++) {
        const struct field *row = FIELD_AT(admission_fields, at);
        struct worker_granted granted = {.answer = exchange.answer};
        enum status status;

        if (at > offsetof(struct keeper_admission, quote) && at != row->at)
            continue;
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
        field_must_refuse(row, at, status, ST_OK);
        exchange.admission = good;
    }
    assert_int_equal(worker.ring.epoch_keys, 0);
}

/* Ciphertext is ciphertext: some of its bytes. */
static bool is_chosen(size_t at, size_t body, size_t tag, size_t quote, size_t quote_end,
                      const struct field *row)
{
    if (at >= quote && at < quote_end)
        return at == row->at;
    return at <= body + 64 || at >= tag || at % 61 == 0;
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
        const struct field *row = FIELD_AT(granted_fields, at);

        if (!is_chosen(at, offsetof(struct worker_granted, grant.body),
                       offsetof(struct worker_granted, grant.tag),
                       offsetof(struct worker_granted, answer.quote),
                       offsetof(struct worker_granted, grant), row))
            continue;
        granted = good;
        flip(&granted, at);
        worker.ring.waiting = 1;
        field_must_refuse(row, at,
                          ring_install(&worker.ring, &worker.self, worker.policy.keeper, &granted),
                          ST_OK);
    }
    assert_int_equal(worker.ring.epoch_keys, 0);
    worker.ring.waiting = 1;
    assert_good(ring_install(&worker.ring, &worker.self, worker.policy.keeper, &good));
}

/* ---- handover ---- */

static struct node successor;
static struct handover_policy handover;
static struct exchange handing;

static void prepare_handover(void)
{
    start_over();
    world.image = OTHER_IMAGE;
    keeper_node(&world, &successor, 20);
    assert_good(keeper_start(&world, &successor));
    handover_policy_make(keeper.signing.worker_id, keeper.self.mrenclave, successor.self.mrenclave,
                         &handover);
    sign_statement(&world.owner, STATEMENT_HANDOVER, &handover);
    assert_good(node_command(&successor, KEEPER_TAKE_OVER_BEGIN, NULL, 0));
    exchange_make(&world, &successor, &keeper, successor.keeper.asker_nonce, &handing);
}

static enum status take_over(const struct keeper_take_over *message)
{
    successor.keeper.taking_over = 1;
    memcpy(successor.keeper.asker_nonce, handing.nonces.asker, ADMISSION_NONCE_BYTES);
    return node_command(&successor, KEEPER_TAKE_OVER, message, sizeof(*message));
}

static enum status hand_over(const struct keeper_handover *request)
{
    static struct keeper_take_over message;
    enum status status;

    keeper.keeper.pending[0].used = 1;
    keeper.keeper.pending[0].nonces = handing.nonces;
    status = node_command(&keeper, KEEPER_HAND_OVER, request, sizeof(*request));
    if (status != ST_OK)
        return status;
    message = (struct keeper_take_over){
        .handover = handover, .answer = handing.answer, .grant = keeper.reply.handover};
    return take_over(&message);
}

static void handovers(void **state)
{
    static struct keeper_handover request;

    (void)state;
    prepare_handover();
    request = (struct keeper_handover){.policy = handover, .admission = handing.admission};
    for (size_t at = 0; at < sizeof(request); at++) {
        const struct field *row = FIELD_AT(handover_fields, at);

        if (at > offsetof(struct keeper_handover, admission.quote) && at != row->at)
            continue;
        flip(&request, at);
        field_must_refuse(row, at, hand_over(&request), ST_OK);
        flip(&request, at);
    }
    assert_good(hand_over(&request));
}

static void take_overs(void **state)
{
    static struct keeper_take_over good, changed;
    struct keeper_handover request;
    struct keeper_state before;

    (void)state;
    prepare_handover();
    request = (struct keeper_handover){.policy = handover, .admission = handing.admission};
    keeper.keeper.pending[0].used = 1;
    keeper.keeper.pending[0].nonces = handing.nonces;
    assert_good(node_command(&keeper, KEEPER_HAND_OVER, &request, sizeof(request)));
    good = (struct keeper_take_over){
        .handover = handover, .answer = handing.answer, .grant = keeper.reply.handover};
    before = successor.keeper.state;
    for (size_t at = 0; at < sizeof(good); at++) {
        const struct field *row = FIELD_AT(take_over_fields, at);

        if (!is_chosen(at, offsetof(struct keeper_take_over, grant.body),
                       offsetof(struct keeper_take_over, grant.tag),
                       offsetof(struct keeper_take_over, answer.quote),
                       offsetof(struct keeper_take_over, grant), row))
            continue;
        changed = good;
        flip(&changed, at);
        field_must_refuse(row, at, take_over(&changed), ST_OK);
    }
    assert_memory_equal(&successor.keeper.state, &before, sizeof(before));
    assert_good(take_over(&good));
}

/* ---- owners ---- */

static void statement(uint64_t command, void *message, size_t bytes, const struct field *rows,
                      size_t count)
{
    const struct keeper_state before = keeper.keeper.state;

    for (size_t at = 0; at < bytes; at++) {
        flip(message, at);
        field_must_refuse(field_at(rows, count, at), at,
                          node_command(&keeper, command, message, bytes), ST_OK);
        flip(message, at);
    }
    assert_memory_equal(&keeper.keeper.state, &before, sizeof(before));
    assert_good(node_command(&keeper, command, message, bytes));
}

#define STATEMENT(command, message, rows)                                                          \
    statement(command, &(message), sizeof(message), rows, sizeof(rows) / sizeof((rows)[0]))

static void owners_statements(void **state)
{
    static const uint8_t own[] = {OWN_IMAGE};
    struct key_release release;
    struct revocation revocation;

    (void)state;
    start_over();
    release = release_of(&world, &keeper, 0xa1, 1, own, 1);
    STATEMENT(KEEPER_RELEASE, release, release_fields);
    assert_good(revocation_make(REVOKE_FUNCTION_KEY, release.wrapped.function_key_id, KEY_ID_BYTES,
                                world.tenant.public_key, keeper.signing.worker_id, &revocation));
    sign_statement(&world.tenant, STATEMENT_REVOCATION, &revocation);
    STATEMENT(KEEPER_REVOKE, revocation, revocation_fields);
    world.policy.serial++;
    world_sign_policy(&world);
    STATEMENT(KEEPER_SET_POLICY, world.policy, policy_fields);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(every_field_has_a_row),
                                       CASE(quotes),
                                       CASE(admissions),
                                       CASE(grants),
                                       CASE(handovers),
                                       CASE(take_overs),
                                       CASE(owners_statements)};

    return cmocka_run_group_tests_name("keeper: flips", tests, NULL, NULL);
}
