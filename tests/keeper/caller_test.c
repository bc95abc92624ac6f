/* A caller of a fleet: from the keeper's description to a worker's answer and its evidence. One
 * deviation at a time, each rejected by the step that ought to notice. */
#include "client/invoke/invoke.h"
#include "host/evidence/compose.h"
#include "tests/client/case.h"
#include "tests/keeper/world.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/envelope.h"
#include "trusted/attest/session.h"

#include "abi/quote.h"
#include "abi/sgx_arch.h"

#include <jansson.h>
#include <stdio.h>

#define BEGAN  (FORGE_NOW - 100) /* of the first epoch */
#define OUTPUT "the output"
#define NONCE  "sixteen letters."
#define ROOM   4096u

static struct world world;
static struct node keeper, other_keeper, alice, bob;
static struct forgery forgery;
static char policy_text[1024];

/* ---- the fleet ------------------------------------------------------------------------- */

struct certificate_of {
    uint8_t bytes[CERTIFICATE_MAX];
    size_t count;
};
static struct certificate_of alices, bobs;

static struct certificate_of admitted(struct node *worker)
{
    struct certificate_of out;

    assert_good(admit(&world, worker, &keeper));
    out.count = keeper.reply.admitted.certificate_bytes;
    memcpy(out.bytes, keeper.reply.admitted.certificate, out.count);
    return out;
}

static void rotate_at(int64_t time)
{
    keeper.self.time = (uint64_t)time;
    assert_good(node_command(&keeper, KEEPER_ROTATE, NULL, 0));
}

static void start_keeper(struct node *node, uint64_t seed)
{
    keeper_node(&world, node, seed);
    node->self.time = BEGAN;
    assert_good(keeper_start(&world, node));
}

static void owner_id(char hex[65])
{
    uint8_t id[32];

    worker_id_of(world.owner.public_key, id);
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
}

/* A policy that names the owner and both images; `more` begins with a comma. */
static const char *policy_with(const char *more)
{
    char owner[65], own[65], other[65];

    owner_id(owner);
    for (unsigned i = 0; i < 32; i++) {
        snprintf(own + 2 * i, 3, "%02x", OWN_IMAGE);
        snprintf(other + 2 * i, 3, "%02x", OTHER_IMAGE);
    }
    snprintf(policy_text, sizeof(policy_text),
             "{\"keeper_owner\": \"%s\", \"mrenclave\": [\"%s\", \"%s\"]%s}", owner, own, other,
             more);
    return policy_text;
}

static void start_over(void)
{
    world_make(&world);
    start_keeper(&keeper, 1);
    worker_node(&world, &alice, 2, keeper.signing.worker_id);
    worker_node(&world, &bob, 3, keeper.signing.worker_id);
    alices = admitted(&alice);
    bobs = admitted(&bob);
}

/* ---- its description --------------------------------------------------------------------- */

static uint8_t *quote_for(const struct node *node, size_t *bytes)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct recipe recipe = world.recipe;
    struct quote_signed *body;
    uint8_t *quote;

    recipe.version = QUOTE_VERSION;
    quote = forge_quote(&recipe, bytes);
    body = (struct quote_signed *)(void *)quote;
    memcpy(body->report + offsetof(struct sgx_report, mrenclave), node->self.mrenclave, 32);
    report_data(&node->identity, nobody, body->report + offsetof(struct sgx_report, reportdata));
    forge_sign(LABEL_QE, body, sizeof(*body), quote + sizeof(*body) + 4);
    return quote;
}

static void put(json_t *object, const char *name, const void *data, size_t bytes)
{
    char *text = malloc(2 * bytes + 1);

    for (size_t i = 0; i < bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)data)[i]);
    text[2 * bytes] = '\0';
    json_object_set_new(object, name, json_string(text));
    free(text);
}

/* Of the keeper as it is now; the caller changes what it likes. */
static json_t *describe(struct node *node)
{
    json_t *object = json_object();
    size_t bytes;
    uint8_t *quote = quote_for(node, &bytes);

    assert_good(node_command(node, KEEPER_STATUS, NULL, 0));
    put(object, "identity", &node->identity, sizeof(node->identity));
    put(object, "quote", quote, bytes);
    put(object, "owner", node->reply.status.owner, SIGNING_KEY_BYTES);
    put(object, "platform_policy", &node->reply.status.policy, sizeof(struct platform_policy));
    put(object, "epoch_certificate", node->reply.status.certificate,
        node->reply.status.certificate_bytes);
    json_object_set_new(object, "collateral", json_string(forgery.collateral));
    free(quote);
    return object;
}

/* ---- the caller -------------------------------------------------------------------------- */

