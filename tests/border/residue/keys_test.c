/*
 * The enclave's keys lie in the monitor and nowhere else: in no snapshot, in no slot, and they are
 * never rewound. Looked for in every page, as only an emulator can.
 */
#include "client/envelope/envelope.h"
#include "client/envelope/session.h"
#include "tests/border/harness.h"
#include "tests/border/pages.h"
#include "tests/border/residue/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#define WINDOW 8 /* a piece of a key this long is noticed */

struct home {
    uint64_t from, to, outside;
};

static void note_place(void *context, uint64_t offset)
{
    struct home *home = context;

    if (offset >= home->from && offset < home->to)
        return;
    fprintf(stderr, "# REMAINS: a piece of a key at 0x%llx\n", (unsigned long long)offset);
    home->outside++;
}

/* Found in its place, and nowhere else. */
static void expect_at(struct home home, const struct pages *pages, uint64_t elrange,
                      const uint8_t *secret, size_t bytes)
{
    const struct needle needle = {secret, bytes, WINDOW};

    assert_true(pages_find(pages, &needle, 0, elrange, note_place, &home) > 0);
    assert_int_equal(home.outside, 0);
}

static void expect_at_home(const struct pages *pages, uint64_t elrange, const uint8_t secret[32])
{
    struct home home = {0};

    keys_home(&home.from, &home.to);
    expect_at(home, pages, elrange, secret, 32);
}

static void expect_keys(const struct border *border, struct pages *pages, const struct keys *first)
{
    struct keys now = keys_of(border->fd);

    assert_memory_equal(&now, first, sizeof(now));
    pages_take(pages, border);
    expect_at_home(pages, enclave_bytes(border->enclave), now.signing);
    expect_at_home(pages, enclave_bytes(border->enclave), now.receiving);
}

/* Evidence: the signing key is used, with its registers and stacks. */
static void invoke_and_sign(struct border *border)
{
    static struct border_call call;
    void *claims = loader_buffer_alloc(EVIDENCE_CLAIMS_MAX);
    void *root = loader_buffer_alloc(EVIDENCE_ROOT_MAX);
    uint64_t bytes, leaves;

    memset(&call, 0, sizeof(call));
    border_prepare(&call);
    call.result.claims = (uintptr_t)claims;
    assert_int_equal(slot_invoke(enclave_slot(border->enclave, 0), &call.result, 10000), ST_OK);
    assert_true(call.result.claims_bytes > 0);
    assert_int_equal(slot_sign(enclave_slot(border->enclave, 0), root, &bytes, &leaves), ST_OK);
    assert_int_equal(leaves, 1);
    free(claims);
    free(root);
}

static void keys_stay_in_the_monitor_whatever_happens(void **state)
{
    struct border_file bundle = border_guest("hello");
    struct pages pages = {0};
    struct border border;
    struct keys first;

    (void)state;
    border_open(&border, "reclave-lazy");
    first = keys_of(border.fd);
    border_boot(&border, 0);
    expect_keys(&border, &pages, &first);
    border_load(&border, 0, &bundle, NULL); /* two snapshots are stored now */
    expect_keys(&border, &pages, &first);
    for (unsigned i = 0; i < 3; i++) {
        invoke_and_sign(&border);
        expect_keys(&border, &pages, &first);
        border_rewind(&border, 0);
        expect_keys(&border, &pages, &first);
    }
    border_reset(&border, 0);
    expect_keys(&border, &pages, &first);
    pages_free(&pages);
    border_close(&border);
    border_file_free(&bundle);
}

/* ---- sessions ---- */

struct conversation {
    struct border border;
    struct slot *slot;
    struct pages pages;
    struct caller_session session;
    uint8_t *message; /* loader buffers */
    uint8_t *answer;
};

static struct entry_envelope envelope_with(struct conversation *it, const void *message,
                                           size_t bytes)
{
    memcpy(it->message, message, bytes);
    return (struct entry_envelope){.message = (uintptr_t)it->message,
                                   .message_bytes = bytes,
                                   .answer = (uintptr_t)it->answer,
                                   .answer_limit = ENVELOPE_ANSWER_MIN,
                                   .output_limit = 1024};
}

