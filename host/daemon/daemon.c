#include "host/daemon/daemon.h"

#include "host/daemon/api_runner.h"
#include "host/daemon/notify.h"
#include "host/daemon/slice.h"
#include "host/daemon/state_dir.h"
#include "host/log/log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MIB            (UINT64_C(1) << 20)
#define READY_LIMIT_MS 60000u
#define DAY_MS         (UINT64_C(24) * 3600 * 1000)
/* Larger ones are not read as a whole at each start: that takes minutes. */
#define DATABASE_CHECK_MAX (UINT64_C(1) << 30)

const struct setting daemon_settings[] = {
    {"state-dir", SETTING_TEXT, NULL, 0, 0, "DIR",
     "Where functions are kept (default /var/lib/reclave for root, else ~/.local/state/reclave)"},
    {"listen", SETTING_TEXT, "127.0.0.1:3233", 0, 0, "ADDR", "The API: IP:PORT or unix:PATH"},
    {"admin-listen", SETTING_TEXT, "127.0.0.1:9464", 0, 0, "ADDR",
     "/metrics, /healthz, /readyz; \"none\": not served"},
    {"wow-listen", SETTING_TEXT, "127.0.0.1:9000", 0, 0, "ADDR",
     "The wasm executor protocol; \"none\": not served"},
    {"node-socket", SETTING_TEXT, NULL, 0, 0, "PATH",
     "Serve action proxies of this node on this Unix socket"},
    {"tls-cert", SETTING_TEXT, NULL, 0, 0, "FILE", "The API's certificate chain, PEM"},
    {"tls-key", SETTING_TEXT, NULL, 0, 0, "FILE", "... and its key"},
    {"workers", SETTING_NUMBER, "0", 0, POOL_WORKERS_MAX, "N",
     "Worker processes, an enclave each (default 0: one for every two processors)"},
    {"queue-limit", SETTING_NUMBER, "256", 1, 100000, "N",
     "Most calls that wait for a slot; more are refused"},
    {"queue-timeout", SETTING_NUMBER, "30000", 1, 300000, "MS",
     "Longest wait for a slot; then 503"},
    {"connections", SETTING_NUMBER, "512", 1, 20000, "N", "Most connections of each listener"},
    {"tenancy", SETTING_TEXT, "sequential", 0, 0, "sequential|shared",
     "Whether an enclave may hold functions of several owners at a time"},
    {"memory", SETTING_NUMBER, "256", 1, 1024, "MIB", "Linear memory of an action, if not said"},
    {"rate", SETTING_NUMBER, "100000", 1, 1000000000, "N",
     "Invocations a minute of a namespace (`reclave user add --rate` sets its own)"},
    {"concurrent", SETTING_NUMBER, "1000", 1, 1000000, "N",
     "Invocations of a namespace at a time, the same"},
    {"keep-days", SETTING_NUMBER, "30", 0, 36500, "DAYS",
     "Age at which activations are deleted; 0: never"},
    {"keep-count", SETTING_NUMBER, "100000", 0, 1000000000, "N",
     "Activations that a namespace may have, older ones are deleted; 0: any number"},
    {"log-size", SETTING_NUMBER, "10", 0, 63, "MIB", "Log of an activation"},
    {"grace", SETTING_NUMBER, "30", 0, 3600, "SECONDS",
     "How long requests may take to finish after SIGTERM"},
    {"keeper", SETTING_TEXT, NULL, 0, 0, "SOCKET",
     "The keeper of the workers, as of `reclave worker`"},
    {"encrypted-only", SETTING_SWITCH, "false", 0, 0, NULL,
     "Let the enclaves refuse calls that are not encrypted"},
    {"backend", SETTING_TEXT, "auto", 0, 0, "auto|sgx|emulator",
     "Hardware or the emulator, which protects nothing"},
    {"pages", SETTING_TEXT, NULL, 0, 0, "eager|lazy", "As of `reclave worker`"},
    {"enclave-size", SETTING_TEXT, NULL, 0, 0, "MIB", "As of `reclave worker`"},
    {"emulate", SETTING_TEXT, "watch=64", 0, 0, "CPU", "As of `reclave worker`"},
    {"log-level", SETTING_TEXT, "info", 0, 0, "LEVEL", "debug, info, warning, error or off"},
    {NULL, SETTING_TEXT, NULL, 0, 0, NULL, NULL},
};

