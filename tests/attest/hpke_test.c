/* HPKE and the response schedule against the RFCs' vectors, on both sides of the border. */
#include "tests/attest/support.h"

#include "client/envelope/hpke.h"
#include "trusted/attest/envelope.h"
#include "trusted/attest/hpke.h"

/* RFC 9180, A.1.1 */
static const char a1_info[] = "4f6465206f6e2061204772656369616e2055726e";
static const char a1_ephemeral[] =
    "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
static const char a1_enc[] = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
static const char a1_recipient_secret[] =
    "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
static const char a1_recipient[] =
    "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
static const char a1_key[] = "4531685d41d65f03dc48f6b8302c05b0";
static const char a1_nonce[] = "56d890e5accaaf011cff4b7d";
static const char a1_exporter[] =
    "45ff1c2e220db587171952c0592d5f5ebe103f1561a2614e38f2ffd47e99e3f8";
static const char a1_plain[] = "4265617574792069732074727574682c20747275746820626561757479";

static const struct {
    uint64_t sequence;
    const char *aad;
    const char *cipher;
} a1_messages[] = {
    {0, "Count-0",
     "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"},
    {1, "Count-1",
     "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84"},
    {2, "Count-2",
     "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180"},
    {4, "Count-4",
     "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a09fc0012bc69fccaa251c0246d"},
    {255, "Count-255",
     "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e0a"},
    {256, "Count-256",
     "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9f2"},
};
#define MESSAGES (sizeof(a1_messages) / sizeof(a1_messages[0]))

static const struct {
    const char *context;
    size_t bytes;
    const char *value;
} a1_exports[] = {
    {"", 0, "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee"},
    {"", 1, "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5"},
    {"TestContext", 11, "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"},
};

static void receiver_matches_a1(void **state)
{
    struct receiving_key key;
    struct hpke context;
    uint8_t secret[32], enc[32], info[20], expected[45], cipher[45];

    (void)state;
    unhex(a1_recipient_secret, secret, 32);
    unhex(a1_enc, enc, 32);
    unhex(a1_info, info, 20);
    assert_good(receiving_key_from_secret(secret, &key));
    unhex(a1_recipient, expected, 32);
    assert_memory_equal(key.public_key, expected, 32);
    assert_good(hpke_receive(&key, enc, info, sizeof(info), &context));
    unhex(a1_key, expected, 16);
    assert_memory_equal(context.message.key, expected, 16);
    unhex(a1_nonce, expected, 12);
    assert_memory_equal(context.message.nonce, expected, 12);
    unhex(a1_exporter, expected, 32);
    assert_memory_equal(context.exporter_secret, expected, 32);

    unhex(a1_plain, expected, 29);
    for (size_t i = 0; i < MESSAGES; i++) {
        unhex(a1_messages[i].cipher, cipher, 45);
        context.sequence = a1_messages[i].sequence;
        assert_good(hpke_open(&context, a1_messages[i].aad, strlen(a1_messages[i].aad), cipher, 29,
                              cipher + 29));
        assert_memory_equal(cipher, expected, 29);
        assert_int_equal(context.sequence, a1_messages[i].sequence + 1);
    }
    for (size_t i = 0; i < 3; i++) {
        uint8_t value[32];

        hpke_export(&context, a1_exports[i].context, a1_exports[i].bytes, value, 32);
        unhex(a1_exports[i].value, expected, 32);
        assert_memory_equal(value, expected, 32);
    }
}

static void give_ephemeral(void *context, void *to, size_t bytes)
{
    (void)context;
    unhex(a1_ephemeral, to, bytes);
}

