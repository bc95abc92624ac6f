/*
 * A fleet of 1, 8 and 64 enclaves under one keeper: how long from a cold worker's start until it
 * has served an encrypted request, and how much of a request is the caller's own work? Each round
 * builds the fleet up from nothing; those already there stay, loaded and ready. A keeper and its
 * workers share this process, so what sockets cost is not in it.
 */
#include "bench/attest/part.h"
#include "bench/common/chart.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/common/machine.h"
#include "bench/common/series.h"
#include "bench/common/subject.h"
#include "bench/common/table.h"
#include "cli/data_dir.h"
#include "client/keeper/statement.h"
#include "client/reclave_invoke.h"
#include "host/keeper/admission.h"
#include "host/keeper/keeper.h"
#include "host/keeper/quotes.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/keys.h"

#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define SIZES        3
#define FLEET_MAX    64
#define REQUESTS     5 /* of a caller to the newest worker, after its first */
#define ANSWER_BYTES 0x10000u
#define INPUT        "an encrypted request"
#define TIMEOUT_MS   60000u
#define NS_PER_US    1000.0
#define US_PER_MS    1000.0

static const unsigned sizes[SIZES] = {1, 8, FLEET_MAX};

struct worker {
    struct enclave *enclave;
    struct slot *slot;
    struct worker_certificate certificate;
};

static struct {
    char folder[64];
    const struct sgx_driver *driver;
    struct quoting *quoting;
    struct keeper_host *keeper;
    struct enclave_terms terms; /* of workers: they name the keeper */
    struct image image;
    struct bench_file bundle;
    uint8_t bundle_sha256[32];
    struct reclave_verifier *verifier;
    char *description;
    struct reclave_enclave *fleet;
    void *message, *answer;
    struct worker workers[FLEET_MAX];
    unsigned served; /* requests, in all */
    /* microseconds */
    struct series create[SIZES], join[SIZES], rest[SIZES], cold[SIZES], caller[SIZES];
    struct series verify[SIZES];
} bench;

static void must(enum status status, const char *what, const struct message *why)
{
    if (status != ST_OK)
        bench_fail("%s: status %d %s", what, (int)status, why ? why->text : "");
}

static double us_since(uint64_t start)
{
    return (double)(clock_ns() - start) / NS_PER_US;
}

/* ---- a keeper and its owner ------------------------------------------------------------ */

static void fill(void *context, void *to, size_t bytes)
{
    (void)context;
    if (getrandom(to, bytes, 0) != (ssize_t)bytes)
        bench_fail("getrandom");
}

static void image_path(const char *name, char path[PATH_MAX])
{
    if (data_dir_path(name, path, PATH_MAX) != ST_OK)
        bench_fail("%s is not built", name);
}

static void open_quoting(void)
{
    char image[PATH_MAX];
    struct quoting_options options = {
        .driver = bench.driver, .image = image, .state_folder = bench.folder};
    struct sgx_problem problem = {""};

    image_path("images/quoting.rci", image);
    if (quoting_open(&options, &bench.quoting, &problem) != ST_OK)
        bench_fail("%s", problem.text);
}

static struct worker create(void)
{
    struct enclave_options options = {.driver = bench.driver};
    struct worker worker = {NULL};
    struct message why = {""};

    must(enclave_create(&bench.image, &options, &worker.enclave, &why), "enclave", &why);
    worker.slot = enclave_slot(worker.enclave, 0);
    must(enclave_init(worker.enclave, &bench.terms), "ENTRY_INIT", NULL);
    return worker;
}

/* This platform, as any enclave's quote shows it, and nothing else. */
static void make_policy(struct keeper_start *start)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    const struct random_source random = {.fill = fill};
    struct attested_identity identity;
    struct worker any = create();
    struct signing_key owner;
    struct message why = {""};
    uint8_t *quote, message[STATEMENT_MESSAGE_MAX], digest[32];
    size_t bytes;

    must(quote_slot(bench.quoting, any.slot, nobody, &identity, &quote, &bytes, &why), "quote",
         &why);
    enclave_destroy(any.enclave);
    platform_policy_begin(&start->policy, 1, UINT32_MAX);
    must(platform_policy_add(&start->policy, quote, bytes, true), "platform policy", NULL);
    free(quote);
    must(signing_key_make(&random, &owner), "owner", NULL);
    memcpy(start->owner, owner.public_key, sizeof(start->owner));
    bytes = statement_message(STATEMENT_PLATFORM, &start->policy, message);
    sha256_pieces(&(struct piece){message, bytes}, 1, digest);
    must(signing_key_sign(&owner, digest, statement_signature(STATEMENT_PLATFORM, &start->policy)),
         "signature", NULL);
}

