/*
 * What do messages and evidence cost inside the enclave?
 *
 * The enclave's own objects (trusted/attest with the enclave's flags, BearSSL) linked into this
 * process: what runs inside runs natively, without the transitions. Cases are taken in turn, each
 * round beginning with another one.
 */
#include "bench/attest/part.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/common/table.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/evidence.h"
#include "trusted/attest/sealed.h"
#include "trusted/attest/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PER_ROUND   10
#define LARGEST     (1u << 20)
#define EXPECTED_US 60.0 /* added to a small request within a session */

/* What the cases work on. */
struct bench {
    struct random_source random;
    struct signing_key signing;
    struct receiving_key receiving;
    struct envelope_target target;
    uint8_t boot_id[BOOT_ID_BYTES];
    uint8_t *data; /* LARGEST and a tag */

    struct session_table sessions;
    struct evidence_batch batch;
};

static void must(enum status status, const char *what)
{
    if (status != ST_OK)
        bench_fail("%s: status %d", what, status);
}

static void fill(void *context, void *to, size_t bytes)
{
    (void)context;
    if (getrandom(to, bytes, 0) != (ssize_t)bytes)
        bench_fail("getrandom");
}

/* A request to the enclave, as a caller makes it; HPKE's sending side is the enclave's, too. */
static struct envelope_request make_request(struct bench *bench, unsigned kind, const char *info,
                                            size_t info_bytes, size_t bytes)
{
    struct envelope_request header = {.kem = HPKE_KEM_X25519_HKDF_SHA256,
                                      .kdf = HPKE_KDF_HKDF_SHA256,
                                      .aead = HPKE_AEAD_AES_128_GCM};
    struct hpke context;

    envelope_prefix_fill(&header.prefix, kind, bytes + AEAD_TAG_BYTES);
    memcpy(header.key_id, bench->receiving.id, sizeof(header.key_id));
    must(hpke_send(&bench->random, bench->receiving.public_key, info, info_bytes, header.enc,
                   &context),
         "hpke_send");
    must(hpke_seal(&context, &header, sizeof(header), bench->data, bytes, bench->data + bytes),
         "hpke_seal");
    return header;
}

/* Each case does its work once and returns the cycles of what is measured. */

static uint64_t sign_batch(struct bench *bench, size_t leaves)
{
    uint8_t root[EVIDENCE_ROOT_MAX], leaf[32] = {1};
    size_t bytes;
    uint64_t start;

    for (size_t i = 0; i < leaves; i++)
        must(batch_add(&bench->batch, leaf), "batch_add");
    start = clock_cycles();
    must(batch_sign(&bench->batch, &bench->signing, bench->boot_id, root, &bytes), "batch_sign");
    return clock_cycles() - start;
}

static uint64_t single(struct bench *bench, size_t bytes)
{
    const struct envelope_request header =
        make_request(bench, ENVELOPE_REQUEST, REQUEST_INFO, sizeof(REQUEST_INFO), bytes);
    struct envelope_response answer;
    struct reply_key reply;
    size_t plain_bytes;
    uint64_t start = clock_cycles();

    must(request_open(&bench->target, &header, bench->data, bytes + AEAD_TAG_BYTES, &plain_bytes,
                      &reply),
         "request_open");
    must(response_seal(&reply, &bench->random, &answer,
                       &(struct aead_part){bench->data, plain_bytes}, 1, bench->data + plain_bytes),
         "response_seal");
    return clock_cycles() - start;
}

static struct session *open_session(struct bench *bench, uint64_t *cycles)
{
    const struct envelope_request header =
        make_request(bench, ENVELOPE_SESSION_OPEN, SESSION_INFO, sizeof(SESSION_INFO), 0);
    const struct opened_body self = {{0}, {0}};
    uint8_t answer[sizeof(self) + AEAD_TAG_BYTES];
    struct envelope_opened opened;
    uint64_t start = clock_cycles();

