/* Single encrypted requests: the caller's side against the enclave's, and everything in between. */
#include "tests/attest/fields.h"
#include "tests/attest/support.h"

#include "abi/geometry.h"
#include "client/envelope/envelope.h"
#include "client/envelope/message.h"
#include "trusted/attest/body.h"
#include "trusted/attest/envelope.h"

#define HEADER    sizeof(struct envelope_request)
#define BUNDLE    0xb1
#define NONCE_LEN 32u

struct scene {
    struct test_enclave enclave;
    struct envelope_target inside;
    struct caller_target outside;
    struct caller_request request;
    struct caller_pending pending;
    uint8_t *message;
    size_t bytes;
};

static void scene_make(struct scene *scene, uint64_t seed)
{
    memset(scene, 0, sizeof(*scene));
    test_enclave_make(&scene->enclave, seed);
    scene->inside.key = &scene->enclave.receiving;
    memcpy(scene->inside.bundle_sha256, test_digest(BUNDLE), 32);
    memcpy(scene->inside.policy_sha256, scene->enclave.policy_sha256, 32);
    memcpy(scene->outside.receiving_key, scene->enclave.receiving.public_key, 32);
    memcpy(scene->outside.bundle_sha256, test_digest(BUNDLE), 32);
    memcpy(scene->outside.policy_sha256, scene->enclave.policy_sha256, 32);
    scene->request = (struct caller_request){.nonce = test_digest(7),
                                             .nonce_bytes = NONCE_LEN,
                                             .strings = "program\0KEY=value",
                                             .strings_bytes = 18,
                                             .arg_count = 1,
                                             .env_count = 1,
                                             .input = (const uint8_t *)"secret input",
                                             .input_bytes = 12,
                                             .response_padding = 64};
    assert_good(caller_request_seal(&scene->outside, &scene->request, &scene->message,
                                    &scene->bytes, &scene->pending));
}

static void scene_end(struct scene *scene)
{
    free(scene->message);
}

/* Opens a copy of the message as an enclave would; what became of the copy is in *plain. */
static enum status open_copy(const struct envelope_target *target, const uint8_t *message,
                             size_t bytes, struct reply_key *reply, uint8_t *plain,
                             size_t *plain_bytes)
{
    struct envelope_request header;

    if (bytes < sizeof(header))
        return ST_ENVELOPE_FORMAT;
    memcpy(&header, message, sizeof(header));
    memcpy(plain, message + sizeof(header), bytes - sizeof(header));
    return request_open(target, &header, plain, bytes - sizeof(header), plain_bytes, reply);
}

/* An answer with this text as output, as a message of *bytes; free() it. */
static uint8_t *answer(struct scene *scene, struct reply_key *reply, const char *text,
                       size_t *bytes)
{
    const struct response_body head = {
        .version = BODY_VERSION, .outcome = OUTCOME_OK, .output_bytes = strlen(text)};
    struct envelope_response header;
    uint64_t content, padded;
    uint8_t *message;

    assert_good(response_body_bytes(&head, scene->request.response_padding, &content, &padded));
    *bytes = sizeof(header) + padded + AEAD_TAG_BYTES;
    message = calloc(1, *bytes);
    memcpy(message + sizeof(header), &head, sizeof(head));
    memcpy(message + sizeof(header) + sizeof(head), text, strlen(text));
    {
        /* in parts of odd sizes, as they lie in an enclave */
        uint8_t *body = message + sizeof(header);
        const struct aead_part parts[] = {{body, 1},
                                          {body + 1, 0},
                                          {body + 1, 17},
                                          {body + 18, sizeof(head) - 18},
                                          {body + sizeof(head), padded - sizeof(head)}};

        assert_good(response_seal(reply, &scene->enclave.source, &header, parts, 5, body + padded));
    }
    memcpy(message, &header, sizeof(header));
    return message;
}