struct daemon {
    const struct daemon_options *options;
    struct service service;
    struct http_server *api, *admin, *wow, *node;
    struct database *database;
    struct api_runner *runner;
    char state_dir[STATE_DIR_BYTES];
    pthread_t upgrader;
    bool upgrading;
};

static const struct http_route *const admin_tables[] = {admin_routes, NULL};
static const struct http_route *const wow_tables[] = {wow_routes, NULL};
static const struct http_route *const node_tables[] = {node_routes, NULL};

/* ---- settings ---- */

static enum status apply_log_level(const struct settings *settings, struct message *why)
{
    int level = log_level_parse(settings_text(settings, "log-level"));

    if (level < 0) {
        message_set(why, "log-level: '%.40s' is none of debug, info, warning, error, off",
                    settings_text(settings, "log-level"));
        return ST_INVALID_ARGUMENT;
    }
    log_set_level((enum log_level)level);
    return ST_OK;
}

static enum status read_tenancy(const struct settings *settings, enum pool_tenancy *tenancy,
                                struct message *why)
{
    const char *text = settings_text(settings, "tenancy");

    *tenancy = strcmp(text, "shared") == 0 ? POOL_SHARED : POOL_SEQUENTIAL;
    if (*tenancy == POOL_SHARED || strcmp(text, "sequential") == 0)
        return ST_OK;
    message_set(why, "tenancy: '%.40s' is neither sequential nor shared", text);
    return ST_INVALID_ARGUMENT;
}

static unsigned worker_count(const struct settings *settings)
{
    uint64_t wanted = settings_number(settings, "workers");
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (wanted > 0)
        return (unsigned)wanted;
    if (processors < 2)
        return 1;
    return processors / 2 > (long)POOL_WORKERS_MAX ? POOL_WORKERS_MAX : (unsigned)(processors / 2);
}

/* ---- parts ---- */

static enum status open_database(struct daemon *daemon, struct message *why)
{
    char file[STATE_DIR_BYTES + 16];
    struct database_options options = {
        .path = file, .create = true, .check_up_to_bytes = DATABASE_CHECK_MAX};

    state_dir_database(daemon->state_dir, file);
    return database_open(&options, &daemon->database, why);
}

static enum status open_store(struct daemon *daemon, struct message *why)
{
    char folder[STATE_DIR_BYTES + 16];
    struct store_options options = {.folder = folder, .program = daemon->options->program};
    enum status status = state_dir_find(settings_text(daemon->service.settings, "state-dir"),
                                        daemon->state_dir, why);

    if (status == ST_OK)
        status = state_dir_make(daemon->state_dir, why);
    if (status == ST_OK)
        status = open_database(daemon, why);
    if (status != ST_OK)
        return status;
    (void)setenv("RECLAVE_STATE_DIR", daemon->state_dir, 1); /* the workers' platform is there */
    snprintf(folder, sizeof(folder), "%s/functions", daemon->state_dir);
    return store_open(&options, &daemon->service.store, why);
}

static enum status open_pool(struct daemon *daemon, struct message *why)
{
    const struct settings *settings = daemon->service.settings;
    struct pool_options options = {
        .worker_command = daemon->options->worker_command,
        .workers = worker_count(settings),
        .queue_limit = (unsigned)settings_number(settings, "queue-limit"),
    };
    enum status status = read_tenancy(settings, &options.tenancy, why);

    if (status == ST_OK)
        status = pool_open(&options, &daemon->service.pool, why);
    if (status == ST_OK)
        status = pool_wait_ready(daemon->service.pool, READY_LIMIT_MS, why);
    return status;
}

