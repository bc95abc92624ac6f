/* Sessions: order, replay, mixing, and their end. */
#include "tests/attest/fields.h"
#include "tests/attest/support.h"

#include "client/envelope/session.h"
#include "trusted/attest/session.h"

#define HEADER sizeof(struct envelope_session_request)

struct side {
    struct test_enclave enclave;
    struct envelope_target inside;
    struct caller_target outside;
    struct session_table table;
    struct opened_body self;
};

static void side_make(struct side *side, uint64_t seed)
{
    memset(side, 0, sizeof(*side));
    test_enclave_make(&side->enclave, seed);
    side->inside.key = &side->enclave.receiving;
    memcpy(side->inside.bundle_sha256, test_digest(0xb1), 32);
    memcpy(side->inside.policy_sha256, side->enclave.policy_sha256, 32);
    memcpy(side->outside.receiving_key, side->enclave.receiving.public_key, 32);
    memcpy(side->outside.bundle_sha256, test_digest(0xb1), 32);
    memcpy(side->outside.policy_sha256, side->enclave.policy_sha256, 32);
    memcpy(side->self.worker_id, side->enclave.signing.worker_id, 32);
    memcpy(side->self.boot_id, side->enclave.boot_id, BOOT_ID_BYTES);
}

#define OPENED_BYTES (sizeof(struct envelope_opened) + sizeof(struct opened_body) + AEAD_TAG_BYTES)

/* The enclave's answer to a SESSION_OPEN. */
static enum status inside_open(struct side *side, const uint8_t *message,
                               uint8_t opened[OPENED_BYTES])
{
    struct envelope_request header;
    struct envelope_opened answer;
    uint8_t tag[AEAD_TAG_BYTES];
    enum status status;

    memcpy(&header, message, sizeof(header));
    memcpy(tag, message + sizeof(header), sizeof(tag));
    status = session_open(&side->table, &side->inside, &side->enclave.source, &side->self, &header,
                          tag, sizeof(tag), &answer, opened + sizeof(answer));
    memcpy(opened, &answer, sizeof(answer));
    return status;
}

static void session_make(struct side *side, struct caller_session *session)
{
    uint8_t message[CALLER_OPEN_BYTES], opened[OPENED_BYTES];
    struct opened_body who;

    assert_good(caller_session_start(&side->outside, message, session));
    assert_good(inside_open(side, message, opened));
    assert_good(caller_session_finish(session, opened, sizeof(opened), &who));
    assert_memory_equal(&who, &side->self, sizeof(who));
}

static uint8_t *seal(struct caller_session *session, const char *input, size_t *bytes)
{
    const struct caller_request request = {.nonce = test_digest(9),
                                           .nonce_bytes = 16,
                                           .input = (const uint8_t *)input,
                                           .input_bytes = strlen(input)};
    uint8_t *message;

    assert_good(caller_session_seal(session, &request, &message, bytes));
    return message;
}

static enum status inside_request(struct side *side, const uint8_t *message, size_t bytes,
                                  uint8_t *plain, struct session **session)
{
    struct envelope_session_request header;
    size_t plain_bytes;

    *session = NULL;
    if (bytes < sizeof(header))
        return ST_ENVELOPE_FORMAT;
    memcpy(&header, message, sizeof(header));
    memcpy(plain, message + sizeof(header), bytes - sizeof(header));
    return session_request_open(&side->table, &side->inside, &header, plain, bytes - sizeof(header),
                                &plain_bytes, session);
}

#define ANSWER_BYTES                                                                               \
    (sizeof(struct envelope_session_response) + sizeof(struct response_body) + AEAD_TAG_BYTES)

static enum status inside_answer(struct session *session, int64_t exit_code,
                                 uint8_t message[ANSWER_BYTES])
{
    const struct response_body head = {
        .version = BODY_VERSION, .outcome = OUTCOME_OK, .exit_code = exit_code};
    struct envelope_session_response header;
    enum status status;

    memcpy(message + sizeof(header), &head, sizeof(head));
    status = session_response_seal(session, &header,
                                   &(struct aead_part){message + sizeof(header), sizeof(head)}, 1,
                                   message + sizeof(header) + sizeof(head));
    memcpy(message, &header, sizeof(header));
    return status;
}

