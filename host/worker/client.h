/* The other end of the worker's socket, blocking. One thread per client. */
#ifndef RECLAVE_HOST_WORKER_CLIENT_H
#define RECLAVE_HOST_WORKER_CLIENT_H

#include "abi/status.h"
#include "host/loader/message.h"
#include "host/worker/frame.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct client;

struct client_reply {
    uint32_t type; /* FRAME_REPLY + request, or FRAME_ERROR */
    uint32_t id;
    enum status status; /* head's "status" */
    json_t *head;
    uint8_t *body;
    size_t body_bytes;
};

/* Connects and says HELLO. The worker's answer stays readable with client_hello. */
MUST_CHECK enum status client_open(const char *path, struct client **out, struct message *why);
/* The same on a connected socket, which the client then owns, also after a failure. */
MUST_CHECK enum status client_adopt(int fd, struct client **out, struct message *why);
/* From now on each answer must come within this time (0: no limit); later is ST_TIMEOUT, after
 * which the connection is good for client_close only. */
void client_set_timeout(struct client *client, uint64_t timeout_ms);
void client_close(struct client *client);
const json_t *client_hello(const struct client *client);

/* Sends a request; head is taken over (NULL: empty). *id identifies the answer. ST_IO: the
 * worker is gone; ST_OUT_OF_RANGE: larger than the protocol allows. */
MUST_CHECK enum status client_send(struct client *client, enum frame_type type, json_t *head,
                                   const void *body, size_t body_bytes, uint32_t *id,
                                   struct message *why);
/* The next answer, in the order in which the worker gives them. */
MUST_CHECK enum status client_receive(struct client *client, struct client_reply *reply,
                                      struct message *why);
void client_reply_free(struct client_reply *reply);

/* client_send, then client_receive; no other request may be waiting for its answer. */
MUST_CHECK enum status client_call(struct client *client, enum frame_type type, json_t *head,
                                   const void *body, size_t body_bytes, struct client_reply *reply,
                                   struct message *why);

#endif
