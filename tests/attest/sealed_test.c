/* Sealed bundles, wrapped function keys, an enclave's own sealed state. */
#include "tests/attest/fields.h"
#include "tests/attest/support.h"

#include "abi/bundle.h"
#include "client/envelope/sealed.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/hpke.h"
#include "trusted/attest/sealed.h"

#define OVERHEAD (sizeof(struct sealed_header) + sizeof(struct wrapped_key))
#define CHUNK    ((size_t)SEALED_CHUNK_DEFAULT)

static const uint8_t *function_key(void)
{
    return test_digest(0xf1);
}

/* A bundle of this size, sealed; free() both. */
static uint8_t *make(size_t bytes, uint8_t **bundle, size_t *sealed_bytes)
{
    uint8_t digest[32];
    uint8_t *sealed;

    *bundle = malloc(bytes);
    for (size_t i = 0; i < bytes; i++)
        (*bundle)[i] = (uint8_t)(i * 7 + i / 251);
    sha256_pieces(&(struct piece){*bundle, bytes}, 1, digest);
    assert_good(
        caller_bundle_seal(*bundle, bytes, digest, function_key(), NULL, &sealed, sealed_bytes));
    return sealed;
}

/* Reads a sealed file as L0 will: into `out`, chunk by chunk. */
static enum status unseal(const uint8_t *sealed, size_t bytes, const uint8_t *key, uint8_t *out)
{
    struct sealed_header header;
    struct sealed_reader reader;
    const uint8_t *from = sealed + OVERHEAD;
    size_t done = 0;
    uint8_t digest[32];
    enum status status;

    if (bytes < OVERHEAD)
        return ST_SEALED_FORMAT;
    memcpy(&header, sealed, sizeof(header));
    status = sealed_header_check(&header, bytes);
    if (status == ST_OK)
        status = sealed_start(&header, key, &reader);
    while (status == ST_OK && sealed_next_bytes(&reader) > 0) {
        uint32_t chunk = sealed_next_bytes(&reader);

        memcpy(out + done, from, chunk);
        status = sealed_chunk(&reader, out + done, from + chunk);
        from += chunk + AEAD_TAG_BYTES;
        done += chunk;
    }
    if (status != ST_OK)
        return status;
    sha256_pieces(&(struct piece){out, done}, 1, digest);
    return sealed_finish(&reader, &header, digest);
}

static void bundles_of_all_shapes_arrive(void **state)
{
    static const size_t sizes[] = {1, 15, 16, 4096, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t sealed_bytes;
        uint8_t *bundle, *sealed = make(sizes[i], &bundle, &sealed_bytes);
        uint8_t *out = malloc(sizes[i]);

        assert_good(unseal(sealed, sealed_bytes, function_key(), out));
        assert_memory_equal(out, bundle, sizes[i]);
        if (sizes[i] >= 16)
            assert_null(memmem(sealed, sealed_bytes, bundle, 16));
        free(out);
        free(bundle);
        free(sealed);
    }
}

static void sizes_that_there_are_not(void **state)
{
    uint8_t *sealed, byte = 0;
    size_t bytes;

    (void)state;
    assert_status(
        caller_bundle_seal(&byte, 0, test_digest(0), function_key(), NULL, &sealed, &bytes),
        ST_OUT_OF_RANGE);
    assert_status(caller_bundle_seal(&byte, (size_t)BUNDLE_BYTES_MAX + 1, test_digest(0),
                                     function_key(), NULL, &sealed, &bytes),
                  ST_OUT_OF_RANGE);
    assert_null(sealed);
}