static const char *step_of(const json_t *description, const char *policy,
                           const struct reclave_fleet_options *options, int64_t now,
                           struct reclave_enclave **fleet)
{
    struct reclave_verifier *verifier = case_verifier(&forgery, policy);
    struct reclave_enclave *made;
    struct reclave_verdict verdict;
    char *text = json_dumps(description, 0);
    bool good;

    reclave_verifier_set_time(verifier, now);
    good = reclave_fleet_verify(verifier, text, strlen(text), options, &verdict, &made);
    assert_int_equal(good, verdict.accepted);
    assert_true(good || (!made && verdict.reason[0]));
    if (fleet)
        *fleet = made;
    else
        reclave_enclave_free(made);
    free(text);
    reclave_verifier_free(verifier);
    return good ? "accepted" : reclave_step_name(verdict.failed_step);
}

#define assert_step(description, policy, now, expected)                                            \
    assert_string_equal(step_of(description, policy, NULL, now, NULL), expected)

static struct reclave_enclave *fleet_now(const char *more)
{
    json_t *description = describe(&keeper);
    struct reclave_enclave *fleet;

    assert_string_equal(step_of(description, policy_with(more), NULL, FORGE_NOW, &fleet),
                        "accepted");
    json_decref(description);
    return fleet;
}

static struct reclave_request *request_to(const struct reclave_enclave *fleet)
{
    const struct reclave_invocation call = {
        .input = "in", .input_bytes = 2, .nonce = NONCE, .nonce_bytes = 16};
    struct reclave_request *request;
    char error[RECLAVE_ERROR_BYTES] = "";

    if (!reclave_request_new(fleet, test_digest(0xb1), &call, &request, error))
        fail_msg("%s", error);
    return request;
}

/* ---- a worker, without an enclave around it ------------------------------------------------- */

struct served {
    uint8_t message[ROOM];
    size_t count;
    uint8_t file[EVIDENCE_FILE_MAX]; /* without the claims */
    size_t file_bytes;
};

static void claim(const struct node *node, uint8_t claims[EVIDENCE_CLAIMS_MAX], size_t *bytes)
{
    uint8_t in[32], out[32], strings[32];

    sha256_pieces(&(struct piece){"in", 2}, 1, in);
    sha256_pieces(&(struct piece){OUTPUT, strlen(OUTPUT)}, 1, out);
    strings_digest(0, 0, NULL, 0, strings);
    assert_good(claims_encode(&(struct claims){.nonce = (const uint8_t *)NONCE,
                                               .nonce_bytes = 16,
                                               .boot_id = node->identity.boot_id,
                                               .worker_id = node->signing.worker_id,
                                               .tenant = test_digest(0x71),
                                               .bundle_sha256 = test_digest(0xb1),
                                               .wasm_sha256 = test_digest(0xa5),
                                               .snapshot_sha256 = test_digest(0x51),
                                               .policy_sha256 = node->identity.policy_sha256,
                                               .input_sha256 = in,
                                               .strings_sha256 = strings,
                                               .output_sha256 = out,
                                               .blinding = test_digest(0xbb),
                                               .outcome = OUTCOME_OK},
                              claims, bytes));
}

static void sign_evidence(const struct node *node, const uint8_t *claims, size_t bytes,
                          struct served *out)
{
    static struct evidence_batch batch;
    uint8_t leaf[1][32], root[EVIDENCE_ROOT_MAX];
    struct signed_batch signed_batch = {.identity = &node->identity,
                                        .leaves = (const uint8_t(*)[32])leaf,
                                        .count = 1,
                                        .root = root};

    claims_leaf(claims, bytes, leaf[0]);
    assert_good(batch_add(&batch, leaf[0]));
    assert_good(
        batch_sign(&batch, &node->signing, node->identity.boot_id, root, &signed_batch.root_bytes));
    assert_good(evidence_compose(&signed_batch, 0, NULL, 0, out->file, &out->file_bytes));
}

