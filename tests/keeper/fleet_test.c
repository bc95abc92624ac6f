/* A keeper and its fleet in real enclaves, on the strict emulator: admitted workers serve one
 * request, sealed functions run, and the keeper survives a restart. */
#include "client/envelope/envelope.h"
#include "client/envelope/sealed.h"
#include "client/envelope/session.h"
#include "client/evidence/evidence.h"
#include "abi/bundle.h"
#include "tests/keeper/machine.h"
#include "toolchain/bundle/owner_key.h"
#include "trusted/attest/digest.h"

#include <stdio.h>

#define LAZY    "lib/reclave/images/reclave-lazy.rci"
#define WORKERS 8

static struct machine machine;

static void worker_id_in(const struct fleet_keeper *view, uint8_t id[32])
{
    worker_id_of(view->identity.signing_key, id);
}

/* ---- functions -------------------------------------------------------------------- */

struct file {
    uint8_t *bytes;
    size_t count;
};

static struct file read_file(const char *path)
{
    FILE *stream = fopen(path, "rb");
    struct file file;

    if (!stream)
        fail_msg("cannot open %s", path);
    fseek(stream, 0, SEEK_END);
    file.count = (size_t)ftell(stream);
    rewind(stream);
    file.bytes = loader_buffer_alloc(file.count);
    assert_int_equal(fread(file.bytes, 1, file.count, stream), file.count);
    fclose(stream);
    return file;
}

/* The digest that evidence and envelopes name: all but the signature. */
static void bundle_digest(const struct file *bundle, size_t signature_bytes, uint8_t digest[32])
{
    sha256_pieces(&(struct piece){bundle->bytes, bundle->count - signature_bytes}, 1, digest);
}

/* The guest, sealed under a function key; without a wrapped key. */
static struct file seal_guest(const struct file *bundle, const uint8_t key[32],
                              const uint8_t digest[32])
{
    struct file sealed = {0};
    uint8_t *made;

    assert_good(
        caller_bundle_seal(bundle->bytes, bundle->count, digest, key, NULL, &made, &sealed.count));
    sealed.bytes = loader_buffer_alloc(sealed.count);
    memcpy(sealed.bytes, made, sealed.count);
    free(made);
    return sealed;
}

static enum status load(struct test_worker *worker, const struct file *bundle)
{
    struct slot_load request = {.bundle = bundle->bytes, .bundle_bytes = bundle->count};
    enum status status = slot_boot(worker->slot);

    if (status != ST_OK && status != ST_SLOT_BOOTED)
        return status;
    return slot_load(worker->slot, &request);
}

/* ---- requests ----------------------------------------------------------------------- */

#define ANSWER_ROOM 0x10000

struct raw_answer {
    uint8_t *bytes; /* a loader buffer */
    size_t count;
};

/* What the host gets for this message, a session's opening or a request. */
static enum status send_message(struct test_worker *worker, bool opening, const uint8_t *message,
                                size_t bytes, struct raw_answer *answer)
{
    uint8_t *in = loader_buffer_alloc(bytes);
    struct entry_envelope call;
    enum status status;

    answer->bytes = loader_buffer_alloc(ANSWER_ROOM);
    call = (struct entry_envelope){.message = (uintptr_t)in,
                                   .message_bytes = bytes,
                                   .answer = (uintptr_t)answer->bytes,
                                   .answer_limit = ANSWER_ROOM,
                                   .output_limit = 0x4000};
    memcpy(in, message, bytes);
    status = opening ? slot_session_open(worker->slot, &call)
                     : slot_invoke_sealed(worker->slot, &call, 0);
    answer->count = call.answer_bytes;
    free(in);
    return status;
}

/* Whatever the worker answers to this message, opened. */
static enum status serve(struct test_worker *worker, const uint8_t *message, size_t bytes,
                         struct caller_pending *pending, struct caller_response *response)
{
    struct raw_answer answer;
    enum status status = send_message(worker, false, message, bytes, &answer);

    if (status == ST_OK)
        status = caller_response_open(pending, answer.bytes, answer.count, response);
    free(answer.bytes);
    return status;
}