static void request_and_response_arrive(void **state)
{
    struct scene scene;
    struct reply_key reply;
    struct request_view view;
    struct caller_response response;
    uint8_t plain[1024];
    size_t plain_bytes, bytes;
    uint8_t *message;

    (void)state;
    scene_make(&scene, 1);
    assert_good(open_copy(&scene.inside, scene.message, scene.bytes, &reply, plain, &plain_bytes));
    assert_good(request_body_read(plain, plain_bytes, &view));
    assert_int_equal(view.head.arg_count, 1);
    assert_int_equal(view.head.env_count, 1);
    assert_int_equal(view.head.strings_bytes, 18);
    assert_memory_equal(view.strings, "program\0KEY=value", 18);
    assert_int_equal(view.head.input_bytes, 12);
    assert_memory_equal(view.input, "secret input", 12);

    message = answer(&scene, &reply, "the answer", &bytes);
    assert_int_equal((bytes - sizeof(struct envelope_response) - AEAD_TAG_BYTES) % 64, 0);
    assert_good(caller_response_open(&scene.pending, message, bytes, &response));
    assert_int_equal(response.head.outcome, OUTCOME_OK);
    assert_int_equal(response.head.output_bytes, 10);
    assert_memory_equal(response.output, "the answer", 10);
    caller_response_free(&response);
    free(message);
    scene_end(&scene);
}

static void nothing_of_the_plaintext_is_in_the_message(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene, 2);
    assert_null(memmem(scene.message, scene.bytes, "secret", 6));
    assert_null(memmem(scene.message, scene.bytes, "value", 5));
    scene_end(&scene);
}

/* Which step must notice a changed byte, by where it is. */
static const struct field request_fields[] = {
    PREFIX_FIELDS(envelope_request),
    FIELD(envelope_request, kem, ST_ENVELOPE_SUITE),
    FIELD(envelope_request, kdf, ST_ENVELOPE_SUITE),
    FIELD(envelope_request, aead, ST_ENVELOPE_SUITE),
    FIELD_OR(envelope_request, nonce_bytes, ST_ENVELOPE_FORMAT, ST_ENVELOPE_FORGED),
    FIELD_PART(envelope_request, nonce, 0, NONCE_LEN, ST_ENVELOPE_FORGED),
    FIELD_PART(envelope_request, nonce, NONCE_LEN, NONCE_MAX - NONCE_LEN, ST_ENVELOPE_FORMAT),
    FIELD(envelope_request, key_id, ST_ENVELOPE_KEY),
    FIELD(envelope_request, bundle_sha256, ST_ENVELOPE_BUNDLE),
    FIELD(envelope_request, policy_sha256, ST_ENVELOPE_POLICY),
    FIELD(envelope_request, enc, ST_ENVELOPE_FORGED),
};
static const struct field response_fields[] = {
    PREFIX_FIELDS(envelope_response),
    FIELD(envelope_response, response_nonce, ST_ENVELOPE_FORGED),
};

static void each_changed_bit_of_a_request_is_noticed(void **state)
{
    struct scene scene;
    uint8_t changed[1024], plain[1024];

    (void)state;
    FIELDS_FILL(request_fields, envelope_request);
    scene_make(&scene, 3);
    for (size_t at = 0; at < scene.bytes; at++)
        for (unsigned bit = at % 3; bit < 8; bit += 3) {
            struct reply_key reply;
            size_t plain_bytes;
            enum status status;

            memcpy(changed, scene.message, scene.bytes);
            changed[at] ^= (uint8_t)(1u << bit);
            status = open_copy(&scene.inside, changed, scene.bytes, &reply, plain, &plain_bytes);
            field_must_refuse(FIELD_AT(request_fields, at), at, status, ST_ENVELOPE_FORGED);
            assert_int_equal(plain_bytes, 0);
            assert_int_equal(reply.usable, 0);
            for (size_t i = 0; i < scene.bytes - HEADER; i++)
                assert_int_equal(plain[i], 0);
        }
    scene_end(&scene);
}