/* One whole round. */
static void round_trip(struct side *side, struct caller_session *session, int64_t exit_code)
{
    struct caller_response response;
    struct session *open;
    uint8_t plain[256], message[ANSWER_BYTES];
    size_t bytes;
    uint8_t *request = seal(session, "hello", &bytes);

    assert_good(inside_request(side, request, bytes, plain, &open));
    assert_memory_equal(plain + sizeof(struct request_body), "hello", 5);
    assert_good(inside_answer(open, exit_code, message));
    assert_good(caller_session_open(session, message, sizeof(message), &response));
    assert_int_equal(response.head.exit_code, exit_code);
    caller_response_free(&response);
    free(request);
}

static void many_requests_in_order(void **state)
{
    struct side side;
    struct caller_session session;

    (void)state;
    side_make(&side, 1);
    session_make(&side, &session);
    for (int i = 0; i < 300; i++)
        round_trip(&side, &session, i);
    assert_int_equal(session.sequence, 300);
}

static void replays_and_reordering_are_refused(void **state)
{
    struct side side;
    struct caller_session session;
    struct caller_response response;
    struct session *open, *none;
    uint8_t plain[256], first[ANSWER_BYTES], second[ANSWER_BYTES];
    size_t bytes, next_bytes;
    uint8_t *request, *next;

    (void)state;
    side_make(&side, 2);
    session_make(&side, &session);
    request = seal(&session, "one", &bytes);
    assert_good(inside_request(&side, request, bytes, plain, &open));
    /* again, while it runs and afterwards */
    assert_status(inside_request(&side, request, bytes, plain, &none), ST_ENVELOPE_SEQUENCE);
    assert_null(none);
    assert_good(inside_answer(open, 1, first));
    assert_status(inside_request(&side, request, bytes, plain, &none), ST_ENVELOPE_SEQUENCE);
    /* renumbered by the host: the number is authenticated */
    ((struct envelope_session_request *)request)->sequence = 2;
    assert_status(inside_request(&side, request, bytes, plain, &none), ST_ENVELOPE_FORGED);
    /* a second answer to one request */
    assert_status(inside_answer(open, 2, second), ST_RESPONSE_SPENT);

    assert_good(caller_session_open(&session, first, sizeof(first), &response));
    caller_response_free(&response);
    next = seal(&session, "two", &next_bytes);
    /* the first answer again, now for the second request */
    assert_status(caller_session_open(&session, first, sizeof(first), &response),
                  ST_ENVELOPE_SEQUENCE);
    ((struct envelope_session_response *)first)->sequence = 2;
    assert_status(caller_session_open(&session, first, sizeof(first), &response),
                  ST_ENVELOPE_FORGED);
    /* skipped ahead */
    ((struct envelope_session_request *)next)->sequence = 3;
    assert_status(inside_request(&side, next, next_bytes, plain, &none), ST_ENVELOPE_SEQUENCE);
    ((struct envelope_session_request *)next)->sequence = 2;
    assert_good(inside_request(&side, next, next_bytes, plain, &open));
    assert_good(inside_answer(open, 2, second));
    assert_good(caller_session_open(&session, second, sizeof(second), &response));
    caller_response_free(&response);
    free(request);
    free(next);
}

static void the_caller_waits_for_each_answer(void **state)
{
    const struct caller_request request = {.input_bytes = 0};
    struct side side;
    struct caller_session session;
    size_t bytes;
    uint8_t *message, *second;

    (void)state;
    side_make(&side, 3);
    assert_good(caller_session_start(&side.outside, (uint8_t[CALLER_OPEN_BYTES]){0}, &session));
    assert_status(caller_session_seal(&session, &request, &second, &bytes), ST_CONTEXT_UNKNOWN);
    session_make(&side, &session);
    message = seal(&session, "one", &bytes);
    assert_status(caller_session_seal(&session, &request, &second, &bytes), ST_BUSY);
    assert_null(second);
    free(message);
}

