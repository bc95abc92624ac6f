/* One thread per slot: takes jobs from the slot's queue and makes the calls. */
#include "host/worker/server_internal.h"

#include "base/status.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool slot_buffer(void **buffer, size_t *capacity, size_t bytes)
{
    if (*buffer && *capacity >= bytes)
        return true;
    free(*buffer);
    *buffer = loader_buffer_alloc(bytes);
    *capacity = *buffer ? bytes : 0;
    return *buffer != NULL;
}

static uint64_t at_most(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

void job_answer(struct slot_queue *queue, const struct job *job, enum status status,
                const char *sentence, json_t *head, const void *body, size_t body_bytes)
{
    struct server *server = queue->server;

    pthread_mutex_lock(&server->lock);
    answer_queue(server, job->connection, FRAME_REPLY + job->request.type, job->request.id, status,
                 sentence, head, body, body_bytes);
    pthread_mutex_unlock(&server->lock);
}

void job_refuse(struct slot_queue *queue, const struct job *job, enum status status,
                const char *sentence)
{
    job_answer(queue, job, status, sentence, json_object(), NULL, 0);
}

/* ---- LOAD ---- */

static json_t *load_head(const struct slot_queue *queue, const struct slot_load *load,
                         uint64_t log_bytes)
{
    json_t *head = json_object();
    int failed;

    if (!head)
        return NULL;
    failed =
        json_object_set_new(head, "slot", json_integer(queue->index)) |
        json_object_set_new(head, "bundle_sha256", hex_json(load->bundle_sha256, 32)) |
        json_object_set_new(head, "wasm_sha256", hex_json(load->wasm_sha256, 32)) |
        json_object_set_new(head, "tenant", hex_json(load->tenant, 32)) |
        json_object_set_new(head, "snapshot_sha256", hex_json(load->initial.snapshot_sha256, 32)) |
        json_object_set_new(head, "log_bytes", json_integer((json_int_t)log_bytes));
    if (!failed)
        return head;
    json_decref(head);
    return NULL;
}

static void do_load(struct slot_queue *queue, struct job *job)
{
    const struct request *request = &job->request;
    struct message why = {""};
    struct slot_load load = {
        .bundle = request->body,
        .bundle_bytes = request->body_bytes,
        .memory_limit = request->memory_limit,
        .timeout_ms = request->timeout_ms,
        .log_limit = request->log_limit,
    };
    uint64_t log_bytes;
    enum status status;

    if (request->body_bytes == 0) {
        job_refuse(queue, job, ST_CORRUPT, "body: the bundle is missing");
        return;
    }
    if (!slot_buffer(&queue->log, &queue->log_capacity, request->log_limit)) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    load.log = queue->log;
    status = engine_load(queue->server->engine, queue->index, &load, &why);
    log_bytes = at_most(load.initial.log_bytes, request->log_limit);
    job_answer(queue, job, status, why.text, load_head(queue, &load, log_bytes), queue->log,
               log_bytes);
}

/* ---- INVOKE ---- */

static json_t *invoke_head(const struct entry_invocation *invocation, bool ok,
                           uint64_t output_bytes, uint64_t log_bytes)
{
    json_t *head = json_object();
    int failed;

    if (!head)
        return NULL;
    failed =
        json_object_set_new(head, "ok", json_boolean(ok)) |
        json_object_set_new(head, "outcome",
                            json_string(outcome_name((enum outcome)invocation->outcome))) |
        json_object_set_new(head, "trap", json_string(trap_text((enum trap)invocation->trap))) |
        json_object_set_new(head, "exit_code", json_integer(invocation->exit_code)) |
        json_object_set_new(head, "counter", json_integer((json_int_t)invocation->counter)) |
        json_object_set_new(head, "snapshot_sha256", hex_json(invocation->snapshot_sha256, 32)) |
        json_object_set_new(head, "output_bytes", json_integer((json_int_t)output_bytes)) |
        json_object_set_new(head, "log_bytes", json_integer((json_int_t)log_bytes)) |
        json_object_set_new(head, "log_dropped",
                            json_integer((json_int_t)invocation->log_dropped)) |
        json_object_set_new(head, "evidence_bytes", json_integer(0));
    if (!failed)
        return head;
    json_decref(head);
    return NULL;
}

static json_t *add_times(json_t *head, struct engine_times times)
{
    if (head && !json_object_set_new(head, "run_us", json_integer((json_int_t)times.run_us)) &&
        !json_object_set_new(head, "rewind_us", json_integer((json_int_t)times.rewind_us)))
        return head;
    json_decref(head);
    return NULL;
}

/* Output, log and evidence, one behind the other, in one answer. */
static void answer_invocation(struct slot_queue *queue, struct job *job, enum status status,
                              bool ok, const struct message *why,
                              const struct entry_invocation *invocation)
{
    uint64_t output_bytes = at_most(invocation->output_bytes, job->request.output_limit);
    uint64_t log_bytes = at_most(invocation->log_bytes, job->request.log_limit);
    uint8_t *body = malloc(output_bytes + log_bytes + EVIDENCE_FILE_MAX);
    json_t *head;

    if (!body) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    memcpy(body, queue->output, output_bytes);
    memcpy(body + output_bytes, queue->log, log_bytes);
    head = add_times(invoke_head(invocation, ok, output_bytes, log_bytes),
                     engine_last_times(queue->server->engine, queue->index));
    if (job->request.evidence && invocation->claims_bytes) { /* refusals have it, too */
        evidence_wait(queue, job, head, body, output_bytes + log_bytes, queue->claims,
                      at_most(invocation->claims_bytes, EVIDENCE_CLAIMS_MAX), status, why);
        return;
    }
    job_answer(queue, job, status, why->text, head, body, output_bytes + log_bytes);
    free(body);
}

static bool invocation_buffers(struct slot_queue *queue, const struct request *request)
{
    if (request->evidence && !queue->claims)
        queue->claims = loader_buffer_alloc(EVIDENCE_CLAIMS_MAX);
    return slot_buffer(&queue->output, &queue->output_capacity, request->output_limit) &&
           slot_buffer(&queue->log, &queue->log_capacity, request->log_limit) &&
           (!request->evidence || queue->claims);
}

static void do_invoke(struct slot_queue *queue, struct job *job)
{
    struct request *request = &job->request;
    struct engine *engine = queue->server->engine;
    struct message why = {""};
    enum status status;
    struct entry_invocation invocation = {
        .input = (uintptr_t)request->body,
        .input_bytes = request->body_bytes,
        .output_limit = request->output_limit,
        .log_limit = request->log_limit,
        .nonce_bytes = request->nonce_bytes,
    };
    bool ok;

    if (!invocation_buffers(queue, request)) {
        job_refuse(queue, job, ST_NO_MEMORY, status_text(ST_NO_MEMORY));
        return;
    }
    memcpy(invocation.nonce, request->nonce, sizeof(invocation.nonce));
    invocation.output = (uintptr_t)queue->output;
    invocation.log = (uintptr_t)queue->log;
    invocation.claims = request->evidence ? (uintptr_t)queue->claims : 0;
    strings_apply(&request->strings, &invocation);
    ok = engine_invoke(engine, queue->index, &invocation, request->timeout_ms, &status, &why);
    answer_invocation(queue, job, status, ok, &why, &invocation);
}

static void do_reset(struct slot_queue *queue, struct job *job)
{
    struct message why = {""};
    enum status status = engine_reset(queue->server->engine, queue->index, &why);

    job_answer(queue, job, status, why.text, json_object(), NULL, 0);
}

static void do_job(struct slot_queue *queue, struct job *job, bool cancelled)
{
    if (cancelled) {
        job_refuse(queue, job, ST_BUSY, "aborted before it began");
        return;
    }
    switch (job->request.type) {
    case FRAME_LOAD:
        do_load(queue, job);
        return;
    case FRAME_INVOKE:
        do_invoke(queue, job);
        return;
    case FRAME_QUOTE:
        job_quote(queue, job);
        return;
    case FRAME_INVOKE_SEALED:
        job_invoke_sealed(queue, job);
        return;
    case FRAME_SESSION_OPEN:
        job_session_open(queue, job);
        return;
    default:
        do_reset(queue, job);
    }
}

/* ---- the queue ---- */

/* Slot 0 looks after the enclave's keys between jobs. Under the lock, which it lets go meanwhile.
 */
static void renew_keys(struct server *server)
{
    struct message why = {""};

    pthread_mutex_unlock(&server->lock);
    if (engine_renew_keys(server->engine, &why) != ST_OK)
        fprintf(stderr, "reclave worker: no new keys: %s\n", why.text);
    pthread_mutex_lock(&server->lock);
    clock_gettime(CLOCK_MONOTONIC, &server->keys_due);
    server->keys_due.tv_sec += KEEPER_POLL_SECONDS;
}

static bool wakes_for_keys(const struct slot_queue *queue)
{
    return queue->index == 0 && engine_has_keeper(queue->server->engine);
}

static bool are_due(const struct timespec *time)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > time->tv_sec ||
           (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

/* Under the lock, which it lets go meanwhile. */
static void read_own(struct slot_queue *queue)
{
    struct connection *connection = queue->reads;

    pthread_mutex_unlock(&queue->server->lock);
    connection_read_own(queue, connection);
    pthread_mutex_lock(&queue->server->lock);
}

/* Under the lock: until there is a job, or the server stops. */
static void wait_for_work(struct slot_queue *queue)
{
    struct server *server = queue->server;
    bool keys = wakes_for_keys(queue);

    for (;;) {
        if (keys && !server->stopping && are_due(&server->keys_due))
            renew_keys(server);
        if (queue->first || server->stopping)
            break;
        if (queue->reads)
            read_own(queue);
        else if (keys)
            pthread_cond_timedwait(&queue->wakeup, &server->lock, &server->keys_due);
        else
            pthread_cond_wait(&queue->wakeup, &server->lock);
    }
    connection_give_back(queue);
}

static struct job *wait_for_job(struct slot_queue *queue, bool *cancelled)
{
    struct server *server = queue->server;
    struct job *job;

    pthread_mutex_lock(&server->lock);
    wait_for_work(queue);
    job = queue->first;
    if (job) {
        queue->first = job->next;
        if (!queue->first)
            queue->last = NULL;
        queue->running = job;
        *cancelled = job->cancelled || server->stopping;
    }
    pthread_mutex_unlock(&server->lock);
    return job;
}

void job_ends(struct server *server, struct job *job)
{
    struct connection *connection = job->connection;

    /* Does the polling thread treat the connection differently once this job is gone? */
    if (connection->fd < 0 || connection->closing || connection->jobs >= PIPELINE_MAX)
        server_wake(server);
    connection->jobs--;
}

/* An abort arrives only while `running` is set, and is forgotten together with it. A job whose
 * answer waits ends when that is sent. */
static void finish_job(struct slot_queue *queue, struct job *job)
{
    struct server *server = queue->server;
    bool waits = evidence_is_waited_for(queue, job);
    struct message why;

    pthread_mutex_lock(&server->lock);
    queue->running = NULL;
    engine_clear_abort(server->engine, queue->index);
    if (!waits) {
        job_ends(server, job);
        if (!queue->first && !server->stopping && !wakes_for_keys(queue))
            connection_take(queue, job->connection);
    }
    pthread_mutex_unlock(&server->lock);
    if (!waits) {
        request_free(&job->request);
        free(job);
    }
    evidence_settle(queue);
    /* Off the caller's path. If it fails, the next call on this slot says why. */
    if (engine_rewind(server->engine, queue->index, &why) != ST_OK)
        return;
}

static void *work(void *argument)
{
    struct slot_queue *queue = argument;
    bool cancelled = false;
    struct job *job;

    while ((job = wait_for_job(queue, &cancelled))) {
        do_job(queue, job, cancelled);
        finish_job(queue, job);
    }
    return NULL;
}

static void init_wakeup(pthread_cond_t *wakeup)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* as keys_due */
    pthread_cond_init(wakeup, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum status slots_start(struct server *server, struct message *why)
{
    for (unsigned i = 0; i < engine_slots(server->engine); i++) {
        struct slot_queue *queue = &server->slots[i];

        queue->server = server;
        queue->index = i;
        init_wakeup(&queue->wakeup);
        queue->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (queue->wake_fd < 0) {
            message_set(why, "no eventfd for slot %u", i);
            return ST_NO_MEMORY;
        }
        if (pthread_create(&queue->thread, NULL, work, queue) != 0) {
            message_set(why, "no thread for slot %u", i);
            return ST_NO_MEMORY;
        }
        queue->started = true;
    }
    return ST_OK;
}

/* Under the lock: of a thread that waits at a connection. */
static void wake(struct slot_queue *queue)
{
    if (queue->reads)
        (void)eventfd_write(queue->wake_fd, 1); /* fails only when it is readable anyway */
}

void slots_stop(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < SLOTS_MAX; i++) {
        struct slot_queue *queue = &server->slots[i];

        if (!queue->started)
            continue;
        if (queue->running)
            engine_abort(server->engine, i);
        wake(queue);
        pthread_cond_signal(&queue->wakeup);
    }
    pthread_mutex_unlock(&server->lock);
    for (unsigned i = 0; i < SLOTS_MAX; i++) {
        struct slot_queue *queue = &server->slots[i];

        if (queue->started)
            pthread_join(queue->thread, NULL);
        if (queue->server)
            close(queue->wake_fd);
        free(queue->output);
        free(queue->log);
        free(queue->claims);
    }
}

enum status slots_queue(struct server *server, struct connection *connection,
                        struct request *request)
{
    struct slot_queue *queue = &server->slots[request->slot];
    struct job *job = calloc(1, sizeof(*job));

    if (!job) {
        request_free(request);
        return ST_NO_MEMORY;
    }
    job->connection = connection;
    job->request = *request;
    if (queue->last)
        queue->last->next = job;
    else
        queue->first = job;
    queue->last = job;
    connection->jobs++;
    if (queue->reads != connection) /* else its thread is here */
        wake(queue);
    server->to_wake = queue;
    return ST_OK;
}

static bool matches(const struct job *job, const struct connection *connection, bool any,
                    uint32_t id)
{
    return job && job->connection == connection && (any || job->request.id == id);
}

bool slots_cancel(struct server *server, const struct connection *connection, bool any, uint32_t id)
{
    bool found = false;

    for (unsigned i = 0; i < SLOTS_MAX; i++) {
        struct slot_queue *queue = &server->slots[i];

        if (matches(queue->running, connection, any, id)) {
            engine_abort(server->engine, i);
            found = true;
        }
        for (struct job *job = queue->first; job; job = job->next) {
            if (matches(job, connection, any, id)) {
                job->cancelled = true;
                found = true;
            }
        }
    }
    return found;
}