static void enclave_as_sender_matches_a1(void **state)
{
    const struct random_source random = {.fill = give_ephemeral};
    struct hpke context;
    uint8_t recipient[32], enc[32], info[20], expected[45], data[45];

    (void)state;
    unhex(a1_recipient, recipient, 32);
    unhex(a1_info, info, 20);
    assert_good(hpke_send(&random, recipient, info, sizeof(info), enc, &context));
    unhex(a1_enc, expected, 32);
    assert_memory_equal(enc, expected, 32);
    for (size_t i = 0; i < MESSAGES; i++) {
        unhex(a1_plain, data, 29);
        context.sequence = a1_messages[i].sequence;
        assert_good(hpke_seal(&context, a1_messages[i].aad, strlen(a1_messages[i].aad), data, 29,
                              data + 29));
        unhex(a1_messages[i].cipher, expected, 45);
        assert_memory_equal(data, expected, 45);
    }
}

static void caller_matches_a1(void **state)
{
    struct caller_hpke context;
    uint8_t ephemeral[32], recipient[32], enc[32], info[20], expected[45], data[45];

    (void)state;
    unhex(a1_ephemeral, ephemeral, 32);
    unhex(a1_recipient, recipient, 32);
    unhex(a1_info, info, 20);
    assert_good(caller_hpke_setup_with(ephemeral, recipient, info, sizeof(info), enc, &context));
    unhex(a1_enc, expected, 32);
    assert_memory_equal(enc, expected, 32);
    for (size_t i = 0; i < MESSAGES; i++) {
        unhex(a1_plain, data, 29);
        assert_good(caller_aead_seal(&context.message, a1_messages[i].sequence, a1_messages[i].aad,
                                     strlen(a1_messages[i].aad), data, 29, data, data + 29));
        unhex(a1_messages[i].cipher, expected, 45);
        assert_memory_equal(data, expected, 45);
        assert_good(caller_aead_open(&context.message, a1_messages[i].sequence, a1_messages[i].aad,
                                     strlen(a1_messages[i].aad), data, 29, data + 29, data));
        unhex(a1_plain, expected, 29);
        assert_memory_equal(data, expected, 29);
    }
    for (size_t i = 0; i < 3; i++) {
        uint8_t value[32];

        assert_good(
            caller_hpke_export(&context, a1_exports[i].context, a1_exports[i].bytes, value, 32));
        unhex(a1_exports[i].value, expected, 32);
        assert_memory_equal(value, expected, 32);
    }
}

/* RFC 9458, appendix A: request opened, exporter, response key and nonce, response. */
static void response_schedule_matches_rfc_9458(void **state)
{
    static const char info[] = "message/bhttp request\0\x01\x00\x20\x00\x01\x00\x01";
    static const char label[] = "message/bhttp response";
    struct receiving_key key;
    struct hpke context;
    struct aead_key response;
    uint8_t secret[32], enc[32], cipher[41], expected[32], exported[16], nonce[16], answer[19];

    (void)state;
    unhex("3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a", secret, 32);
    assert_good(receiving_key_from_secret(secret, &key));
    unhex("31e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e798155", expected, 32);
    assert_memory_equal(key.public_key, expected, 32);
    unhex("4b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad19dec96c208b472", enc, 32);
    unhex("6374e469135906992e1268c594d2a10c695d858c40a026e7965e7d86b83dd440b2c0185204b4d63525",
          cipher, 41);
    assert_good(hpke_receive(&key, enc, info, sizeof(info) - 1, &context));
    assert_good(hpke_open(&context, "", 0, cipher, 25, cipher + 25));
    unhex("00034745540568747470730b6578616d706c652e636f6d012f", expected, 25);
    assert_memory_equal(cipher, expected, 25);

    hpke_export(&context, label, sizeof(label) - 1, exported, sizeof(exported));
    unhex("62d87a6ba569ee81014c2641f52bea36", expected, 16);
    assert_memory_equal(exported, expected, 16);
    unhex("c789e7151fcba46158ca84b04464910d", nonce, 16);
    response_keys(enc, exported, nonce, &response);
    unhex("5d0172a080e428b16d298c4ea0db620d", expected, 16);
    assert_memory_equal(response.key, expected, 16);
    unhex("f6bf1aeb88d6df87007fa263", expected, 12);
    assert_memory_equal(response.nonce, expected, 12);
    unhex("0140c8", answer, 3);
    aead_seal(&response, 0, "", 0, answer, 3, answer + 3);
    unhex("86f9013e404feea014e7be4a441f234f857fbd", expected, 19);
    assert_memory_equal(answer, expected, 19);
}