/* The host replays the opening: another session comes of it, that nothing recorded fits. */
static void a_replayed_opening_leads_to_other_keys(void **state)
{
    struct side side;
    struct caller_session session;
    struct opened_body who;
    struct session *open;
    uint8_t message[CALLER_OPEN_BYTES], opened[OPENED_BYTES], again[OPENED_BYTES], plain[256];
    size_t bytes;
    uint8_t *request;

    (void)state;
    side_make(&side, 4);
    assert_good(caller_session_start(&side.outside, message, &session));
    assert_good(inside_open(&side, message, opened));
    assert_good(caller_session_finish(&session, opened, sizeof(opened), &who));
    request = seal(&session, "one", &bytes);
    assert_good(inside_request(&side, request, bytes, plain, &open));
    assert_good(inside_open(&side, message, again));
    assert_memory_not_equal(side.table.sessions[0].id, side.table.sessions[1].id, 16);
    assert_memory_not_equal(&side.table.sessions[0].request_key,
                            &side.table.sessions[1].request_key, sizeof(struct aead_key));
    assert_memory_not_equal(&side.table.sessions[0].response_key,
                            &side.table.sessions[1].response_key, sizeof(struct aead_key));
    memcpy(((struct envelope_session_request *)request)->session_id, side.table.sessions[1].id, 16);
    assert_status(inside_request(&side, request, bytes, plain, &open), ST_ENVELOPE_FORGED);
    assert_status(caller_session_finish(&session, again, sizeof(again), &who), ST_RESPONSE_SPENT);
    free(request);
}

static void two_sessions_do_not_mix(void **state)
{
    struct side side;
    struct caller_session sessions[2];
    struct caller_response response;
    struct session *open;
    uint8_t plain[256], answer[ANSWER_BYTES];
    size_t bytes, other_bytes;
    uint8_t *request, *other;

    (void)state;
    side_make(&side, 5);
    session_make(&side, &sessions[0]);
    session_make(&side, &sessions[1]);
    request = seal(&sessions[0], "one", &bytes);
    other = seal(&sessions[1], "two", &other_bytes);
    assert_good(inside_request(&side, request, bytes, plain, &open));
    assert_good(inside_answer(open, 1, answer));
    assert_status(caller_session_open(&sessions[1], answer, sizeof(answer), &response),
                  ST_CONTEXT_UNKNOWN);
    memcpy(((struct envelope_session_response *)answer)->session_id, sessions[1].id, 16);
    assert_status(caller_session_open(&sessions[1], answer, sizeof(answer), &response),
                  ST_ENVELOPE_FORGED);
    memcpy(((struct envelope_session_request *)other)->session_id, sessions[0].id, 16);
    ((struct envelope_session_request *)other)->sequence = 2;
    assert_status(inside_request(&side, other, other_bytes, plain, &open), ST_ENVELOPE_FORGED);
    free(request);
    free(other);
}

static void reflections_are_refused(void **state)
{
    struct side side;
    struct caller_session session;
    struct caller_response response;
    struct envelope_session_response header = {.sequence = 1};
    size_t bytes, cipher_bytes;
    uint8_t *request, *reflected;

    (void)state;
    side_make(&side, 6);
    session_make(&side, &session);
    request = seal(&session, "one", &bytes);
    assert_status(caller_session_open(&session, request, bytes, &response), ST_ENVELOPE_FORMAT);
    /* dressed up as a response: each direction has keys of its own */
    cipher_bytes = bytes - HEADER;
    envelope_prefix_fill(&header.prefix, ENVELOPE_SESSION_RESPONSE, cipher_bytes);
    memcpy(header.session_id, session.id, 16);
    reflected = malloc(sizeof(header) + cipher_bytes);
    memcpy(reflected, &header, sizeof(header));
    memcpy(reflected + sizeof(header), request + HEADER, cipher_bytes);
    assert_status(
        caller_session_open(&session, reflected, sizeof(header) + cipher_bytes, &response),
        ST_ENVELOPE_FORGED);
    free(reflected);
    free(request);
}

