#include "host/runtime/quotes.h"

#include <stdlib.h>
#include <string.h>

#define CHALLENGE_DIGITS 64u
#define WAIT_DEFAULT_MS  60000u

bool quotes_read_request(const struct http_request *request, const char **challenge, int *worker,
                         struct message *why)
{
    const char *number = http_parameter(request, "worker");

    *challenge = http_parameter(request, "challenge");
    *worker = POOL_EVERY_WORKER;
    if (*challenge && (strlen(*challenge) != CHALLENGE_DIGITS ||
                       strspn(*challenge, "0123456789abcdefABCDEF") != CHALLENGE_DIGITS)) {
        message_set(why, "challenge must be %u hexadecimal digits", CHALLENGE_DIGITS);
        return false;
    }
    if (!number)
        return true;
    if (!number[0] || strlen(number) > 2 || strspn(number, "0123456789") != strlen(number)) {
        message_set(why, "worker must be a number from 0 to %u", POOL_WORKERS_MAX - 1);
        return false;
    }
    *worker = atoi(number);
    return true;
}

json_t *runtime_quotes(struct pool *pool, int worker, const char *challenge, uint64_t timeout_ms)
{
    json_t *workers = pool_quotes(pool, worker, challenge, timeout_ms);

    if (json_array_size(workers) > 0)
        return json_pack("{s:o}", "workers", workers);
    json_decref(workers);
    return NULL;
}

void reply_quotes(const struct http_request *request, struct http_response *response,
                  const struct runtime *runtime)
{
    struct message why = {""};
    const char *challenge;
    json_t *quotes;
    int worker;

    if (!quotes_read_request(request, &challenge, &worker, &why)) {
        http_reply_error(response, 400, "%s", why.text);
        return;
    }
    quotes =
        runtime_quotes(runtime->pool, worker, challenge,
                       runtime->queue_timeout_ms ? runtime->queue_timeout_ms : WAIT_DEFAULT_MS);
    if (quotes)
        http_reply_json(response, 200, quotes);
    else
        http_reply_error(response, 503, "No enclave gave a quote.");
}