static const struct field header_fields[] = {
    FIELD(sealed_header, magic, ST_SEALED_FORMAT),
    FIELD(sealed_header, version, ST_SEALED_VERSION),
    FIELD_OR(sealed_header, chunk_bytes, ST_SEALED_FORMAT, ST_SEALED_FORGED), /* another size */
    FIELD(sealed_header, bundle_bytes, ST_SEALED_FORMAT),
    FIELD(sealed_header, bundle_sha256, ST_SEALED_FORGED), /* part of the key derivation */
    FIELD(sealed_header, function_key_id, ST_SEALED_KEY),
    FIELD(sealed_header, salt, ST_SEALED_FORGED),
};
static const struct field wrapped_fields[] = {
    FIELD(wrapped_key, magic, ST_SEALED_FORMAT),
    FIELD(wrapped_key, version, ST_SEALED_VERSION),
    FIELD(wrapped_key, reserved, ST_SEALED_FORMAT),
    FIELD(wrapped_key, recipient, ST_SEALED_KEY),
    FIELD(wrapped_key, function_key_id, ST_SEALED_FORGED),
    FIELD(wrapped_key, enc, ST_SEALED_FORGED),
    FIELD(wrapped_key, sealed, ST_SEALED_FORGED),
};
static const struct field state_fields[] = {
    FIELD(state_header, magic, ST_SEALED_FORMAT),
    FIELD(state_header, version, ST_SEALED_VERSION),
    FIELD(state_header, purpose, ST_SEALED_FORMAT),
    FIELD(state_header, counter, ST_SEALED_FORGED),
    FIELD(state_header, state_bytes, ST_SEALED_FORMAT),
    FIELD(state_header, key_id, ST_SEALED_FORGED),
    FIELD(state_header, cpusvn, ST_SEALED_FORGED), /* EGETKEY gives another key, too */
    FIELD(state_header, isvsvn, ST_SEALED_FORGED),
    FIELD(state_header, reserved, ST_SEALED_FORMAT),
};

static void each_changed_byte_is_noticed(void **state)
{
    size_t bytes, plain = 5000;
    uint8_t *bundle, *sealed = make(plain, &bundle, &bytes);
    uint8_t *out = malloc(plain);

    (void)state;
    FIELDS_FILL(header_fields, sealed_header);
    for (size_t at = 0; at < bytes; at++) {
        enum status status;

        sealed[at] ^= (uint8_t)(1u << (at % 8));
        status = unseal(sealed, bytes, function_key(), out);
        if (at >= sizeof(struct sealed_header) && at < OVERHEAD)
            assert_status(status, ST_OK); /* the wrapped key has a check of its own */
        else
            field_must_refuse(FIELD_AT(header_fields, at), at, status, ST_SEALED_FORGED);
        sealed[at] ^= (uint8_t)(1u << (at % 8));
    }
    assert_good(unseal(sealed, bytes, function_key(), out));
    free(out);
    free(bundle);
    free(sealed);
}

static void each_truncation_is_noticed(void **state)
{
    size_t bytes, plain = 300;
    uint8_t *bundle, *sealed = make(plain, &bundle, &bytes);
    uint8_t out[1024];
    struct sealed_header *header = (struct sealed_header *)sealed;

    (void)state;
    for (size_t shorter = 0; shorter < bytes; shorter++)
        assert_status(unseal(sealed, shorter, function_key(), out), ST_SEALED_FORMAT);
    /* the length adjusted */
    for (size_t shorter = 1; shorter < plain; shorter++) {
        header->bundle_bytes = shorter;
        assert_status(unseal(sealed, OVERHEAD + shorter + 16, function_key(), out),
                      ST_SEALED_FORGED);
    }
    free(bundle);
    free(sealed);
}

/* Chunks cut off, swapped, doubled, from another file under the same key, or not read to the end.
 */
static void chunks_keep_their_place(void **state)
{
    size_t bytes, other_bytes, plain = 3 * CHUNK, step = CHUNK + AEAD_TAG_BYTES;
    uint8_t *bundle, *other_bundle, *sealed = make(plain, &bundle, &bytes);
    uint8_t *other = make(plain, &other_bundle, &other_bytes);
    uint8_t *changed = malloc(bytes), *out = malloc(plain);
    struct sealed_header header;
    struct sealed_reader reader;

    (void)state;
    memcpy(changed, sealed, bytes);
    memcpy(changed + OVERHEAD, sealed + OVERHEAD + step, step);
    memcpy(changed + OVERHEAD + step, sealed + OVERHEAD, step);
    assert_status(unseal(changed, bytes, function_key(), out), ST_SEALED_FORGED);
    memcpy(changed, sealed, bytes);
    memcpy(changed + OVERHEAD + step, sealed + OVERHEAD, step);
    assert_status(unseal(changed, bytes, function_key(), out), ST_SEALED_FORGED);
    memcpy(changed, sealed, bytes);
    memcpy(changed + OVERHEAD + step, other + OVERHEAD + step, step);
    assert_status(unseal(changed, bytes, function_key(), out), ST_SEALED_FORGED);

    /* a reader that gave up gives nothing more, and one that stopped early does not finish */
    memcpy(&header, sealed, sizeof(header));
    assert_good(sealed_header_check(&header, bytes));
    assert_good(sealed_start(&header, function_key(), &reader));
    assert_status(sealed_finish(&reader, &header, header.bundle_sha256), ST_SEALED_FORGED);
    memcpy(out, sealed + OVERHEAD, CHUNK);
    assert_good(sealed_chunk(&reader, out, sealed + OVERHEAD + CHUNK));
    assert_status(sealed_finish(&reader, &header, header.bundle_sha256), ST_SEALED_FORGED);
    memcpy(out, sealed + OVERHEAD, CHUNK); /* the first again */
    assert_status(sealed_chunk(&reader, out, sealed + OVERHEAD + CHUNK), ST_SEALED_FORGED);
    assert_int_equal(out[0], 0);
    assert_int_equal(out[CHUNK - 1], 0);
    assert_int_equal(sealed_next_bytes(&reader), 0);
    assert_status(sealed_finish(&reader, &header, header.bundle_sha256), ST_SEALED_FORGED);
    free(other_bundle);
    free(other);
    free(changed);
    free(out);
    free(bundle);
    free(sealed);
}

