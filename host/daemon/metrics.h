/* The pool in Prometheus' text format (version 0.0.4). docs/serving.md lists the names. */
#ifndef RECLAVE_HOST_DAEMON_METRICS_H
#define RECLAVE_HOST_DAEMON_METRICS_H

#include "host/pool/pool.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* malloc'ed text; NULL: no memory. */
char *metrics_text(struct pool *pool, size_t *bytes);

#endif
