/* Where encrypted calls wait, and what they may hold back; what parameters ask for. No workers: the
 * scheduler on tables. */
#include "abi/envelope.h"
#include "abi/sealed.h"
#include "host/action/sealed.h"
#include "host/pool/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORKERS 3u
#define LATER   (10 * POOL_PATIENCE_US)

uint64_t pool_now_us(void)
{
    return LATER;
}

static struct pool pool;

/* Workers with two empty slots each; worker i has the key of i + 1 everywhere. */
static int set_up(void **state)
{
    (void)state;
    memset(&pool, 0, sizeof(pool));
    pool.options.workers = WORKERS;
    pool.last = &pool.first;
    for (unsigned i = 0; i < WORKERS; i++) {
        struct worker *worker = &pool.workers[i];

        *worker = (struct worker){
            .pool = &pool, .index = i, .state = WORKER_UP, .starts = 7, .slot_count = 2};
        memset(worker->key_id, (int)i + 1, sizeof(worker->key_id));
        for (unsigned s = 0; s < 2; s++)
            worker->slots[s] =
                (struct slot){.worker = worker, .index = s, .state = POOL_SLOT_EMPTY};
    }
    return 0;
}

/* ---- pins ---- */

static struct envelope_request header_of(unsigned kind, uint8_t key)
{
    struct envelope_request header = {.prefix = {.version = 1, .kind = (uint16_t)kind}};

    memcpy(header.prefix.magic, ENVELOPE_MAGIC, sizeof(header.prefix.magic));
    memset(header.key_id, key, sizeof(header.key_id));
    return header;
}

static enum status pin(const void *message, size_t bytes, const char *session, struct pin *out)
{
    const struct pool_call call = {
        .sealed = true, .input = message, .input_bytes = bytes, .session = session};
    struct message why = {""};

    return pin_call(&pool, &call, out, &why);
}

static void requests_go_where_their_key_is(void **state)
{
    struct envelope_request header;
    struct pin out;

    (void)state;
    for (unsigned kind = ENVELOPE_REQUEST; kind <= ENVELOPE_SESSION_OPEN; kind += 2) {
        header = header_of(kind, 2);
        assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_OK);
        assert_ptr_equal(out.worker, &pool.workers[1]);
        assert_int_equal(out.slot, -1);
        assert_int_equal(out.life, 7);
        header = header_of(kind, 9); /* perhaps a keeper's */
        assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_OK);
        assert_null(out.worker);
    }
    header = header_of(ENVELOPE_REQUEST, 2);
    pool.workers[1].state = WORKER_STARTING;
    assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_OK);
    assert_null(out.worker);
    pool.workers[1].state = WORKER_UP;
    pool.workers[1].retiring = true;
    assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_OK);
    assert_null(out.worker);
}

static void what_is_no_request_is_refused(void **state)
{
    struct envelope_request header = header_of(ENVELOPE_REQUEST, 2);
    struct pin out;

    (void)state;
    for (size_t cut = 0; cut < sizeof(header); cut++)
        assert_int_equal(pin(&header, cut, NULL, &out), ST_ENVELOPE_FORMAT);
    header.prefix.magic[7] ^= 1;
    assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_ENVELOPE_FORMAT);
    for (unsigned kind = 0; kind < 10; kind++) {
        if (kind == ENVELOPE_REQUEST || kind == ENVELOPE_SESSION_OPEN ||
            kind == ENVELOPE_SESSION_REQUEST)
            continue;
        header = header_of(kind, 2);
        assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_ENVELOPE_FORMAT);
    }
}