/* What this worker answers to the request; `as`: whose claims it makes. */
static enum status serve_as(struct node *node, const struct node *as,
                            const struct reclave_request *request, struct served *out)
{
    struct envelope_request header;
    struct envelope_target target = {.key = NULL};
    struct envelope_response answer;
    struct receiving_key key;
    struct reply_key reply;
    uint8_t body[ROOM], claims[EVIDENCE_CLAIMS_MAX];
    struct response_body head = {
        .version = BODY_VERSION, .outcome = OUTCOME_OK, .output_bytes = strlen(OUTPUT)};
    size_t bytes, claims_bytes;
    const uint8_t *message = reclave_request_message(request, &bytes);
    enum status status;

    memcpy(&header, message, sizeof(header));
    if (!ring_receiving_key(&node->ring, header.key_id, &key))
        return ST_ENVELOPE_KEY;
    target.key = &key;
    memcpy(target.bundle_sha256, test_digest(0xb1), 32);
    memcpy(target.policy_sha256, header.policy_sha256, 32); /* the host lets it through */
    memcpy(body, message + sizeof(header), bytes - sizeof(header));
    status = request_open(&target, &header, body, bytes - sizeof(header), &bytes, &reply);
    if (status != ST_OK)
        return status;
    claim(as, claims, &claims_bytes);
    sign_evidence(as, claims, claims_bytes, out);
    head.claims_bytes = claims_bytes;
    memcpy(body, &head, sizeof(head));
    memcpy(body + sizeof(head), OUTPUT, strlen(OUTPUT));
    memcpy(body + sizeof(head) + strlen(OUTPUT), claims, claims_bytes);
    bytes = sizeof(head) + strlen(OUTPUT) + claims_bytes;
    assert_good(response_seal(&reply, &node->self.random, &answer, &(struct aead_part){body, bytes},
                              1, body + bytes));
    memcpy(out->message, &answer, sizeof(answer));
    memcpy(out->message + sizeof(answer), body, bytes + AEAD_TAG_BYTES);
    out->count = sizeof(answer) + bytes + AEAD_TAG_BYTES;
    return ST_OK;
}

static struct served served_by(struct node *node, const struct reclave_request *request)
{
    struct served out;

    assert_good(serve_as(node, node, request, &out));
    return out;
}

/* Fails unless the answer is accepted ("accepted"), or refused with a text that begins so. */
static void expect_answer(struct reclave_request *request, const struct served *served,
                          const struct certificate_of *certificate, const char *expected)
{
    struct reclave_answer *answer;
    char error[RECLAVE_ERROR_BYTES] = "accepted";

    if (reclave_request_answer_from(request, served->message, served->count,
                                    certificate ? certificate->bytes : NULL,
                                    certificate ? certificate->count : 0, &answer, error)) {
        size_t bytes;

        assert_memory_equal(reclave_answer_output(answer, &bytes), OUTPUT, strlen(OUTPUT));
        reclave_answer_free(answer);
    }
    if (strncmp(error, expected, strlen(expected)) != 0)
        fail_msg("%s, not %s", error, expected);
}

/* ---- descriptions ------------------------------------------------------------------------------
 */

static void a_keeper_is_accepted(void **state)
{
    json_t *description;

    (void)state;
    start_over();
    description = describe(&keeper);
    assert_step(description, policy_with(""), FORGE_NOW, "accepted");
    json_decref(description);
}

static void an_owner_must_be_named(void **state)
{
    const struct reclave_fleet_options any = {.any_owner = true};
    json_t *description;
    char policy[256];

    (void)state;
    start_over();
    description = describe(&keeper);
    snprintf(policy, sizeof(policy), "{\"keeper_owner\": \"%064d\"}", 7);
    assert_step(description, policy, FORGE_NOW, "keeper_owner");
    assert_string_equal(step_of(description, policy, &any, FORGE_NOW, NULL), "keeper_owner");
    /* nobody named */
    assert_step(description, "{}", FORGE_NOW, "keeper_owner");
    json_decref(description);
}

static void other_images_of_the_fleet_must_be_named(void **state)
{
    json_t *description;
    char owner[65], policy[512], own[65];

    (void)state;
    start_over();
    description = describe(&keeper);
    owner_id(owner);
    for (unsigned i = 0; i < 32; i++)
        snprintf(own + 2 * i, 3, "%02x", OWN_IMAGE);
    snprintf(policy, sizeof(policy), "{\"keeper_owner\": \"%s\", \"mrenclave\": \"%s\"}", owner,
             own);
    assert_step(description, policy, FORGE_NOW, "keeper_policy");
    snprintf(policy, sizeof(policy), "{\"keeper_owner\": \"%s\"}", owner);
    assert_step(description, policy, FORGE_NOW, "keeper_policy");
    json_decref(description);
}

/* A host's own keeper: the right image on a good platform, but it admits platforms of a root that
 * the caller does not trust. */
static void a_keeper_under_another_root_is_rejected(void **state)
{
    json_t *description;

    (void)state;
    start_over();
    memset(world.policy.root_key, 0, sizeof(world.policy.root_key)); /* Intel's */
    memset(world.policy.qe_mrsigner, 0, sizeof(world.policy.qe_mrsigner));
    world.policy.qe_prod_id = 0;
    world_sign_policy(&world);
    start_keeper(&other_keeper, 9);
    description = describe(&other_keeper);
    assert_step(description, policy_with(""), FORGE_NOW, "keeper_policy");
    json_decref(description);
}

