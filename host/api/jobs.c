/*
 * Threads that run what was asked for, so that who waits can stop waiting.
 *
 * A promise (an ID that went out before the end) is a row of `pending` until the activation is
 * stored, in one transaction with that. Its `started` says whether it may have run: a daemon that
 * was killed runs what had not, and records what had as interrupted. So nothing that was promised
 * is lost, and nothing runs twice.
 *
 * Threads are shared fairly: each namespace has a line of its own, lines take turns, and one that
 * has N threads gets another only while more than N are free. So a single namespace gets half of
 * them at most, K greedy ones leave one in K + 1, and who has none never waits for others' jobs to
 * end.
 */
#include "host/api/internal.h"

#include "host/log/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX  512u
#define LINES        1024u
#define STACK_BYTES  (512u << 10)
#define QUEUE_MAX    20000u
#define RETRY_MS     50
#define RETRY_FOR_MS 300000

static const char interrupted[] =
    "The daemon was interrupted while the action ran: whether it had its effects is not known.";

struct job {
    struct work work; /* first: let_go gets it */
    struct job *next;
    struct job_result result;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    unsigned holders;
    bool promised; /* the ID is out: there must be a record in the end */
    bool let_go;   /* there will be none */
    bool started;  /* as in its row */
};

/* A namespace's jobs: those that wait, and how many run. (Namespaces whose numbers are the same
 * modulo LINES share one.) */
struct line {
    struct line *next, *previous; /* in the ring of those with jobs; NULL: not in it */
    struct job *first, **last;
    unsigned busy;
};

struct jobs {
    struct api *api;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct line lines[LINES];
    struct line *turn; /* whose it is; NULL: there are no jobs */
    unsigned queued, threads, busy;
    bool draining, closing;
    pthread_t ids[THREADS_MAX];
};

/* ---- one job ---- */

static void job_release(struct job *job)
{
    bool last;

    pthread_mutex_lock(&job->lock);
    last = --job->holders == 0;
    pthread_mutex_unlock(&job->lock);
    if (!last)
        return;
    work_free(&job->work);
    json_decref(job->result.record);
    pthread_cond_destroy(&job->ended);
    pthread_mutex_destroy(&job->lock);
    free(job);
}

/* It could not run. No record of that: a promised one is tried again (run_job), of the others
 * nobody will be given the ID any more. */
static bool let_go(struct work *work)
{
    struct job *job = (struct job *)work;

    pthread_mutex_lock(&job->lock);
    job->let_go = !job->promised;
    pthread_mutex_unlock(&job->lock);
    return true;
}

static void copy_resolved(const struct resolved *from, struct resolved *to)
{
    to->owner = from->owner;
    to->action.kind = from->action.kind;
    to->action.id = from->action.id;
    to->action.package = strdup(from->action.package);
    to->action.name = strdup(from->action.name);
    to->action.summary = json_incref(from->action.summary);
    to->parameters = json_incref(from->parameters);
}

static struct job *job_new(struct api *api, const struct invocation *invocation)
{
    struct job *job = calloc(1, sizeof(*job));
    pthread_condattr_t attributes;

    if (!job) {
        json_decref(invocation->payload);
        return NULL;
    }
    job->work = (struct work){.api = api,
                              .who = *invocation->who,
                              .name = *invocation->name,
                              .payload = invocation->payload,
                              .created = steady_now_ms(),
                              .let_go = let_go};
    if (invocation->action)
        copy_resolved(invocation->action, &job->work.action);
    if (invocation->cause)
        strncpy(job->work.cause, invocation->cause, sizeof(job->work.cause) - 1);
    if (invocation->transaction)
        strncpy(job->work.transaction, invocation->transaction, sizeof(job->work.transaction) - 1);
    if (invocation->api_key)
        job->work.api_key = strdup(invocation->api_key);
    pthread_mutex_init(&job->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&job->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    job->holders = 1;
    if (activation_id_make(job->work.id) == ST_OK)
        return job;
    job_release(job);
    return NULL;
}

/* What a later daemon needs to run it. Without the caller's key: that is kept nowhere. */
static json_t *job_request(const struct job *job)
{
    const struct work *work = &job->work;

    return json_pack("{s:s, s:s, s:s, s:O, s:s, s:s}", "namespace", work->name.space, "package",
                     work->name.package, "name", work->name.name, "params", work->payload, "cause",
                     work->cause, "transaction", work->transaction);
}

/* ---- running ---- */

static bool is_draining(struct jobs *jobs)
{
    bool draining;

    pthread_mutex_lock(&jobs->lock);
    draining = jobs->draining;
    pthread_mutex_unlock(&jobs->lock);
    return draining;
}

/* Sets the row back or marks it begun. */
static enum status mark(struct job *job, bool started)
{
    struct session *session;
    struct message why = {""};
    enum status status = database_write(job->work.api->options.database, &session, &why);

