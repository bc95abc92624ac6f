/* `reclave proxy` as a process. */
#ifndef RECLAVE_HOST_DAEMON_PROXY_SERVICE_H
#define RECLAVE_HOST_DAEMON_PROXY_SERVICE_H

#include "host/daemon/settings.h"

extern const struct setting proxy_settings[];

/* Serves until SIGTERM or SIGINT. Call it before other threads exist. Its own messages go to stderr
 * and are none unless something is wrong: both streams are the action's log. */
MUST_CHECK enum status proxy_service_run(struct settings *settings, const char *program,
                                         const char *const *worker_command, struct message *why);

#endif
