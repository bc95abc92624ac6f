#include "host/daemon/proxy_service.h"

#include "host/daemon/slice.h"
#include "host/log/log.h"
#include "host/runtime/proxy.h"

#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB            (UINT64_C(1) << 20)
#define READY_LIMIT_MS 60000u

extern char **environ;

const struct setting proxy_settings[] = {
    {"listen", SETTING_TEXT, "0.0.0.0:8080", 0, 0, "ADDR", "IP:PORT or unix:PATH"},
    {"node", SETTING_TEXT, NULL, 0, 0, "PATH",
     "Relay to the `reclave serve --node-socket PATH` of this node"},
    {"state-dir", SETTING_TEXT, NULL, 0, 0, "DIR",
     "Where a function is kept (default: a temporary folder)"},
    {"memory", SETTING_NUMBER, "256", 1, 1024, "MIB", "Linear memory of the action"},
    {"log-size", SETTING_NUMBER, "10", 0, 63, "MIB", "Log of an activation"},
    {"queue-timeout", SETTING_NUMBER, "10000", 1, 300000, "MS",
     "Longest wait for a slot; then 503"},
    {"grace", SETTING_NUMBER, "10", 0, 3600, "SECONDS",
     "How long requests may take to finish after SIGTERM"},
    {"keeper", SETTING_TEXT, NULL, 0, 0, "SOCKET",
     "The keeper of the worker, as of `reclave worker`"},
    {"encrypted-only", SETTING_SWITCH, "false", 0, 0, NULL,
     "Let the enclave refuse calls that are not encrypted"},
    {"backend", SETTING_TEXT, "auto", 0, 0, "auto|sgx|emulator",
     "Hardware or the emulator, which protects nothing"},
    {"pages", SETTING_TEXT, NULL, 0, 0, "eager|lazy", "As of `reclave worker`"},
    {"enclave-size", SETTING_TEXT, NULL, 0, 0, "MIB", "As of `reclave worker`"},
    {"emulate", SETTING_TEXT, "watch=64", 0, 0, "CPU", "As of `reclave worker`"},
    {NULL, SETTING_TEXT, NULL, 0, 0, NULL, NULL},
};

static const struct http_route *const tables[] = {proxy_routes, NULL};

struct proxy_service {
    struct settings *settings;
    struct proxy proxy;
    struct http_server *server;
    json_t *environment;
    char folder[64]; /* temporary; "" if none */
};

/* Every __OW_ variable of the container, such as __OW_API_HOST, is the action's as well. */
static json_t *openwhisk_environment(void)
{
    json_t *variables = json_object();

    for (char **entry = environ; *entry; entry++) {
        const char *equals = strchr(*entry, '=');

        if (!equals || strncmp(*entry, "__OW_", 5) != 0)
            continue;
        char *name = strndup(*entry, (size_t)(equals - *entry));

        if (name)
            (void)json_object_set_new(variables, name, json_string(equals + 1));
        free(name);
    }
    return variables;
}

static enum status open_runtime(struct proxy_service *service, const char *program,
                                const char *const *worker_command, struct message *why)
{
    struct pool_options pool = {.worker_command = worker_command, .workers = 1};
    struct store_options store = {.folder = settings_text(service->settings, "state-dir"),
                                  .program = program};
    struct runtime *runtime = &service->proxy.runtime;
    enum status status;

    if (!store.folder) {
        strcpy(service->folder, "/tmp/reclave-proxy-XXXXXX");
        if (!mkdtemp(service->folder)) {
            service->folder[0] = 0;
            message_set(why, "cannot make a folder in /tmp: choose --state-dir");
            return ST_IO;
        }
        store.folder = service->folder;
    }
    status = store_open(&store, &runtime->store, why);
    if (status == ST_OK)
        status = pool_open(&pool, &runtime->pool, why);
    if (status == ST_OK)
        status = pool_wait_ready(runtime->pool, READY_LIMIT_MS, why);
    return status;
}

static void fill_runtime(struct proxy_service *service)
{
    struct runtime *runtime = &service->proxy.runtime;

    service->environment = openwhisk_environment();
    runtime->memory_bytes = settings_number(service->settings, "memory") * MIB;
    runtime->log_bytes = settings_number(service->settings, "log-size") * MIB;
    runtime->queue_timeout_ms = settings_number(service->settings, "queue-timeout");
    runtime->environment = service->environment;
    service->proxy.node = settings_text(service->settings, "node");
    service->proxy.allow_concurrent =
        json_object_get(service->environment, "__OW_ALLOW_CONCURRENT") &&
        strcmp(getenv("__OW_ALLOW_CONCURRENT"), "true") == 0;
}

static enum status serve(struct proxy_service *service, struct message *why)
{
    struct http_options options = {.listen = settings_text(service->settings, "listen"),
                                   .routes = tables,
                                   .context = &service->proxy};
    enum status status = proxy_open(&service->proxy, why);

    return status == ST_OK ? http_start(&options, &service->server, why) : status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

static void close_all(struct proxy_service *service)
{
    unsigned grace_ms = (unsigned)settings_number(service->settings, "grace") * 1000;
    struct runtime *runtime = &service->proxy.runtime;

    store_stop(runtime->store);
    http_drain(service->server, grace_ms);
    if (runtime->pool)
        pool_stop(runtime->pool, 0);
    http_stop(service->server, 0);
    if (service->server)
        proxy_close(&service->proxy);
    pool_close(runtime->pool, 0);
    store_close(runtime->store);
    if (service->folder[0])
        (void)nftw(service->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    json_decref(service->environment);
}

enum status proxy_service_run(struct settings *settings, const char *program,
                              const char *const *worker_command, struct message *why)
{
    struct proxy_service service = {.settings = settings};
    sigset_t signals;
    enum status status = ST_OK;
    int number;

    log_set_level(LOG_LEVEL_ERROR);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    slice_shorten();
    fill_runtime(&service);
    if (!service.proxy.node)
        status = open_runtime(&service, program, worker_command, why);
    if (status == ST_OK)
        status = serve(&service, why);
    while (status == ST_OK && sigwait(&signals, &number) != 0)
        ;
    close_all(&service);
    return status;
}
