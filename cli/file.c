#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_ROOM 65536

/* cut: what is behind the limit is not read, instead of too much. */
static enum status read_all(int file, size_t limit, bool cut, uint8_t **data, size_t *bytes)
{
    size_t room = FIRST_ROOM, used = 0;
    uint8_t *buffer = malloc(room);

    while (buffer) {
        ssize_t got = read(file, buffer + used, room - used);
        uint8_t *larger;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(buffer);
            return ST_IO;
        }
        used += (size_t)got;
        if (used > limit && cut) {
            used = limit;
            got = 0;
        }
        if (used > limit) {
            free(buffer);
            return ST_OUT_OF_RANGE;
        }
        if (got == 0) {
            *data = buffer;
            *bytes = used;
            return ST_OK;
        }
        if (used < room)
            continue;
        room *= 2;
        larger = realloc(buffer, room);
        if (!larger)
            free(buffer);
        buffer = larger;
    }
    return ST_NO_MEMORY;
}

static enum status read_path(const char *path, size_t limit, bool cut, uint8_t **data,
                             size_t *bytes)
{
    enum status status;
    int file;

    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, limit, cut, data, bytes);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return ST_IO;
    status = read_all(file, limit, cut, data, bytes);
    close(file);
    return status;
}

enum status file_read(const char *path, size_t limit, uint8_t **data, size_t *bytes)
{
    return read_path(path, limit, false, data, bytes);
}

enum status file_read_start(const char *path, size_t limit, uint8_t **data, size_t *bytes)
{
    return read_path(path, limit, true, data, bytes);
}

static enum status write_all(int file, const uint8_t *data, size_t bytes)
{
    while (bytes) {
        ssize_t done = write(file, data, bytes);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ST_IO;
        data += done;
        bytes -= (size_t)done;
    }
    return ST_OK;
}

/* What open() with mode 0666 would have given. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

enum status file_write(const char *path, const void *data, size_t bytes)
{
    char temporary[PATH_MAX];
    enum status status = ST_OK;
    int length = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path), file, cause;

    if (length < 0 || (size_t)length >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return ST_IO;
    }
    file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0)
        return ST_IO;
    if (write_all(file, data, bytes) != ST_OK || fchmod(file, usual_mode()) != 0)
        status = ST_IO;
    cause = errno;
    if (close(file) != 0 && status == ST_OK) {
        status = ST_IO;
        cause = errno;
    }
    if (status == ST_OK && rename(temporary, path) != 0) {
        status = ST_IO;
        cause = errno;
    }
    if (status != ST_OK) {
        unlink(temporary);
        errno = cause;
    }
    return status;
}
