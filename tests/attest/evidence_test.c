/* Evidence from the enclave through the host to the caller, and all that may be wrong with it. */
#include "tests/attest/support.h"

#include "client/evidence/describe.h"
#include "client/evidence/evidence.h"
#include "host/evidence/compose.h"
#include "trusted/attest/cose.h"
#include "trusted/attest/digest.h"

static const uint8_t input[] = "the input";
static const uint8_t output[] = "the output";
#define INPUT_BYTES  (sizeof(input) - 1)
#define OUTPUT_BYTES (sizeof(output) - 1)

/* An enclave that has served `count` invocations and signed them, and the file of one of them. */
struct scene {
    struct test_enclave enclave;
    uint8_t input_sha256[32], output_sha256[32], strings_sha256[32];
    struct evidence_batch batch;
    uint8_t leaves[EVIDENCE_BATCH_MAX][32];
    uint8_t claims[EVIDENCE_BATCH_MAX][EVIDENCE_CLAIMS_MAX];
    size_t claims_bytes[EVIDENCE_BATCH_MAX];
    uint32_t count;
    uint8_t root[EVIDENCE_ROOT_MAX];
    size_t root_bytes;
    uint8_t file[EVIDENCE_FILE_MAX];
    size_t file_bytes;
    uint8_t report_data[64];
};

static struct claims claims_of(const struct scene *scene, uint64_t counter)
{
    return (struct claims){
        .nonce = test_digest((uint8_t)counter),
        .nonce_bytes = 32,
        .boot_id = scene->enclave.boot_id,
        .worker_id = scene->enclave.signing.worker_id,
        .tenant = test_digest(0x71),
        .bundle_sha256 = test_digest(0xb1),
        .wasm_sha256 = test_digest(0xa5),
        .snapshot_sha256 = test_digest(0x51),
        .policy_sha256 = scene->enclave.policy_sha256,
        .input_sha256 = scene->input_sha256,
        .strings_sha256 = scene->strings_sha256,
        .output_sha256 = scene->output_sha256,
        .blinding = test_digest(0xbb),
        .slot = 2,
        .counter = counter,
        .outcome = OUTCOME_OK,
    };
}

static void serve(struct scene *scene, const struct claims *claims)
{
    uint32_t i = scene->count++;

    assert_good(batch_room(&scene->batch));
    assert_good(claims_encode(claims, scene->claims[i], &scene->claims_bytes[i]));
    claims_leaf(scene->claims[i], scene->claims_bytes[i], scene->leaves[i]);
    assert_good(batch_add(&scene->batch, scene->leaves[i]));
}

static void compose(struct scene *scene, uint32_t index)
{
    const struct signed_batch batch = {.identity = &scene->enclave.identity,
                                       .leaves = scene->leaves,
                                       .count = scene->count,
                                       .root = scene->root,
                                       .root_bytes = scene->root_bytes};

    assert_good(evidence_compose(&batch, index, scene->claims[index], scene->claims_bytes[index],
                                 scene->file, &scene->file_bytes));
}

static void begin(struct scene *scene, uint64_t seed)
{
    memset(scene, 0, sizeof(*scene));
    test_enclave_make(&scene->enclave, seed);
    sha256_pieces(&(struct piece){input, INPUT_BYTES}, 1, scene->input_sha256);
    sha256_pieces(&(struct piece){output, OUTPUT_BYTES}, 1, scene->output_sha256);
    strings_digest(1, 0, "program", 8, scene->strings_sha256);
    report_data(&scene->enclave.identity, test_digest(0xcc), scene->report_data);
}

static void sign(struct scene *scene)
{
    assert_good(batch_sign(&scene->batch, &scene->enclave.signing, scene->enclave.boot_id,
                           scene->root, &scene->root_bytes));
}

