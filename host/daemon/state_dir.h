/* The daemon's folder: --state-dir, or where such things are. */
#ifndef RECLAVE_HOST_DAEMON_STATE_DIR_H
#define RECLAVE_HOST_DAEMON_STATE_DIR_H

#include "abi/status.h"
#include "host/loader/message.h"

#define STATE_DIR_BYTES 4096

/* `chosen` NULL: /var/lib/reclave for root, else $XDG_STATE_HOME/reclave or
 * ~/.local/state/reclave. The folder is not made. */
MUST_CHECK enum status state_dir_find(const char *chosen, char path[STATE_DIR_BYTES],
                                      struct message *why);
/* Makes it, mode 0700, with all folders on the way to it; fine if it is there and can be used. */
MUST_CHECK enum status state_dir_make(const char *path, struct message *why);
/* The database in it. */
void state_dir_database(const char *path, char file[STATE_DIR_BYTES + 16]);

#endif