static void a_worker_is_no_keeper(void **state)
{
    json_t *description;
    uint8_t *quote;
    size_t bytes;

    (void)state;
    start_over();
    description = describe(&keeper);
    put(description, "identity", &alice.identity, sizeof(alice.identity));
    assert_step(description, policy_with(""), FORGE_NOW, "evidence_identity");
    quote = quote_for(&alice, &bytes);
    put(description, "quote", quote, bytes);
    assert_step(description, policy_with(""), FORGE_NOW, "evidence_identity");
    free(quote);
    json_decref(description);
}

static void the_epoch_is_the_keepers(void **state)
{
    struct reclave_fleet_options seen = {0};
    json_t *description, *others;
    struct reclave_enclave *fleet;

    (void)state;
    start_over();
    start_keeper(&other_keeper, 9);
    description = describe(&keeper);
    others = describe(&other_keeper);
    assert_string_equal(step_of(description, policy_with(""), NULL, FORGE_NOW, &fleet), "accepted");
    seen.oldest_counter = reclave_fleet_counter(fleet);
    assert_string_equal(step_of(description, policy_with(""), &seen, FORGE_NOW, NULL), "accepted");
    seen.oldest_counter++;
    assert_string_equal(step_of(description, policy_with(""), &seen, FORGE_NOW, NULL),
                        "keeper_epoch");
    /* of another keeper; a worker's certificate */
    json_object_set(description, "epoch_certificate", json_object_get(others, "epoch_certificate"));
    assert_step(description, policy_with(""), FORGE_NOW, "keeper_epoch");
    put(description, "epoch_certificate", alices.bytes, alices.count);
    assert_step(description, policy_with(""), FORGE_NOW, "keeper_epoch");
    reclave_enclave_free(fleet);
    json_decref(description);
    json_decref(others);
}

static void epochs_grow_old(void **state)
{
    json_t *description;

    (void)state;
    start_over();
    description = describe(&keeper);
    policy_with(", \"max_epoch_seconds\": 100");
    assert_step(description, policy_text, BEGAN + 100, "accepted");
    assert_step(description, policy_text, BEGAN + 101, "epoch_age");
    /* of the future, but for the difference between clocks */
    assert_step(description, policy_text, BEGAN - 60, "accepted");
    assert_step(description, policy_text, BEGAN - 61, "epoch_age");
    /* who sets no limit has none */
    assert_step(description, policy_with(""), BEGAN + 3600 * 24, "accepted");
    json_decref(description);
}

static void a_keepers_clock_does_not_go_back(void **state)
{
    json_t *description;

    (void)state;
    start_over();
    rotate_at(BEGAN - 5000);
    description = describe(&keeper);
    policy_with(", \"max_epoch_seconds\": 100");
    assert_step(description, policy_text, BEGAN + 100, "accepted");
    json_decref(description);
    rotate_at(BEGAN + 50);
    description = describe(&keeper);
    assert_step(description, policy_text, BEGAN + 150, "accepted");
    json_decref(description);
}

static void the_workers_policy_is_part_of_it(void **state)
{
    struct reclave_fleet_options shared = {.shared_tenancy = true},
                                 sealed = {.encrypted_only = true};
    struct reclave_enclave *fleet = NULL;
    char more[128] = ", \"policy_sha256\": \"";
    json_t *description;

    (void)state;
    start_over();
    description = describe(&keeper);
    for (unsigned i = 0; i < 32; i++)
        snprintf(more + strlen(more), 3, "%02x", alice.identity.policy_sha256[i]);
    strcat(more, "\"");
    policy_with(more);
    assert_string_equal(step_of(description, policy_text, NULL, FORGE_NOW, &fleet), "accepted");
    assert_memory_equal(fleet->identity.policy_sha256, alice.identity.policy_sha256, 32);
    reclave_enclave_free(fleet);
    assert_string_equal(step_of(description, policy_text, &shared, FORGE_NOW, NULL),
                        "evidence_policy");
    assert_string_equal(step_of(description, policy_text, &sealed, FORGE_NOW, NULL),
                        "evidence_policy");
    json_decref(description);
}