static void scene_make(struct scene *scene, uint64_t seed, uint32_t count, uint32_t index)
{
    begin(scene, seed);
    for (uint32_t i = 0; i < count; i++) {
        const struct claims claims = claims_of(scene, i + 1);

        serve(scene, &claims);
    }
    sign(scene);
    compose(scene, index);
}

static struct evidence_expectation expectation(uint64_t counter)
{
    return (struct evidence_expectation){
        .nonce = test_digest((uint8_t)counter),
        .nonce_bytes = 32,
        .input = input,
        .input_bytes = INPUT_BYTES,
        .output = output,
        .output_bytes = OUTPUT_BYTES,
        .tenants = {(const uint8_t(*)[32])test_digest(0x71), 1},
        .bundles = {(const uint8_t(*)[32])test_digest(0xb1), 1},
        .snapshots = {(const uint8_t(*)[32])test_digest(0x51), 1},
    };
}

static enum evidence_step check(const struct scene *scene, const uint8_t *file, size_t bytes,
                                const struct evidence_expectation *expected)
{
    struct evidence evidence;

    return evidence_check(file, bytes, scene->report_data, test_digest(0xcc), expected, &evidence)
        .step;
}

#define assert_step(expression, expected)                                                          \
    do {                                                                                           \
        enum evidence_step got_step = (expression);                                                \
        if (got_step != (expected))                                                                \
            fail_msg("%s: %s, not %s", #expression, evidence_step_name(got_step),                  \
                     evidence_step_name(expected));                                                \
    } while (0)

static void batches_of_all_sizes_are_accepted(void **state)
{
    static struct scene scene;

    (void)state;
    for (uint32_t count = 1; count <= EVIDENCE_BATCH_MAX; count += count < 10 ? 1 : 61)
        for (uint32_t index = 0; index < count; index += 1 + count / 3) {
            struct evidence_expectation expected = expectation(index + 1);

            scene_make(&scene, 1, count, index);
            assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_ACCEPTED);
        }
}

static void claims_say_what_happened(void **state)
{
    static struct scene scene;
    struct evidence evidence;

    (void)state;
    scene_make(&scene, 2, 3, 1);
    assert_step(evidence_parse(scene.file, scene.file_bytes, &evidence).step, EVIDENCE_ACCEPTED);
    assert_int_equal(evidence.claims.counter, 2);
    assert_int_equal(evidence.claims.slot, 2);
    assert_int_equal(evidence.claims.outcome, OUTCOME_OK);
    assert_true(evidence.claims.has_exit_code);
    assert_memory_equal(evidence.claims.wasm_sha256, test_digest(0xa5), 32);
    assert_memory_equal(evidence.claims.blinding, test_digest(0xbb), 16);
    assert_int_equal(evidence.root.tree_size, 3);
}

static void failed_invocations_have_evidence_too(void **state)
{
    static struct scene scene;

    (void)state;
    for (int outcome = OUTCOME_OK; outcome <= OUTCOME_ABORTED_BY_HOST; outcome++)
        for (int trap = TRAP_NONE; trap < TRAP_COUNT; trap++) {
            struct evidence_expectation expected = {.outcomes = 1u << outcome};
            struct evidence evidence;
            struct claims claims;
            uint8_t encoded[EVIDENCE_CLAIMS_MAX];
            size_t bytes;

            begin(&scene, 3);
            claims = claims_of(&scene, 1);
            claims.outcome = (enum outcome)outcome;
            claims.trap = (enum trap)trap;
            claims.exit_code = -7;
            if ((outcome == OUTCOME_TRAP) != (trap != TRAP_NONE)) {
                assert_status(claims_encode(&claims, encoded, &bytes), ST_INVALID_ARGUMENT);
                continue;
            }
            serve(&scene, &claims);
            sign(&scene);
            compose(&scene, 0);
            assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_ACCEPTED);
            assert_step(evidence_parse(scene.file, scene.file_bytes, &evidence).step,
                        EVIDENCE_ACCEPTED);
            assert_int_equal(evidence.claims.outcome, outcome);
            assert_int_equal(evidence.claims.trap, trap);
            assert_int_equal(evidence.claims.exit_code, evidence.claims.has_exit_code ? -7 : 0);
            expected.outcomes = ~expected.outcomes;
            assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_OUTCOME);
        }
}

