/* `reclave worker`: one enclave behind a socket. */
#include "cli/commands.h"
#include "cli/machine_options.h"
#include "cli/progress.h"
#include "host/worker/confine.h"
#include "host/worker/server.h"

#include <jansson.h>
#include <stdio.h>

struct worker_options {
    struct machine_options machine;
    const char *socket;
    unsigned clients;
    bool confine;
};

#define FIRST_CLIENT 3 /* descriptor */
#define CLIENTS_MAX  32

enum key { KEY_SOCKET = 0x100, KEY_CLIENTS, KEY_CONFINE, KEY_ENCRYPTED_ONLY, KEY_KEEPER };

static const struct argp_option options[] = {
    {"socket", KEY_SOCKET, "PATH", 0, "Where to listen; the socket is for this user only", 1},
    {"clients", KEY_CLIENTS, "N", 0,
     "Instead of --socket: descriptors 3 to N + 2 are sockets with a client each", 1},
    {"confine", KEY_CONFINE, NULL, 0,
     "Once ready, give up everything but the enclave and the open sockets (seccomp)", 1},
    {"encrypted-only", KEY_ENCRYPTED_ONLY, NULL, 0,
     "Let the enclave refuse invocations that are not encrypted; its quotes say so", 1},
    {"keeper", KEY_KEEPER, "SOCKET", 0,
     "Take the keys of this keeper (`reclave keeper`), and new ones as it has them", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct worker_options *worker = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &worker->machine;
        return 0;
    case KEY_SOCKET:
        worker->socket = argument;
        return 0;
    case KEY_CLIENTS:
        worker->clients = (unsigned)parse_number(state, "--clients", argument, 1, CLIENTS_MAX);
        return 0;
    case KEY_CONFINE:
        worker->confine = true;
        return 0;
    case KEY_ENCRYPTED_ONLY:
        worker->machine.engine.encrypted_only = true;
        return 0;
    case KEY_KEEPER:
        worker->machine.engine.keeper_socket = argument;
        return 0;
    case ARGP_KEY_END:
        if (!worker->socket == !worker->clients)
            argp_error(state, "give either --socket PATH or --clients N");
        if (worker->confine && !worker->clients)
            argp_error(state, "--confine needs --clients: it cannot accept connections");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool get_ready(void *context)
{
    const struct worker_options *worker = context;
    struct message why = {""};

    progress_clear();
    if (worker->socket) {
        printf("reclave worker: listening on %s\n", worker->socket);
        fflush(stdout);
    }
    json_object_seed(0); /* reads a device, which a confined worker cannot */
    if (!worker->confine ||
        confine_worker(worker->machine.engine.keeper_socket != NULL, &why) == ST_OK)
        return true;
    fprintf(stderr, "reclave worker: %s\n", why.text);
    return false;
}

static int serve(struct worker_options *worker)
{
    struct message why = {""};
    struct server_options server = {
        .socket_path = worker->socket,
        .first_client = FIRST_CLIENT,
        .client_count = worker->clients,
        .ready = get_ready,
        .ready_context = worker,
    };

    if (machine_options_finish(&worker->machine) != ST_OK)
        return 1;
    server.engine = worker->machine.engine;
    server.engine.measure_calls = true;
    server.engine.quote_early = worker->confine; /* then it can open nothing any more */
    server.engine.progress = progress_pages;
    if (server_run(&server, &why) == ST_OK)
        return 0;
    progress_clear();
    fprintf(stderr, "reclave worker: %s\n", why.text);
    return 1;
}

int cmd_worker(int argc, char **argv)
{
    static const struct argp_child children[] = {{&machine_argp, 0, "The machine:", 10}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Serve one enclave on a socket (docs/worker.md), until a client shuts it down or "
               "SIGTERM.\vExample:\n"
               "  reclave worker --socket /run/user/1000/reclave.sock",
        .children = children,
    };
    struct worker_options worker = {0};

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave worker";
    if (argp_parse(&argp, argc, argv, 0, NULL, &worker) != 0)
        return 2;
    return serve(&worker);
}