static void each_truncation_and_extension_is_noticed(void **state)
{
    struct scene scene;
    struct reply_key reply;
    uint8_t copy[1024], plain[1024];
    size_t plain_bytes;

    (void)state;
    scene_make(&scene, 4);
    for (size_t bytes = 0; bytes < scene.bytes; bytes++)
        assert_status(open_copy(&scene.inside, scene.message, bytes, &reply, plain, &plain_bytes),
                      ST_ENVELOPE_FORMAT);
    /* the length adjusted, as a host would */
    for (size_t bytes = HEADER; bytes < scene.bytes; bytes++) {
        memcpy(copy, scene.message, scene.bytes);
        ((struct envelope_request *)copy)->prefix.cipher_bytes = bytes - HEADER;
        assert_status(open_copy(&scene.inside, copy, bytes, &reply, plain, &plain_bytes),
                      bytes - HEADER < AEAD_TAG_BYTES ? ST_ENVELOPE_FORMAT : ST_ENVELOPE_FORGED);
    }
    memcpy(copy, scene.message, scene.bytes);
    copy[scene.bytes] = 0;
    ((struct envelope_request *)copy)->prefix.cipher_bytes++;
    assert_status(open_copy(&scene.inside, copy, scene.bytes + 1, &reply, plain, &plain_bytes),
                  ST_ENVELOPE_FORGED);
    scene_end(&scene);
}

/* The same request executed twice, by one worker or by two that share an epoch's key: no key and
 * nonce are used twice, and the caller takes one answer. */
static void a_request_executed_twice_is_answered_under_two_keys(void **state)
{
    struct scene scene;
    struct test_enclave other;
    struct envelope_target inside;
    struct reply_key first, second;
    struct caller_response response;
    uint8_t plain[1024];
    size_t plain_bytes, bytes;
    uint8_t *messages[2];

    (void)state;
    scene_make(&scene, 5);
    test_enclave_make(&other, 6);
    other.receiving = scene.enclave.receiving;
    inside = scene.inside;
    inside.key = &other.receiving;
    assert_good(open_copy(&scene.inside, scene.message, scene.bytes, &first, plain, &plain_bytes));
    assert_good(open_copy(&inside, scene.message, scene.bytes, &second, plain, &plain_bytes));
    assert_memory_equal(&first, &second, sizeof(first)); /* all that they share */
    messages[0] = answer(&scene, &first, "same", &bytes);
    scene.enclave.source = other.source;
    messages[1] = answer(&scene, &second, "same", &bytes);
    /* same plaintext, length and header but for the nonce: ciphertexts without any relation */
    for (size_t at = sizeof(struct envelope_prefix); at + 8 <= bytes; at += 8)
        assert_memory_not_equal(messages[0] + at, messages[1] + at, 8);

    assert_good(caller_response_open(&scene.pending, messages[1], bytes, &response));
    caller_response_free(&response);
    assert_status(caller_response_open(&scene.pending, messages[0], bytes, &response),
                  ST_RESPONSE_SPENT);
    free(messages[0]);
    free(messages[1]);
    scene_end(&scene);
}

static void a_request_is_answered_once(void **state)
{
    struct scene scene;
    struct reply_key reply;
    struct envelope_response header;
    uint8_t plain[1024], body[80];
    size_t plain_bytes, bytes;

    (void)state;
    memset(body, 1, sizeof(body));
    scene_make(&scene, 7);
    assert_good(open_copy(&scene.inside, scene.message, scene.bytes, &reply, plain, &plain_bytes));
    free(answer(&scene, &reply, "once", &bytes));
    assert_status(response_seal(&reply, &scene.enclave.source, &header,
                                (const struct aead_part[]){{body, 40}, {body + 40, 24}}, 2,
                                body + 64),
                  ST_RESPONSE_SPENT);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(body[i], 0);
    scene_end(&scene);
}