struct request {
    uint8_t *message;
    size_t bytes;
    struct caller_pending pending;
};

static struct request make_request(const struct fleet_keeper *view, const uint8_t key[32],
                                   const uint8_t bundle_sha256[32])
{
    static const uint8_t nonce[16] = "sixteen letters";
    const struct caller_request content = {.nonce = nonce, .nonce_bytes = sizeof(nonce)};
    struct caller_target target;
    struct request request = {0};

    memcpy(target.receiving_key, key, sizeof(target.receiving_key));
    memcpy(target.bundle_sha256, bundle_sha256, 32);
    assert_good(fleet_worker_policy(view, TENANCY_SEQUENTIAL, 0, target.policy_sha256));
    assert_good(
        caller_request_seal(&target, &content, &request.message, &request.bytes, &request.pending));
    return request;
}

static struct fleet_epoch epoch_of(struct keeper_host *keeper, const struct fleet_keeper *view,
                                   uint64_t oldest)
{
    struct keeper_status now;
    struct fleet_epoch epoch;
    struct message why = {""};

    assert_good(keeper_host_command(keeper, KEEPER_STATUS, NULL, 0, &now, sizeof(now), &why));
    assert_good(fleet_epoch_check(view, now.certificate, now.certificate_bytes, oldest, &epoch));
    return epoch;
}

/* ---- the tests ------------------------------------------------------------------------ */

/* One keeper for all tests; its state file makes it the same keeper each time it is opened. */
static struct keeper_host *open_keeper(void)
{
    return machine_keeper(&machine, LAZY, machine.state, &machine.start);
}

static void any_of_eight_workers_serves_a_request_to_the_epoch(void **state)
{
    struct keeper_host *keeper = open_keeper();
    struct fleet_keeper view = keeper_view(keeper);
    const struct fleet_images images = {(const uint8_t(*)[32])view.mrenclave, 1};
    struct file hello = read_file(in_build("guests/hello.rcl"));
    struct test_worker workers[WORKERS];
    struct fleet_worker certified;
    struct fleet_epoch epoch;
    uint8_t digest[32], id[32];

    (void)state;
    assert_good(fleet_keeper_check(&view, &images));
    epoch = epoch_of(keeper, &view, 0);
    bundle_digest(&hello, 0, digest);
    worker_id_in(&view, id);
    for (unsigned i = 0; i < WORKERS; i++) {
        worker_open(&machine, LAZY, id, false, &workers[i]);
        assert_good(worker_admit(&machine, &workers[i], keeper));
        assert_good(load(&workers[i], &hello));
        assert_good(fleet_worker_check(&view, workers[i].certificate.bytes,
                                       workers[i].certificate.count, epoch.epoch, &certified));
        assert_memory_equal(certified.mrenclave, view.mrenclave, 32);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        struct request request = make_request(&view, epoch.receiving_key, digest);
        struct evidence_claims claims;
        struct caller_response response;
        uint8_t worker_id[32];

        assert_good(
            serve(&workers[i], request.message, request.bytes, &request.pending, &response));
        assert_int_equal(response.head.outcome, OUTCOME_OK);
        assert_true(response.head.output_bytes > 0);
        assert_int_equal(claims_parse(response.claims, response.head.claims_bytes, &claims).step,
                         EVIDENCE_ACCEPTED);
        assert_good(fleet_worker_check(&view, workers[i].certificate.bytes,
                                       workers[i].certificate.count, 0, &certified));
        worker_id_of(certified.identity.signing_key, worker_id);
        assert_memory_equal(claims.worker_id, worker_id, 32);
        caller_response_free(&response);
        free(request.message);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        worker_close(&workers[i]);
    free(hello.bytes);
    keeper_host_close(keeper);
}

/* Nowhere the same block in the same place: no key and nonce twice. The header is the messages'. */
static void must_share_nothing(const struct raw_answer *a, const struct raw_answer *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t at = sizeof(struct envelope_prefix); at + 16 <= a->count; at += 16)
        assert_memory_not_equal(a->bytes + at, b->bytes + at, 16);
}

