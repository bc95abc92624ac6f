/* reclave proxy: OpenWhisk's action-proxy protocol. */
#include "cli/commands.h"
#include "cli/service_options.h"
#include "host/daemon/proxy_service.h"

#include <stdio.h>

static const char doc[] = "Serves one action as a container of OpenWhisk does: POST /init, POST "
                          "/run (docs/serving.md). By "
                          "itself it has an enclave of its own; with --node it relays to the "
                          "`reclave serve` of this node. Every "
                          "option is also a variable, RECLAVE_NODE for --node.\v"
                          "Example:\n"
                          "  reclave proxy --node /run/reclave/node.sock";

int cmd_proxy(int argc, char **argv)
{
    struct service_options options = {.settings.table = proxy_settings};
    struct message why = {""};
    int code = service_options_parse(&options, "proxy", doc, argc, argv);

    if (code < 0) {
        code = proxy_service_run(&options.settings, options.program, options.worker_command,
                                 &why) == ST_OK
                   ? 0
                   : 1;
        if (code)
            fprintf(stderr, "reclave proxy: %s\n", why.text);
    }
    service_options_free(&options);
    return code;
}