/* What only a keeper shows is not taken for granted without one. */
static void an_enclaves_own_quote_shows_no_keeper(void **state)
{
    static const struct {
        const char *policy, *step;
    } cases[] = {{"{\"max_epoch_seconds\": 100}", "evidence_policy"},
                 {"{\"keeper_owner\": "
                  "\"0000000000000000000000000000000000000000000000000000000000000007\"}",
                  "evidence_policy"},
                 {"{}", "accepted"}};
    struct reclave_enclave *enclave;
    struct reclave_verdict verdict;
    size_t bytes;
    uint8_t *quote;

    (void)state;
    start_over();
    quote = quote_for(&alice, &bytes);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reclave_verifier *verifier = case_verifier(&forgery, cases[i].policy);
        bool good = reclave_enclave_verify(verifier, quote, bytes, &alice.identity,
                                           sizeof(alice.identity), &verdict, &enclave);

        assert_string_equal(good ? "accepted" : reclave_step_name(verdict.failed_step),
                            cases[i].step);
        reclave_enclave_free(enclave);
        reclave_verifier_free(verifier);
    }
    free(quote);
}

static void a_description_has_one_form(void **state)
{
    static const char *const members[] = {"identity", "quote", "owner", "platform_policy",
                                          "epoch_certificate"};
    struct reclave_verifier *verifier;
    struct reclave_enclave *fleet;
    struct reclave_verdict verdict;

    (void)state;
    start_over();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *description = describe(&keeper);
        const char *text = json_string_value(json_object_get(description, members[i]));
        char *cut = strdup(text);

        cut[strlen(cut) - 1] = '\0'; /* half a byte less */
        json_object_set_new(description, members[i], json_string(cut));
        assert_step(description, policy_with(""), FORGE_NOW, "keeper_format");
        json_object_del(description, members[i]);
        assert_step(description, policy_with(""), FORGE_NOW, "keeper_format");
        json_object_set_new(description, members[i], json_integer(1));
        assert_step(description, policy_with(""), FORGE_NOW, "keeper_format");
        free(cut);
        json_decref(description);
    }
    verifier = case_verifier(&forgery, policy_with(""));
    assert_false(reclave_fleet_verify(verifier, "[]", 2, NULL, &verdict, &fleet));
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_KEEPER_FORMAT);
    reclave_verifier_free(verifier);
}

/* The description's collateral counts where the verifier has none. */
static void collateral_comes_with_it(void **state)
{
    struct reclave_verifier *verifier = reclave_verifier_new();
    json_t *description;
    struct reclave_enclave *fleet;
    struct reclave_verdict verdict;
    char error[RECLAVE_ERROR_BYTES], *text;

    (void)state;
    start_over();
    policy_with("");
    assert_true(
        reclave_verifier_set_root(verifier, forgery.root_pem, strlen(forgery.root_pem), error));
    assert_true(reclave_verifier_set_policy(verifier, policy_text, strlen(policy_text), error));
    reclave_verifier_set_time(verifier, FORGE_NOW);
    description = describe(&keeper);
    text = json_dumps(description, 0);
    assert_true(reclave_fleet_verify(verifier, text, strlen(text), NULL, &verdict, &fleet));
    reclave_enclave_free(fleet);
    free(text);
    json_object_set_new(description, "collateral", json_null());
    text = json_dumps(description, 0);
    assert_false(reclave_fleet_verify(verifier, text, strlen(text), NULL, &verdict, &fleet));
    assert_int_equal(verdict.failed_step, RECLAVE_STEP_COLLATERAL);
    free(text);
    json_decref(description);
    reclave_verifier_free(verifier);
}

/* Each byte in turn: whatever was changed is noticed. */
static void nothing_in_it_can_be_changed(void **state)
{
    static const struct {
        const char *member;
        size_t stride; /* the platform policy is long, and one signature covers it */
    } members[] = {
        {"identity", 1}, {"owner", 1}, {"epoch_certificate", 1}, {"platform_policy", 16}};
    json_t *description;

    (void)state;
    start_over();
    description = describe(&keeper);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        char *text = strdup(json_string_value(json_object_get(description, members[i].member)));

        for (size_t at = 0; at < strlen(text); at += 2 * members[i].stride) {
            char was = text[at];

            text[at] = was == '0' ? '1' : '0';
            json_object_set_new(description, members[i].member, json_string(text));
            if (strcmp(step_of(description, policy_with(""), NULL, FORGE_NOW, NULL), "accepted") ==
                0)
                fail_msg("%s: digit %zu", members[i].member, at);
            text[at] = was;
        }
        json_object_set_new(description, members[i].member, json_string(text));
        free(text);
    }
    assert_step(description, policy_with(""), FORGE_NOW, "accepted");
    json_decref(description);
}

/* ---- answers ------------------------------------------------------------------------------------
 */

