/* Quotes of the enclaves, for callers who encrypt and for owners who seal. */
#include "host/api/internal.h"

/* Counts as an invocation: a quote takes a slot for a while. */
static bool attest(struct call *call)
{
    const struct runner *runner = call->api->options.runner;
    struct message why = {""};
    json_t *quotes;

    if (!throttle_rate(call->api, &call->user, 1, &call->no))
        return false;
    quotes = runner->attest(runner->context, call->request, &why);
    if (!quotes && why.text[0])
        return deny_malformed(&call->no, "%s", why.text);
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