#define ASKED 3 /* workers */
#define TIMES 3 /* each */

static void all_must_differ(struct raw_answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            must_share_nothing(&answers[i], &answers[j]);
}

/* All of them can open it; a host has the same message served by each, several times. */
static void one_request_to_several_workers(struct test_worker *workers, struct request *request)
{
    struct raw_answer answers[ASKED * TIMES];
    struct caller_response response;

    for (size_t i = 0; i < ASKED * TIMES; i++) {
        assert_good(send_message(&workers[i % ASKED], false, request->message, request->bytes,
                                 &answers[i]));
        assert_good(slot_rewind(workers[i % ASKED].slot, NULL));
    }
    all_must_differ(answers, ASKED * TIMES);
    for (size_t i = 0; i < ASKED * TIMES; i++) { /* one is accepted, whichever comes first */
        enum status status =
            caller_response_open(&request->pending, answers[i].bytes, answers[i].count, &response);

        assert_status(status, i ? ST_RESPONSE_SPENT : ST_OK);
        caller_response_free(&response);
        free(answers[i].bytes);
    }
}

static void one_opening_to_several_workers(struct test_worker *workers,
                                           const struct caller_target *target)
{
    struct raw_answer answers[ASKED * TIMES];
    struct caller_session sessions[ASKED * TIMES], started;
    uint8_t opening[CALLER_OPEN_BYTES];
    struct opened_body who;

    assert_good(caller_session_start(target, opening, &started));
    for (size_t i = 0; i < ASKED * TIMES; i++) {
        assert_good(send_message(&workers[i % ASKED], true, opening, sizeof(opening), &answers[i]));
        sessions[i] = started;
        assert_good(caller_session_finish(&sessions[i], answers[i].bytes, answers[i].count, &who));
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(sessions[i].request_key, sessions[j].request_key, 16);
            assert_memory_not_equal(sessions[i].response_key, sessions[j].response_key, 16);
            assert_memory_not_equal(sessions[i].id, sessions[j].id, SESSION_ID_BYTES);
        }
    }
    all_must_differ(answers, ASKED * TIMES);
    for (size_t i = 0; i < ASKED * TIMES; i++)
        free(answers[i].bytes);
}

static void the_same_message_to_several_workers_tells_nothing(void **state)
{
    struct keeper_host *keeper = open_keeper();
    struct fleet_keeper view = keeper_view(keeper);
    struct fleet_epoch epoch = epoch_of(keeper, &view, 0);
    struct file hello = read_file(in_build("guests/hello.rcl"));
    struct test_worker workers[ASKED];
    struct caller_target target;
    struct request request;
    uint8_t id[32];

    (void)state;
    worker_id_in(&view, id);
    bundle_digest(&hello, 0, target.bundle_sha256);
    memcpy(target.receiving_key, epoch.receiving_key, sizeof(target.receiving_key));
    assert_good(fleet_worker_policy(&view, TENANCY_SEQUENTIAL, 0, target.policy_sha256));
    for (unsigned i = 0; i < ASKED; i++) {
        worker_open(&machine, LAZY, id, false, &workers[i]);
        assert_good(worker_admit(&machine, &workers[i], keeper));
        assert_good(load(&workers[i], &hello));
    }
    request = make_request(&view, epoch.receiving_key, target.bundle_sha256);
    one_request_to_several_workers(workers, &request);
    one_opening_to_several_workers(workers, &target);
    for (unsigned i = 0; i < ASKED; i++)
        worker_close(&workers[i]);
    free(request.message);
    free(hello.bytes);
    keeper_host_close(keeper);
}