static void any_worker_serves(void **state)
{
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served by_alice, by_bob;

    (void)state;
    start_over();
    fleet = fleet_now("");
    request = request_to(fleet);
    by_alice = served_by(&alice, request);
    expect_answer(request, &by_alice, &alices, "accepted");
    reclave_request_free(request);
    request = request_to(fleet);
    by_bob = served_by(&bob, request);
    expect_answer(request, &by_bob, &bobs, "accepted");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

static void a_worker_needs_its_keepers_word(void **state)
{
    const struct certificate_of nothing = {.count = 0};
    struct certificate_of forged, epoch, others, keepers;
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served served;
    uint64_t bytes;

    (void)state;
    start_over();
    fleet = fleet_now("");
    request = request_to(fleet);
    served = served_by(&alice, request);
    expect_answer(request, &served, NULL, "worker_certificate");
    expect_answer(request, &served, &nothing, "worker_certificate");
    forged = alices;
    forged.bytes[forged.count - 1] ^= 1;
    expect_answer(request, &served, &forged, "worker_certificate");
    forged = alices;
    forged.count--;
    expect_answer(request, &served, &forged, "worker_certificate");
    assert_good(node_command(&keeper, KEEPER_STATUS, NULL, 0)); /* the epoch's in its place */
    epoch.count = keeper.reply.status.certificate_bytes;
    memcpy(epoch.bytes, keeper.reply.status.certificate, epoch.count);
    expect_answer(request, &served, &epoch, "worker_certificate");
    start_keeper(&other_keeper, 9); /* another keeper's word for the same worker */
    assert_good(certify_worker(&other_keeper.keeper, &other_keeper.self, &alice.identity,
                               alice.self.mrenclave, others.bytes, &bytes));
    others.count = bytes;
    expect_answer(request, &served, &others, "worker_certificate");
    assert_good(certify_worker(&keeper.keeper, &keeper.self, &keeper.identity, alice.self.mrenclave,
                               keepers.bytes, &bytes));
    keepers.count = bytes;
    expect_answer(request, &served, &keepers, "worker_certificate"); /* a keeper is no worker */
    expect_answer(request, &served, &alices, "accepted"); /* none of it spent the answer */
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

static void certificates_are_of_one_worker(void **state)
{
    struct reclave_enclave *fleet;
    struct reclave_request *request, *another;
    struct served by_alice, by_bob;

    (void)state;
    start_over();
    fleet = fleet_now("");
    request = request_to(fleet);
    by_alice = served_by(&alice, request); /* the host gives it to both */
    by_bob = served_by(&bob, request);
    expect_answer(request, &by_alice, &bobs, "evidence_worker");
    reclave_request_free(request);

    request = request_to(fleet);
    another = request_to(fleet);
    by_alice = served_by(&alice, request);
    expect_answer(another, &by_alice, &alices, "the answer"); /* a replay: other keys */
    expect_answer(another, &by_bob, &bobs, "the answer");
    /* alice, admitted, lies about who she is */
    assert_good(serve_as(&alice, &bob, another, &by_bob));
    expect_answer(another, &by_bob, &alices, "evidence_worker");
    reclave_request_free(request);
    reclave_request_free(another);
    reclave_enclave_free(fleet);
}

static void certificates_are_of_the_requests_epoch_or_the_next(void **state)
{
    struct certificate_of first, second, third;
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served served;

    (void)state;
    start_over();
    first = alices;
    rotate_at(BEGAN + 1);
    second = admitted(&alice);
    fleet = fleet_now("");
    request = request_to(fleet);
    served = served_by(&alice, request);
    expect_answer(request, &served, &first, "worker_epoch");
    rotate_at(BEGAN + 2);
    third = admitted(&alice); /* has the request's epoch as the previous one */
    served = served_by(&alice, request);
    expect_answer(request, &served, &third, "accepted");
    reclave_request_free(request);
    request = request_to(fleet);
    served = served_by(&alice, request);
    rotate_at(BEGAN + 3);
    third = admitted(&alice);
    expect_answer(request, &served, &third, "worker_epoch");
    expect_answer(request, &served, &second, "accepted");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

static void a_certificates_epoch_has_an_age(void **state)
{
    struct certificate_of future;
    struct reclave_enclave *fleet;
    struct reclave_request *request, *late;
    const struct reclave_invocation call = {.input = "in", .input_bytes = 2};
    struct reclave_session *session;
    struct served served;
    char error[RECLAVE_ERROR_BYTES];
    size_t sealed_bytes;
    void *sealed;

    (void)state;
    start_over();
    fleet = fleet_now(", \"max_epoch_seconds\": 200");
    request = request_to(fleet);
    served = served_by(&alice, request);
    rotate_at(FORGE_NOW + 61); /* begins in the caller's future */
    future = admitted(&alice);
    expect_answer(request, &served, &future, "epoch_age");
    fleet->time = BEGAN + 201; /* time passes */
    expect_answer(request, &served, &alices, "epoch_age");
    assert_false(reclave_request_new(fleet, test_digest(0xb1), &call, &late, error));
    assert_int_equal(strncmp(error, "epoch_age", 9), 0);
    assert_false(reclave_session_new(fleet, test_digest(0xb1), &session, error));
    assert_int_equal(strncmp(error, "epoch_age", 9), 0);
    assert_false(reclave_bundle_seal(fleet, "bundle", 6, test_digest(0xb1), NULL, &sealed,
                                     &sealed_bytes, error));
    assert_int_equal(strncmp(error, "epoch_age", 9), 0);
    fleet->time = BEGAN + 200;
    expect_answer(request, &served, &alices, "accepted");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

/* The keeper would not sign such a thing; if it did, callers would notice. */
static void an_image_that_nobody_names_is_rejected(void **state)
{
    struct certificate_of alien;
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served served;
    uint8_t image[32];
    uint64_t bytes;

    (void)state;
    start_over();
    memset(image, ALIEN_IMAGE, sizeof(image));
    assert_good(
        certify_worker(&keeper.keeper, &keeper.self, &alice.identity, image, alien.bytes, &bytes));
    alien.count = bytes;
    fleet = fleet_now("");
    request = request_to(fleet);
    served = served_by(&alice, request);
    expect_answer(request, &served, &alien, "worker_measurement");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

static void a_worker_under_another_policy_is_rejected(void **state)
{
    struct certificate_of shared;
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served served;

    (void)state;
    start_over();
    alice.policy.tenancy = TENANCY_SHARED;
    policy_digest(&alice.policy, alice.identity.policy_sha256);
    shared = admitted(&alice);
    fleet = fleet_now("");
    request = request_to(fleet);
    served = served_by(&alice, request);
    expect_answer(request, &served, &shared, "evidence_worker");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

/* A revoked worker's epoch has ended, and it gets no other. */
static void a_revoked_worker_is_rejected(void **state)
{
    struct revocation revocation;
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served served;

    (void)state;
    start_over();
    assert_good(revocation_make(REVOKE_WORKER, alice.signing.worker_id, 32, world.owner.public_key,
                                keeper.signing.worker_id, &revocation));
    sign_statement(&world.owner, STATEMENT_REVOCATION, &revocation);
    assert_good(node_command(&keeper, KEEPER_REVOKE, &revocation, sizeof(revocation)));
    assert_status(admit(&world, &alice, &keeper), ST_KEEPER_REVOKED);
    bobs = admitted(&bob);
    fleet = fleet_now("");
    request = request_to(fleet);
    assert_status(serve_as(&alice, &alice, request, &served), ST_ENVELOPE_KEY);
    /* bob's host passes bob's work off as alice's */
    assert_good(serve_as(&bob, &alice, request, &served));
    expect_answer(request, &served, &alices, "worker_epoch");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

/* ---- sessions
 * -------------------------------------------------------------------------------------- */

static size_t open_session(struct node *node, struct session_table *table,
                           const struct reclave_session *session, uint8_t answer[ROOM])
{
    size_t bytes;
    const uint8_t *message = reclave_session_message(session, &bytes);
    struct envelope_request header;
    struct envelope_opened opened;
    struct envelope_target target = {.key = NULL};
    struct receiving_key key;
    struct opened_body self;
    uint8_t cipher[AEAD_TAG_BYTES], body[sizeof(struct opened_body) + AEAD_TAG_BYTES];

    memcpy(&header, message, sizeof(header));
    memcpy(cipher, message + sizeof(header), sizeof(cipher));
    assert_true(ring_receiving_key(&node->ring, header.key_id, &key));
    target.key = &key;
    memcpy(target.bundle_sha256, test_digest(0xb1), 32);
    memcpy(target.policy_sha256, node->identity.policy_sha256, 32);
    memcpy(self.worker_id, node->signing.worker_id, 32);
    memcpy(self.boot_id, node->identity.boot_id, BOOT_ID_BYTES);
    assert_good(session_open(table, &target, &node->self.random, &self, &header, cipher,
                             sizeof(cipher), &opened, body));
    memcpy(answer, &opened, sizeof(opened));
    memcpy(answer + sizeof(opened), body, sizeof(body));
    return sizeof(opened) + sizeof(body);
}

static void a_session_belongs_to_the_worker_that_opened_it(void **state)
{
    static struct session_table table;
    struct reclave_enclave *fleet;
    struct reclave_session *session;
    uint8_t answer[ROOM];
    char error[RECLAVE_ERROR_BYTES] = "";
    size_t bytes;

    (void)state;
    start_over();
    fleet = fleet_now("");
    assert_true(reclave_session_new(fleet, test_digest(0xb1), &session, error));
    bytes = open_session(&alice, &table, session, answer);
    assert_false(reclave_session_open(session, answer, bytes, error));
    assert_int_equal(strncmp(error, "worker_certificate", 18), 0);
    assert_false(reclave_session_open_from(session, answer, bytes, bobs.bytes, bobs.count, error));
    assert_int_equal(strncmp(error, "another enclave", 15), 0);
    assert_true(
        reclave_session_open_from(session, answer, bytes, alices.bytes, alices.count, error));
    assert_memory_equal(session->worker.worker_id, alice.signing.worker_id, 32);
    reclave_session_free(session);
    reclave_enclave_free(fleet);
}

/* ---- evidence
 * --------------------------------------------------------------------------------------- */

static const char *evidence_step(const struct reclave_enclave *fleet,
                                 const struct certificate_of *certificate, const uint8_t *file,
                                 size_t bytes, const char *nonce)
{
    const struct reclave_expectation expected = {.nonce = nonce,
                                                 .nonce_bytes = 16,
                                                 .input = "in",
                                                 .input_bytes = 2,
                                                 .output = OUTPUT,
                                                 .output_bytes = strlen(OUTPUT),
                                                 .only_ok = true};
    struct reclave_verdict verdict;
    struct reclave_claims claims;

    if (reclave_fleet_evidence(fleet, certificate->bytes, certificate->count, file, bytes,
                               &expected, &verdict, &claims))
        return "accepted";
    return reclave_step_name(verdict.failed_step);
}

static void evidence_is_checked_through_the_certificate(void **state)
{
    const struct certificate_of nothing = {.count = 0};
    uint8_t claims[EVIDENCE_CLAIMS_MAX], file[EVIDENCE_FILE_MAX];
    struct reclave_enclave *fleet;
    struct reclave_request *request;
    struct served served;
    size_t claims_bytes, bytes;

    (void)state;
    start_over();
    fleet = fleet_now(", \"max_epoch_seconds\": 200");
    request = request_to(fleet);
    served = served_by(&alice, request);
    claim(&alice, claims, &claims_bytes);
    assert_good(
        evidence_complete(served.file, served.file_bytes, claims, claims_bytes, file, &bytes));
    assert_string_equal(evidence_step(fleet, &alices, file, bytes, NONCE), "accepted");
    assert_string_equal(evidence_step(fleet, &nothing, file, bytes, NONCE), "worker_certificate");
    assert_string_equal(evidence_step(fleet, &bobs, file, bytes, NONCE), "evidence_identity");
    assert_string_equal(evidence_step(fleet, &alices, file, bytes, "another 16 bytes"),
                        "evidence_nonce");
    file[bytes - 1] ^= 1;
    assert_string_equal(evidence_step(fleet, &alices, file, bytes, NONCE), "evidence_signature");
    file[bytes - 1] ^= 1;
    fleet->time = BEGAN + 201;
    assert_string_equal(evidence_step(fleet, &alices, file, bytes, NONCE), "epoch_age");
    reclave_request_free(request);
    reclave_enclave_free(fleet);
}

static int set_up(void **state)
{
    const struct recipe recipe = recipe_good();

    (void)state;
    forge(&recipe, &forgery);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forgery_free(&forgery);
    return 0;
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_keeper_is_accepted),
        CASE(an_owner_must_be_named),
        CASE(other_images_of_the_fleet_must_be_named),
        CASE(a_keeper_under_another_root_is_rejected),
        CASE(a_worker_is_no_keeper),
        CASE(the_epoch_is_the_keepers),
        CASE(epochs_grow_old),
        CASE(a_keepers_clock_does_not_go_back),
        CASE(the_workers_policy_is_part_of_it),
        CASE(an_enclaves_own_quote_shows_no_keeper),
        CASE(a_description_has_one_form),
        CASE(collateral_comes_with_it),
        CASE(nothing_in_it_can_be_changed),
        CASE(any_worker_serves),
        CASE(a_worker_needs_its_keepers_word),
        CASE(certificates_are_of_one_worker),
        CASE(certificates_are_of_the_requests_epoch_or_the_next),
        CASE(a_certificates_epoch_has_an_age),
        CASE(an_image_that_nobody_names_is_rejected),
        CASE(a_worker_under_another_policy_is_rejected),
        CASE(a_revoked_worker_is_rejected),
        CASE(a_session_belongs_to_the_worker_that_opened_it),
        CASE(evidence_is_checked_through_the_certificate),
    };

    return cmocka_run_group_tests_name("caller", tests, set_up, tear_down);
}