static void contradictory_claims_are_not_encoded(void **state)
{
    static struct scene scene;
    struct claims claims;
    uint8_t out[EVIDENCE_CLAIMS_MAX];
    size_t bytes;

    (void)state;
    begin(&scene, 4);
    for (size_t nonce_bytes = 1; nonce_bytes <= NONCE_MAX + 1; nonce_bytes++) {
        int good = nonce_bytes >= NONCE_MIN && nonce_bytes <= NONCE_MAX;
        uint8_t nonce[NONCE_MAX + 1] = {1};

        claims = claims_of(&scene, 1);
        claims.nonce = nonce;
        claims.nonce_bytes = nonce_bytes;
        assert_status(claims_encode(&claims, out, &bytes), good ? ST_OK : ST_INVALID_ARGUMENT);
    }
    claims = claims_of(&scene, CLAIM_COUNT_MAX + 1);
    assert_status(claims_encode(&claims, out, &bytes), ST_INVALID_ARGUMENT);
    claims = claims_of(&scene, 1);
    claims.slot = CLAIM_COUNT_MAX + 1;
    assert_status(claims_encode(&claims, out, &bytes), ST_INVALID_ARGUMENT);
    claims = claims_of(&scene, 1);
    claims.outcome = OUTCOME_NONE;
    assert_status(claims_encode(&claims, out, &bytes), ST_INVALID_ARGUMENT);
    claims.outcome = OUTCOME_ABORTED_BY_HOST + 1;
    assert_status(claims_encode(&claims, out, &bytes), ST_INVALID_ARGUMENT);
    claims.outcome = OUTCOME_TRAP;
    claims.trap = TRAP_COUNT;
    assert_status(claims_encode(&claims, out, &bytes), ST_INVALID_ARGUMENT);
}

/* The longest claims and the largest batch must fit the bounds of abi/evidence.h. */
static void the_largest_evidence_fits(void **state)
{
    static struct scene scene;
    uint8_t nonce[NONCE_MAX] = {1};
    struct claims claims;
    struct evidence_expectation expected = {.nonce = nonce, .nonce_bytes = NONCE_MAX};

    (void)state;
    begin(&scene, 5);
    for (uint32_t i = 0; i < EVIDENCE_BATCH_MAX; i++) {
        claims = claims_of(&scene, CLAIM_COUNT_MAX);
        claims.nonce = nonce;
        claims.nonce_bytes = NONCE_MAX;
        claims.slot = CLAIM_COUNT_MAX;
        claims.outcome = OUTCOME_TRAP;
        claims.trap = TRAP_INDIRECT_CALL; /* the longest name */
        serve(&scene, &claims);
    }
    assert_status(batch_room(&scene.batch), ST_BATCH_FULL);
    assert_status(batch_add(&scene.batch, scene.leaves[0]), ST_BATCH_FULL);
    sign(&scene);
    assert_good(batch_room(&scene.batch));
    assert_status(batch_sign(&scene.batch, &scene.enclave.signing, scene.enclave.boot_id,
                             scene.root, &scene.root_bytes),
                  ST_NOT_FOUND);
    compose(&scene, EVIDENCE_BATCH_MAX - 1);
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_ACCEPTED);
}