static void sessions_stay_in_their_slot(void **state)
{
    static const char *const gone[] = {"",      "2",     "2.1",    "2.1.",   "2.1.8",
                                       "2.1.6", "2.2.7", "3.0.7",  "64.0.7", "2.1.7x",
                                       " ",     "a.b.c", "2.1.77", "-1.1.7", "2.4096.7"};
    const struct envelope_request header = header_of(ENVELOPE_SESSION_REQUEST, 0);
    struct pin out;

    (void)state;
    assert_int_equal(pin(&header, sizeof(header.prefix), "2.1.7", &out), ST_OK);
    assert_ptr_equal(out.worker, &pool.workers[2]);
    assert_int_equal(out.slot, 1);
    assert_true(pin_allows(&out, &pool.workers[2].slots[1]));
    assert_false(pin_allows(&out, &pool.workers[2].slots[0]));
    assert_false(pin_allows(&out, &pool.workers[1].slots[1]));
    assert_int_equal(pin(&header, sizeof(header), NULL, &out), ST_CONTEXT_UNKNOWN);
    for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
        assert_int_equal(pin(&header, sizeof(header), gone[i], &out), ST_CONTEXT_UNKNOWN);
}

static void sealed_functions_go_where_they_can_be_read(void **state)
{
    struct envelope_request header = header_of(ENVELOPE_REQUEST, 1);
    struct pool_call call = {.function = {.sealed = true}};
    struct message why = {""};
    struct pin out;

    (void)state;
    assert_int_equal(pin_call(&pool, &call, &out, &why), ST_OK); /* a keeper's */
    assert_null(out.worker);
    memset(call.function.recipient, 2, KEY_ID_BYTES);
    assert_int_equal(pin_call(&pool, &call, &out, &why), ST_OK);
    assert_ptr_equal(out.worker, &pool.workers[1]);
    call.sealed = true;
    call.input = &header;
    call.input_bytes = sizeof(header);
    assert_int_equal(pin_call(&pool, &call, &out, &why), ST_ENVELOPE_KEY);
    header = header_of(ENVELOPE_REQUEST, 2);
    assert_int_equal(pin_call(&pool, &call, &out, &why), ST_OK);
    assert_ptr_equal(out.worker, &pool.workers[1]);
}

static void sealed_files_tell_who_can_read_them(void **state)
{
    struct {
        struct sealed_header header;
        struct wrapped_key wrapped;
        uint8_t more[64];
    } file = {.header = {.version = 1}};
    struct pool_function function;

    (void)state;
    memcpy(file.header.magic, SEALED_MAGIC, sizeof(file.header.magic));
    memset(file.wrapped.recipient, 5, KEY_ID_BYTES);
    assert_int_equal(pool_function_describe(&file, sizeof(file), &function), ST_OK);
    assert_true(function.sealed);
    assert_memory_equal(function.recipient, file.wrapped.recipient, KEY_ID_BYTES);
    assert_memory_equal(function.tenant, function.id, 32); /* nobody's else */
    assert_int_equal(
        pool_function_describe(&file, sizeof(file.header) + sizeof(file.wrapped) - 1, &function),
        ST_CORRUPT);
}

/* ---- waiting ---- */

static void wait_in_line(struct ticket *ticket, struct function *function, struct pin where)
{
    *ticket = (struct ticket){.function = function, .pin = where, .since_us = 1};
    sem_init(&ticket->wakeup, 0, 0);
    *pool.last = ticket;
    pool.last = &ticket->next;
    pool.queue++;
    function->waiting++;
}

static void occupy(unsigned worker)
{
    for (unsigned i = 0; i < 2; i++)
        pool.workers[worker].slots[i].state = POOL_SLOT_BUSY;
}

static const struct pin anywhere = {.slot = -1};

static struct pin only_in(unsigned worker)
{
    return (struct pin){&pool.workers[worker], -1, 7};
}

static void who_is_pinned_holds_back_only_who_wants_the_same(void **state)
{
    struct function function = {.users = 1};
    struct ticket first, second, third, fourth;

    (void)state;
    occupy(1);
    occupy(2);
    pool.workers[0].slots[1].state = POOL_SLOT_BUSY;
    wait_in_line(&first, &function, only_in(1));
    wait_in_line(&second, &function, anywhere);
    wait_in_line(&third, &function, only_in(1));
    wait_in_line(&fourth, &function, anywhere);
    schedule(&pool);
    assert_null(first.slot);
    assert_ptr_equal(second.slot, &pool.workers[0].slots[0]);
    assert_null(third.slot);
    assert_null(fourth.slot);
    pool.workers[1].slots[0].state = POOL_SLOT_EMPTY; /* whose turn is it? */
    schedule(&pool);
    assert_ptr_equal(first.slot, &pool.workers[1].slots[0]);
    assert_null(third.slot);
    assert_null(fourth.slot);
    pool.workers[1].slots[1].state = POOL_SLOT_EMPTY;
    pool.workers[2].slots[1].state = POOL_SLOT_EMPTY;
    schedule(&pool);
    assert_ptr_equal(third.slot, &pool.workers[1].slots[1]);
    assert_ptr_equal(fourth.slot, &pool.workers[2].slots[1]);
    assert_int_equal(pool.queue, 0);
}