    sessions_wipe(&bench->sessions);
    must(session_open(&bench->sessions, &bench->target, &bench->random, &self, &header, bench->data,
                      AEAD_TAG_BYTES, &opened, answer),
         "session_open");
    *cycles = clock_cycles() - start;
    return &bench->sessions.sessions[0];
}

static uint64_t open_only(struct bench *bench, size_t unused)
{
    uint64_t cycles;

    (void)unused;
    open_session(bench, &cycles);
    return cycles;
}

static uint64_t claims(struct bench *bench, size_t bytes);

/* One request and its answer of `bytes` each; with evidence, also digests, claims and their leaf.
 */
static uint64_t in_session(struct bench *bench, size_t bytes, bool evidence)
{
    uint64_t start;
    struct session *session = open_session(bench, &start);
    struct envelope_session_request header = {.sequence = session->next};
    struct envelope_session_response answer;
    size_t plain_bytes;

    envelope_prefix_fill(&header.prefix, ENVELOPE_SESSION_REQUEST, bytes + AEAD_TAG_BYTES);
    memcpy(header.session_id, session->id, SESSION_ID_BYTES);
    aead_seal(&session->request_key, header.sequence, &header, sizeof(header), bench->data, bytes,
              bench->data + bytes);
    start = clock_cycles();
    must(session_request_open(&bench->sessions, &bench->target, &header, bench->data,
                              bytes + AEAD_TAG_BYTES, &plain_bytes, &session),
         "session_request_open");
    if (evidence)
        claims(bench, plain_bytes);
    must(session_response_seal(session, &answer, &(struct aead_part){bench->data, plain_bytes}, 1,
                               bench->data + plain_bytes),
         "session_response_seal");
    return clock_cycles() - start;
}

static uint64_t session_plain(struct bench *bench, size_t bytes)
{
    return in_session(bench, bytes, false);
}

static uint64_t session_evidence(struct bench *bench, size_t bytes)
{
    return in_session(bench, bytes, true);
}

/* What evidence adds to an invocation that is not signed yet: three digests, claims, leaf. */
static uint64_t claims(struct bench *bench, size_t bytes)
{
    static const uint8_t digest[32];
    uint8_t in[32], out[32], strings[32], blinding[BLINDING_BYTES], leaf[32];
    uint8_t encoded[EVIDENCE_CLAIMS_MAX];
    size_t encoded_bytes;
    uint64_t start = clock_cycles();

    sha256_pieces(&(struct piece){bench->data, bytes}, 1, in);
    sha256_pieces(&(struct piece){bench->data, bytes}, 1, out);
    strings_digest(1, 0, "program", 8, strings);
    fill(NULL, blinding, sizeof(blinding));
    must(claims_encode(&(struct claims){.nonce = digest,
                                        .nonce_bytes = 32,
                                        .boot_id = digest,
                                        .worker_id = digest,
                                        .tenant = digest,
                                        .bundle_sha256 = digest,
                                        .wasm_sha256 = digest,
                                        .snapshot_sha256 = digest,
                                        .policy_sha256 = digest,
                                        .input_sha256 = in,
                                        .strings_sha256 = strings,
                                        .output_sha256 = out,
                                        .blinding = blinding,
                                        .outcome = OUTCOME_OK},
                       encoded, &encoded_bytes),
         "claims_encode");
    claims_leaf(encoded, encoded_bytes, leaf);
    return clock_cycles() - start;
}

static uint64_t make_keys(struct bench *bench, size_t unused)
{
    struct signing_key signing;
    struct receiving_key receiving;
    uint64_t start = clock_cycles();

    (void)unused;
    must(signing_key_make(&bench->random, &signing), "signing_key_make");
    must(receiving_key_make(&bench->random, &receiving), "receiving_key_make");
    return clock_cycles() - start;
}

static uint64_t unwrap(struct bench *bench, size_t unused)
{
    static const uint8_t key[FUNCTION_KEY_BYTES] = {1};
    struct wrapped_key wrapped;
    uint8_t out[FUNCTION_KEY_BYTES];
    uint64_t start;

    (void)unused;
    must(function_key_wrap(key, bench->receiving.public_key, &bench->random, &wrapped), "wrap");
    start = clock_cycles();
    must(function_key_unwrap(&wrapped, &bench->receiving, out), "unwrap");
    return clock_cycles() - start;
}

