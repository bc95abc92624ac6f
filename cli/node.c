#include "cli/node.h"

#include "base/status.h"
#include "cli/hex.h"
#include "host/http/answer.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX       (256u << 20)
#define CONNECT_LIMIT_S  10L
#define ANSWER_LIMIT_S   400L /* the API answers within a minute, a slot's wait included */
#define PART_BYTES_MAX   (192u << 20)
#define INVOCATION_QUERY "?blocking=true&result=true"

bool node_is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

/* ---- HTTP ---- */

static CURLcode perform(CURL *curl, const struct node *node, const char *url, const char *body,
                        struct http_answer *sink)
{
    const char *auth = node->auth ? node->auth : getenv(NODE_AUTH_VARIABLE);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURLcode result;

    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_LIMIT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_LIMIT_S);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, http_answer_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
    if (auth) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERPWD, auth);
    }
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
    }
    result = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    return result;
}

/* body NULL: GET. *answer: a new reference, whatever the status. */
static enum status ask(const struct node *node, const char *path, const char *body, long *code,
                       json_t **answer, struct message *why)
{
    CURL *curl = curl_easy_init();
    struct http_answer sink = {.limit = ANSWER_MAX};
    char url[2048];
    CURLcode result;

    *answer = NULL;
    if (!curl)
        return ST_NO_MEMORY;
    if ((size_t)snprintf(url, sizeof(url), "%s%s", node->url, path) >= sizeof(url)) {
        message_set(why, "the address is too long");
        curl_easy_cleanup(curl);
        return ST_OUT_OF_RANGE;
    }
    result = perform(curl, node, url, body, &sink);
    if (result == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
        *answer = json_loadb(sink.bytes ? sink.bytes : "", sink.size, 0, NULL);
    }
    curl_easy_cleanup(curl);
    free(sink.bytes);
    if (json_is_object(*answer))
        return ST_OK;
    message_set(why, "%s: %s", node->url,
                result == CURLE_OK ? "this is not the API of `reclave serve`"
                                   : curl_easy_strerror(result));
    json_decref(*answer);
    *answer = NULL;
    return ST_IO;
}

/* What the node says of a request that it does not serve. */
static enum status refusal(const json_t *answer, long code, struct message *why)
{
    const char *sentence = json_string_value(json_object_get(answer, "error"));
    json_int_t status = json_integer_value(json_object_get(answer, "reclave_status"));
    const char *id = json_string_value(json_object_get(answer, "activationId"));

    if (code == 202 && id)
        message_set(why, "the action goes on as activation %s: its result has the answer", id);
    else
        message_set(why, "the node refused (%ld): %.400s", code, sentence ? sentence : "no reason");
    return status > 0 ? (enum status)status : ST_IO;
}

/* ---- base64 ---- */

/* False: no base64, or no memory. No bytes: no blob. */
static bool decode(const json_t *text, struct blob *out)
{
    size_t length = json_string_length(text), padding = 0;
    const char *data = json_string_value(text);
    int got;

    *out = (struct blob){0};
    if (!data || length % 4 || length / 4 * 3 > PART_BYTES_MAX)
        return false;
    if (length == 0)
        return true;
    out->data = malloc(length / 4 * 3);
    got = out->data ? EVP_DecodeBlock(out->data, (const unsigned char *)data, (int)length) : -1;
    if (got < 0) {
        free(out->data);
        out->data = NULL;
        return false;
    }
    while (padding < 2 && data[length - 1 - padding] == '=')
        padding++;
    out->bytes = (size_t)got - padding;
    return true;
}

static json_t *encode(const void *data, size_t bytes)
{
    char *text = malloc(bytes / 3 * 4 + 5);
    json_t *json = NULL;

    if (text) {
        EVP_EncodeBlock((unsigned char *)text, data, (int)bytes);
        json = json_string(text);
    }
    free(text);
    return json;
}

/* ---- quotes ---- */

static const json_t *find_enclave(const struct node *node, const json_t *answer)
{
    const json_t *workers = json_object_get(answer, "workers"), *worker;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)workers, i, worker)
    {
        if (json_integer_value(json_object_get(worker, "worker")) == (json_int_t)node->enclave)
            return worker;
    }
    return NULL;
}

enum status node_attested(const struct node *node, const uint8_t challenge[CHALLENGE_BYTES],
                          struct attested *out, struct message *why)
{
    char path[160], text[2 * CHALLENGE_BYTES + 1];
    const json_t *worker;
    json_t *answer;
    long code = 0;
    enum status status;

