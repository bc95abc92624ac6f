#include "host/daemon/api_runner.h"

#include "host/action/action.h"
#include "host/action/code.h"
#include "host/action/sealed.h"
#include "host/action/text.h"
#include "host/runtime/quotes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CACHED_MAX   256u /* functions in memory */
#define CACHED_BYTES (1u << 30)

/* A function by the digest of what was uploaded. The least recently used go first. */
struct cached {
    struct cached *next;
    char digest[65];
    const struct stored *stored;
    unsigned users; /* who runs it: not dropped meanwhile */
};

struct api_runner {
    struct runner interface;
    struct pool *pool;
    struct store *store;
    uint64_t queue_timeout_ms;
    pthread_mutex_t lock;
    struct cached *cached; /* most recently used first */
};

/* ---- functions in memory ---- */

/* Under the lock. To the front. */
static struct cached *find(struct api_runner *runner, const char *digest)
{
    struct cached **link = &runner->cached, *one;

    while (*link && strcmp((*link)->digest, digest) != 0)
        link = &(*link)->next;
    one = *link;
    if (one) {
        *link = one->next;
        one->next = runner->cached;
        runner->cached = one;
    }
    return one;
}

/* Under the lock. */
static void drop_old(struct api_runner *runner)
{
    struct cached **link = &runner->cached;
    unsigned count = 0;
    size_t bytes = 0;

    while (*link) {
        struct cached *one = *link;

        bytes += one->stored->function.bundle_bytes;
        if ((++count <= CACHED_MAX && bytes <= CACHED_BYTES) || one->users > 0) {
            link = &one->next;
            continue;
        }
        *link = one->next;
        store_release(runner->store, one->stored);
        free(one);
    }
}

static struct cached *take(struct api_runner *runner, const char *digest)
{
    struct cached *one;

    pthread_mutex_lock(&runner->lock);
    one = find(runner, digest);
    if (one)
        one->users++;
    pthread_mutex_unlock(&runner->lock);
    return one;
}

static void give_back(struct api_runner *runner, struct cached *one)
{
    pthread_mutex_lock(&runner->lock);
    one->users--;
    drop_old(runner);
    pthread_mutex_unlock(&runner->lock);
}

/* Takes `stored` over. */
static struct cached *keep(struct api_runner *runner, const char *digest,
                           const struct stored *stored)
{
    struct cached *one;

    pthread_mutex_lock(&runner->lock);
    one = find(runner, digest);
    if (one) {
        store_release(runner->store, stored);
    } else if ((one = calloc(1, sizeof(*one)))) {
        memcpy(one->digest, digest, sizeof(one->digest));
        one->stored = stored;
        one->next = runner->cached;
        runner->cached = one;
    } else {
        store_release(runner->store, stored);
    }
    if (one)
        one->users++;
    pthread_mutex_unlock(&runner->lock);
    return one;
}

static enum status add(struct api_runner *runner, const char *digest, const char *text,
                       size_t bytes, const char *entry, struct cached **out, struct message *why)
{
    struct code code = {0};
    const struct stored *stored = NULL;
    enum status status = code_decode(text, bytes, entry, &code, why);

    if (status == ST_OK)
        status = store_add(runner->store, &code, &stored, why);
    code_free(&code);
    if (status != ST_OK)
        return status;
    *out = keep(runner, digest, stored);
    return *out ? ST_OK : ST_NO_MEMORY;
}

static enum status admit(void *context, const char *text, size_t bytes, const char *entry,
                         const char digest[65], struct message *why)
{
    struct api_runner *runner = context;
    struct cached *one = take(runner, digest);
    enum status status = one ? ST_OK : add(runner, digest, text, bytes, entry, &one, why);

    if (status == ST_OK)
        give_back(runner, one);
    return status;
}

/* ---- running ---- */

static void set_failure(struct run_result *result, const char *sentence)
{
    result->status = RUN_INTERNAL_ERROR;
    result->result = json_pack("{s:s}", "error", sentence);
    if (!result->result)
        result->result = json_pack("{s:s}", "error", "The action could not be loaded.");
    result->out = json_array();
    result->err = json_array();
}