static void open_keeper(void)
{
    char image[PATH_MAX], quoting[PATH_MAX], state[128];
    const struct keeper_host_options options = {.driver = bench.driver,
                                                .image = image,
                                                .quoting_image = quoting,
                                                .quoting_state = bench.folder,
                                                .state = state};
    struct keeper_start start = {0};
    struct message why = {""};

    make_policy(&start);
    image_path("images/reclave-lazy.rci", image);
    image_path("images/quoting.rci", quoting);
    snprintf(state, sizeof(state), "%s/keeper.state", bench.folder);
    must(keeper_host_open(&options, &start, &bench.keeper, &why), "keeper", &why);
}

/* ---- a caller ------------------------------------------------------------------------------ */

static void put(json_t *object, const char *name, const void *data, size_t bytes)
{
    char *text = malloc(2 * bytes + 1);

    if (!text)
        bench_fail("out of memory");
    for (size_t i = 0; i < bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)data)[i]);
    text[2 * bytes] = '\0';
    json_object_set_new(object, name, json_string(text));
    free(text);
}

/* As `reclave keeper describe` writes it. */
static void describe(void)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct keeper_quote quote;
    struct keeper_status now;
    struct message why = {""};
    json_t *object = json_object();

    must(keeper_host_quote(bench.keeper, nobody, &quote, &why), "keeper's quote", &why);
    must(keeper_host_command(bench.keeper, KEEPER_STATUS, NULL, 0, &now, sizeof(now), &why),
         "keeper's status", &why);
    sha256_pieces(&(struct piece){quote.identity.signing_key, SIGNING_KEY_BYTES}, 1,
                  bench.terms.keeper_id);
    put(object, "identity", &quote.identity, sizeof(quote.identity));
    put(object, "quote", quote.quote, quote.quote_bytes);
    put(object, "owner", now.owner, sizeof(now.owner));
    put(object, "platform_policy", &now.policy, sizeof(now.policy));
    put(object, "epoch_certificate", now.certificate, now.certificate_bytes);
    json_object_set_new(object, "collateral", json_string(quote.collateral));
    bench.description = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    keeper_quote_free(&quote);
}

static void open_verifier(void)
{
    struct sgx_problem problem = {""};
    char error[RECLAVE_ERROR_BYTES], *collateral, *root;

    bench.verifier = reclave_verifier_new();
    if (!bench.verifier ||
        quoting_collateral(bench.quoting, (int64_t)time(NULL), &collateral, &root, &problem) !=
            ST_OK ||
        !reclave_verifier_set_root(bench.verifier, root, strlen(root), error))
        bench_fail("no verifier: %s", problem.text);
    free(collateral);
    free(root);
}

static struct reclave_enclave *verify_keeper(void)
{
    const struct reclave_fleet_options options = {.any_owner = true}; /* it was made just now */
    struct reclave_verdict verdict;
    struct reclave_enclave *fleet;

    if (!reclave_fleet_verify(bench.verifier, bench.description, strlen(bench.description),
                              &options, &verdict, &fleet))
        bench_fail("the keeper is rejected: %s", verdict.reason);
    return fleet;
}

