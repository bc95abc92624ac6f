/* What a server of ours answered to libcurl, as far as a limit allows. */
#ifndef RECLAVE_HOST_HTTP_ANSWER_H
#define RECLAVE_HOST_HTTP_ANSWER_H

#include <stddef.h>

struct http_answer {
    size_t limit; /* bytes; a longer answer fails the transfer */
    char *bytes;  /* the caller frees them, whatever the result; NULL: none */
    size_t size;
};

/* CURLOPT_WRITEFUNCTION (its documentation has the contract); CURLOPT_WRITEDATA is a
 * struct http_answer of which only the limit is set. */
size_t http_answer_take(char *bytes, size_t unit, size_t count, void *answer);

#endif