static json_t *lines(const char *text, size_t bytes)
{
    json_t *list = json_array();

    while (bytes > 0) {
        const char *end = memchr(text, '\n', bytes);
        size_t length = end ? (size_t)(end - text) : bytes;

        (void)json_array_append_new(list, text_json(text, length));
        bytes -= length + (end ? 1 : 0);
        text += length + (end ? 1 : 0);
    }
    return list;
}

/* What a caller can hold against the function that he thinks ran. */
static json_t *annotations(const struct action_result *ran)
{
    json_t *list = json_pack("[{s:s, s:s}]", "key", "bundle", "value", ran->bundle_sha256);

    if (ran->snapshot_sha256[0])
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s}", "key", "snapshot", "value", ran->snapshot_sha256));
    if (ran->evidence)
        (void)json_array_append_new(
            list, json_pack("{s:s, s:O}", "key", ACTION_EVIDENCE_KEY, "value", ran->evidence));
    return list;
}

static unsigned refusal(enum pool_end end)
{
    return end == POOL_QUEUE_FULL ? 429 : end == POOL_NO_SLOT || end == POOL_CLOSING ? 503 : 0;
}

static void take_result(struct action_result *ran, struct run_result *result)
{
    *result = (struct run_result){
        .status = (enum run_status)ran->status,
        .result = json_incref(ran->result),
        .refused = refusal(ran->end),
        .timed_out = ran->timed_out,
        .cold = ran->cold,
        .wait_us = ran->wait_us,
        .init_us = ran->init_us,
        .run_us = ran->run_us,
        .out = lines(ran->out, ran->out_bytes),
        .err = lines(ran->err, ran->err_bytes),
        .annotations = annotations(ran),
    };
}

static void run_stored(struct api_runner *runner, const struct run_call *call,
                       const struct stored *stored, struct run_result *result)
{
    struct action_call action = {
        .code = stored,
        .name = call->name,
        .params = call->params,
        .env = call->env,
        .limits = {call->limits.timeout_ms, call->limits.memory_bytes, call->limits.log_bytes},
        .queue_timeout_ms = runner->queue_timeout_ms,
        .party = call->party,
    };
    struct action_result ran;

    action_run(runner->pool, &action, &ran);
    take_result(&ran, result);
    action_result_free(&ran);
}

static void run(void *context, const struct run_call *call, struct run_result *result)
{
    struct api_runner *runner = context;
    struct cached *one = take(runner, call->code->digest);
    struct message why = {""};
    enum status status = ST_OK;

    *result = (struct run_result){0};
    if (!one) {
        char *text = NULL;
        size_t bytes = 0;

        status = call->code->fetch(call->code->context, &text, &bytes, &why);
        if (status == ST_OK)
            status = add(runner, call->code->digest, text, bytes, call->code->entry, &one, &why);
        free(text);
    }
    if (status != ST_OK) {
        set_failure(result, why.text[0] ? why.text : "The action could not be loaded.");
        return;
    }
    run_stored(runner, call, one->stored, result);
    give_back(runner, one);
}

static json_t *attest(void *context, const struct http_request *request, struct message *why)
{
    struct api_runner *runner = context;
    const char *challenge;
    int worker;

    if (!quotes_read_request(request, &challenge, &worker, why))
        return NULL;
    return runtime_quotes(runner->pool, worker, challenge, runner->queue_timeout_ms);
}

/* ---- */

struct api_runner *api_runner_open(struct pool *pool, struct store *store,
                                   uint64_t queue_timeout_ms)
{
    struct api_runner *runner = calloc(1, sizeof(*runner));

    if (!runner)
        return NULL;
    runner->interface = (struct runner){runner, admit, run, attest};
    runner->pool = pool;
    runner->store = store;
    runner->queue_timeout_ms = queue_timeout_ms;
    pthread_mutex_init(&runner->lock, NULL);
    return runner;
}

const struct runner *api_runner_interface(const struct api_runner *runner)
{
    return &runner->interface;
}

void api_runner_close(struct api_runner *runner)
{
    if (!runner)
        return;
    while (runner->cached) {
        struct cached *one = runner->cached;

        runner->cached = one->next;
        store_release(runner->store, one->stored);
        free(one);
    }
    pthread_mutex_destroy(&runner->lock);
    free(runner);
}
