#include "host/http/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_BODY_LIMIT   (1u << 20)
#define DEFAULT_HEADER_LIMIT (32u << 10)
#define DEFAULT_CONNECTIONS  512u
#define DEFAULT_IDLE_S       30u
#define DEFAULT_TRANSFER_S   60u
#define THREAD_STACK_BYTES   (1u << 20) /* JSON nests 2048 deep */
#define PEM_BYTES_MAX        (1u << 20)

static void fill_defaults(struct http_options *options)
{
    if (!options->body_limit)
        options->body_limit = DEFAULT_BODY_LIMIT;
    if (!options->header_limit)
        options->header_limit = DEFAULT_HEADER_LIMIT;
    if (!options->connections)
        options->connections = DEFAULT_CONNECTIONS;
    if (!options->idle_s)
        options->idle_s = DEFAULT_IDLE_S;
    if (!options->transfer_s)
        options->transfer_s = DEFAULT_TRANSFER_S;
}

/* ---- TLS ---- */

static enum status read_pem(const char *path, char **out, struct message *why)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, PEM_BYTES_MAX + 1);
    size_t bytes = file && text ? fread(text, 1, PEM_BYTES_MAX, file) : 0;

    if (file)
        fclose(file);
    if (bytes > 0) {
        *out = text;
        return ST_OK;
    }
    free(text);
    message_set(why, "cannot read %s: %s", path, file ? "the file is empty" : strerror(errno));
    return ST_IO;
}

static void free_key(char *key)
{
    if (key)
        explicit_bzero(key, strlen(key));
    free(key);
}

static enum status read_tls(const struct http_options *options, char **cert, char **key,
                            struct message *why)
{
    enum status status;

    *cert = *key = NULL;
    if (!options->tls_cert && !options->tls_key)
        return ST_OK;
    if (!options->tls_cert || !options->tls_key) {
        message_set(why, "TLS needs both a certificate and a key: --tls-cert and --tls-key");
        return ST_INVALID_ARGUMENT;
    }
    status = read_pem(options->tls_cert, cert, why);
    if (status == ST_OK)
        status = read_pem(options->tls_key, key, why);
    if (status != ST_OK) {
        free(*cert);
        *cert = NULL;
    }
    return status;
}

/* ---- libmicrohttpd ---- */

static void quiet(void *context, const char *format, va_list arguments)
{
    (void)context; /* garbage from clients: nothing to act on */
    (void)format;
    (void)arguments;
}

/* Each daemon has a copy of the listening socket, which it closes, also when it cannot start. */
static struct MHD_Daemon *start_daemon(struct http_server *server, char *cert, char *key)
{
    const struct http_options *options = &server->options;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0,
         (void *)(uintptr_t) "SECURE128:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3"},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG | (cert ? MHD_USE_TLS : 0);

    return MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_advance, server, MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL,
        MHD_OPTION_LISTEN_SOCKET, fcntl(server->listen_fd, F_DUPFD_CLOEXEC, 0),
        MHD_OPTION_URI_LOG_CALLBACK, exchange_open, server, MHD_OPTION_NOTIFY_COMPLETED,
        exchange_close, server, MHD_OPTION_NOTIFY_CONNECTION, peers_notify, server,
        MHD_OPTION_CONNECTION_LIMIT, options->connections, MHD_OPTION_CONNECTION_TIMEOUT,
        options->idle_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)options->header_limit,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_BYTES,
        MHD_OPTION_ARRAY, cert ? tls : tls + 3, MHD_OPTION_END);
}

/* ---- start and stop ---- */

static enum status start(struct http_server *server, struct message *why)
{
    server->daemon = start_daemon(server, server->cert, server->key);
    if (server->daemon)
        return ST_OK;
    message_set(why, "cannot serve on %s%s", server->options.listen,
                server->cert ? ": certificate and key must be PEM and belong together" : "");
    return ST_IO;
}

static void release(struct http_server *server)
{
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    if (server->quiet_fd >= 0)
        close(server->quiet_fd);
    if (server->unix_path[0])
        unlink(server->unix_path);
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->lock);
    free(server->cert);
    free_key(server->key);
    free(server->strings[0]);
    free(server->strings[1]);
    free(server->strings[2]);
    free(server);
}

static enum status copy_strings(struct http_server *server)
{
    const char **originals[] = {&server->options.listen, &server->options.tls_cert,
                                &server->options.tls_key};

    for (unsigned i = 0; i < 3; i++) {
        if (!*originals[i])
            continue;
        server->strings[i] = strdup(*originals[i]);
        if (!server->strings[i])
            return ST_NO_MEMORY;
        *originals[i] = server->strings[i];
    }
    return ST_OK;
}

static void init_locks(struct http_server *server)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->idle, &attributes);
    pthread_condattr_destroy(&attributes);
}

enum status http_start(const struct http_options *options, struct http_server **out,
                       struct message *why)
{
    struct http_server *server = calloc(1, sizeof(*server));
    enum status status;

    *out = NULL;
    if (!server)
        return ST_NO_MEMORY;
    server->options = *options;
    server->listen_fd = server->quiet_fd = -1;
    fill_defaults(&server->options);
    init_locks(server);
    status = copy_strings(server);
    if (status == ST_OK)
        status = read_tls(options, &server->cert, &server->key, why);
    if (status == ST_OK)
        status =
            listen_open(options->listen, &server->listen_fd, &server->port, server->unix_path, why);
    if (status == ST_OK)
        status = peers_start(server);
    if (status == ST_OK)
        status = start(server, why);
    if (status != ST_OK) {
        peers_stop(server);
        release(server);
        return status;
    }
    *out = server;
    return ST_OK;
}

unsigned http_port(const struct http_server *server)
{
    return server->port;
}

static void end_daemon(struct MHD_Daemon *daemon)
{
    int fd = MHD_quiesce_daemon(daemon);

    MHD_stop_daemon(daemon);
    if (fd >= 0)
        close(fd);
}

/* Old and new accept from the same socket until the old one is told to stop. */
enum status http_reload_tls(struct http_server *server, struct message *why)
{
    char *cert, *key;
    enum status status = read_tls(&server->options, &cert, &key, why);
    struct MHD_Daemon *old = server->daemon, *fresh;

    if (status != ST_OK || !cert)
        return status;
    fresh = start_daemon(server, cert, key);
    if (!fresh) {
        message_set(why, "%s and %s must be PEM and belong together", server->options.tls_cert,
                    server->options.tls_key);
        free(cert);
        free_key(key);
        return ST_CORRUPT;
    }
    server->daemon = fresh;
    end_daemon(old); /* waits for its handlers; idle connections are closed */
    free(server->cert);
    free_key(server->key);
    server->cert = cert;
    server->key = key;
    return ST_OK;
}

static void wait_until_idle(struct http_server *server, unsigned grace_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += grace_ms / 1000;
    until.tv_nsec += (long)(grace_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    while (server->running > 0 &&
           pthread_cond_timedwait(&server->idle, &server->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&server->lock);
}

void http_drain(struct http_server *server, unsigned grace_ms)
{
    if (!server)
        return;
    if (server->quiet_fd < 0)
        server->quiet_fd = MHD_quiesce_daemon(server->daemon);
    wait_until_idle(server, grace_ms);
}

void http_stop(struct http_server *server, unsigned grace_ms)
{
    if (!server)
        return;
    http_drain(server, grace_ms);
    MHD_stop_daemon(server->daemon);
    peers_stop(server);
    release(server);
}
