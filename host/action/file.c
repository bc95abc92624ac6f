#include "host/action/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum status read_whole_file(const char *path, size_t limit, uint8_t **data, size_t *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status = ST_OK;
    struct stat info;

    *data = NULL;
    *bytes = 0;
    if (fd < 0)
        return ST_IO;
    if (fstat(fd, &info) != 0)
        status = ST_IO;
    else if ((uint64_t)info.st_size > limit)
        status = ST_OUT_OF_RANGE;
    else if (!(*data = malloc((size_t)info.st_size + 1)))
        status = ST_NO_MEMORY;
    while (status == ST_OK && *bytes < (size_t)info.st_size) {
        ssize_t n = read(fd, *data + *bytes, (size_t)info.st_size - *bytes);

        if (n > 0)
            *bytes += (size_t)n;
        else if (n == 0 || errno != EINTR)
            status = ST_IO;
    }
    close(fd);
    if (status != ST_OK) {
        free(*data);
        *data = NULL;
    }
    return status;
}

static enum status write_and_sync(int fd, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(fd, data, bytes);

        if (n < 0 && errno != EINTR)
            return ST_IO;
        if (n > 0) {
            data += n;
            bytes -= (size_t)n;
        }
    }
    return fsync(fd) == 0 ? ST_OK : ST_IO;
}

enum status write_whole_file(const char *path, const void *data, size_t bytes)
{
    static _Atomic unsigned serial;
    char temporary[PATH_MAX];
    enum status status;
    int fd;

    if (snprintf(temporary, sizeof(temporary), "%s.%d.%u.new", path, (int)getpid(),
                 atomic_fetch_add(&serial, 1)) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return ST_IO;
    }
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return ST_IO;
    status = write_and_sync(fd, data, bytes);
    if (close(fd) != 0)
        status = ST_IO;
    if (status == ST_OK && rename(temporary, path) != 0)
        status = ST_IO;
    if (status != ST_OK) {
        int cause = errno;

        unlink(temporary);
        errno = cause;
    }
    return status;
}
