/* Quotes of a pool's enclaves, as HTTP gives them: {"workers": [...]} of pool_quotes. */
#ifndef RECLAVE_HOST_RUNTIME_QUOTES_H
#define RECLAVE_HOST_RUNTIME_QUOTES_H

#include "host/http/http.h"
#include "host/runtime/container.h"

/* New reference; NULL: no worker gave one. */
json_t *runtime_quotes(struct pool *pool, const char *challenge, uint64_t timeout_ms);
/* Answers GET /attestation?challenge=HEX. */
void reply_quotes(const struct http_request *request, struct http_response *response,
                  const struct runtime *runtime);

#endif
