#include "host/daemon/state_dir.h"

#include "host/store/database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status state_dir_make(const char *path, struct message *why)
{
    char part[STATE_DIR_BYTES];

    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            break;
        *slash = '/';
    }
    if (mkdir(path, 0700) == 0 || (errno == EEXIST && access(path, W_OK | X_OK) == 0))
        return ST_OK;
    message_set(why, "cannot use %s: %s: choose another --state-dir", path, strerror(errno));
    return ST_IO;
}

enum status state_dir_find(const char *chosen, char path[STATE_DIR_BYTES], struct message *why)
{
    const char *home = getenv("HOME"), *state = getenv("XDG_STATE_HOME");
    int n;

    if (chosen)
        n = snprintf(path, STATE_DIR_BYTES, "%s", chosen);
    else if (geteuid() == 0)
        n = snprintf(path, STATE_DIR_BYTES, "/var/lib/reclave");
    else if (state && state[0] == '/')
        n = snprintf(path, STATE_DIR_BYTES, "%s/reclave", state);
    else
        n = snprintf(path, STATE_DIR_BYTES, "%s/.local/state/reclave", home ? home : "");
    if (n >= 0 && n < STATE_DIR_BYTES)
        return ST_OK;
    message_set(why, "state-dir: the path is too long");
    return ST_OUT_OF_RANGE;
}

void state_dir_database(const char *path, char file[STATE_DIR_BYTES + 16])
{
    snprintf(file, STATE_DIR_BYTES + 16, "%s/" DATABASE_FILE, path);
}
