#include "host/daemon/admin_client.h"

#include "host/http/answer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (1u << 20)
#define LIMIT_MS   5000L

enum status admin_pool(const char *address, json_t **answer, struct message *why)
{
    CURL *curl = curl_easy_init();
    struct http_answer sink = {.limit = ANSWER_MAX};
    CURLcode result;
    char url[512];

    *answer = NULL;
    if (!curl)
        return ST_NO_MEMORY;
    if (!strncmp(address, "unix:", 5)) {
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, address + 5);
        snprintf(url, sizeof(url), "http://localhost/pool");
    } else {
        snprintf(url, sizeof(url), "http://%.400s/pool", address);
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, LIMIT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, http_answer_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
    result = curl_easy_perform(curl);
    if (result == CURLE_OK)
        *answer = json_loadb(sink.bytes ? sink.bytes : "", sink.size, 0, NULL);
    if (!*answer)
        message_set(why, "no answer from %.200s: %s: is `reclave serve` running there?", address,
                    result == CURLE_OK ? "not the admin address" : curl_easy_strerror(result));
    curl_easy_cleanup(curl);
    free(sink.bytes);
    return *answer ? ST_OK : ST_IO;
}
