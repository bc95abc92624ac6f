#include "host/runtime/relay.h"

#include "host/http/answer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX       (160u << 20)
#define CONNECT_LIMIT_MS 2000L
#define ANSWER_LIMIT_MS  720000L /* an action's longest time, for init and run, and waiting */

static void set_request(CURL *curl, const void *body, size_t bytes)
{
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes);
    } else {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    }
}

static CURLcode perform(CURL *curl, const char *node, const char *url, struct http_answer *sink)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURLcode result;

    headers = curl_slist_append(headers, "Expect:"); /* no 100-continue: one round trip less */
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, node);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_LIMIT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_LIMIT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, http_answer_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
    result = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    return result;
}

static enum status judge(CURL *curl, CURLcode result, const struct http_answer *sink,
                         json_t **answer, struct message *why)
{
    long status = 0;

    if (result == CURLE_COULDNT_CONNECT) {
        message_set(why, "the node's service is not there");
        return ST_NOT_FOUND;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK && status == 503) {
        message_set(why, "the node's service takes no more");
        return ST_NOT_FOUND;
    }
    if (result == CURLE_OK && status == 200)
        *answer = json_loadb(sink->bytes ? sink->bytes : "", sink->size, JSON_ALLOW_NUL, NULL);
    if (*answer)
        return ST_OK;
    message_set(why, "the node's service did not answer: %s",
                result == CURLE_OK ? "not as it should" : curl_easy_strerror(result));
    return ST_IO;
}

enum status relay_call(const char *node, const char *id, const char *verb, const void *body,
                       size_t bytes, json_t **answer, struct message *why)
{
    CURL *curl = curl_easy_init();
    struct http_answer sink = {.limit = ANSWER_MAX};
    enum status status;
    char url[256];

    *answer = NULL;
    if (!curl)
        return ST_NO_MEMORY;
    snprintf(url, sizeof(url), "http://node/containers/%s%s%s", id, verb ? "/" : "",
             verb ? verb : "");
    set_request(curl, body, bytes);
    status = judge(curl, perform(curl, node, url, &sink), &sink, answer, why);
    curl_easy_cleanup(curl);
    free(sink.bytes);
    return status;
}