static const struct field request_fields[] = {
    PREFIX_FIELDS(envelope_session_request),
    FIELD(envelope_session_request, session_id, ST_CONTEXT_UNKNOWN),
    FIELD(envelope_session_request, sequence, ST_ENVELOPE_SEQUENCE),
    /* a longer nonce of zeroes is well-formed */
    FIELD_OR(envelope_session_request, nonce_bytes, ST_ENVELOPE_FORMAT, ST_ENVELOPE_FORGED),
    FIELD(envelope_session_request, reserved, ST_ENVELOPE_FORMAT),
    FIELD_PART(envelope_session_request, nonce, 0, 16, ST_ENVELOPE_FORGED),
    FIELD_PART(envelope_session_request, nonce, 16, NONCE_MAX - 16, ST_ENVELOPE_FORMAT),
};
static const struct field response_fields[] = {
    PREFIX_FIELDS(envelope_session_response),
    FIELD(envelope_session_response, session_id, ST_CONTEXT_UNKNOWN),
    FIELD(envelope_session_response, sequence, ST_ENVELOPE_SEQUENCE),
};
static const struct field opening_fields[] = {
    PREFIX_FIELDS(envelope_request),
    FIELD(envelope_request, kem, ST_ENVELOPE_SUITE),
    FIELD(envelope_request, kdf, ST_ENVELOPE_SUITE),
    FIELD(envelope_request, aead, ST_ENVELOPE_SUITE),
    FIELD(envelope_request, nonce_bytes, ST_ENVELOPE_FORMAT), /* an opening has none */
    FIELD(envelope_request, nonce, ST_ENVELOPE_FORMAT),
    FIELD(envelope_request, key_id, ST_ENVELOPE_KEY),
    FIELD(envelope_request, bundle_sha256, ST_ENVELOPE_BUNDLE),
    FIELD(envelope_request, policy_sha256, ST_ENVELOPE_POLICY),
    FIELD(envelope_request, enc, ST_ENVELOPE_FORGED),
};
static const struct field opened_fields[] = {
    PREFIX_FIELDS(envelope_opened),
    FIELD(envelope_opened, session_nonce, ST_ENVELOPE_FORGED),
};

static void each_changed_bit_is_noticed_and_harmless(void **state)
{
    struct side side;
    struct caller_session session;
    struct caller_response response;
    struct session *open;
    uint8_t plain[512], changed[512], answer[ANSWER_BYTES];
    size_t bytes;
    uint8_t *request;

    (void)state;
    FIELDS_FILL(request_fields, envelope_session_request);
    FIELDS_FILL(response_fields, envelope_session_response);
    side_make(&side, 7);
    session_make(&side, &session);
    request = seal(&session, "one", &bytes);
    for (size_t at = 0; at < bytes; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            enum status status;

            memcpy(changed, request, bytes);
            changed[at] ^= (uint8_t)(1u << bit);
            status = inside_request(&side, changed, bytes, plain, &open);
            field_must_refuse(FIELD_AT(request_fields, at), at, status, ST_ENVELOPE_FORGED);
            assert_null(open);
        }
    for (size_t shorter = 0; shorter < bytes; shorter++)
        assert_status(inside_request(&side, request, shorter, plain, &open), ST_ENVELOPE_FORMAT);
    assert_good(inside_request(&side, request, bytes, plain, &open));
    assert_good(inside_answer(open, 5, answer));
    for (size_t at = 0; at < sizeof(answer); at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            answer[at] ^= (uint8_t)(1u << bit);
            field_must_refuse(FIELD_AT(response_fields, at), at,
                              caller_session_open(&session, answer, sizeof(answer), &response),
                              ST_ENVELOPE_FORGED);
            answer[at] ^= (uint8_t)(1u << bit);
        }
    assert_good(caller_session_open(&session, answer, sizeof(answer), &response));
    caller_response_free(&response);
    free(request);
}