/* What the encoder never writes: counts of more than 63 bits. */
static void counts_that_are_too_large_are_refused(void **state)
{
    static const uint8_t largest[] = {0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static struct scene scene;
    struct claims claims;
    struct evidence_claims parsed;
    uint8_t *count;

    (void)state;
    begin(&scene, 19);
    for (int slot = 0; slot < 2; slot++) {
        scene.batch.count = scene.count = 0;
        claims = claims_of(&scene, slot ? 1 : CLAIM_COUNT_MAX);
        claims.slot = slot ? CLAIM_COUNT_MAX : 0;
        serve(&scene, &claims);
        assert_step(claims_parse(scene.claims[0], scene.claims_bytes[0], &parsed).step,
                    EVIDENCE_ACCEPTED);
        count = memmem(scene.claims[0], scene.claims_bytes[0], largest, sizeof(largest));
        assert_non_null(count);
        count[1] = 0x80;
        assert_step(claims_parse(scene.claims[0], scene.claims_bytes[0], &parsed).step,
                    EVIDENCE_FORMAT);
    }
}

/* Where things lie in a file of one invocation: identity, claims, then the signed root. */
struct places {
    size_t identity, claims, after_claims, payload, after_payload, signature;
};

static struct places places_of(const struct scene *scene)
{
    struct evidence evidence;
    struct places places = {.identity = 4};

    assert_step(evidence_parse(scene->file, scene->file_bytes, &evidence).step, EVIDENCE_ACCEPTED);
    places.claims = (size_t)(evidence.encoded_claims - scene->file);
    places.after_claims = places.claims + evidence.encoded_claims_bytes;
    places.payload = (size_t)(evidence.root.payload - scene->file);
    places.after_payload = places.payload + evidence.root.payload_bytes;
    places.signature = scene->file_bytes - SIGNATURE_BYTES;
    return places;
}

/* Each bit of the file, and the step that must notice. Changes of claims and payload may also make
 * them malformed, which the first step notices. */
static void each_changed_bit_of_evidence_is_noticed(void **state)
{
    static struct scene scene;
    static uint8_t changed[EVIDENCE_FILE_MAX];
    struct evidence_expectation nothing = {.nonce = NULL};
    struct places places;
    unsigned steps[EVIDENCE_SYSTEM + 1] = {0};

    (void)state;
    scene_make(&scene, 6, 2, 1);
    places = places_of(&scene);
    for (size_t at = 0; at < scene.file_bytes; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            enum evidence_step step, expected = EVIDENCE_FORMAT;

            memcpy(changed, scene.file, scene.file_bytes);
            changed[at] ^= (uint8_t)(1u << bit);
            step = check(&scene, changed, scene.file_bytes, &nothing);
            if (at >= places.identity && at < places.identity + sizeof(struct attested_identity))
                expected = EVIDENCE_IDENTITY;
            else if (at >= places.claims && at < places.after_claims)
                expected = EVIDENCE_PROOF;
            else if (at >= places.after_claims && at < places.after_claims + 1)
                expected = EVIDENCE_PROOF; /* the index */
            else if (at >= places.after_claims + 4 && at < places.after_claims + 36)
                expected = EVIDENCE_PROOF; /* the path */
            else if (at >= places.payload - 40 && at < scene.file_bytes)
                expected = EVIDENCE_SIGNATURE;
            if (step == EVIDENCE_ACCEPTED || (step != expected && step != EVIDENCE_FORMAT))
                fail_msg("byte %zu bit %u: %s, not %s", at, bit, evidence_step_name(step),
                         evidence_step_name(expected));
            steps[step]++;
        }
    /* that identity, claims, path and signature were not all just malformed */
    assert_int_equal(steps[EVIDENCE_IDENTITY], 8 * sizeof(struct attested_identity));
    assert_true(steps[EVIDENCE_PROOF] >= 8 * (9 * 32 + 32));
    assert_true(steps[EVIDENCE_SIGNATURE] >= 8 * SIGNATURE_BYTES);
}

static void each_truncation_and_extension_is_noticed(void **state)
{
    static struct scene scene;
    struct evidence_expectation nothing = {.nonce = NULL};

    (void)state;
    scene_make(&scene, 7, 5, 3);
    for (size_t bytes = 0; bytes < scene.file_bytes; bytes++)
        assert_step(check(&scene, scene.file, bytes, &nothing), EVIDENCE_FORMAT);
    scene.file[scene.file_bytes] = 0;
    assert_step(check(&scene, scene.file, scene.file_bytes + 1, &nothing), EVIDENCE_FORMAT);
    assert_step(check(&scene, scene.file, EVIDENCE_FILE_MAX + 1, &nothing), EVIDENCE_FORMAT);
}

static void the_quote_must_be_of_this_enclave_role_and_challenge(void **state)
{
    static struct scene scene;
    struct test_enclave other;
    struct evidence evidence;
    struct attested_identity keeper;
    uint8_t data[64];

    (void)state;
    scene_make(&scene, 8, 1, 0);
    test_enclave_make(&other, 9);
    assert_step(evidence_parse(scene.file, scene.file_bytes, &evidence).step, EVIDENCE_ACCEPTED);
    assert_step(evidence_check_identity(&evidence.identity, ROLE_WORKER, scene.report_data,
                                        test_digest(0xcc))
                    .step,
                EVIDENCE_ACCEPTED);
    assert_step(
        evidence_check_identity(&evidence.identity, ROLE_WORKER, scene.report_data, NULL).step,
        EVIDENCE_ACCEPTED);
    report_data(&other.identity, test_digest(0xcc), data);
    assert_step(
        evidence_check_identity(&evidence.identity, ROLE_WORKER, data, test_digest(0xcc)).step,
        EVIDENCE_IDENTITY);
    report_data(&scene.enclave.identity, NULL, data);
    assert_step(
        evidence_check_identity(&evidence.identity, ROLE_WORKER, data, test_digest(0xcc)).step,
        EVIDENCE_CHALLENGE);
    keeper = evidence.identity;
    keeper.role = ROLE_KEEPER;
    assert_step(evidence_check_identity(&keeper, ROLE_KEEPER, scene.report_data, NULL).step,
                EVIDENCE_IDENTITY); /* the role is bound */
    report_data(&keeper, NULL, data);
    assert_step(evidence_check_identity(&keeper, ROLE_WORKER, data, NULL).step,
                EVIDENCE_IDENTITY); /* and must be the demanded one */
    assert_step(evidence_check_identity(&keeper, ROLE_KEEPER, data, NULL).step, EVIDENCE_ACCEPTED);
}

static void each_expectation_is_checked(void **state)
{
    static struct scene scene;
    struct evidence_expectation expected;
    uint8_t strings[32];

    (void)state;
    scene_make(&scene, 10, 2, 0);
    strings_digest(1, 0, "program", 8, strings);
    expected = expectation(1);
    expected.strings_sha256 = strings;
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_ACCEPTED);

    expected.nonce = test_digest(2); /* of the other invocation */
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_NONCE);
    expected.nonce = test_digest(1);
    expected.nonce_bytes = 16; /* a prefix is not the nonce */
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_NONCE);
    expected = expectation(1);
    expected.input_bytes--;
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_INPUT);
    expected = expectation(1);
    expected.output = input;
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_OUTPUT);
    expected = expectation(1);
    expected.strings_sha256 = test_digest(0);
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_STRINGS);
    expected = expectation(1);
    expected.tenants.digests = (const uint8_t(*)[32])test_digest(0);
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_TENANT);
    expected = expectation(1);
    expected.bundles.digests = (const uint8_t(*)[32])test_digest(0xa5); /* wasm's digest */
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_BUNDLE);
    expected = expectation(1);
    expected.snapshots.digests = (const uint8_t(*)[32])test_digest(0);
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_SNAPSHOT);
    expected = expectation(1);
    expected.policies = (struct digest_set){(const uint8_t(*)[32])test_digest(0), 1};
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_POLICY);
}