    if (status == ST_OK) {
        json_t *request = job_request(job);

        if (started) {
            status = pending_start(session, job->work.id);
        } else {
            status = pending_remove(session, job->work.id);
            if (status == ST_OK)
                status = pending_add(session, job->work.who.id, job->work.id, false, request);
        }
        json_decref(request);
        status = session_end(session, status, &why);
    }
    if (status != ST_OK)
        log_event(LOG_LEVEL_ERROR, "pending-not-marked", "{s:s, s:s}", "id", job->work.id, "why",
                  why.text);
    return status;
}

static bool is_promised(struct job *job)
{
    bool promised;

    pthread_mutex_lock(&job->lock);
    promised = job->promised;
    pthread_mutex_unlock(&job->lock);
    return promised;
}

/* A promised one that finds no slot is tried again for a while; when the daemon ends, the next one
 * takes it up. */
static void run_job(struct jobs *jobs, struct job *job, struct job_result *result)
{
    int64_t until = steady_now_ms() + RETRY_FOR_MS;

    if (is_promised(job) && !job->started && mark(job, true) != ST_OK)
        return; /* it stays in the database, and is not begun */
    for (;;) {
        work_run(&job->work, result);
        if (!result->refused || !is_promised(job))
            return;
        json_decref(result->record);
        *result = (struct job_result){0};
        if (is_draining(jobs)) {
            (void)mark(job, false);
            return;
        }
        if (steady_now_ms() > until) {
            work_fail(&job->work, "No enclave became free in time.", result);
            return;
        }
        usleep(RETRY_MS * 1000);
    }
}

static void end_job(struct jobs *jobs, struct job *job, const struct job_result *result)
{
    throttle_leave(jobs->api, job->work.who.id);
    pthread_mutex_lock(&job->lock);
    job->result = *result;
    job->result.done = true;
    pthread_cond_broadcast(&job->ended);
    pthread_mutex_unlock(&job->lock);
    job_release(job);
}

/* ---- lines; under the lock ---- */

static struct line *line_of(struct jobs *jobs, const struct job *job)
{
    return &jobs->lines[(uint64_t)job->work.who.id % LINES];
}

/* As the last one to have its turn. */
static void enter_ring(struct jobs *jobs, struct line *line)
{
    if (line->next)
        return;
    line->next = jobs->turn ? jobs->turn : line;
    line->previous = jobs->turn ? jobs->turn->previous : line;
    line->previous->next = line->next->previous = line;
    if (!jobs->turn)
        jobs->turn = line;
}

static void leave_ring(struct jobs *jobs, struct line *line)
{
    if (jobs->turn == line)
        jobs->turn = line->next == line ? NULL : line->next;
    line->next->previous = line->previous;
    line->previous->next = line->next;
    line->next = line->previous = NULL;
}

static void add_job(struct jobs *jobs, struct job *job)
{
    struct line *line = line_of(jobs, job);

    job->next = NULL;
    if (line->first)
        *line->last = job;
    else
        line->first = job;
    line->last = &job->next;
    jobs->queued++;
    enter_ring(jobs, line);
}

/* The next one's whose line may have another thread; NULL: none. */
static struct job *take_job(struct jobs *jobs)
{
    unsigned unused = THREADS_MAX - jobs->busy;
    struct line *line = jobs->turn;
    struct job *job;

