#include "toolchain/image/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status read_all(int fd, uint8_t *data, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t n = read(fd, data + *got, size - *got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ST_IO;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return ST_OK;
}

static enum status read_open(int fd, const char *path, struct file_bytes *out, struct problem *p)
{
    struct stat info;
    size_t got;

    if (fstat(fd, &info))
        return problem(p, ST_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return problem(p, ST_INVALID_ARGUMENT, "%s: not a regular file", path);
    if ((uint64_t)info.st_size > FILE_BYTES_MAX)
        return problem(p, ST_OUT_OF_RANGE, "%s: larger than 1 GiB", path);
    out->size = (size_t)info.st_size;
    out->data = malloc(out->size + 1);
    if (!out->data)
        return problem(p, ST_NO_MEMORY, "%s: out of memory", path);
    if (read_all(fd, out->data, out->size, &got) || got != out->size) {
        file_release(out);
        return problem(p, ST_IO, "%s: cannot be read to its end", path);
    }
    return ST_OK;
}

enum status file_read(const char *path, struct file_bytes *out, struct problem *p)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status;

    if (fd < 0)
        return problem(p, ST_IO, "%s: %s", path, strerror(errno));
    status = read_open(fd, path, out, p);
    close(fd);
    return status;
}

void file_release(struct file_bytes *file)
{
    free(file->data);
    file->data = NULL;
    file->size = 0;
}

static enum status write_all(int fd, const uint8_t *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ST_IO;
        data += n;
        size -= (size_t)n;
    }
    return ST_OK;
}

enum status file_write(const char *path, const struct file_bytes *file, struct problem *p)
{
    enum status status = ST_IO;
    char *temporary;
    int fd;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return problem(p, ST_NO_MEMORY, "%s: out of memory", path);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        goto out;
    status = write_all(fd, file->data, file->size);
    if (fchmod(fd, 0644))
        status = ST_IO;
    if (close(fd))
        status = ST_IO;
    if (!status && rename(temporary, path))
        status = ST_IO;
    if (status) {
        int cause = errno;
        unlink(temporary);
        errno = cause;
    }
out:
    if (status)
        status = problem(p, status, "%s: %s", path, strerror(errno));
    free(temporary);
    return status;
}