static void strings_are_told_apart(void **state)
{
    uint8_t one[32], other[32], caller[32];

    (void)state;
    strings_digest(1, 1, "a\0b=c", 6, one);
    strings_digest(2, 0, "a\0b=c", 6, other);
    assert_memory_not_equal(one, other, 32);
    assert_good(strings_sha256_of(1, 1, "a\0b=c", 6, caller));
    assert_memory_equal(one, caller, 32);
    strings_digest(0, 0, "", 0, one);
    assert_good(strings_sha256_of(0, 0, NULL, 0, caller));
    assert_memory_equal(one, caller, 32);
}

/* Evidence that an honest host would not compose: proofs and claims of different invocations. */
static void mixed_evidence_is_rejected(void **state)
{
    static struct scene scene, other;
    struct signed_batch batch;
    struct evidence_expectation nothing = {.nonce = NULL};

    (void)state;
    scene_make(&scene, 11, 4, 0);
    batch = (struct signed_batch){.identity = &scene.enclave.identity,
                                  .leaves = scene.leaves,
                                  .count = scene.count,
                                  .root = scene.root,
                                  .root_bytes = scene.root_bytes};
    /* the claims of another invocation of the batch */
    assert_good(evidence_compose(&batch, 0, scene.claims[1], scene.claims_bytes[1], scene.file,
                                 &scene.file_bytes));
    assert_step(check(&scene, scene.file, scene.file_bytes, &nothing), EVIDENCE_PROOF);
    /* a tree of another size */
    batch.count = 3;
    assert_good(evidence_compose(&batch, 0, scene.claims[0], scene.claims_bytes[0], scene.file,
                                 &scene.file_bytes));
    assert_step(check(&scene, scene.file, scene.file_bytes, &nothing), EVIDENCE_PROOF);
    batch.count = 4;
    /* the signed root of another enclave, over the same leaves */
    scene_make(&other, 12, 4, 0);
    other.batch.count = 4;
    memcpy(other.batch.leaves, scene.leaves, 4 * 32ul);
    sign(&other);
    batch.root = other.root;
    batch.root_bytes = other.root_bytes;
    assert_good(evidence_compose(&batch, 0, scene.claims[0], scene.claims_bytes[0], scene.file,
                                 &scene.file_bytes));
    assert_step(check(&scene, scene.file, scene.file_bytes, &nothing), EVIDENCE_SIGNATURE);
    /* with that enclave's identity, too: it signed claims that are not about itself */
    batch.identity = &other.enclave.identity;
    assert_good(evidence_compose(&batch, 0, scene.claims[0], scene.claims_bytes[0], scene.file,
                                 &scene.file_bytes));
    assert_step(check(&other, scene.file, scene.file_bytes, &nothing), EVIDENCE_WORKER);
    assert_step(check(&scene, scene.file, scene.file_bytes, &nothing), EVIDENCE_IDENTITY);
}