/* One encrypted request, answered by this worker; the caller's microseconds of it. */
static double ask(const struct worker *worker)
{
    const struct reclave_invocation invocation = {.input = INPUT, .input_bytes = strlen(INPUT)};
    struct entry_envelope call = {.message = (uintptr_t)bench.message,
                                  .answer = (uintptr_t)bench.answer,
                                  .answer_limit = ANSWER_BYTES,
                                  .output_limit = ANSWER_BYTES / 2};
    struct reclave_request *request;
    struct reclave_answer *answer;
    char error[RECLAVE_ERROR_BYTES];
    uint64_t start = clock_ns();
    const void *message;
    double us;

    if (!reclave_request_new(bench.fleet, bench.bundle_sha256, &invocation, &request, error))
        bench_fail("%s", error);
    message = reclave_request_message(request, &call.message_bytes);
    us = us_since(start);
    memcpy(bench.message, message, call.message_bytes);
    must(slot_invoke_sealed(worker->slot, &call, TIMEOUT_MS), "encrypted invocation", NULL);
    start = clock_ns();
    if (!reclave_request_answer_from(request, bench.answer, call.answer_bytes,
                                     worker->certificate.bytes, worker->certificate.count, &answer,
                                     error))
        bench_fail("%s", error);
    us += us_since(start);
    if (!reclave_answer_ok(answer))
        bench_fail("%s", reclave_answer_text(answer));
    reclave_answer_free(answer);
    reclave_request_free(request);
    bench.served++;
    return us;
}

/* ---- the part -------------------------------------------------------------------------------- */

static void *buffer(size_t bytes)
{
    void *memory = loader_buffer_alloc(bytes);

    if (!memory)
        bench_fail("out of memory");
    return memory;
}

void fleet_set_up(const struct bench_options *options)
{
    bench.driver = machine_driver(options);
    if (!machine_is_emulated(bench.driver))
        return; /* collateral is the vendor's, which a benchmark does not fetch */
    strcpy(bench.folder, "/tmp/reclave-bench-XXXXXX");
    if (!mkdtemp(bench.folder))
        bench_fail("no folder in /tmp");
    bench_image_open("reclave-lazy", &bench.image);
    bench.bundle = bench_file_read("attest-echo.rcl");
    sha256_pieces(&(struct piece){bench.bundle.data, bench.bundle.bytes}, 1, bench.bundle_sha256);
    open_quoting();
    open_keeper();
    describe();
    open_verifier();
    bench.fleet = verify_keeper();
    bench.message = buffer(ANSWER_BYTES);
    bench.answer = buffer(ANSWER_BYTES);
}

/* From nothing to an answer; size: where to note the times, SIZES: nowhere. */
static void start_worker(struct worker *worker, unsigned size)
{
    const struct keeper_peer keeper = keeper_peer_here(bench.keeper);
    const struct enclave_policy policy = enclave_policy_of(&bench.terms);
    struct slot_load load = {
        .bundle = bench.bundle.data, .bundle_bytes = bench.bundle.bytes, .timeout_ms = TIMEOUT_MS};
    struct message why = {""};
    double created, joined, all;
    uint64_t start = clock_ns();

    *worker = create();
    created = us_since(start);
    must(admission_run(&keeper, bench.quoting, worker->slot, &policy, &worker->certificate, &why),
         "admission", &why);
    joined = us_since(start);
    must(slot_boot(worker->slot), "boot", NULL);
    must(slot_load(worker->slot, &load), "load", NULL);
    ask(worker);
    all = us_since(start);
    if (size == SIZES)
        return;
    series_add(&bench.create[size], created);
    series_add(&bench.join[size], joined - created);
    series_add(&bench.rest[size], all - joined);
    series_add(&bench.cold[size], all);
}

/* What a caller does while the fleet has this size. */
static void measure_caller(const struct worker *newest, unsigned size)
{
    uint64_t start;

    for (unsigned i = 0; i < REQUESTS; i++) {
        must(slot_rewind(newest->slot, NULL), "rewind", NULL);
        series_add(&bench.caller[size], ask(newest));
    }
    start = clock_ns();
    reclave_enclave_free(verify_keeper());
    series_add(&bench.verify[size], us_since(start));
}

