#include "cli/data_dir.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the running program. */
static enum status program_folder(char folder[PATH_MAX])
{
    ssize_t bytes = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    char *slash;

    if (bytes < 0)
        return ST_IO;
    folder[bytes] = '\0';
    slash = strrchr(folder, '/');
    if (!slash)
        return ST_NOT_FOUND;
    *slash = '\0';
    return ST_OK;
}

enum status data_dir_path(const char *relative, char *path, size_t path_bytes)
{
    const char *chosen = getenv("RECLAVE_DATA_DIR");
    char folder[PATH_MAX];
    int bytes;

    if (chosen && chosen[0]) {
        bytes = snprintf(path, path_bytes, "%s/%s", chosen, relative);
    } else {
        enum status status = program_folder(folder);

        if (status != ST_OK)
            return status;
        bytes = snprintf(path, path_bytes, "%s/../lib/reclave/%s", folder, relative);
    }
    if (bytes < 0 || (size_t)bytes >= path_bytes)
        return ST_OUT_OF_RANGE;
    return access(path, R_OK) == 0 ? ST_OK : ST_NOT_FOUND;
}