static void another_key_and_another_bundle_are_refused(void **state)
{
    size_t bytes;
    uint8_t *bundle, *sealed = make(100, &bundle, &bytes), *lying;
    uint8_t out[100];

    (void)state;
    assert_status(unseal(sealed, bytes, test_digest(0xf2), out), ST_SEALED_KEY);
    /* an owner who names one bundle and seals another */
    assert_good(
        caller_bundle_seal(bundle, 100, test_digest(1), function_key(), NULL, &lying, &bytes));
    assert_status(unseal(lying, bytes, function_key(), out), ST_SEALED_DIGEST);
    free(lying);
    free(bundle);
    free(sealed);
}

static void headers_that_promise_too_much_are_refused(void **state)
{
    struct sealed_header good = {.version = SEALED_VERSION,
                                 .chunk_bytes = SEALED_CHUNK_MIN,
                                 .bundle_bytes = SEALED_CHUNK_MIN + 1};
    static const uint32_t chunks[] = {0, 1, 2048, 4095, 4097, 12288, SEALED_CHUNK_MAX * 2};
    static const uint64_t sizes[] = {0, BUNDLE_BYTES_MAX + 1ull, UINT64_MAX, UINT64_MAX - 15};
    struct sealed_header bad;

    (void)state;
    memcpy(good.magic, SEALED_MAGIC, 8);
    assert_good(sealed_header_check(&good, OVERHEAD + SEALED_CHUNK_MIN + 1 + 32));
    assert_status(sealed_header_check(&good, OVERHEAD + SEALED_CHUNK_MIN + 1 + 16),
                  ST_SEALED_FORMAT);
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        bad = good;
        bad.chunk_bytes = chunks[i];
        assert_status(sealed_header_check(&bad, OVERHEAD + SEALED_CHUNK_MIN + 1 + 32),
                      ST_SEALED_FORMAT);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        bad = good;
        bad.bundle_bytes = sizes[i];
        assert_status(sealed_header_check(&bad, OVERHEAD + sizes[i] + 16), ST_SEALED_FORMAT);
    }
}

static void function_keys_are_wrapped_for_one_recipient(void **state)
{
    struct test_enclave keeper, other;
    struct wrapped_key wrapped;
    uint8_t key[32];

    (void)state;
    test_enclave_make(&keeper, 1);
    test_enclave_make(&other, 2);
    assert_good(caller_function_key_wrap(function_key(), keeper.receiving.public_key, &wrapped));
    assert_good(function_key_unwrap(&wrapped, &keeper.receiving, key));
    assert_memory_equal(key, function_key(), 32);
    assert_status(function_key_unwrap(&wrapped, &other.receiving, key), ST_SEALED_KEY);
    assert_memory_equal(key, test_digest(0), 32);
    /* from the keeper to a worker */
    assert_good(
        function_key_wrap(function_key(), other.receiving.public_key, &keeper.source, &wrapped));
    assert_good(function_key_unwrap(&wrapped, &other.receiving, key));
    assert_memory_equal(key, function_key(), 32);
}

static void each_changed_bit_of_a_wrapped_key_is_noticed(void **state)
{
    struct test_enclave keeper;
    struct wrapped_key wrapped;
    uint8_t *bytes = (uint8_t *)&wrapped;
    uint8_t key[32];

    (void)state;
    FIELDS_FILL(wrapped_fields, wrapped_key);
    test_enclave_make(&keeper, 3);
    assert_good(caller_function_key_wrap(function_key(), keeper.receiving.public_key, &wrapped));
    for (size_t at = 0; at < sizeof(wrapped); at++)
        for (unsigned bit = 0; bit < 8; bit += 3) {
            bytes[at] ^= (uint8_t)(1u << bit);
            field_must_refuse(FIELD_AT(wrapped_fields, at), at,
                              function_key_unwrap(&wrapped, &keeper.receiving, key), ST_OK);
            assert_memory_equal(key, test_digest(0), 32);
            bytes[at] ^= (uint8_t)(1u << bit);
        }
    assert_good(function_key_unwrap(&wrapped, &keeper.receiving, key));
}

