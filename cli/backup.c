/* reclave backup: a copy of the daemon's database while it runs. */
#include "cli/commands.h"
#include "cli/state.h"

#include <argp.h>
#include <stdio.h>

enum key { KEY_STATE = 0x300 };

struct arguments {
    const char *file, *state_dir;
};

static const struct argp_option flags[] = {
    {"state-dir", KEY_STATE, "DIR", 0, "The daemon's (default: as `reclave serve`)", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case KEY_STATE:
        arguments->state_dir = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->file)
            argp_error(state, "too many arguments");
        arguments->file = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->file)
            argp_error(state, "needs the file to write");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    flags,
    parse,
    "FILE",
    "Copies the database of `reclave serve` - tenants, actions, activations - to FILE, which must "
    "not exist, and checks the copy. The daemon may run and be busy. To restore: stop the daemon, "
    "move reclave.db and its -wal and -shm files away, and put FILE there as reclave.db.\v"
    "Example:\n"
    "  reclave backup /backup/reclave-monday.db",
    NULL,
    NULL,
    NULL};

int cmd_backup(int argc, char **argv)
{
    struct arguments arguments = {0};
    char file[STATE_DIR_BYTES + 16];
    struct message why = {""};
    enum status status;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave backup";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    status = state_file(arguments.state_dir, false, file, &why);
    if (status == ST_OK)
        status = database_backup(file, arguments.file, &why);
    if (status == ST_OK)
        return 0;
    fprintf(stderr, "reclave backup: %s\n", why.text[0] ? why.text : "failed");
    return 1;
}