static void each_changed_bit_of_a_response_is_noticed(void **state)
{
    struct scene scene;
    struct reply_key reply;
    struct caller_response response;
    uint8_t plain[1024], changed[1024];
    size_t plain_bytes, bytes;
    uint8_t *message;

    (void)state;
    FIELDS_FILL(response_fields, envelope_response);
    scene_make(&scene, 8);
    assert_good(open_copy(&scene.inside, scene.message, scene.bytes, &reply, plain, &plain_bytes));
    message = answer(&scene, &reply, "the answer", &bytes);
    for (size_t at = 0; at < bytes; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(changed, message, bytes);
            changed[at] ^= (uint8_t)(1u << bit);
            field_must_refuse(FIELD_AT(response_fields, at), at,
                              caller_response_open(&scene.pending, changed, bytes, &response),
                              ST_ENVELOPE_FORGED);
            assert_null(response.plain);
        }
    for (size_t short_bytes = 0; short_bytes < bytes; short_bytes++)
        assert_status(caller_response_open(&scene.pending, message, short_bytes, &response),
                      ST_ENVELOPE_FORMAT);
    assert_good(caller_response_open(&scene.pending, message, bytes, &response));
    caller_response_free(&response);
    free(message);
    scene_end(&scene);
}

static void reflections_and_answers_to_others_are_refused(void **state)
{
    struct scene scene, another;
    struct reply_key reply;
    struct caller_response response;
    uint8_t plain[1024];
    size_t plain_bytes, bytes;
    uint8_t *message;

    (void)state;
    scene_make(&scene, 9);
    scene_make(&another, 10);
    /* one's own request comes back, also under the other kind */
    assert_status(caller_response_open(&scene.pending, scene.message, scene.bytes, &response),
                  ST_ENVELOPE_FORMAT);
    ((struct envelope_request *)scene.message)->prefix.kind = ENVELOPE_RESPONSE;
    ((struct envelope_request *)scene.message)->prefix.cipher_bytes =
        scene.bytes - sizeof(struct envelope_response);
    assert_status(caller_response_open(&scene.pending, scene.message, scene.bytes, &response),
                  ST_ENVELOPE_FORGED);
    /* the answer to another request */
    assert_good(
        open_copy(&another.inside, another.message, another.bytes, &reply, plain, &plain_bytes));
    message = answer(&another, &reply, "not yours", &bytes);
    assert_status(caller_response_open(&scene.pending, message, bytes, &response),
                  ST_ENVELOPE_FORGED);
    free(message);
    scene_end(&scene);
    scene_end(&another);
}

static void other_targets_refuse_by_name(void **state)
{
    struct scene scene;
    struct test_enclave other;
    struct envelope_target target;
    struct reply_key reply;
    uint8_t plain[1024];
    size_t plain_bytes;

    (void)state;
    scene_make(&scene, 11);
    test_enclave_make(&other, 12);
    target = scene.inside;
    target.key = &other.receiving;
    assert_status(open_copy(&target, scene.message, scene.bytes, &reply, plain, &plain_bytes),
                  ST_ENVELOPE_KEY);
    target = scene.inside;
    target.bundle_sha256[31] ^= 1;
    assert_status(open_copy(&target, scene.message, scene.bytes, &reply, plain, &plain_bytes),
                  ST_ENVELOPE_BUNDLE);
    target = scene.inside;
    target.policy_sha256[0] ^= 1;
    assert_status(open_copy(&target, scene.message, scene.bytes, &reply, plain, &plain_bytes),
                  ST_ENVELOPE_POLICY);
    /* a host that renames the target is found out by the associated data */
    target = scene.inside;
    target.bundle_sha256[31] ^= 1;
    ((struct envelope_request *)scene.message)->bundle_sha256[31] ^= 1;
    assert_status(open_copy(&target, scene.message, scene.bytes, &reply, plain, &plain_bytes),
                  ST_ENVELOPE_FORGED);
    scene_end(&scene);
}

static void encapsulated_points_of_small_order_are_refused(void **state)
{
    struct scene scene;
    struct reply_key reply;
    uint8_t plain[1024];
    size_t plain_bytes;

    (void)state;
    scene_make(&scene, 13);
    memset(((struct envelope_request *)scene.message)->enc, 0, 32);
    assert_status(open_copy(&scene.inside, scene.message, scene.bytes, &reply, plain, &plain_bytes),
                  ST_KEY_REJECTED);
    scene_end(&scene);
}

