/* What `reclave serve` and `reclave proxy` have in common: settings as flags, and the command that
 * starts a worker. */
#ifndef RECLAVE_CLI_SERVICE_OPTIONS_H
#define RECLAVE_CLI_SERVICE_OPTIONS_H

#include "host/daemon/settings.h"

#include <argp.h>
#include <limits.h>

struct service_options {
    struct settings settings;
    char *config; /* --config, or RECLAVE_CONFIG; NULL: the default file */
    char program[PATH_MAX];
    const char *worker_command[16];
};

/* Parses the flags of all settings, --config and --help, then loads the settings. Exit code to end
 * with, or -1: go on. */
int service_options_parse(struct service_options *options, const char *verb, const char *doc,
                          int argc, char **argv);
void service_options_free(struct service_options *options);

#endif