/* A worker whose slot is free, but not for this tenant yet: nobody else takes it meanwhile. */
static void a_claim_keeps_others_from_the_worker(void **state)
{
    struct function one = {.users = 1}, mine = {.users = 1, .tenant = {1}};
    struct ticket pinned, other;

    (void)state;
    occupy(0);
    occupy(2);
    pool.workers[1].slots[0].state = POOL_SLOT_BUSY;
    pool.workers[1].slots[0].holds = &one; /* runs, so that `mine` has to wait */
    wait_in_line(&pinned, &mine, only_in(1));
    wait_in_line(&other, &one, anywhere);
    schedule(&pool);
    assert_null(pinned.slot);
    assert_null(other.slot);
    pool.workers[1].slots[0].state = POOL_SLOT_WARM;
    schedule(&pool);
    assert_non_null(pinned.slot);
    assert_null(other.slot);
}

/* Else somebody could keep all workers for himself by waiting for sessions that he keeps busy. */
static void a_session_claims_its_slot_only(void **state)
{
    struct function function = {.users = 1};
    struct ticket session, pinned, other;

    (void)state;
    occupy(0);
    occupy(2);
    pool.workers[1].slots[1].state = POOL_SLOT_BUSY;
    wait_in_line(&session, &function, (struct pin){&pool.workers[1], 1, 7});
    wait_in_line(&other, &function, anywhere);
    wait_in_line(&pinned, &function, only_in(1));
    schedule(&pool);
    assert_null(session.slot);
    assert_ptr_equal(other.slot, &pool.workers[1].slots[0]);
    assert_null(pinned.slot);
    pool.workers[1].slots[1].state = POOL_SLOT_WARM;
    pool.workers[1].slots[1].holds = &function;
    function.held = 1;
    schedule(&pool);
    assert_ptr_equal(session.slot, &pool.workers[1].slots[1]);
    assert_null(pinned.slot);
}

static void who_waits_for_what_is_gone_is_told(void **state)
{
    struct function function = {.users = 1}, another = {.users = 1};
    struct ticket life, down, session, stays;

    (void)state;
    for (unsigned i = 0; i < WORKERS; i++)
        occupy(i);
    wait_in_line(&life, &function, (struct pin){&pool.workers[0], -1, 6});
    wait_in_line(&down, &function, only_in(1));
    wait_in_line(&session, &function, (struct pin){&pool.workers[2], 0, 7});
    wait_in_line(&stays, &function, only_in(2));
    schedule(&pool);
    assert_true(life.homeless);
    assert_false(down.homeless || session.homeless || stays.homeless);
    pool.workers[1].state = WORKER_DOWN;
    pool.workers[2].slots[0].state = POOL_SLOT_WARM; /* with another function: sessions are gone */
    pool.workers[2].slots[0].holds = &another;
    schedule(&pool);
    assert_true(down.homeless);
    assert_true(session.homeless);
    assert_false(stays.homeless);
    assert_ptr_equal(stays.slot, &pool.workers[2].slots[0]);
    assert_int_equal(pool.queue, 0);
}

static void an_errand_leaves_the_slot_as_it_is(void **state)
{
    struct function nothing = {.next = NULL}, mine = {.users = 1, .tenant = {1}};
    struct ticket errand;

    (void)state;
    pool.workers[1].slots[0] =
        (struct slot){.worker = &pool.workers[1], .state = POOL_SLOT_WARM, .holds = &mine};
    pool.workers[1].slots[1].state = POOL_SLOT_BUSY;
    pool.workers[1].slots[1].holds = &mine;
    wait_in_line(&errand, &nothing, only_in(1));
    errand.errand = true;
    schedule(&pool);
    assert_ptr_equal(errand.slot, &pool.workers[1].slots[0]);
    assert_ptr_equal(errand.slot->holds, &mine);
    assert_null(errand.slot->leased);
    assert_int_equal(pool.workers[1].leases, 1);
}

