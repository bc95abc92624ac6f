/* Bodies that an invoker sends, as JSON, and what they ask of an enclave; and a log, which may be
 * any bytes. */
#include "host/action/plain.h"
#include "host/action/sealed.h"
#include "host/action/text.h"
#include "host/http/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void parameters(const json_t *params)
{
    struct message why = {""};
    struct sealed_ask ask;
    bool good = sealed_ask(params, &ask, &why);

    require(good || why.text[0]);
    require(!good || !ask.nonce || (ask.evidence && !ask.envelope));
    require(!good || !ask.envelope || ask.envelope_bytes > 0);
    sealed_ask_free(&ask);
}

static void body(const uint8_t *data, size_t size)
{
    struct http_request request = {.body = data, .body_bytes = size};
    struct message why = {""};
    json_t *json = http_body_json(&request, &why);
    const char *text;

    require(json || why.text[0]);
    text = http_json_text(json, "name");
    require(!text || strlen(text) == json_string_length(json_object_get(json, "name")));
    parameters(json);
    json_decref(json);
}

/* What is plain is JSON, and means the same to the parser. */
static void plain(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"value", "error", "Ok", ACTION_NONCE_KEY, NULL};
    struct plain found[4];
    json_t *json;

    if (!plain_json((const char *)data, size, names, found))
        return;
    json = json_loadb((const char *)data, size, 0, NULL);
    require(json != NULL);
    for (unsigned i = 0; i < 4; i++) {
        json_t *member = json_object_get(json, names[i]);
        json_t *value =
            json_loadb(found[i].text ? found[i].text : "", found[i].bytes, JSON_DECODE_ANY, NULL);

        require(member ? json_equal(member, value) : !found[i].text);
        json_decref(value);
    }
    json_decref(json);
}

static void log_text(const uint8_t *data, size_t size)
{
    json_t *json = text_json((const char *)data, size);
    char *dumped = json_dumps(json, JSON_ENCODE_ANY);

    require(json && dumped);
    free(dumped);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    body(data, size);
    plain(data, size);
    log_text(data, size);
    return 0;
}
