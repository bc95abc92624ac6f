/* The client of node.h. */
#ifndef RECLAVE_HOST_RUNTIME_RELAY_H
#define RECLAVE_HOST_RUNTIME_RELAY_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <jansson.h>

/* One request over the Unix socket `node`: POST (body) or, without body, DELETE. ST_NOT_FOUND:
 * nobody is there, nothing was sent; ST_IO: no or no good answer. *answer: a new reference. */
MUST_CHECK enum status relay_call(const char *node, const char *id, const char *verb,
                                  const void *body, size_t bytes, json_t **answer,
                                  struct message *why);

#endif