static void request_sizes_and_paddings(void **state)
{
    static const struct {
        uint32_t padding;
        size_t input;
        size_t plain;
    } good[] = {{PAD_NONE, 0, 32},         {PAD_NONE, 5, 37},        {PAD_POWER_OF_TWO, 0, 32},
                {PAD_POWER_OF_TWO, 1, 64}, {256, 100, 256},          {256, 224, 256},
                {256, 225, 512},           {PAD_MULTIPLE_MIN, 1, 48}};
    static const uint32_t bad[] = {2, 3, 8, 15, 17, 48, PAD_MULTIPLE_MAX + 1, PAD_MULTIPLE_MAX * 2};
    static const uint8_t input[256];
    struct scene scene;

    (void)state;
    scene_make(&scene, 14);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct caller_request request = {
            .input = input, .input_bytes = good[i].input, .padding = good[i].padding};
        struct request_view view;
        struct reply_key reply;
        uint8_t plain[1024];
        size_t plain_bytes, bytes;
        uint8_t *message;

        assert_good(
            caller_request_seal(&scene.outside, &request, &message, &bytes, &scene.pending));
        assert_int_equal(bytes, HEADER + good[i].plain + AEAD_TAG_BYTES);
        assert_good(open_copy(&scene.inside, message, bytes, &reply, plain, &plain_bytes));
        assert_int_equal(plain_bytes, good[i].plain);
        assert_good(request_body_read(plain, plain_bytes, &view));
        assert_int_equal(view.head.input_bytes, good[i].input);
        free(message);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct caller_request request = {.padding = bad[i]};
        size_t bytes;
        uint8_t *message;

        assert_status(
            caller_request_seal(&scene.outside, &request, &message, &bytes, &scene.pending),
            ST_INVALID_ARGUMENT);
        request = (struct caller_request){.response_padding = bad[i]};
        assert_status(
            caller_request_seal(&scene.outside, &request, &message, &bytes, &scene.pending),
            ST_INVALID_ARGUMENT);
        assert_null(message);
    }
    scene_end(&scene);
}

static void nonce_lengths(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene, 15);
    for (size_t nonce_bytes = 0; nonce_bytes <= NONCE_MAX + 1; nonce_bytes++) {
        uint8_t nonce[NONCE_MAX + 1];
        struct caller_request request = {.nonce = nonce, .nonce_bytes = nonce_bytes};
        int good = nonce_bytes == 0 || (nonce_bytes >= NONCE_MIN && nonce_bytes <= NONCE_MAX);
        struct reply_key reply;
        uint8_t plain[128];
        size_t plain_bytes, bytes;
        uint8_t *message;

        memset(nonce, 0xee, sizeof(nonce));
        assert_status(
            caller_request_seal(&scene.outside, &request, &message, &bytes, &scene.pending),
            good ? ST_OK : ST_INVALID_ARGUMENT);
        if (!good)
            continue;
        assert_good(open_copy(&scene.inside, message, bytes, &reply, plain, &plain_bytes));
        /* a length between 1 and 7 can only be a forgery, and is refused as malformed */
        ((struct envelope_request *)message)->nonce_bytes = NONCE_MIN - 1;
        assert_status(open_copy(&scene.inside, message, bytes, &reply, plain, &plain_bytes),
                      ST_ENVELOPE_FORMAT);
        ((struct envelope_request *)message)->nonce_bytes = NONCE_MAX + 1;
        assert_status(open_copy(&scene.inside, message, bytes, &reply, plain, &plain_bytes),
                      ST_ENVELOPE_FORMAT);
        free(message);
    }
    scene_end(&scene);
}

