#include "host/runtime/quotes.h"

#include <string.h>

#define CHALLENGE_DIGITS 64u

json_t *runtime_quotes(struct pool *pool, const char *challenge, uint64_t timeout_ms)
{
    json_t *workers = pool_quotes(pool, challenge, timeout_ms);

    if (json_array_size(workers) > 0)
        return json_pack("{s:o}", "workers", workers);
    json_decref(workers);
    return NULL;
}

void reply_quotes(const struct http_request *request, struct http_response *response,
                  const struct runtime *runtime)
{
    const char *challenge = http_parameter(request, "challenge");
    json_t *quotes;

    if (challenge && (strlen(challenge) != CHALLENGE_DIGITS ||
                      strspn(challenge, "0123456789abcdefABCDEF") != CHALLENGE_DIGITS)) {
        http_reply_error(response, 400, "challenge must be %u hexadecimal digits",
                         CHALLENGE_DIGITS);
        return;
    }
    quotes = runtime_quotes(runtime->pool, challenge,
                            runtime->queue_timeout_ms ? runtime->queue_timeout_ms : 60000);
    if (quotes)
        http_reply_json(response, 200, quotes);
    else
        http_reply_error(response, 503, "No enclave gave a quote.");
}