/* ---- parameters ---- */

static bool understood(const char *text, struct sealed_ask *ask, struct message *why)
{
    static json_t *params;

    json_decref(params);
    params = json_loads(text, 0, NULL);
    *why = (struct message){""};
    return sealed_ask(params, ask, why);
}

static void expect_refusal(const char *text, const char *field)
{
    struct message why;
    struct sealed_ask ask;

    assert_false(understood(text, &ask, &why));
    if (!strstr(why.text, field))
        fail_msg("%s: %s", text, why.text);
    sealed_ask_free(&ask);
}

static void parameters_ask_for_encryption_and_evidence(void **state)
{
    struct message why;
    struct sealed_ask ask;

    (void)state;
    assert_true(understood("{\"a\":1,\"reclave_nonce\":\"00112233445566ff\"}", &ask, &why));
    assert_string_equal(ask.nonce, "00112233445566ff");
    assert_true(ask.evidence && !ask.envelope && json_object_size(ask.params) == 1);
    sealed_ask_free(&ask);
    assert_true(understood("{\"reclave_evidence\":\"of before\"}", &ask, &why));
    assert_true(!ask.evidence && json_object_size(ask.params) == 1);
    sealed_ask_free(&ask);
    assert_true(understood("{\"reclave_evidence\":true}", &ask, &why));
    assert_true(ask.evidence && json_object_size(ask.params) == 0);
    sealed_ask_free(&ask);
    assert_true(
        understood("{\"reclave_envelope\":\"AAEC/w==\",\"reclave_session\":\"s\"}", &ask, &why));
    assert_int_equal(ask.envelope_bytes, 4);
    assert_memory_equal(ask.envelope, "\0\1\2\377", 4);
    assert_string_equal(ask.session, "s");
    sealed_ask_free(&ask);
    assert_true(understood("[1]", &ask, &why)); /* a list asks for nothing */
    assert_true(!ask.evidence && json_is_array(ask.params));
    sealed_ask_free(&ask);
    expect_refusal("{\"reclave_envelope\":\"\"}", "reclave_envelope");
    expect_refusal("{\"reclave_envelope\":\"AAE\"}", "reclave_envelope");
    expect_refusal("{\"reclave_envelope\":\"!!!!\"}", "reclave_envelope");
    expect_refusal("{\"reclave_envelope\":7}", "reclave_envelope");
    expect_refusal("{\"reclave_nonce\":\"0011\"}", "reclave_nonce");
    expect_refusal("{\"reclave_nonce\":\"00112233445566fg\"}", "reclave_nonce");
    expect_refusal("{\"reclave_nonce\":null}", "reclave_nonce");
    expect_refusal("{\"reclave_envelope\":\"AAEC\",\"reclave_nonce\":\"00112233445566ff\"}",
                   "inside");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(requests_go_where_their_key_is, set_up),
        cmocka_unit_test_setup(what_is_no_request_is_refused, set_up),
        cmocka_unit_test_setup(sessions_stay_in_their_slot, set_up),
        cmocka_unit_test_setup(sealed_functions_go_where_they_can_be_read, set_up),
        cmocka_unit_test(sealed_files_tell_who_can_read_them),
        cmocka_unit_test_setup(who_is_pinned_holds_back_only_who_wants_the_same, set_up),
        cmocka_unit_test_setup(a_session_claims_its_slot_only, set_up),
        cmocka_unit_test_setup(a_claim_keeps_others_from_the_worker, set_up),
        cmocka_unit_test_setup(who_waits_for_what_is_gone_is_told, set_up),
        cmocka_unit_test_setup(an_errand_leaves_the_slot_as_it_is, set_up),
        cmocka_unit_test(parameters_ask_for_encryption_and_evidence),
    };

    return cmocka_run_group_tests_name("serve-pins", tests, NULL, NULL);
}