static void a_worker_without_a_grant_serves_nothing_of_the_epoch(void **state)
{
    struct keeper_host *keeper = open_keeper();
    struct fleet_keeper view = keeper_view(keeper);
    struct fleet_epoch epoch = epoch_of(keeper, &view, 0);
    struct file hello = read_file(in_build("guests/hello.rcl"));
    struct caller_response response;
    struct test_worker worker;
    struct request request;
    uint8_t digest[32], id[32];

    (void)state;
    worker_id_in(&view, id);
    bundle_digest(&hello, 0, digest);
    worker_open(&machine, LAZY, id, false, &worker);
    assert_good(load(&worker, &hello));
    request = make_request(&view, epoch.receiving_key, digest);
    assert_status(serve(&worker, request.message, request.bytes, &request.pending, &response),
                  ST_ENVELOPE_KEY);
    /* ... until it has one, in whatever state its slot is */
    assert_good(worker_admit(&machine, &worker, keeper));
    assert_good(serve(&worker, request.message, request.bytes, &request.pending, &response));
    caller_response_free(&response);
    free(request.message);
    worker_close(&worker);
    free(hello.bytes);
    keeper_host_close(keeper);
}

static void epochs_end(void **state)
{
    struct keeper_host *keeper = open_keeper();
    struct fleet_keeper view = keeper_view(keeper);
    struct fleet_epoch old = epoch_of(keeper, &view, 0), new;
    struct file hello = read_file(in_build("guests/hello.rcl"));
    struct caller_response response;
    struct message why = {""};
    struct test_worker worker;
    struct request request;
    uint8_t digest[32], id[32];

    (void)state;
    worker_id_in(&view, id);
    bundle_digest(&hello, 0, digest);
    worker_open(&machine, LAZY, id, false, &worker);
    assert_good(load(&worker, &hello));
    for (unsigned age = 0; age < 3; age++) {
        assert_good(worker_admit(&machine, &worker, keeper));
        request = make_request(&view, old.receiving_key, digest);
        if (age < 2) { /* the current one, then the previous one */
            assert_good(
                serve(&worker, request.message, request.bytes, &request.pending, &response));
            caller_response_free(&response);
            assert_good(slot_rewind(worker.slot, NULL));
        } else {
            assert_status(
                serve(&worker, request.message, request.bytes, &request.pending, &response),
                ST_ENVELOPE_KEY);
        }
        free(request.message);
        assert_good(keeper_host_command(keeper, KEEPER_ROTATE, NULL, 0, NULL, 0, &why));
    }
    new = epoch_of(keeper, &view, old.counter);
    assert_int_equal(new.epoch, old.epoch + 3);
    assert_true(new.counter > old.counter);
    worker_close(&worker);
    free(hello.bytes);
    keeper_host_close(keeper);
}

/* The owner whose key signed tests/keeper-hello.rcl. */
static void release_as_owner(struct keeper_host *keeper, const struct fleet_keeper *view,
                             const uint8_t *key)
{
    const struct complaint complaint = {(char[256]){""}, 256};
    struct function_policy policy = {.serial = 1, .measured_count = 1};
    uint8_t message[STATEMENT_MESSAGE_MAX], owner[SIGNING_KEY_BYTES];
    struct key_release release;
    struct message why = {""};
    size_t bytes;

    memcpy(policy.measured[0], view->mrenclave, 32);
    assert_good(owner_key_public(in_build("tests/keeper-owner.pem"), owner, &complaint));
    assert_good(key_release_make(key, owner, &policy, &view->identity, &release));
    bytes = statement_message(STATEMENT_RELEASE, &release, message);
    assert_good(owner_key_sign_message(in_build("tests/keeper-owner.pem"), message, bytes, owner,
                                       statement_signature(STATEMENT_RELEASE, &release),
                                       &complaint));
    if (keeper_host_command(keeper, KEEPER_RELEASE, &release, sizeof(release), NULL, 0, &why))
        fail_msg("%s", why.text);
}

/* Anybody can own a key; the bundle is another's. */
static void release_as_other(struct keeper_host *keeper, const struct fleet_keeper *view,
                             const uint8_t *key)
{
    struct function_policy policy = {.serial = 1, .measured_count = 1};
    struct key_release release;
    struct message why = {""};

    memcpy(policy.measured[0], view->mrenclave, 32);
    assert_good(
        key_release_make(key, machine.owner.public_key, &policy, &view->identity, &release));
    sign_statement(&machine.owner, STATEMENT_RELEASE, &release);
    assert_good(
        keeper_host_command(keeper, KEEPER_RELEASE, &release, sizeof(release), NULL, 0, &why));
}