    *out = (struct attested){0};
    snprintf(path, sizeof(path), "/api/v1/reclave/attestation?worker=%u&challenge=%s",
             node->enclave, hex_text(challenge, CHALLENGE_BYTES, text));
    status = ask(node, path, NULL, &code, &answer, why);
    if (status == ST_OK && code != 200)
        status = refusal(answer, code, why);
    if (status == ST_OK && !(worker = find_enclave(node, answer))) {
        message_set(why, "%s: there is no enclave %u", node->url, node->enclave);
        status = ST_NOT_FOUND;
    }
    if (status == ST_OK && !(decode(json_object_get(worker, "quote"), &out->quote) &&
                             decode(json_object_get(worker, "identity"), &out->identity) &&
                             decode(json_object_get(worker, "collateral"), &out->collateral) &&
                             decode(json_object_get(worker, "root"), &out->root))) {
        message_set(why, "%s: the answer contradicts itself", node->url);
        attested_free(out);
        status = ST_CORRUPT;
    }
    json_decref(answer);
    return status;
}

/* ---- calls ---- */

static char *make_body(const struct node *node, const json_t *head, const void *message,
                       size_t bytes)
{
    bool evidence = json_is_true(json_object_get(head, "evidence"));
    json_t *body = json_pack("{s:o}", "reclave_envelope", encode(message, bytes));
    char *text = NULL;

    if (body && evidence)
        (void)json_object_set_new(body, "reclave_evidence", json_true());
    if (body && node->session[0])
        (void)json_object_set_new(body, "reclave_session", json_string(node->session));
    if (body)
        text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

/* Envelope and evidence, one behind the other, as a worker has them. */
static bool make_reply(const json_t *answer, enum frame_type type, struct client_reply *reply)
{
    const json_t *evidence = json_object_get(answer, "reclave_evidence");
    struct blob message = {0}, file = {0};
    bool good = decode(json_object_get(answer, "reclave_envelope"), &message) && message.bytes &&
                (!evidence || decode(evidence, &file));

    *reply = (struct client_reply){.type = FRAME_REPLY + (uint32_t)type};
    if (good)
        reply->body = malloc(message.bytes + file.bytes);
    if (reply->body) {
        memcpy(reply->body, message.data, message.bytes);
        if (file.bytes)
            memcpy(reply->body + message.bytes, file.data, file.bytes);
        reply->body_bytes = message.bytes + file.bytes;
        reply->head = json_pack("{s:I, s:i, s:I, s:O*}", "answer_bytes", (json_int_t)message.bytes,
                                "log_bytes", 0, "evidence_bytes", (json_int_t)file.bytes,
                                "certificate", json_object_get(answer, "reclave_certificate"));
    }
    free(message.data);
    free(file.data);
    return reply->head != NULL;
}

/* Names may hold spaces and more (RFC 3986, section 2.3: what needs no escape). False: too long. */
static bool action_path(const char *action, char *path, size_t size)
{
    size_t at = (size_t)snprintf(path, size, "/api/v1/namespaces/_/actions/");

    for (; *action; action++) {
        bool plain = strchr("-._~/", *action) || (*action >= '0' && *action <= '9') ||
                     (*action >= 'A' && *action <= 'Z') || (*action >= 'a' && *action <= 'z');

        if (at + sizeof("%00" INVOCATION_QUERY) > size)
            return false;
        at +=
            (size_t)snprintf(path + at, size - at, plain ? "%c" : "%%%02X", (unsigned char)*action);
    }
    memcpy(path + at, INVOCATION_QUERY, sizeof(INVOCATION_QUERY));
    return true;
}

enum status node_call(struct node *node, enum frame_type type, json_t *head, const void *message,
                      size_t bytes, struct client_reply *reply, struct message *why)
{
    char *body = make_body(node, head, message, bytes);
    const char *session;
    char path[1024];
    json_t *answer = NULL;
    long code = 0;
    enum status status = ST_NO_MEMORY;

    *reply = (struct client_reply){0};
    if (!action_path(node->action, path, sizeof(path))) {
        message_set(why, "the action's name is too long");
        status = ST_OUT_OF_RANGE;
    } else if (body) {
        status = ask(node, path, body, &code, &answer, why);
    }
    if (status == ST_OK && code != 200)
        status = refusal(answer, code, why);
    if (status == ST_OK && !make_reply(answer, type, reply)) {
        message_set(why, "%s: the answer is no encrypted one", node->url);
        client_reply_free(reply);
        status = ST_CORRUPT;
    }
    session = json_string_value(json_object_get(answer, "reclave_session"));
    if (status == ST_OK && session)
        snprintf(node->session, sizeof(node->session), "%s", session);
    json_decref(answer);
    json_decref(head);
    free(body);
    return status;
}
