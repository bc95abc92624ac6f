/* Answers that carry evidence: each waits for the signature of its slot's batch, which may serve
 * several (docs/evidence.md, "Batches"). */
#include "host/worker/server_internal.h"

#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* The longest that one caller waits for others: so many invocations. */
#define WAITING_MAX 32u

void evidence_wait(struct slot_queue *queue, struct job *job, json_t *head, uint8_t *body,
                   size_t body_bytes, const void *claims, size_t claims_bytes, enum status end,
                   const struct message *why)
{
    struct message problem = {""};
    struct waiting *waiting = calloc(1, sizeof(*waiting));
    uint32_t leaf = 0;
    enum status status =
        waiting ? engine_leaf(queue->server->engine, queue->index, &leaf, &problem) : ST_NO_MEMORY;

    if (status != ST_OK) {
        if (end != ST_OK)
            job_answer(queue, job, end, why->text, head, body, body_bytes);
        else
            job_answer(queue, job, status, problem.text[0] ? problem.text : status_text(status),
                       head, body, body_bytes);
        free(waiting);
        free(body);
        return;
    }
    *waiting = (struct waiting){.job = job,
                                .leaf = leaf,
                                .head = head,
                                .body = body,
                                .body_bytes = body_bytes,
                                .claims_bytes = claims_bytes,
                                .status = end,
                                .why = *why};
    if (claims_bytes)
        memcpy(waiting->claims, claims, claims_bytes);
    if (queue->last_waiting)
        queue->last_waiting->next = waiting;
    else
        queue->first_waiting = waiting;
    queue->last_waiting = waiting;
    queue->waiting_count++;
}

bool evidence_is_waited_for(const struct slot_queue *queue, const struct job *job)
{
    return queue->last_waiting && queue->last_waiting->job == job;
}

/* One that is signed, or whose signature failed. */
static void answer(struct slot_queue *queue, struct waiting *waiting, enum status status,
                   const struct message *problem)
{
    struct engine *engine = queue->server->engine;
    struct message why = *problem;
    size_t bytes = 0;

    if (status == ST_OK)
        status = engine_compose(
            engine, queue->index, waiting->leaf, waiting->claims_bytes ? waiting->claims : NULL,
            waiting->claims_bytes, waiting->body + waiting->body_bytes, &bytes, &why);
    if (status == ST_OK || waiting->status != ST_OK) { /* what became of the invocation first */
        status = waiting->status;
        why = waiting->why;
    }
    if (waiting->head && json_object_set_new(waiting->head, "evidence_bytes",
                                             json_integer((json_int_t)bytes)) != 0) {
        json_decref(waiting->head); /* then the answer says that there was no memory */
        waiting->head = NULL;
    }
    job_answer(queue, waiting->job, status, why.text, waiting->head, waiting->body,
               waiting->body_bytes + bytes);
}

/* Under no lock; the jobs end here. */
static void release(struct slot_queue *queue, struct waiting *waiting)
{
    struct job *job = waiting->job;

    pthread_mutex_lock(&queue->server->lock);
    job_ends(queue->server, job);
    pthread_mutex_unlock(&queue->server->lock);
    request_free(&job->request);
    free(job);
    free(waiting->body);
    free(waiting);
}

/* Does the next request of the slot add to the batch, and does everybody who waits agree? */
static bool goes_on(struct slot_queue *queue)
{
    struct server *server = queue->server;
    const struct job *next;
    bool more;

    if (!queue->last_waiting->job->request.share_signature || queue->waiting_count >= WAITING_MAX ||
        !engine_batch_has_room(server->engine, queue->index))
        return false;
    pthread_mutex_lock(&server->lock);
    next = queue->first;
    more = next && !next->cancelled && !server->stopping && next->request.share_signature;
    pthread_mutex_unlock(&server->lock);
    return more;
}

void evidence_settle(struct slot_queue *queue)
{
    struct message problem = {""};
    enum status status;

    if (!queue->first_waiting || goes_on(queue))
        return;
    status = engine_sign(queue->server->engine, queue->index, &problem);
    while (queue->first_waiting) {
        struct waiting *waiting = queue->first_waiting;

        queue->first_waiting = waiting->next;
        answer(queue, waiting, status, &problem);
        release(queue, waiting);
    }
    queue->last_waiting = NULL;
    queue->waiting_count = 0;
}