static void each_changed_bit_of_the_handshake_is_noticed(void **state)
{
    struct side side;
    struct caller_session session;
    struct opened_body who;
    uint8_t message[CALLER_OPEN_BYTES], opened[OPENED_BYTES], scratch[OPENED_BYTES];

    (void)state;
    FIELDS_FILL(opening_fields, envelope_request);
    FIELDS_FILL(opened_fields, envelope_opened);
    side_make(&side, 8);
    assert_good(caller_session_start(&side.outside, message, &session));
    for (size_t at = 0; at < sizeof(message); at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            message[at] ^= (uint8_t)(1u << bit);
            field_must_refuse(FIELD_AT(opening_fields, at), at,
                              inside_open(&side, message, scratch), ST_ENVELOPE_FORGED);
            message[at] ^= (uint8_t)(1u << bit);
        }
    assert_int_equal(side.table.clock, 0); /* no session came of them */
    assert_good(inside_open(&side, message, opened));
    for (size_t at = 0; at < sizeof(opened); at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            opened[at] ^= (uint8_t)(1u << bit);
            field_must_refuse(FIELD_AT(opened_fields, at), at,
                              caller_session_finish(&session, opened, sizeof(opened), &who),
                              ST_ENVELOPE_FORGED);
            opened[at] ^= (uint8_t)(1u << bit);
        }
    for (size_t bytes = 0; bytes < sizeof(opened); bytes++)
        assert_status(caller_session_finish(&session, opened, bytes, &who), ST_ENVELOPE_FORMAT);
    assert_good(caller_session_finish(&session, opened, sizeof(opened), &who));
    round_trip(&side, &session, 3);
}

static void an_opening_is_no_request_and_the_reverse(void **state)
{
    struct side side;
    struct caller_session session;
    struct envelope_request header;
    struct reply_key reply;
    uint8_t message[CALLER_OPEN_BYTES], tag[16];
    size_t plain_bytes;

    (void)state;
    side_make(&side, 9);
    assert_good(caller_session_start(&side.outside, message, &session));
    memcpy(&header, message, sizeof(header));
    memcpy(tag, message + sizeof(header), 16);
    assert_status(request_open(&side.inside, &header, tag, 16, &plain_bytes, &reply),
                  ST_ENVELOPE_FORMAT);
    header.prefix.kind = ENVELOPE_REQUEST;
    memcpy(tag, message + sizeof(header), 16);
    assert_status(request_open(&side.inside, &header, tag, 16, &plain_bytes, &reply),
                  ST_ENVELOPE_FORGED);
}

/* An opening runs nothing, so it has neither nonce nor plaintext, authentic or not. */
static void an_opening_carries_nothing(void **state)
{
    struct side side;
    struct hpke context;
    struct envelope_request header = {.kem = HPKE_KEM_X25519_HKDF_SHA256,
                                      .kdf = HPKE_KDF_HKDF_SHA256,
                                      .aead = HPKE_AEAD_AES_128_GCM,
                                      .nonce_bytes = 8};
    struct envelope_opened opened;
    uint8_t answer[sizeof(struct opened_body) + AEAD_TAG_BYTES], tag[8 + AEAD_TAG_BYTES];

    (void)state;
    side_make(&side, 13);
    for (size_t plain = 0; plain <= 8; plain += 8) {
        memset(tag, 0, sizeof(tag));
        header.nonce_bytes = plain ? 0 : 8;
        envelope_prefix_fill(&header.prefix, ENVELOPE_SESSION_OPEN, plain + AEAD_TAG_BYTES);
        memcpy(header.key_id, side.enclave.receiving.id, KEY_ID_BYTES);
        memcpy(header.bundle_sha256, side.inside.bundle_sha256, 32);
        memcpy(header.policy_sha256, side.inside.policy_sha256, 32);
        assert_good(hpke_send(&side.enclave.source, side.enclave.receiving.public_key, SESSION_INFO,
                              sizeof(SESSION_INFO), header.enc, &context));
        assert_good(hpke_seal(&context, &header, sizeof(header), tag, plain, tag + plain));
        assert_status(session_open(&side.table, &side.inside, &side.enclave.source, &side.self,
                                   &header, tag, plain + AEAD_TAG_BYTES, &opened, answer),
                      ST_ENVELOPE_FORMAT);
    }
    assert_int_equal(side.table.clock, 0);
}

