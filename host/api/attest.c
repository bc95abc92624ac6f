/* Quotes of the enclaves, for callers who encrypt and for owners who seal. */
#include "host/api/internal.h"

#include <string.h>

#define CHALLENGE_DIGITS 64u

static bool read_challenge(const struct call *call, const char **challenge, struct refusal *no)
{
    *challenge = http_parameter(call->request, "challenge");
    if (!*challenge || (strlen(*challenge) == CHALLENGE_DIGITS &&
                        strspn(*challenge, "0123456789abcdefABCDEF") == CHALLENGE_DIGITS))
        return true;
    return deny_malformed(no, "challenge must be %u hexadecimal digits", CHALLENGE_DIGITS);
}

/* Counts as an invocation: a quote takes a slot for a while. */
static bool attest(struct call *call)
{
    const struct runner *runner = call->api->options.runner;
    const char *challenge;
    json_t *quotes;

    if (!read_challenge(call, &challenge, &call->no) ||
        !throttle_rate(call->api, &call->user, 1, &call->no))
        return false;
    quotes = runner->attest ? runner->attest(runner->context, challenge) : NULL;
    if (!quotes)
        return deny(&call->no, 503, "No enclave gave a quote.");
    http_reply_json(call->response, 200, quotes);
    return true;
}

static void get_attestation(const struct http_request *request, struct http_response *response,
                            void *context)
{
    struct call call;

    if (call_authenticate(&call, context, request, response) && !attest(&call))
        call_refuse(&call);
    call_end(&call);
}

const struct http_route attest_routes[] = {
    {"GET", "/api/v1/reclave/attestation", get_attestation, 0},
    {NULL, NULL, NULL, 0},
};
