/* The request target, "/a/b%20c?x=1": taken apart strictly, in place. */
#ifndef RECLAVE_HOST_HTTP_URI_H
#define RECLAVE_HOST_HTTP_URI_H

#include "host/http/http.h"

#define URI_BYTES_MAX 8192u

struct uri {
    char *path;  /* as sent */
    char *query; /* as sent, "" if none */
    char *storage;
    const char *segments[HTTP_SEGMENTS_MAX]; /* decoded; empty ones in the middle are kept */
    unsigned segment_count;
    bool trailing_slash;
    struct http_pair parameters[HTTP_QUERY_MAX]; /* decoded; + is a space */
    unsigned parameter_count;
};

/* ST_CORRUPT: not a path, a broken escape, a NUL, not UTF-8; ST_OUT_OF_RANGE: over a limit;
 * ST_NO_MEMORY. On failure nothing is left to free. */
MUST_CHECK enum status uri_parse(const char *target, struct uri *out);
void uri_free(struct uri *uri);

#endif