/* With the fleet complete, everybody serves once more. */
void fleet_round(const struct bench_options *options)
{
    unsigned size = 0;

    (void)options;
    if (!bench.keeper)
        return;
    for (unsigned i = 0; i < FLEET_MAX; i++) {
        bool counts = i + 1 == sizes[size];

        start_worker(&bench.workers[i], counts ? size : SIZES);
        if (counts)
            measure_caller(&bench.workers[i], size++);
    }
    for (unsigned i = 0; i < FLEET_MAX; i++) {
        must(slot_rewind(bench.workers[i].slot, NULL), "rewind", NULL);
        ask(&bench.workers[i]);
    }
    for (unsigned i = 0; i < FLEET_MAX; i++)
        enclave_destroy(bench.workers[i].enclave);
}

static void report_chart(const struct bench_options *options)
{
    double x[SIZES];
    struct spread cold[SIZES], caller[SIZES];
    const struct line lines[] = {
        {"cold worker until it has served", x, cold, SIZES, 0},
        {"the caller's work per request", x, caller, SIZES, 0},
    };
    const struct line_chart chart = {
        .title = "A fleet of enclaves under one keeper",
        .subtitle = "Emulator; medians with quartiles",
        .x_title = "enclaves in the fleet",
        .lines = lines,
        .line_count = 2,
    };

    for (unsigned i = 0; i < SIZES; i++) {
        x[i] = sizes[i];
        cold[i] = series_spread(&bench.cold[i]);
        caller[i] = series_spread(&bench.caller[i]);
    }
    if (options->results)
        chart_lines(&chart, options->results, "attest-fleet");
}

static void report_table(const struct bench_options *options)
{
    struct table *table = table_new(
        "attest-fleet", "A fleet under one keeper: the cold start of its last worker until it has "
                        "served an encrypted\nrequest, and the caller's own work, quartiles in "
                        "parentheses");
    const double ms = 1 / US_PER_MS;

    table_column(table, "enclaves", "");
    table_column_spread(table, "create", "ms");
    table_column_spread(table, "join keeper", "ms");
    table_column_spread(table, "load, serve", "ms");
    table_column_spread(table, "cold start", "ms");
    table_column_spread(table, "caller, request", "us");
    table_column_spread(table, "caller, epoch", "us");
    for (unsigned i = 0; i < SIZES; i++) {
        table_count(table, sizes[i]);
        table_spread(table, spread_scale(series_spread(&bench.create[i]), ms));
        table_spread(table, spread_scale(series_spread(&bench.join[i]), ms));
        table_spread(table, spread_scale(series_spread(&bench.rest[i]), ms));
        table_spread(table, spread_scale(series_spread(&bench.cold[i]), ms));
        table_spread(table, series_spread(&bench.caller[i]));
        table_spread(table, series_spread(&bench.verify[i]));
    }
    table_finish(table, options->results);
    printf("\n%u encrypted requests, each accepted through its worker's certificate by the keeper. "
           "caller, request: encrypting\nit, checking certificate and answer; caller, epoch: "
           "verifying the keeper, once in an epoch.\n",
           bench.served);
}

static void remove_folder(void)
{
    DIR *folder = opendir(bench.folder);
    const struct dirent *entry;
    char file[sizeof(bench.folder) + NAME_MAX + 2];

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.') {
            snprintf(file, sizeof(file), "%s/%s", bench.folder, entry->d_name);
            unlink(file);
        }
    if (folder)
        closedir(folder);
    rmdir(bench.folder);
}

static void release(void)
{
    reclave_enclave_free(bench.fleet);
    reclave_verifier_free(bench.verifier);
    keeper_host_close(bench.keeper);
    quoting_close(bench.quoting);
    image_close(&bench.image);
    free(bench.bundle.data);
    free(bench.description);
    free(bench.message);
    free(bench.answer);
    remove_folder();
}

void fleet_report(const struct bench_options *options)
{
    if (!bench.keeper) {
        printf(
            "\nA fleet is measured on the emulator only: elsewhere collateral is the vendor's.\n");
        return;
    }
    report_table(options);
    report_chart(options);
    for (unsigned i = 0; i < SIZES; i++) {
        series_free(&bench.create[i]);
        series_free(&bench.join[i]);
        series_free(&bench.rest[i]);
        series_free(&bench.cold[i]);
        series_free(&bench.caller[i]);
        series_free(&bench.verify[i]);
    }
    release();
}
