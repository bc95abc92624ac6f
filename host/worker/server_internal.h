/*
 * Shared by the parts of the server.
 *
 * One thread polls all descriptors: it reads requests, answers the short ones
 * itself and queues the others. One thread per slot works through its queue.
 * Who asks again and again after each answer is read by the slot's thread while
 * that has nothing else to do, which saves waking two threads for a request; as
 * soon as there is a job, the polling thread listens again, for an abort or a
 * hang-up.
 * `lock` guards all queues and connections; nothing is done under it that
 * waits for an enclave or a peer.
 */
#ifndef RECLAVE_HOST_WORKER_SERVER_INTERNAL_H
#define RECLAVE_HOST_WORKER_SERVER_INTERNAL_H

#include "host/worker/frame.h"
#include "host/worker/request.h"
#include "host/worker/server.h"
#include "host/worker/socket.h"

#include <jansson.h>
#include <pthread.h>
#include <time.h>

#define CONNECTIONS_MAX 64
#define PIPELINE_MAX    64u /* unanswered requests per connection */
#define NOT_WATCHED     UINT32_MAX
#define UNSENT_MAX      (UINT64_C(256) << 20) /* bytes of answers that a peer has not read */

struct answer {
    struct answer *next;
    uint8_t *bytes;
    size_t total, sent;
};

struct connection {
    int fd; /* -1: free entry, or gone and waiting for its jobs */
    bool used;
    bool greeted;
    bool closing; /* no more requests; close once all is sent */
    struct frame_reader reader;
    bool being_read;          /* by the polling thread, just now and without the lock */
    struct slot_queue *reads; /* the slot whose thread reads it; NULL: the polling thread */
    uint32_t watched;         /* what the polling thread wakes for; NOT_WATCHED: for nothing yet */
    struct answer *first, *last;
    uint64_t unsent;
    unsigned jobs; /* queued or running */
};

struct job {
    struct job *next;
    struct connection *connection;
    struct request request;
    bool cancelled;
};

/* An answer that waits for its evidence to be signed; the slot thread's own. */
struct waiting {
    struct waiting *next;
    struct job *job; /* owned; still counted by its connection */
    uint32_t leaf;
    json_t *head;  /* NULL: no memory */
    uint8_t *body; /* with room for EVIDENCE_FILE_MAX behind body_bytes */
    size_t body_bytes;
    uint8_t claims[EVIDENCE_CLAIMS_MAX];
    size_t claims_bytes; /* 0: the caller has them */
    enum status status;  /* the invocation's, and ... */
    struct message why;  /* ... how it ended */
};

struct slot_queue {
    struct server *server;
    unsigned index;
    pthread_t thread;
    bool started;
    pthread_cond_t wakeup;
    struct connection *reads; /* which its thread reads; only the thread itself takes one */
    int wake_fd;              /* eventfd: something else is to be done than to read it */
    struct job *first, *last;
    struct job *running;
    /* The slot thread's own buffers, grown as needed. */
    void *output, *log;
    size_t output_capacity, log_capacity;
    void *claims; /* EVIDENCE_CLAIMS_MAX bytes, once evidence was wanted */
    struct waiting *first_waiting, *last_waiting;
    unsigned waiting_count;
};

struct server {
    const struct server_options *options;
    struct engine *engine;
    struct listener listener;
    int wake_fd;   /* eventfd: an answer is queued */
    int signal_fd; /* SIGTERM, SIGINT */
    int poll_fd;   /* epoll: all that the polling thread waits for */
    pthread_mutex_t lock;
    bool stopping;
    struct slot_queue *to_wake; /* has got a job; NULL: none has */
    struct timespec keys_due;   /* CLOCK_MONOTONIC: when slot 0 asks the keeper again */
    struct connection connections[CONNECTIONS_MAX];
    struct slot_queue slots[SLOTS_MAX];
};

/* answers.c; all need the lock. `head` is taken over (NULL: no memory; a fixed answer goes out).
 * status and message are added to it. */
void answer_queue(struct server *server, struct connection *connection, uint32_t type, uint32_t id,
                  enum status status, const char *sentence, json_t *head, const void *body,
                  size_t body_bytes);
/* Makes the polling thread look at all connections again. */
void server_wake(struct server *server);
/* Sends what the socket takes. False: the peer is gone. */
bool answers_send(struct connection *connection);
void answers_drop(struct connection *connection);
json_t *hex_json(const uint8_t *bytes, size_t count); /* at most HEX_JSON_MAX bytes */
#define HEX_JSON_MAX CERTIFICATE_MAX

/* slots.c, for the jobs: */

/* Grows a slot's own buffer. False: no memory. */
bool slot_buffer(void **buffer, size_t *capacity, size_t bytes);
/* One job less of its connection. Under the lock. */
void job_ends(struct server *server, struct job *job);
/* Sends the answer to a job; without the lock. */
void job_answer(struct slot_queue *queue, const struct job *job, enum status status,
                const char *sentence, json_t *head, const void *body, size_t body_bytes);
void job_refuse(struct slot_queue *queue, const struct job *job, enum status status,
                const char *sentence);

/* evidence_queue.c: answers with evidence */

/* Takes over the job, head and body (malloc'ed, room for EVIDENCE_FILE_MAX behind body_bytes),
 * unless it answers at once that there is no evidence: evidence_is_waited_for tells. `end` and why
 * are the invocation's; a refused one's answer has its status and evidence. */
void evidence_wait(struct slot_queue *queue, struct job *job, json_t *head, uint8_t *body,
                   size_t body_bytes, const void *claims, size_t claims_bytes, enum status end,
                   const struct message *why);
bool evidence_is_waited_for(const struct slot_queue *queue, const struct job *job);
/* After each job: signs for all who wait and answers them, unless the next request joins them. */
void evidence_settle(struct slot_queue *queue);

/* jobs_sealed.c: what attests and what is encrypted */
void job_quote(struct slot_queue *queue, struct job *job);
void job_invoke_sealed(struct slot_queue *queue, struct job *job);
void job_session_open(struct slot_queue *queue, struct job *job);

/* slots.c */
MUST_CHECK enum status slots_start(struct server *server, struct message *why);
/* After `stopping` was set under the lock. */
void slots_stop(struct server *server);
/* Under the lock. Takes the request over; ST_NO_MEMORY: it is freed. The slot's thread sleeps on
 * until the lock is gone and `to_wake` is signalled, lest it wake to wait for the lock. */
MUST_CHECK enum status slots_queue(struct server *server, struct connection *connection,
                                   struct request *request);
/* Under the lock: cancels one request of the connection, or (any) all of them. Was there one? */
bool slots_cancel(struct server *server, const struct connection *connection, bool any,
                  uint32_t id);

/* connections.c */
/* Under the lock: makes the polling thread wake for what there is to do with the connection, and
 * for nothing else. */
void connection_watch(struct server *server, struct connection *connection);
/* Under the lock, by a slot's thread that has nothing to do: the connection's next requests come to
 * this thread, unless others have to do with it. */
void connection_take(struct slot_queue *queue, struct connection *connection);
/* Under the lock; nothing, if there is none. */
void connection_give_back(struct slot_queue *queue);
/* By the slot's thread, without the lock: reads what is there or waits for more. */
void connection_read_own(struct slot_queue *queue, struct connection *connection);
/* The polling thread: */
MUST_CHECK enum status connections_adopt(struct server *server, struct message *why);
void connections_accept(struct server *server);
void connection_read(struct server *server, struct connection *connection);
void connection_drop(struct server *server, struct connection *connection);

#endif
