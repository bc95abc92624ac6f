/* `reclave worker`: one enclave behind a socket. */
#include "cli/commands.h"
#include "cli/machine_options.h"
#include "cli/progress.h"
#include "host/worker/server.h"

#include <stdio.h>

struct worker_options {
    struct machine_options machine;
    const char *socket;
};

enum key { KEY_SOCKET = 0x100, KEY_KEEPER };

static const struct argp_option options[] = {
    {"socket", KEY_SOCKET, "PATH", 0, "Where to listen; the socket is for this user only", 1},
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
    case KEY_KEEPER:
        worker->machine.engine.keeper_socket = argument;
        return 0;
    case ARGP_KEY_END:
        if (!worker->socket)
            argp_error(state, "--socket PATH is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void say_ready(void *context)
{
    const struct worker_options *worker = context;

    progress_clear();
    printf("reclave worker: listening on %s\n", worker->socket);
    fflush(stdout);
}

static int serve(struct worker_options *worker)
{
    struct message why = {""};
    struct server_options server = {
        .socket_path = worker->socket,
        .ready = say_ready,
        .ready_context = worker,
    };

    if (machine_options_finish(&worker->machine) != ST_OK)
        return 1;
    server.engine = worker->machine.engine;
    server.engine.measure_calls = true;
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
