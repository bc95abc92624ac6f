/* reclave keeper [serve]: one keeper behind a socket. */
#include "cli/data_dir.h"
#include "cli/keeper.h"
#include "cli/machine_options.h"
#include "cli/progress.h"
#include "host/keeper/keeper.h"
#include "host/keeper/server.h"
#include "host/worker/images.h"
#include "host/worker/socket.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct serve_options {
    struct machine_options machine;
    const char *verb, *socket, *state, *policy;
    uint64_t epoch_seconds;
};

enum key { KEY_SOCKET = 0x100, KEY_STATE, KEY_POLICY, KEY_EPOCH };

static const struct argp_option options[] = {
    {"socket", KEY_SOCKET, "PATH", 0, "Where to listen; the socket is for this user only", 1},
    {"state", KEY_STATE, "FILE", 0,
     "The keeper's sealed state: restored from it, or made if there is none", 1},
    {"policy", KEY_POLICY, "FILE", 0,
     "What `reclave keeper policy` wrote: owner and platforms of a new keeper", 1},
    {"epoch", KEY_EPOCH, "SECONDS", 0, "How long an epoch lasts: 1 to 3600 (3000)", 1},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct serve_options *serve = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &serve->machine;
        return 0;
    case KEY_SOCKET:
        serve->socket = argument;
        return 0;
    case KEY_STATE:
        serve->state = argument;
        return 0;
    case KEY_POLICY:
        serve->policy = argument;
        return 0;
    case KEY_EPOCH:
        serve->epoch_seconds = parse_number(state, "--epoch", argument, 1, EPOCH_SECONDS_MAX);
        return 0;
    case ARGP_KEY_END:
        if (!serve->socket || !serve->state)
            argp_error(state, "--socket PATH and --state FILE are needed");
        if (serve->machine.engine.shared_tenancy)
            argp_error(state, "--tenancy is for workers: a keeper runs no functions");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void say_ready(void *context)
{
    const struct serve_options *serve = context;

    progress_clear();
    printf("reclave keeper: listening on %s\n", serve->socket);
    fflush(stdout);
}

static enum status open_keeper(const struct serve_options *serve, const struct keeper_start *start,
                               struct keeper_host **keeper, struct message *why)
{
    const struct engine_options *machine = &serve->machine.engine;
    char image[PATH_MAX], quoting[PATH_MAX], folder[PATH_MAX] = "";
    struct keeper_host_options host = {
        .image = image, .quoting_image = quoting, .quoting_state = folder, .state = serve->state};
    enum status status = sgx_driver_select(machine->backend, machine->emulated_cpu, &host.driver);

    if (status != ST_OK) {
        message_set(why, "no SGX here: use --backend emulator, which protects nothing");
        return status;
    }
    status =
        images_choose(machine->images_folder,
                      machine->pages == ENGINE_PAGES_EAGER ? IMAGE_PAGES_EAGER : IMAGE_PAGES_LAZY,
                      machine->enclave_mib, image, sizeof(image), why);
    if (status != ST_OK)
        return status;
    if (data_dir_path("images/quoting.rci", quoting, sizeof(quoting)) != ST_OK ||
        quoting_state_folder(folder, sizeof(folder)) != ST_OK) {
        message_set(why, "no quoting image, or no state folder: set RECLAVE_STATE_DIR or HOME");
        return ST_NOT_FOUND;
    }
    return keeper_host_open(&host, start, keeper, why);
}

static enum status serve_on(const struct serve_options *serve, const struct keeper_start *start,
                            struct message *why)
{
    struct keeper_server_options server = {.epoch_seconds = serve->epoch_seconds,
                                           .ready = say_ready,
                                           .ready_context = (void *)(uintptr_t)serve};
    struct keeper_host *keeper;
    struct listener listener;
    enum status status = listener_open(serve->socket, &listener, why);

    if (status != ST_OK)
        return status;
    status = open_keeper(serve, start, &keeper, why);
    if (status == ST_OK) {
        server.listener = listener.fd;
        status = keeper_server_run(keeper, &server, why);
        keeper_host_close(keeper);
    }
    listener_close(&listener);
    return status;
}

int keeper_serve(int argc, char **argv)
{
    static const struct argp_child children[] = {{&machine_argp, 0, "The machine:", 10}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Serves a keeper on a socket until SIGTERM. Workers (`reclave worker --keeper`) get "
               "their keys from it.\vExample:\n"
               "  reclave keeper --socket k.sock --state k.state --policy fleet.policy",
        .children = children,
    };
    struct serve_options serve = {.verb = argv[0], .epoch_seconds = EPOCH_SECONDS_DEFAULT};
    struct message why = {""};
    struct keeper_start start;

    if (argp_parse(&argp, argc, argv, 0, NULL, &serve) != 0)
        return 2;
    if (machine_options_finish(&serve.machine) != ST_OK)
        return 1;
    if (serve.policy && !keeper_read_exactly(serve.verb, serve.policy, &start, sizeof(start),
                                             "owner and platform policy"))
        return 1;
    if (serve_on(&serve, serve.policy ? &start : NULL, &why) == ST_OK)
        return 0;
    progress_clear();
    return keeper_failed(serve.verb, serve.state, why.text);
}