/* A key under the ID of another: authentic, and still refused. */
static void a_wrapped_key_is_the_named_one(void **state)
{
    struct test_enclave keeper;
    struct wrapped_key wrapped;
    uint8_t key[32];
    struct hpke context;

    (void)state;
    test_enclave_make(&keeper, 4);
    assert_good(caller_function_key_wrap(function_key(), keeper.receiving.public_key, &wrapped));
    memcpy(wrapped.function_key_id, test_digest(9), KEY_ID_BYTES);
    assert_good(hpke_send(&keeper.source, keeper.receiving.public_key, WRAP_INFO, sizeof(WRAP_INFO),
                          wrapped.enc, &context));
    memcpy(wrapped.sealed, function_key(), 32);
    assert_good(hpke_seal(&context, &wrapped, offsetof(struct wrapped_key, sealed), wrapped.sealed,
                          32, wrapped.sealed + 32));
    assert_status(function_key_unwrap(&wrapped, &keeper.receiving, key), ST_SEALED_KEY);
}

static void state_is_opened_as_it_was_sealed(void **state)
{
    struct test_random random = {.seed = 5};
    struct random_source source = test_random_source(&random);
    struct state_header header, second;
    uint8_t seal_key[16] = {1}, data[64 + 16], copy[64 + 16];

    (void)state;
    FIELDS_FILL(state_fields, state_header);
    memset(data, 0x5a, sizeof(data));
    state_header_fill(&header, 7, 41, 64, &source);
    state_header_fill(&second, 7, 42, 64, &source);
    assert_memory_not_equal(header.key_id, second.key_id, 32);
    state_seal(&header, seal_key, data);
    assert_null(memmem(data, 64, test_digest(0x5a), 8));
    assert_good(state_header_check(&header, 7, 41, sizeof(data)));
    memcpy(copy, data, sizeof(data));
    assert_good(state_open(&header, seal_key, copy));
    assert_memory_equal(copy, test_digest(0x5a), 32);

    /* another purpose, older than it must be, cut off */
    assert_status(state_header_check(&header, 8, 0, sizeof(data)), ST_SEALED_FORMAT);
    assert_status(state_header_check(&header, 7, 42, sizeof(data)), ST_SEALED_STALE);
    for (size_t bytes = 0; bytes < sizeof(data); bytes++)
        assert_status(state_header_check(&header, 7, 0, bytes), ST_SEALED_FORMAT);
    /* each byte of header and state; the first 88 and what the check says of them */
    for (size_t at = 0; at < sizeof(header) + sizeof(data); at++) {
        uint8_t *byte = at < sizeof(header) ? (uint8_t *)&header + at : copy + at - sizeof(header);
        enum status status;

        memcpy(copy, data, sizeof(data));
        *byte ^= 0x10;
        status = state_header_check(&header, 7, 0, sizeof(data));
        if (status == ST_OK) {
            status = state_open(&header, seal_key, copy);
            assert_memory_equal(copy, test_digest(0), 32);
        }
        field_must_refuse(FIELD_AT(state_fields, at), at, status, ST_SEALED_FORGED);
        if (at < sizeof(header))
            *byte ^= 0x10;
    }
    seal_key[15] ^= 1; /* another enclave's, or another CPU's */
    memcpy(copy, data, sizeof(data));
    assert_status(state_open(&header, seal_key, copy), ST_SEALED_FORGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bundles_of_all_shapes_arrive),
        cmocka_unit_test(sizes_that_there_are_not),
        cmocka_unit_test(each_changed_byte_is_noticed),
        cmocka_unit_test(each_truncation_is_noticed),
        cmocka_unit_test(chunks_keep_their_place),
        cmocka_unit_test(another_key_and_another_bundle_are_refused),
        cmocka_unit_test(headers_that_promise_too_much_are_refused),
        cmocka_unit_test(function_keys_are_wrapped_for_one_recipient),
        cmocka_unit_test(each_changed_bit_of_a_wrapped_key_is_noticed),
        cmocka_unit_test(a_wrapped_key_is_the_named_one),
        cmocka_unit_test(state_is_opened_as_it_was_sealed),
    };

    return cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
}