static struct bench_case {
    const char *name;
    uint64_t (*run)(struct bench *bench, size_t bytes);
    size_t bytes; /* of request and response each, or leaves */
    struct series cycles;
} cases[] = {
    {.name = "both key pairs", .run = make_keys},
    {.name = "root of 1 leaf, signed", .run = sign_batch, .bytes = 1},
    {.name = "root of 256 leaves, signed", .run = sign_batch, .bytes = 256},
    {.name = "claims and leaf", .run = claims, .bytes = 64},
    {.name = "claims and leaf", .run = claims, .bytes = 65536},
    {.name = "single request", .run = single, .bytes = 64},
    {.name = "single request", .run = single, .bytes = 65536},
    {.name = "single request", .run = single, .bytes = LARGEST},
    {.name = "session opened", .run = open_only},
    {.name = "request in a session", .run = session_plain, .bytes = 64},
    {.name = "request in a session", .run = session_plain, .bytes = 4096},
    {.name = "request in a session", .run = session_plain, .bytes = 65536},
    {.name = "request in a session", .run = session_plain, .bytes = LARGEST},
    {.name = "... with evidence", .run = session_evidence, .bytes = 64},
    {.name = "... with evidence", .run = session_evidence, .bytes = 4096},
    {.name = "... with evidence", .run = session_evidence, .bytes = 65536},
    {.name = "function key unwrapped", .run = unwrap},
};
#define CASES  (sizeof(cases) / sizeof(cases[0]))
#define JUDGED 13 /* the case that the expectation is about */

static void set_up(struct bench *bench)
{
    bench->random = (struct random_source){.fill = fill};
    bench->data = calloc(1, LARGEST + AEAD_TAG_BYTES);
    if (!bench->data)
        bench_fail("no memory");
    must(signing_key_make(&bench->random, &bench->signing), "signing_key_make");
    must(receiving_key_make(&bench->random, &bench->receiving), "receiving_key_make");
    bench->target.key = &bench->receiving;
}

static void report(const struct bench_options *options)
{
    struct table *table = table_new("attest-inside", "Messages and evidence inside the enclave, "
                                                     "transitions excluded\nmedian (quartiles)");
    double us = 1 / clock_cycles_per_us(), judged;

    table_column(table, "what", "");
    table_column(table, "bytes each way, or leaves", "");
    table_column_spread(table, "time", "us");
    table_column_spread(table, "cycles", "");
    for (size_t i = 0; i < CASES; i++) {
        struct spread spread = series_spread(&cases[i].cycles);

        table_text(table, cases[i].name);
        table_count(table, cases[i].bytes);
        table_spread(table, spread_scale(spread, us));
        table_spread(table, spread);
    }
    table_finish(table, options->results);
    judged = series_median(&cases[JUDGED].cycles) * us;
    printf("\nExpected: at most %.0f us added to a small request within a session: %.1f us with "
           "evidence  %s\n",
           EXPECTED_US, judged, judged <= EXPECTED_US ? "met" : "NOT MET");
}

static struct bench bench;

void inside_set_up(const struct bench_options *options)
{
    (void)options;
    set_up(&bench);
}

/* Each case begins some repetition. */
void inside_round(const struct bench_options *options)
{
    unsigned repetitions = options->quick ? 1 : PER_ROUND;

    for (unsigned repetition = 0; repetition < repetitions; repetition++)
        for (size_t i = 0; i < CASES; i++) {
            struct bench_case *c = &cases[(i + repetition) % CASES];

            series_add(&c->cycles, (double)c->run(&bench, c->bytes));
        }
}

void inside_report(const struct bench_options *options)
{
    report(options);
    for (size_t i = 0; i < CASES; i++)
        series_free(&cases[i].cycles);
    free(bench.data);
}