/* The enclave's key never signs a node as a leaf: claims cannot be made of two hashes. */
static void an_inner_node_is_no_leaf(void **state)
{
    static struct scene scene;
    uint8_t pair[64], leaf[32];

    (void)state;
    scene_make(&scene, 13, 2, 0);
    memcpy(pair, scene.leaves[0], 32);
    memcpy(pair + 32, scene.leaves[1], 32);
    claims_leaf(pair, sizeof(pair), leaf);
    {
        static const uint8_t prefix = 1;
        uint8_t inner[32];

        sha256_pieces((const struct piece[]){{&prefix, 1}, {pair, 64}}, 2, inner);
        assert_memory_not_equal(leaf, inner, 32);
    }
}

/* Claims about another boot or policy than the quoted one, correctly signed. */
static void claims_of_another_boot_or_policy_are_rejected(void **state)
{
    static struct scene scene;
    struct evidence_expectation nothing = {.nonce = NULL};
    struct claims claims;

    (void)state;
    begin(&scene, 14);
    claims = claims_of(&scene, 1);
    claims.boot_id = test_digest(1);
    serve(&scene, &claims);
    claims = claims_of(&scene, 2);
    claims.policy_sha256 = test_digest(1);
    serve(&scene, &claims);
    claims = claims_of(&scene, 3);
    claims.worker_id = test_digest(1);
    serve(&scene, &claims);
    sign(&scene);
    for (uint32_t i = 0; i < 3; i++) {
        compose(&scene, i);
        assert_step(check(&scene, scene.file, scene.file_bytes, &nothing), EVIDENCE_WORKER);
    }
    /* a root of another boot: the key would have to outlive it */
    begin(&scene, 14);
    claims = claims_of(&scene, 1);
    serve(&scene, &claims);
    assert_good(batch_sign(&scene.batch, &scene.enclave.signing, test_digest(1), scene.root,
                           &scene.root_bytes));
    compose(&scene, 0);
    assert_step(check(&scene, scene.file, scene.file_bytes, &nothing), EVIDENCE_WORKER);
}