    if (!line)
        return NULL;
    while (line->busy >= unused && !jobs->closing) {
        line = line->next;
        if (line == jobs->turn)
            return NULL;
    }
    job = line->first;
    line->first = job->next;
    line->busy++;
    jobs->busy++;
    jobs->queued--;
    jobs->turn = line->next;
    if (!line->first)
        leave_ring(jobs, line);
    return job;
}

static void *serve(void *argument)
{
    struct jobs *jobs = argument;

    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        struct job *job = take_job(jobs);
        struct job_result result = {0};
        struct line *line;
        bool begin;

        if (!job) {
            if (jobs->closing)
                break;
            pthread_cond_wait(&jobs->work, &jobs->lock);
            continue;
        }
        line = line_of(jobs, job);
        begin = !jobs->draining || job->started;
        pthread_mutex_unlock(&jobs->lock);
        if (begin)
            run_job(jobs, job, &result);
        end_job(jobs, job, &result);
        pthread_mutex_lock(&jobs->lock);
        jobs->busy--;
        line->busy--;
        if (jobs->queued)
            pthread_cond_signal(&jobs->work); /* two lines may have become eligible */
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

/* Under the lock. */
static void add_thread(struct jobs *jobs)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (pthread_create(&jobs->ids[jobs->threads], &attributes, serve, jobs) == 0)
        jobs->threads++;
    pthread_attr_destroy(&attributes);
}

static void enqueue(struct jobs *jobs, struct job *job)
{
    pthread_mutex_lock(&jobs->lock);
    add_job(jobs, job);
    if (jobs->busy + jobs->queued > jobs->threads && jobs->threads < THREADS_MAX)
        add_thread(jobs);
    pthread_cond_signal(&jobs->work);
    pthread_mutex_unlock(&jobs->lock);
}

/* Will it begin at once? */
static bool has_thread(struct jobs *jobs)
{
    bool free_one;

    pthread_mutex_lock(&jobs->lock);
    free_one = jobs->busy + jobs->queued < THREADS_MAX / 4;
    pthread_mutex_unlock(&jobs->lock);
    return free_one;
}

static bool may_queue(struct jobs *jobs, struct refusal *no)
{
    bool may, draining;

    pthread_mutex_lock(&jobs->lock);
    may = jobs->queued < QUEUE_MAX && !jobs->draining;
    draining = jobs->draining;
    pthread_mutex_unlock(&jobs->lock);
    if (may)
        return true;
    return deny(no, 503, draining ? "The server is shutting down." : "Too many actions wait.");
}

static struct job *make_job(struct api *api, const struct invocation *invocation,
                            struct refusal *no)
{
    struct job *job;

    if (!may_queue(api->jobs, no) || !throttle_enter(api, invocation->who, no)) {
        json_decref(invocation->payload);
        return NULL;
    }
    job = job_new(api, invocation);
    if (!job) {
        throttle_leave(api, invocation->who->id);
        deny(no, 500, "out of memory");
    }
    return job;
}

/* ---- promised ---- */

struct job *job_prepare(struct api *api, struct session *session,
                        const struct invocation *invocation, char id[ACTIVATION_ID_BYTES],
                        struct refusal *no)
{
    struct job *job = make_job(api, invocation, no);
    json_t *request;
    enum status status;

    if (!job)
        return NULL;
    job->promised = true;
    job->started = has_thread(api->jobs);
    request = job_request(job);
    status = pending_add(session, job->work.who.id, job->work.id, job->started, request);
    json_decref(request);
    memcpy(id, job->work.id, ACTIVATION_ID_BYTES);
    if (status == ST_OK)
        return job;
    job_drop(api, job);
    deny_status(no, status, NULL);
    return NULL;
}

void job_start(struct api *api, struct job *job)
{
    enqueue(api->jobs, job);
}

void job_drop(struct api *api, struct job *job)
{
    if (!job)
        return;
    throttle_leave(api, job->work.who.id);
    job_release(job);
}

/* ---- waited for ---- */

static bool wait_for(struct job *job, uint64_t wait_ms)
{
    struct timespec until;
    bool done;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&job->lock);
    while (!job->result.done && pthread_cond_timedwait(&job->ended, &job->lock, &until) == 0)
        ;
    /* it is ending without a record: that takes no time */
    while (!job->result.done && job->let_go)
        pthread_cond_wait(&job->ended, &job->lock);
    done = job->result.done;
    job->promised = job->promised || !done;
    pthread_mutex_unlock(&job->lock);
    return done;
}

/* The ID is about to go out. If its activation is stored by now there is nothing to promise. */
static bool promise(struct api *api, struct job *job, struct refusal *no)
{
    struct activation stored = {0};
    struct session *session;
    struct message why = {""};
    enum status status = database_write(api->options.database, &session, &why);

    if (status != ST_OK)
        return deny_status(no, status, &why);
    status = activation_get(session, job->work.who.id, job->work.id, &stored);
    activation_free(&stored);
    if (status == ST_NOT_FOUND) {
        json_t *request = job_request(job);

        status = pending_add(session, job->work.who.id, job->work.id, true, request);
        json_decref(request);
    }
    return finish_status(session, status, no);
}