static enum status open_node(struct daemon *daemon)
{
    const struct settings *settings = daemon->service.settings;

    daemon->service.node.runtime = (struct runtime){
        .pool = daemon->service.pool,
        .store = daemon->service.store,
        .memory_bytes = settings_number(settings, "memory") * MIB,
        .log_bytes = settings_number(settings, "log-size") * MIB,
        .queue_timeout_ms = settings_number(settings, "queue-timeout"),
    };
    daemon->service.node.containers = containers_new();
    return daemon->service.node.containers ? ST_OK : ST_NO_MEMORY;
}

static enum status open_api(struct daemon *daemon, struct message *why)
{
    const struct settings *settings = daemon->service.settings;
    struct api_options options = {
        .database = daemon->database,
        .memory_mib = settings_number(settings, "memory"),
        .log_mib = settings_number(settings, "log-size"),
        .rate = settings_number(settings, "rate"),
        .concurrent = settings_number(settings, "concurrent"),
        .keep_ms = settings_number(settings, "keep-days") * DAY_MS,
        .keep_count = settings_number(settings, "keep-count"),
    };

    daemon->runner = api_runner_open(daemon->service.pool, daemon->service.store,
                                     settings_number(settings, "queue-timeout"));
    if (!daemon->runner)
        return ST_NO_MEMORY;
    options.runner = api_runner_interface(daemon->runner);
    return api_open(&options, &daemon->service.api, why);
}

static void log_request(void *context, const struct http_request *request, unsigned status,
                        uint64_t microseconds)
{
    (void)context;
    log_event(LOG_LEVEL_DEBUG, "request", "{s:s, s:s, s:s, s:i, s:I}", "id", request->id, "method",
              request->method ? request->method : "", "path", request->path ? request->path : "",
              "status", (int)status, "us", (json_int_t)microseconds);
}

static enum status serve_on(const char *address, const struct http_route *const *tables,
                            void *context, const struct daemon *daemon, struct http_server **server,
                            struct message *why)
{
    struct http_options options = {
        .listen = address,
        .routes = tables,
        .context = context,
        .connections = (unsigned)settings_number(daemon->service.settings, "connections"),
        .done = log_request,
    };

    if (!strcmp(address, "none"))
        return ST_OK;
    if (tables == api_tables) {
        options.tls_cert = settings_text(daemon->service.settings, "tls-cert");
        options.tls_key = settings_text(daemon->service.settings, "tls-key");
        options.headers = api_headers;
        options.body_limit = API_BODY_LIMIT;
    }
    return http_start(&options, server, why);
}

static enum status open_servers(struct daemon *daemon, struct message *why)
{
    struct settings *settings = daemon->service.settings;
    const char *socket = settings_text(settings, "node-socket");
    char address[4096];
    enum status status = serve_on(settings_text(settings, "admin-listen"), admin_tables,
                                  &daemon->service, daemon, &daemon->admin, why);

    if (status == ST_OK)
        status = serve_on(settings_text(settings, "wow-listen"), wow_tables, &daemon->service.node,
                          daemon, &daemon->wow, why);
    if (status == ST_OK && socket) {
        snprintf(address, sizeof(address), "unix:%s", socket);
        status = serve_on(address, node_tables, &daemon->service.node, daemon, &daemon->node, why);
    }
    if (status == ST_OK)
        status = serve_on(settings_text(settings, "listen"), api_tables, daemon->service.api,
                          daemon, &daemon->api, why);
    return status;
}

/* ---- after an upgrade ---- */

static void cannot_run(void *context, const char *id, const char *why)
{
    (void)context;
    log_event(LOG_LEVEL_WARNING, "function-unusable", "{s:s, s:s}", "file", id, "why", why);
}

static void *upgrade(void *argument)
{
    struct daemon *daemon = argument;

    store_upgrade(daemon->service.store, daemon->service.pool, cannot_run, NULL);
    return NULL;
}

/* ---- running ---- */

/* What can change while it runs: log level, queue limit and timeout, defaults of actions,
 * certificates. */
