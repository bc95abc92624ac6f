#include "tests/api/in_process.h"

#include "host/http/internal.h"
#include "host/http/route.h"
#include "host/log/log.h"
#include "host/store/users.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- the layer below, for one thread ---- */

static const struct in_request *current;

const char *http_header(const struct http_request *request, const char *name)
{
    (void)request;
    if (strcasecmp(name, "Authorization") == 0)
        return current->authorization;
    if (strcasecmp(name, "Content-Type") == 0)
        return current->content_type;
    return strcasecmp(name, "X-Require-Whisk-Auth") == 0 ? current->secret : NULL;
}

json_t *http_headers(const struct http_request *request)
{
    (void)request;
    return json_object();
}

/* ---- played functions ---- */

unsigned in_process_runs;
unsigned in_process_held;
bool in_process_release;

static void hold(void)
{
    __atomic_fetch_add(&in_process_held, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&in_process_release, __ATOMIC_SEQ_CST))
        usleep(1000);
    __atomic_fetch_sub(&in_process_held, 1, __ATOMIC_SEQ_CST);
}

static enum status admit(void *context, const char *text, size_t bytes, const char *entry,
                         const char digest[65], struct message *why)
{
    (void)context;
    (void)entry;
    (void)digest;
    if (bytes >= 4 && memcmp(text, "AGFz", 4) == 0) /* "\0as" */
        return ST_OK;
    message_set(why, "the code is no module");
    return ST_CORRUPT;
}

static void run(void *context, const struct run_call *call, struct run_result *result)
{
    const char *play = json_string_value(json_object_get(call->params, "play"));

    (void)context;
    __atomic_fetch_add(&in_process_runs, 1, __ATOMIC_RELAXED);
    *result = (struct run_result){.result = json_incref((json_t *)(uintptr_t)call->params),
                                  .out = json_array(),
                                  .err = json_array()};
    if (play && strcmp(play, "hold") == 0)
        hold();
    if (play && strcmp(play, "refuse") == 0) {
        result->refused = 503;
        result->status = RUN_INTERNAL_ERROR;
        json_decref(result->result);
        result->result = json_pack("{s:s}", "error", "no slot");
    } else if (play && strcmp(play, "trap") == 0) {
        result->status = RUN_DEVELOPER_ERROR;
        json_decref(result->result);
        result->result = json_pack("{s:s}", "error", "trap");
    } else if (json_object_get(result->result, "error")) {
        result->status = RUN_APPLICATION_ERROR;
    }
}

/* No enclaves: shows that the challenge arrives, or that nobody answers. */
static json_t *attest(void *context, const struct http_request *request, struct message *why)
{
    const char *challenge = http_parameter(request, "challenge");

    (void)context;
    if (challenge && !challenge[0])
        message_set(why, "challenge: played refusal");
    return challenge && challenge[0] ? json_pack("{s:[], s:s}", "workers", "challenge", challenge)
                                     : NULL;
}

static const struct runner runner = {NULL, admit, run, attest};

/* ---- */

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "in_process: %s failed\n", what);
    abort();
}

static void add_tenant(struct in_process *all, const char *name, char authorization[512])
{
    struct user user = {.rate = -1, .concurrent = -1};
    struct credentials credentials;
    struct session *session;
    struct message why;
    char text[400];

    strcpy(user.name, name);
    need(credentials_make(&credentials) == ST_OK, "credentials_make");
    need(database_write(all->database, &session, &why) == ST_OK, "database_write");
    need(session_end(session, user_add(session, &user, &credentials), &why) == ST_OK, "user_add");
    snprintf(text, sizeof(text), "%s:%s", credentials.uuid, credentials.key);
    strcpy(authorization, "Basic ");
    EVP_EncodeBlock((unsigned char *)authorization + 6, (unsigned char *)text, (int)strlen(text));
}

static void start(struct in_process *all)
{
    struct api_options options = {.database = all->database,
                                  .runner = &runner,
                                  .memory_mib = 256,
                                  .log_mib = 10,
                                  .rate = 1000000000,
                                  .concurrent = 1000000};
    struct message why = {""};

    need(api_open(&options, &all->api, &why) == ST_OK, why.text);
}

void in_process_open(struct in_process *all)
{
    char path[96];
    struct database_options database = {.path = path, .create = true, .readers = 2};
    struct message why = {""};

    log_set_level(LOG_LEVEL_OFF);
    /* in memory: syncs cost nothing */
    snprintf(all->folder, sizeof(all->folder), "%s/reclave-api-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    need(mkdtemp(all->folder) != NULL, "mkdtemp");
    snprintf(path, sizeof(path), "%s/reclave.db", all->folder);
    need(database_open(&database, &all->database, &why) == ST_OK, why.text);
    add_tenant(all, "guest", all->authorization);
    add_tenant(all, "other", all->other);
    start(all);
}

void in_process_restart(struct in_process *all, void (*before)(struct database *database))
{
    api_close(all->api);
    if (before)
        before(all->database);
    start(all);
}

void in_process_close(struct in_process *all)
{
    char command[128];

    api_close(all->api);
    database_close(all->database);
    snprintf(command, sizeof(command), "rm -rf '%s'", all->folder);
    need(system(command) == 0, command);
}

/* As host/http/exchange.c does. */
void in_process_call(struct in_process *all, const struct in_request *in, struct in_reply *reply)
{
    struct http_request request = {.method = in->method, .id = "request-id"};
    struct http_response response = {.id = request.id, .status = 500};
    const struct http_route *route;
    char allow[ROUTE_ALLOW_BYTES];
    struct uri uri;
    uint8_t *body = calloc(1, in->body_bytes + 1);

    *reply = (struct in_reply){0};
    current = in;
    need(body != NULL, "calloc");
    if (in->body_bytes)
        memcpy(body, in->body, in->body_bytes);
    if (uri_parse(in->target, &uri) == ST_OK) {
        request.path = uri.path;
        request.query = uri.query;
        request.trailing_slash = uri.trailing_slash;
        request.parameter_count = uri.parameter_count;
        memcpy(request.parameters, uri.parameters, sizeof(request.parameters));
        request.body = body;
        request.body_bytes = in->body_bytes;
        if (route_find(api_tables, in->method, &uri, &route, &request, allow) == ROUTE_FOUND) {
            route->handle(&request, &response, all->api);
            reply->status = response.status;
            reply->bytes = response.bytes;
            reply->body = calloc(1, response.bytes + 1);
            need(reply->body != NULL, "calloc");
            if (response.bytes)
                memcpy(reply->body, response.body, response.bytes);
        }
        response_free(&response);
        uri_free(&uri);
    }
    free(body);
}