/* The straight way: released by the owner, opened by an admitted worker, also after a restart of
 * the keeper. */
static void a_sealed_function_runs_with_the_owners_key(void **state)
{
    const uint8_t *key = test_digest(0xaa), *others_key = test_digest(0xbb);
    struct keeper_host *keeper = open_keeper();
    struct fleet_keeper view = keeper_view(keeper), again;
    struct file hello = read_file(in_build("tests/keeper-hello.rcl"));
    struct entry_invocation call = {.output_limit = 0x4000};
    struct test_worker worker;
    struct file sealed, others;
    uint8_t digest[32], id[32];

    (void)state;
    worker_id_in(&view, id);
    bundle_digest(&hello, BUNDLE_SIGNATURE_BYTES, digest);
    sealed = seal_guest(&hello, key, digest);
    others = seal_guest(&hello, others_key, digest);
    worker_open(&machine, LAZY, id, false, &worker);
    assert_good(worker_admit(&machine, &worker, keeper));
    assert_status(load(&worker, &sealed), ST_NO_FUNCTION_KEY);
    release_as_owner(keeper, &view, key);
    release_as_other(keeper, &view, others_key);
    keeper_host_close(keeper);

    keeper = machine_keeper(&machine, LAZY, machine.state, NULL);
    again = keeper_view(keeper);
    assert_memory_equal(again.identity.signing_key, view.identity.signing_key, SIGNING_KEY_BYTES);
    assert_memory_not_equal(again.identity.boot_id, view.identity.boot_id, BOOT_ID_BYTES);
    assert_good(worker_admit(&machine, &worker, keeper));
    assert_status(load(&worker, &others), ST_FUNCTION_KEY_OWNER);
    assert_good(load(&worker, &sealed));
    call.output = (uintptr_t)loader_buffer_alloc(call.output_limit);
    assert_good(slot_invoke(worker.slot, &call, 0));
    assert_int_equal(call.outcome, OUTCOME_OK);
    assert_true(call.output_bytes > 0);
    free((void *)(uintptr_t)call.output);
    worker_close(&worker);
    free(sealed.bytes);
    free(others.bytes);
    free(hello.bytes);
    keeper_host_close(keeper);
}

/* ---- the border ----------------------------------------------------------------------- */

static enum status raw_keeper_call(struct slot *slot, uint64_t command, void *request,
                                   uint64_t request_bytes, void *answer, uint64_t answer_limit)
{
    struct entry_keeper call = {.command = command,
                                .request = (uintptr_t)request,
                                .request_bytes = request_bytes,
                                .answer = (uintptr_t)answer,
                                .answer_limit = answer_limit};
    enum status status = slot_keeper_call(slot, &call);

    if (status != ST_OK)
        assert_int_equal(call.answer_bytes, 0);
    return status;
}

static struct enclave *bare_enclave(const struct enclave_terms *terms, enum status expected)
{
    struct enclave_options options = {.driver = machine.driver};
    struct message why = {""};
    struct enclave *enclave;
    struct image image;

    assert_good(image_open(in_build(LAZY), &image, &why));
    assert_good(enclave_create(&image, &options, &enclave, &why));
    image_close(&image);
    assert_status(enclave_init(enclave, terms), expected);
    return enclave;
}

