/* A node (`reclave serve`) at the other end of HTTP: its enclaves' quotes, and encrypted calls of
 * its actions. */
#ifndef RECLAVE_CLI_NODE_H
#define RECLAVE_CLI_NODE_H

#include "cli/attested.h"

#include <stdbool.h>

#define NODE_AUTH_VARIABLE "RECLAVE_AUTH"

struct node {
    const char *url;    /* http://HOST:PORT or https://... */
    const char *auth;   /* UUID:KEY; NULL: $RECLAVE_AUTH */
    const char *action; /* [PACKAGE/]NAME */
    unsigned enclave;   /* which worker's, as the node numbers them */
    char session[64];   /* where its session lives; "": there is none */
};

bool node_is_url(const char *text);

/* A quote of the node's enclave, with what belongs to it. */
MUST_CHECK enum status node_attested(const struct node *node,
                                     const uint8_t challenge[CHALLENGE_BYTES], struct attested *out,
                                     struct message *why);

/* INVOKE_SEALED or SESSION_OPEN (docs/worker.md) as a call of the action: *reply is what a worker
 * would have answered. A refusal is a failure; the caller frees *reply. `head` is taken over. */
MUST_CHECK enum status node_call(struct node *node, enum frame_type type, json_t *head,
                                 const void *message, size_t bytes, struct client_reply *reply,
                                 struct message *why);

#endif