static void open_conversation(struct conversation *it, const struct border_file *bundle)
{
    uint8_t opening[CALLER_OPEN_BYTES];
    struct caller_target target;
    struct entry_envelope envelope;
    struct opened_body who;
    unsigned digest_bytes;

    keys_in_public(it->border.fd, target.receiving_key, target.policy_sha256);
    assert_int_equal(EVP_Digest(bundle->bytes, bundle->size, target.bundle_sha256, &digest_bytes,
                                EVP_sha256(), NULL),
                     1); /* of a bundle without signature */
    assert_int_equal(caller_session_start(&target, opening, &it->session), ST_OK);
    envelope = envelope_with(it, opening, sizeof(opening));
    assert_int_equal(slot_session_open(it->slot, &envelope), ST_OK);
    assert_int_equal(caller_session_finish(&it->session, it->answer, envelope.answer_bytes, &who),
                     ST_OK);
}

static void say_something(struct conversation *it)
{
    const struct caller_request request = {.input = (const uint8_t *)"x", .input_bytes = 1};
    struct caller_response response;
    struct entry_envelope envelope;
    uint8_t *message;
    size_t bytes;

    assert_int_equal(caller_session_seal(&it->session, &request, &message, &bytes), ST_OK);
    envelope = envelope_with(it, message, bytes);
    free(message);
    assert_int_equal(slot_invoke_sealed(it->slot, &envelope, 10000), ST_OK);
    assert_int_equal(
        caller_session_open(&it->session, it->answer, envelope.answer_bytes, &response), ST_OK);
    assert_int_equal(response.head.outcome, OUTCOME_OK);
    caller_response_free(&response);
}

static void expect_session_keys(struct conversation *it)
{
    uint64_t elrange = enclave_bytes(it->border.enclave);
    struct home home = {0};

    sessions_home(0, &home.from, &home.to);
    pages_take(&it->pages, &it->border);
    expect_at(home, &it->pages, elrange, it->session.request_key, AEAD_KEY_BYTES);
    expect_at(home, &it->pages, elrange, it->session.response_key, AEAD_KEY_BYTES);
}

static void expect_no_session_keys(struct conversation *it)
{
    const struct needle keys[] = {{it->session.request_key, AEAD_KEY_BYTES, WINDOW},
                                  {it->session.response_key, AEAD_KEY_BYTES, WINDOW}};
    struct home nowhere = {0};

    pages_take(&it->pages, &it->border);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pages_find(&it->pages, &keys[i], 0, enclave_bytes(it->border.enclave),
                                    note_place, &nowhere),
                         0);
}

/* In no snapshot, in no slot's memory, on no stack; not rewound, or the next request would be
 * refused; gone with the function. */
static void session_keys_stay_in_the_monitor(void **state)
{
    struct border_file bundle = border_guest("hello");
    struct conversation it = {.message = loader_buffer_alloc(8192),
                              .answer = loader_buffer_alloc(ENVELOPE_ANSWER_MIN)};

    (void)state;
    border_open(&it.border, "reclave-lazy");
    border_boot(&it.border, 0);
    border_load(&it.border, 0, &bundle, NULL);
    it.slot = enclave_slot(it.border.enclave, 0);
    open_conversation(&it, &bundle);
    expect_session_keys(&it);
    for (unsigned i = 0; i < 3; i++) {
        say_something(&it);
        expect_session_keys(&it);
        border_rewind(&it.border, 0);
        expect_session_keys(&it);
    }
    border_reset(&it.border, 0);
    expect_no_session_keys(&it);
    pages_free(&it.pages);
    border_close(&it.border);
    border_file_free(&bundle);
    free(it.message);
    free(it.answer);
}

static void each_enclave_has_keys_of_its_own(void **state)
{
    struct border border;
    struct keys first, second;

    (void)state;
    border_open(&border, "reclave-lazy");
    first = keys_of(border.fd);
    border_close(&border);
    border_open(&border, "reclave-lazy");
    second = keys_of(border.fd);
    border_close(&border);
    assert_memory_not_equal(first.signing, second.signing, 32);
    assert_memory_not_equal(first.receiving, second.receiving, 32);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_stay_in_the_monitor_whatever_happens),
        cmocka_unit_test(session_keys_stay_in_the_monitor),
        cmocka_unit_test(each_enclave_has_keys_of_its_own),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