static void roles_are_for_life(void **state)
{
    struct enclave *keeper = bare_enclave(&(struct enclave_terms){.keeper = true}, ST_OK);
    struct enclave *worker = bare_enclave(&(struct enclave_terms){0}, ST_OK);
    struct slot *slot = enclave_slot(keeper, 0);
    struct slot_load load = {.bundle = loader_buffer_alloc(64), .bundle_bytes = 64};
    struct entry_report report = {0};
    uint8_t nonce[32];

    (void)state;
    assert_status(slot_boot(slot), ST_WRONG_ROLE);
    assert_status(slot_load(slot, &load), ST_WRONG_ROLE);
    assert_status(slot_ask_admission(slot, nonce), ST_WRONG_ROLE);
    assert_status(slot_take_grant(slot, load.bundle), ST_WRONG_ROLE);
    assert_status(slot_report(slot, &report), ST_KEEPER_EMPTY); /* it has no identity yet */
    slot = enclave_slot(worker, 0);
    assert_status(raw_keeper_call(slot, KEEPER_STATUS, NULL, 0, NULL, 0), ST_WRONG_ROLE);
    free((void *)(uintptr_t)load.bundle);
    enclave_destroy(worker);
    enclave_destroy(keeper);
    /* a keeper promises nothing that it does not keep */
    enclave_destroy(bare_enclave(&(struct enclave_terms){.keeper = true, .keeper_id = {1}},
                                 ST_INVALID_ARGUMENT));
    enclave_destroy(bare_enclave(&(struct enclave_terms){.keeper = true, .shared_tenancy = true},
                                 ST_INVALID_ARGUMENT));
    enclave_destroy(bare_enclave(&(struct enclave_terms){.keeper = true, .encrypted_only = true},
                                 ST_INVALID_ARGUMENT));
}

static void a_worker_that_names_no_keeper_takes_no_grants(void **state)
{
    struct enclave *enclave = bare_enclave(&(struct enclave_terms){0}, ST_OK);
    void *granted = loader_buffer_alloc(sizeof(struct worker_granted));
    uint8_t nonce[32];

    (void)state;
    assert_good(slot_ask_admission(enclave_slot(enclave, 0), nonce));
    assert_status(slot_take_grant(enclave_slot(enclave, 0), granted), ST_KEEPER_OTHER);
    free(granted);
    enclave_destroy(enclave);
}

static void buffers_of_commands(void **state)
{
    struct enclave *enclave = bare_enclave(&(struct enclave_terms){.keeper = true}, ST_OK);
    struct slot *slot = enclave_slot(enclave, 0);
    void *inside = (void *)(uintptr_t)enclave_base(enclave);
    struct keeper_start *start = loader_buffer_alloc(sizeof(*start));
    void *sealed = loader_buffer_alloc(KEEPER_SEALED_BYTES);

    (void)state;
    *start = machine.start;
#define START(request, bytes, answer, limit)                                                       \
    raw_keeper_call(slot, KEEPER_START, request, bytes, answer, limit)
    assert_status(START(start, sizeof(*start) - 8, sealed, KEEPER_SEALED_BYTES), ST_BAD_LENGTH);
    assert_status(START(start, sizeof(*start) + 8, sealed, KEEPER_SEALED_BYTES), ST_BAD_LENGTH);
    assert_status(START(start, sizeof(*start), sealed, KEEPER_SEALED_BYTES - 1), ST_BAD_LENGTH);
    assert_status(START(inside, sizeof(*start), sealed, KEEPER_SEALED_BYTES), ST_BAD_POINTER);
    assert_status(START(start, sizeof(*start), inside, KEEPER_SEALED_BYTES), ST_BAD_POINTER);
    assert_status(START(start, sizeof(*start), sealed, UINT64_MAX), ST_BAD_POINTER);
    assert_good(START(start, sizeof(*start), sealed, KEEPER_SEALED_BYTES));
    assert_status(START(start, sizeof(*start), sealed, KEEPER_SEALED_BYTES), ST_KEEPER_READY);
#undef START
    free(start);
    free(sealed);
    enclave_destroy(enclave);
}

static int set_up(void **state)
{
    (void)state;
    machine_open(&machine);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    machine_close(&machine);
    return 0;
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(any_of_eight_workers_serves_a_request_to_the_epoch),
        CASE(the_same_message_to_several_workers_tells_nothing),
        CASE(a_worker_without_a_grant_serves_nothing_of_the_epoch),
        CASE(epochs_end),
        CASE(a_sealed_function_runs_with_the_owners_key),
        CASE(roles_are_for_life),
        CASE(a_worker_that_names_no_keeper_takes_no_grants),
        CASE(buffers_of_commands),
    };

    return cmocka_run_group_tests_name("fleet", tests, set_up, tear_down);
}