static void request_bodies_that_contradict_themselves(void **state)
{
    const struct request_body good = {
        .version = BODY_VERSION, .arg_count = 1, .strings_bytes = 2, .input_bytes = 3};
    static const struct {
        const char *name;
        struct request_body head;
    } bad[] = {
        {"version", {.version = 2}},
        {"padding", {.version = 1, .response_padding = 5}},
        {"strings", {.version = 1, .strings_bytes = 7}},
        {"input", {.version = 1, .input_bytes = 7}},
        {"both", {.version = 1, .strings_bytes = 4, .input_bytes = 4}},
        {"strings limit", {.version = 1, .strings_bytes = UINT64_MAX}},
        {"input limit", {.version = 1, .input_bytes = UINT64_MAX - 31}},
        {"wrap", {.version = 1, .strings_bytes = 1, .input_bytes = UINT64_MAX}},
        {"stdin limit", {.version = 1, .input_bytes = STDIO_MAX + 1ull}},
    };
    uint8_t body[sizeof(good) + 6] = {0};
    struct request_view view;

    (void)state;
    memcpy(body, &good, sizeof(good));
    memcpy(body + sizeof(good), "a\0xyz", 5);
    assert_good(request_body_read(body, sizeof(body), &view));
    assert_good(request_body_read(body, sizeof(body) - 1, &view));
    for (size_t bytes = 0; bytes < sizeof(body) - 1; bytes++)
        assert_status(request_body_read(body, bytes, &view), ST_ENVELOPE_BODY);
    body[sizeof(body) - 1] = 1;
    assert_status(request_body_read(body, sizeof(body), &view), ST_ENVELOPE_BODY);
    body[sizeof(body) - 1] = 0;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(body, 0, sizeof(body));
        memcpy(body, &bad[i].head, sizeof(bad[i].head));
        if (request_body_read(body, sizeof(body), &view) != ST_ENVELOPE_BODY)
            fail_msg("%s", bad[i].name);
    }
}

static void response_bodies_that_contradict_themselves(void **state)
{
    static const struct response_body bad[] = {
        {.version = 2},
        {.version = 1, .output_bytes = 9},
        {.version = 1, .log_bytes = 9},
        {.version = 1, .claims_bytes = 9},
        {.version = 1, .output_bytes = UINT64_MAX},
        {.version = 1, .output_bytes = UINT64_MAX - 55, .log_bytes = 1},
        {.version = 1, .claims_bytes = EVIDENCE_CLAIMS_MAX + 1},
    };
    struct caller_response response;
    uint8_t *plain;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        plain = calloc(1, sizeof(bad[i]) + 8);
        memcpy(plain, &bad[i], sizeof(bad[i]));
        assert_status(caller_response_read(plain, sizeof(bad[i]) + 8, &response), ST_ENVELOPE_BODY);
        assert_null(response.plain);
    }
    plain = calloc(1, sizeof(bad[0]) + 8);
    plain[0] = 1;
    plain[sizeof(bad[0]) + 7] = 1; /* padding that is not zero */
    assert_status(caller_response_read(plain, sizeof(bad[0]) + 8, &response), ST_ENVELOPE_BODY);
    plain = calloc(1, sizeof(bad[0]) - 1);
    assert_status(caller_response_read(plain, sizeof(bad[0]) - 1, &response), ST_ENVELOPE_BODY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_response_arrive),
        cmocka_unit_test(nothing_of_the_plaintext_is_in_the_message),
        cmocka_unit_test(each_changed_bit_of_a_request_is_noticed),
        cmocka_unit_test(each_truncation_and_extension_is_noticed),
        cmocka_unit_test(a_request_executed_twice_is_answered_under_two_keys),
        cmocka_unit_test(a_request_is_answered_once),
        cmocka_unit_test(each_changed_bit_of_a_response_is_noticed),
        cmocka_unit_test(reflections_and_answers_to_others_are_refused),
        cmocka_unit_test(other_targets_refuse_by_name),
        cmocka_unit_test(encapsulated_points_of_small_order_are_refused),
        cmocka_unit_test(request_sizes_and_paddings),
        cmocka_unit_test(nonce_lengths),
        cmocka_unit_test(request_bodies_that_contradict_themselves),
        cmocka_unit_test(response_bodies_that_contradict_themselves),
    };

    return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