static void reload(struct daemon *daemon)
{
    struct settings *settings = daemon->service.settings;
    struct message why = {""};
    enum status status = settings_load(settings, daemon->options->config, &why);

    if (status == ST_OK)
        status = apply_log_level(settings, &why);
    if (status == ST_OK) {
        pool_set_queue_limit(daemon->service.pool,
                             (unsigned)settings_number(settings, "queue-limit"));
        api_set_limits(daemon->service.api, settings_number(settings, "rate"),
                       settings_number(settings, "concurrent"));
        if (daemon->api)
            status = http_reload_tls(daemon->api, &why);
    }
    log_event(status == ST_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
              status == ST_OK ? "reloaded" : "reload-failed", "{s:s}", "why", why.text);
}

static void wait_for_end(struct daemon *daemon, const sigset_t *signals)
{
    int number = 0;

    while (number != SIGTERM && number != SIGINT) {
        if (sigwait(signals, &number) != 0)
            continue;
        if (number == SIGHUP) {
            notify_systemd("RELOADING=1");
            reload(daemon);
            notify_systemd("READY=1");
        }
    }
    log_event(LOG_LEVEL_INFO, "stopping", NULL);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* What runs may finish within the grace; then the pool ends it, so that every request has its
 * answer. */
static void close_all(struct daemon *daemon)
{
    unsigned grace_ms = (unsigned)settings_number(daemon->service.settings, "grace") * 1000;
    struct http_server *const servers[] = {daemon->api, daemon->node, daemon->wow};
    uint64_t began = now_ms();

    daemon->service.stopping = true;
    store_stop(daemon->service.store); /* a compilation is not what clients wait for in the grace */
    for (unsigned i = 0; i < 3; i++) {
        uint64_t spent = now_ms() - began;

        http_drain(servers[i], spent < grace_ms ? grace_ms - (unsigned)spent : 0);
    }
    api_drain(daemon->service.api);
    if (daemon->service.pool)
        pool_stop(daemon->service.pool, 0);
    for (unsigned i = 0; i < 3; i++)
        http_stop(servers[i], 0);
    if (daemon->upgrading)
        pthread_join(daemon->upgrader, NULL);
    api_close(daemon->service.api);
    api_runner_close(daemon->runner);
    containers_free(daemon->service.node.containers, &daemon->service.node.runtime);
    http_stop(daemon->admin, 0);
    pool_close(daemon->service.pool, 0);
    store_close(daemon->service.store);
    database_close(daemon->database);
}

static void log_start(const struct daemon *daemon)
{
    const struct settings *settings = daemon->service.settings;

    log_event(LOG_LEVEL_INFO, "serving", "{s:s, s:s, s:s, s:s, s:i}", "api",
              settings_text(settings, "listen"), "admin", settings_text(settings, "admin-listen"),
              "wow", settings_text(settings, "wow-listen"), "state_dir", daemon->state_dir,
              "workers", (int)worker_count(settings));
}

static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, signals, NULL); /* all threads inherit it */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file over a limit is an error like a full disk */
}

enum status daemon_run(const struct daemon_options *options, struct message *why)
{
    struct daemon daemon = {.options = options, .service.settings = options->settings};
    sigset_t signals;
    enum status status;

    block_signals(&signals);
    slice_shorten();
    status = apply_log_level(options->settings, why);
    if (status == ST_OK)
        status = open_store(&daemon, why);
    if (status == ST_OK)
        status = open_pool(&daemon, why);
    if (status == ST_OK)
        status = open_node(&daemon);
    if (status == ST_OK)
        status = open_api(&daemon, why);
    if (status == ST_OK)
        status = open_servers(&daemon, why);
    if (status == ST_OK) {
        daemon.upgrading = pthread_create(&daemon.upgrader, NULL, upgrade, &daemon) == 0;
        daemon.service.serving = true;
        log_start(&daemon);
        notify_systemd("READY=1");
        wait_for_end(&daemon, &signals);
        notify_systemd("STOPPING=1");
    }
    close_all(&daemon);
    return status;
}
