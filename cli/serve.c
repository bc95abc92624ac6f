/* reclave serve: the daemon. */
#include "cli/commands.h"
#include "cli/service_options.h"
#include "host/daemon/daemon.h"

#include <stdio.h>

static const char doc[] =
    "Runs functions for others: keeps them warm in a pool of enclaves (docs/serving.md). Every "
    "option "
    "is also a variable, RECLAVE_STATE_DIR for --state-dir, and a key of the configuration file, "
    "state_dir. SIGTERM ends it when requests are done, SIGHUP reads the configuration again.\v"
    "Example:\n"
    "  reclave serve --state-dir /var/lib/reclave --workers 4\n"
    "  curl http://127.0.0.1:9464/readyz";

int cmd_serve(int argc, char **argv)
{
    struct service_options options = {.settings.table = daemon_settings};
    struct message why = {""};
    int code = service_options_parse(&options, "serve", doc, argc, argv);

    if (code < 0) {
        struct daemon_options run = {.settings = &options.settings,
                                     .config = options.config,
                                     .program = options.program,
                                     .worker_command = options.worker_command};

        code = daemon_run(&run, &why) == ST_OK ? 0 : 1;
        if (code)
            fprintf(stderr, "reclave serve: %s\n", why.text);
    }
    service_options_free(&options);
    return code;
}