/* Of encrypted invocations the host gets the leaf only. */
static void the_caller_completes_evidence_of_encrypted_invocations(void **state)
{
    static struct scene scene;
    uint8_t complete[EVIDENCE_FILE_MAX];
    size_t bytes;
    struct evidence_expectation expected = expectation(2);
    struct signed_batch batch;

    (void)state;
    scene_make(&scene, 15, 3, 1);
    batch = (struct signed_batch){.identity = &scene.enclave.identity,
                                  .leaves = scene.leaves,
                                  .count = scene.count,
                                  .root = scene.root,
                                  .root_bytes = scene.root_bytes};
    assert_status(evidence_complete(scene.file, scene.file_bytes, scene.claims[1],
                                    scene.claims_bytes[1], complete, &bytes),
                  ST_CORRUPT); /* there are claims in it */
    assert_good(evidence_compose(&batch, 1, (const uint8_t *)"", 0, scene.file, &scene.file_bytes));
    assert_step(check(&scene, scene.file, scene.file_bytes, &expected), EVIDENCE_FORMAT);
    for (size_t shorter = 0; shorter < scene.file_bytes; shorter++)
        if (evidence_complete(scene.file, shorter, scene.claims[1], scene.claims_bytes[1], complete,
                              &bytes) == ST_OK)
            assert_step(check(&scene, complete, bytes, &expected), EVIDENCE_FORMAT);
    assert_good(evidence_complete(scene.file, scene.file_bytes, scene.claims[1],
                                  scene.claims_bytes[1], complete, &bytes));
    assert_step(check(&scene, complete, bytes, &expected), EVIDENCE_ACCEPTED);
    /* the host's leaf tells it nothing: other blinding, other leaf */
    {
        struct claims claims = claims_of(&scene, 2);
        uint8_t encoded[EVIDENCE_CLAIMS_MAX], leaf[32];

        claims.blinding = test_digest(0xbc);
        assert_good(claims_encode(&claims, encoded, &bytes));
        claims_leaf(encoded, bytes, leaf);
        assert_memory_not_equal(leaf, scene.leaves[1], 32);
    }
}

static void both_sides_agree_on_report_data(void **state)
{
    const struct enclave_policy policy = {
        .version = POLICY_VERSION, .role = ROLE_KEEPER, .tenancy = TENANCY_SHARED};
    struct test_enclave enclave;
    uint8_t inside[64], outside[64], digest[32];

    (void)state;
    test_enclave_make(&enclave, 16);
    report_data(&enclave.identity, test_digest(3), inside);
    assert_good(identity_report_data(&enclave.identity, test_digest(3), outside));
    assert_memory_equal(inside, outside, 64);
    assert_memory_equal(inside + REPORT_CHALLENGE_OFF, test_digest(3), 32);
    policy_digest(&policy, inside);
    assert_good(policy_sha256_of(&policy, digest));
    assert_memory_equal(inside, digest, 32);
}