bool jobs_run(struct api *api, const struct invocation *invocation, uint64_t wait_ms,
              struct job_result *result, struct refusal *no)
{
    struct job *job = make_job(api, invocation, no);
    bool good = true;

    if (!job)
        return false;
    job->holders = 2;
    job->started = true;
    enqueue(api->jobs, job);
    if (wait_for(job, wait_ms)) {
        *result = job->result;
        result->record = json_incref(job->result.record);
        good = result->record ? true : deny(no, 503, "The server is shutting down.");
    } else {
        *result = (struct job_result){0};
        memcpy(result->id, job->work.id, sizeof(result->id));
        good = promise(api, job, no);
    }
    job_release(job);
    return good;
}

/* ---- start and end ---- */

struct recovery {
    struct api *api;
    struct job *first, **last;
};

static void take_up(void *context, int64_t namespace_id, const char *namespace_name, const char *id,
                    bool started, const json_t *request)
{
    struct recovery *recovery = context;
    struct user who = {.id = namespace_id, .rate = -1, .concurrent = -1};
    struct full_name name = {0};
    const char *cause = json_string_value(json_object_get(request, "cause"));
    struct invocation invocation = {.who = &who,
                                    .name = &name,
                                    .payload = json_incref(json_object_get(request, "params")),
                                    .cause = cause,
                                    .transaction =
                                        json_string_value(json_object_get(request, "transaction"))};
    struct job *job;

    strncpy(who.name, namespace_name, sizeof(who.name) - 1);
    strncpy(name.space, json_string_value(json_object_get(request, "namespace")),
            sizeof(name.space) - 1);
    strncpy(name.package, json_string_value(json_object_get(request, "package")),
            sizeof(name.package) - 1);
    strncpy(name.name, json_string_value(json_object_get(request, "name")), sizeof(name.name) - 1);
    job = job_new(recovery->api, &invocation);
    if (!job)
        return;
    strncpy(job->work.id, id, sizeof(job->work.id) - 1);
    job->promised = true;
    job->started = started;
    *recovery->last = job;
    recovery->last = &job->next;
}

/* The record is there: only the row was left over. */
static bool is_recorded(struct api *api, const struct job *job)
{
    struct activation stored = {0};
    struct session *session;
    struct message why;
    enum status status = database_write(api->options.database, &session, &why);

    if (status != ST_OK)
        return false;
    status = activation_get(session, job->work.who.id, job->work.id, &stored);
    activation_free(&stored);
    if (status == ST_OK)
        status = pending_remove(session, job->work.id);
    return session_end(session, status, &why) == ST_OK;
}

static void recover_job(struct api *api, struct job *job)
{
    struct job_result result = {0};

    if (is_recorded(api, job)) {
        job_release(job);
    } else if (job->started) {
        work_fail(&job->work, interrupted, &result);
        json_decref(result.record);
        job_release(job);
    } else {
        throttle_count(api, job->work.who.id);
        enqueue(api->jobs, job);
    }
}

enum status jobs_recover(struct api *api, struct message *why)
{
    struct recovery recovery = {.api = api, .last = &recovery.first};
    struct session *session;
    enum status status = database_read(api->options.database, &session, why);

    if (status == ST_OK) {
        status = pending_list(session, take_up, &recovery);
        status = session_end(session, status, why);
    }
    while (recovery.first) {
        struct job *job = recovery.first;

        recovery.first = job->next;
        recover_job(api, job);
    }
    return status;
}

struct jobs *jobs_open(struct api *api)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));

    if (!jobs)
        return NULL;
    jobs->api = api;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->work, NULL);
    return jobs;
}

void jobs_drain(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->draining = true;
    pthread_mutex_unlock(&jobs->lock);
}

void jobs_close(struct jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->draining = jobs->closing = true;
    pthread_cond_broadcast(&jobs->work);
    pthread_mutex_unlock(&jobs->lock);
    for (unsigned i = 0; i < jobs->threads; i++)
        pthread_join(jobs->ids[i], NULL);
    pthread_cond_destroy(&jobs->work);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}
