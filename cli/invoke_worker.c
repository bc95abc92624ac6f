#include "cli/invoke.h"

#include "base/status.h"
#include "cli/hex.h"

#include <string.h>

enum status invoke_call(struct invoke *invoke, enum frame_type type, json_t *head, const void *body,
                        size_t bytes, struct client_reply *reply, struct message *why)
{
    const char *sentence;
    enum status status;

    if (invoke->node.url)
        return node_call(&invoke->node, type, head, body, bytes, reply, why);
    status = client_call(invoke->client, type, head, body, bytes, reply, why);
    sentence = json_string_value(json_object_get(reply->head, "message"));
    if (status != ST_OK || reply->status == ST_OK)
        return status;
    status = reply->status;
    message_set(why, "%.400s", sentence ? sentence : status_text(status));
    client_reply_free(reply);
    return status;
}

bool invoke_part(const struct client_reply *reply, const char *key, size_t *at,
                 const uint8_t **data, size_t *bytes)
{
    json_int_t length = json_integer_value(json_object_get(reply->head, key));

    if (length < 0 || (uint64_t)length > reply->body_bytes - *at)
        return false;
    *data = reply->body + *at;
    *bytes = (size_t)length;
    *at += *bytes;
    return true;
}

/* Where the host believes the function to be; if it is wrong, the enclave refuses the request. */
static enum status find_function(struct invoke *invoke, unsigned slots, bool *found,
                                 struct message *why)
{
    char wanted[65];

    hex_text(invoke->function.bundle_sha256, 32, wanted);
    *found = false;
    for (unsigned slot = 0; slot < slots && !*found; slot++) {
        struct client_reply reply;
        const char *digest;
        enum status status = invoke_call(invoke, FRAME_STATS, json_pack("{s:i}", "slot", (int)slot),
                                         NULL, 0, &reply, why);

        if (status != ST_OK)
            return status;
        digest = json_string_value(json_object_get(reply.head, "bundle_sha256"));
        *found = json_is_true(json_object_get(reply.head, "loaded")) && digest &&
                 strcmp(digest, wanted) == 0;
        invoke->slot = slot;
        client_reply_free(&reply);
    }
    return ST_OK;
}

static enum status load_function(struct invoke *invoke, unsigned slots, struct message *why)
{
    const struct function_file *function = &invoke->function;
    enum status status = ST_SLOT_READY;

    for (unsigned slot = 0; slot < slots && status == ST_SLOT_READY; slot++) {
        struct client_reply reply;

        status = invoke_call(invoke, FRAME_LOAD, json_pack("{s:i}", "slot", (int)slot),
                             function->file, function->bytes, &reply, why);
        if (status == ST_OK)
            client_reply_free(&reply);
        invoke->slot = slot;
    }
    if (status == ST_SLOT_READY)
        message_set(why, "all slots of the worker hold other functions");
    return status;
}

enum status invoke_place(struct invoke *invoke, struct message *why)
{
    const json_t *hello = invoke->client ? client_hello(invoke->client) : NULL;
    json_int_t slots = json_integer_value(json_object_get(hello, "slots"));
    enum status status;
    bool found;

    if (invoke->node.url)
        return ST_OK; /* the node finds a place */
    if (invoke->options->has_slot) {
        invoke->slot = (unsigned)invoke->options->slot;
        return ST_OK;
    }
    if (slots < 1 || slots > SLOTS_MAX) {
        message_set(why, "the worker's answer contradicts itself");
        return ST_CORRUPT;
    }
    status = find_function(invoke, (unsigned)slots, &found, why);
    if (status != ST_OK || found)
        return status;
    if (!invoke->function.file) {
        message_set(why, "the worker does not hold this function: name its .rcl file");
        return ST_NOT_FOUND;
    }
    return load_function(invoke, (unsigned)slots, why);
}