static void sessions_end(void **state)
{
    struct side side;
    struct caller_session session, newer;
    struct session *open;
    uint8_t plain[256];
    size_t bytes;
    uint8_t *request;

    (void)state;
    side_make(&side, 10);
    session_make(&side, &session);
    /* closed */
    request = seal(&session, "one", &bytes);
    session_close(session_find(&side.table, session.id));
    assert_status(inside_request(&side, request, bytes, plain, &open), ST_CONTEXT_UNKNOWN);
    free(request);
    /* the least recently used one makes room */
    session_make(&side, &session);
    session_make(&side, &newer);
    for (unsigned i = 2; i < SESSIONS_MAX; i++) {
        struct caller_session filler;

        session_make(&side, &filler);
    }
    round_trip(&side, &session, 1); /* now `newer` is the oldest */
    {
        struct caller_session last;

        session_make(&side, &last);
    }
    round_trip(&side, &session, 2);
    request = seal(&newer, "one", &bytes);
    assert_status(inside_request(&side, request, bytes, plain, &open), ST_CONTEXT_UNKNOWN);
    free(request);
    /* the enclave dies */
    sessions_wipe(&side.table);
    request = seal(&session, "one", &bytes);
    assert_status(inside_request(&side, request, bytes, plain, &open), ST_CONTEXT_UNKNOWN);
    free(request);
}

static void a_session_is_for_one_function_and_policy(void **state)
{
    struct side side;
    struct caller_session session;
    struct session *open;
    uint8_t plain[256];
    size_t bytes;
    uint8_t *request;

    (void)state;
    side_make(&side, 11);
    session_make(&side, &session);
    request = seal(&session, "one", &bytes);
    side.inside.bundle_sha256[0] ^= 1;
    assert_status(inside_request(&side, request, bytes, plain, &open), ST_ENVELOPE_BUNDLE);
    side.inside.bundle_sha256[0] ^= 1;
    side.inside.policy_sha256[0] ^= 1;
    assert_status(inside_request(&side, request, bytes, plain, &open), ST_ENVELOPE_POLICY);
    side.inside.policy_sha256[0] ^= 1;
    assert_good(inside_request(&side, request, bytes, plain, &open));
    free(request);
}

static void a_session_runs_out(void **state)
{
    struct side side;
    struct caller_session session;
    struct session *open;
    struct caller_request request = {.input_bytes = 0};
    uint8_t plain[256], *message;
    size_t bytes;

    (void)state;
    side_make(&side, 12);
    session_make(&side, &session);
    open = session_find(&side.table, session.id);
    open->next = SESSION_REQUESTS_MAX;
    session.sequence = SESSION_REQUESTS_MAX - 1;
    round_trip(&side, &session, 1);
    assert_status(caller_session_seal(&session, &request, &message, &bytes), ST_SESSION_EXHAUSTED);
    session.sequence = 0; /* a caller who goes on all the same */
    message = seal(&session, "one", &bytes);
    assert_status(inside_request(&side, message, bytes, plain, &open), ST_SESSION_EXHAUSTED);
    free(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_requests_in_order),
        cmocka_unit_test(replays_and_reordering_are_refused),
        cmocka_unit_test(the_caller_waits_for_each_answer),
        cmocka_unit_test(a_replayed_opening_leads_to_other_keys),
        cmocka_unit_test(two_sessions_do_not_mix),
        cmocka_unit_test(reflections_are_refused),
        cmocka_unit_test(each_changed_bit_is_noticed_and_harmless),
        cmocka_unit_test(each_changed_bit_of_the_handshake_is_noticed),
        cmocka_unit_test(an_opening_is_no_request_and_the_reverse),
        cmocka_unit_test(an_opening_carries_nothing),
        cmocka_unit_test(sessions_end),
        cmocka_unit_test(a_session_is_for_one_function_and_policy),
        cmocka_unit_test(a_session_runs_out),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
