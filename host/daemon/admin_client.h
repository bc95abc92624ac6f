/* Asking a running `reclave serve`. */
#ifndef RECLAVE_HOST_DAEMON_ADMIN_CLIENT_H
#define RECLAVE_HOST_DAEMON_ADMIN_CLIENT_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <jansson.h>

/* GET /pool of the admin address (IP:PORT or unix:PATH). *answer: a new reference. ST_IO: nobody is
 * there, or no good answer. */
MUST_CHECK enum status admin_pool(const char *address, json_t **answer, struct message *why);

#endif
