/* The daemon's database, for verbs that look at it or change it. */
#ifndef RECLAVE_CLI_STATE_H
#define RECLAVE_CLI_STATE_H

#include "host/daemon/state_dir.h"
#include "host/store/database.h"

/* Where it is: `chosen` (--state-dir), RECLAVE_STATE_DIR, the daemon's configuration file, or the
 * daemon's default. */
MUST_CHECK enum status state_file(const char *chosen, bool make_folder,
                                  char file[STATE_DIR_BYTES + 16], struct message *why);
MUST_CHECK enum status state_open(const char *chosen, bool create, struct database **out,
                                  struct message *why);

#endif