/* Points of order 1, 2, 4, 8 and their like (RFC 7748, 6.1): the shared secret would be zero. */
static const char *const small_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void points_of_small_order_are_refused(void **state)
{
    static const struct hpke wiped;
    struct test_enclave enclave;

    (void)state;
    test_enclave_make(&enclave, 1);
    for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++) {
        struct hpke context;
        struct caller_hpke caller;
        uint8_t point[32], enc[32];

        unhex(small_order[i], point, 32);
        assert_status(hpke_receive(&enclave.receiving, point, "", 0, &context), ST_KEY_REJECTED);
        assert_memory_equal(&context, &wiped, sizeof(context));
        assert_status(hpke_send(&enclave.source, point, "", 0, enc, &context), ST_KEY_REJECTED);
        assert_memory_equal(&context, &wiped, sizeof(context));
        assert_status(caller_hpke_setup(point, "", 0, enc, &caller), ST_KEY_REJECTED);
    }
}

static void a_context_takes_messages_in_order_only(void **state)
{
    struct test_enclave enclave;
    struct hpke sender, receiver;
    uint8_t enc[32], first[20] = "one", second[20] = "two", copy[20];

    (void)state;
    test_enclave_make(&enclave, 2);
    assert_good(hpke_send(&enclave.source, enclave.receiving.public_key, "x", 1, enc, &sender));
    assert_good(hpke_receive(&enclave.receiving, enc, "x", 1, &receiver));
    assert_good(hpke_seal(&sender, "a", 1, first, 4, first + 4));
    assert_good(hpke_seal(&sender, "a", 1, second, 4, second + 4));
    memcpy(copy, second, 20);
    assert_status(hpke_open(&receiver, "a", 1, copy, 4, copy + 4), ST_ENVELOPE_FORGED);
    memcpy(copy, first, 20);
    assert_good(hpke_open(&receiver, "a", 1, copy, 4, copy + 4));
    assert_string_equal((char *)copy, "one");
    memcpy(copy, first, 20);
    assert_status(hpke_open(&receiver, "a", 1, copy, 4, copy + 4), ST_ENVELOPE_FORGED);
    assert_good(hpke_open(&receiver, "a", 1, second, 4, second + 4));

    sender.sequence = UINT64_MAX;
    assert_status(hpke_seal(&sender, "", 0, first, 4, first + 4), ST_SESSION_EXHAUSTED);
    receiver.sequence = UINT64_MAX;
    assert_status(hpke_open(&receiver, "", 0, first, 4, first + 4), ST_SESSION_EXHAUSTED);
}

static void other_info_gives_other_keys(void **state)
{
    struct test_enclave enclave;
    struct hpke sender, receiver;
    uint8_t enc[32], data[20] = "one";

    (void)state;
    test_enclave_make(&enclave, 3);
    assert_good(hpke_send(&enclave.source, enclave.receiving.public_key, "x", 1, enc, &sender));
    assert_good(hpke_receive(&enclave.receiving, enc, "y", 1, &receiver));
    assert_good(hpke_seal(&sender, "", 0, data, 4, data + 4));
    assert_status(hpke_open(&receiver, "", 0, data, 4, data + 4), ST_ENVELOPE_FORGED);
    assert_memory_equal(data, test_digest(0), 4); /* nothing unauthenticated stays */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receiver_matches_a1),
        cmocka_unit_test(enclave_as_sender_matches_a1),
        cmocka_unit_test(caller_matches_a1),
        cmocka_unit_test(response_schedule_matches_rfc_9458),
        cmocka_unit_test(points_of_small_order_are_refused),
        cmocka_unit_test(a_context_takes_messages_in_order_only),
        cmocka_unit_test(other_info_gives_other_keys),
    };

    return cmocka_run_group_tests_name("hpke", tests, NULL, NULL);
}
