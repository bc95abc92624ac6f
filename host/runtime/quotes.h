/* Quotes of a pool's enclaves, as HTTP gives them: {"workers": [...]} of pool_quotes, for
 * ?challenge=HEX and, of one worker only, ?worker=N. */
#ifndef RECLAVE_HOST_RUNTIME_QUOTES_H
#define RECLAVE_HOST_RUNTIME_QUOTES_H

#include "host/http/http.h"
#include "host/runtime/container.h"

/* False: why names the parameter. *challenge may be NULL: nobody's. */
MUST_CHECK bool quotes_read_request(const struct http_request *request, const char **challenge,
                                    int *worker, struct message *why);
/* New reference; NULL: no worker gave one. */
json_t *runtime_quotes(struct pool *pool, int worker, const char *challenge, uint64_t timeout_ms);
/* Answers GET /attestation. */
void reply_quotes(const struct http_request *request, struct http_response *response,
                  const struct runtime *runtime);

#endif