static void claims_are_described_as_json(void **state)
{
    static struct scene scene;
    struct evidence_claims parsed;
    json_t *json;

    (void)state;
    scene_make(&scene, 18, 1, 0);
    assert_step(claims_parse(scene.claims[0], scene.claims_bytes[0], &parsed).step,
                EVIDENCE_ACCEPTED);
    json = claims_describe(&parsed);
    assert_non_null(json);
    assert_int_equal(json_object_size(json), 16);
    assert_string_equal(json_string_value(json_object_get(json, "tenant")),
                        "7171717171717171717171717171717171717171717171717171717171717171");
    assert_int_equal(json_string_length(json_object_get(json, "boot_id")), 32);
    assert_string_equal(json_string_value(json_object_get(json, "outcome")), "ok");
    assert_true(json_is_null(json_object_get(json, "trap")));
    assert_int_equal(json_integer_value(json_object_get(json, "counter")), 1);
    json_decref(json);
    parsed.nonce_bytes = 0;
    parsed.outcome = OUTCOME_TRAP;
    parsed.trap = TRAP_UNREACHABLE;
    parsed.has_exit_code = false;
    json = claims_describe(&parsed);
    assert_non_null(json);
    assert_true(json_is_null(json_object_get(json, "nonce")));
    assert_true(json_is_null(json_object_get(json, "exit_code")));
    assert_string_equal(json_string_value(json_object_get(json, "trap")), "unreachable executed");
    json_decref(json);
}

static void claims_that_are_not_deterministic_are_refused(void **state)
{
    static struct scene scene;
    struct evidence_claims parsed;
    uint8_t bad[EVIDENCE_CLAIMS_MAX + 1];

    (void)state;
    scene_make(&scene, 17, 1, 0);
    /* a longer head for the same number of entries: B2 -> B8 12 */
    assert_int_equal(scene.claims[0][0], 0xb1);
    bad[0] = 0xb8;
    bad[1] = 0x11;
    memcpy(bad + 2, scene.claims[0] + 1, scene.claims_bytes[0] - 1);
    assert_step(claims_parse(bad, scene.claims_bytes[0] + 1, &parsed).step, EVIDENCE_FORMAT);
    /* another number of entries */
    memcpy(bad, scene.claims[0], scene.claims_bytes[0]);
    bad[0] = 0xb0;
    assert_step(claims_parse(bad, scene.claims_bytes[0], &parsed).step, EVIDENCE_FORMAT);
    bad[0] = 0xb1;
    assert_step(claims_parse(bad, scene.claims_bytes[0], &parsed).step, EVIDENCE_ACCEPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_all_sizes_are_accepted),
        cmocka_unit_test(claims_say_what_happened),
        cmocka_unit_test(failed_invocations_have_evidence_too),
        cmocka_unit_test(contradictory_claims_are_not_encoded),
        cmocka_unit_test(the_largest_evidence_fits),
        cmocka_unit_test(counts_that_are_too_large_are_refused),
        cmocka_unit_test(each_changed_bit_of_evidence_is_noticed),
        cmocka_unit_test(each_truncation_and_extension_is_noticed),
        cmocka_unit_test(the_quote_must_be_of_this_enclave_role_and_challenge),
        cmocka_unit_test(each_expectation_is_checked),
        cmocka_unit_test(strings_are_told_apart),
        cmocka_unit_test(mixed_evidence_is_rejected),
        cmocka_unit_test(an_inner_node_is_no_leaf),
        cmocka_unit_test(claims_of_another_boot_or_policy_are_rejected),
        cmocka_unit_test(the_caller_completes_evidence_of_encrypted_invocations),
        cmocka_unit_test(both_sides_agree_on_report_data),
        cmocka_unit_test(claims_are_described_as_json),
        cmocka_unit_test(claims_that_are_not_deterministic_are_refused),
    };

    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
