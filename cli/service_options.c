#include "cli/service_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum key { KEY_CONFIG = 0x300, KEY_FIRST_SETTING = 0x400 };

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct service_options *options = state->input;
    struct message why;

    if (key == KEY_CONFIG) {
        options->config = argument;
        return 0;
    }
    if (key < KEY_FIRST_SETTING || key >= KEY_FIRST_SETTING + SETTINGS_MAX)
        return ARGP_ERR_UNKNOWN;
    if (settings_flag(&options->settings, (unsigned)(key - KEY_FIRST_SETTING),
                      argument ? argument : "true", &why) != ST_OK)
        argp_error(state, "%s", why.text);
    return 0;
}

static void fill_argp(const struct setting *table, struct argp_option flags[SETTINGS_MAX + 2])
{
    unsigned count = 0;

    for (; table[count].name; count++)
        flags[count] = (struct argp_option){.name = table[count].name,
                                            .key = KEY_FIRST_SETTING + (int)count,
                                            .arg = table[count].argument,
                                            .doc = table[count].help};
    flags[count] = (struct argp_option){
        .name = "config",
        .key = KEY_CONFIG,
        .arg = "FILE",
        .doc = "Settings as a JSON object (default " SETTINGS_DEFAULT_FILE ", if it is there)"};
}

static void add_worker_option(struct service_options *options, unsigned *count, const char *flag,
                              const char *name)
{
    const char *value = settings_text(&options->settings, name);

    if (!value)
        return;
    options->worker_command[(*count)++] = flag;
    options->worker_command[(*count)++] = value;
}

static int make_worker_command(struct service_options *options, const char *verb)
{
    ssize_t bytes = readlink("/proc/self/exe", options->program, sizeof(options->program) - 1);
    unsigned count = 0;

    if (bytes < 0) {
        fprintf(stderr, "reclave %s: cannot find the program itself\n", verb);
        return 1;
    }
    options->program[bytes] = 0;
    options->worker_command[count++] = options->program;
    options->worker_command[count++] = "worker";
    add_worker_option(options, &count, "--backend", "backend");
    add_worker_option(options, &count, "--pages", "pages");
    add_worker_option(options, &count, "--enclave-size", "enclave-size");
    add_worker_option(options, &count, "--emulate", "emulate");
    add_worker_option(options, &count, "--keeper", "keeper");
    if (settings_switch(&options->settings, "encrypted-only"))
        options->worker_command[count++] = "--encrypted-only";
    options->worker_command[count] = NULL;
    return -1;
}

int service_options_parse(struct service_options *options, const char *verb, const char *doc,
                          int argc, char **argv)
{
    struct argp_option flags[SETTINGS_MAX + 2] = {0};
    struct argp argp = {.options = flags, .parser = parse, .doc = doc};
    struct message why = {""};
    char name[32];

    argp_err_exit_status = 2;
    snprintf(name, sizeof(name), "reclave %s", verb);
    argv[0] = name;
    options->config = getenv("RECLAVE_CONFIG");
    fill_argp(options->settings.table, flags);
    if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0)
        return 2;
    if (settings_load(&options->settings, options->config, &why) != ST_OK) {
        fprintf(stderr, "reclave %s: %s\n", verb, why.text);
        return 2;
    }
    return make_worker_command(options, verb);
}

void service_options_free(struct service_options *options)
{
    settings_free(&options->settings);
}
