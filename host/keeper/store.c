#include "host/keeper/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void (*store_after_step)(const char *step);

static void step(const char *name)
{
    if (store_after_step)
        store_after_step(name);
}

static enum status fail(const char *path, const char *what, struct message *why)
{
    message_set(why, "%s: cannot %s the keeper's state: %s", path, what, strerror(errno));
    return ST_IO;
}

static bool read_all(int fd, uint8_t *to, size_t bytes)
{
    while (bytes) {
        ssize_t got = read(fd, to, bytes);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const uint8_t *from, size_t bytes)
{
    while (bytes) {
        ssize_t put = write(fd, from, bytes);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        from += put;
        bytes -= (size_t)put;
    }
    return true;
}

enum status store_read(const char *path, void *data, size_t bytes, struct message *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status = ST_OK;
    struct stat info;

    if (fd < 0 && errno == ENOENT) {
        message_set(why, "%s: there is no keeper's state", path);
        return ST_NOT_FOUND;
    }
    if (fd < 0)
        return fail(path, "open", why);
    if (fstat(fd, &info) != 0) {
        status = fail(path, "read", why);
    } else if ((uint64_t)info.st_size != bytes) {
        message_set(why, "%s: a keeper's state has %zu bytes, this has %lld: restore a copy of it",
                    path, bytes, (long long)info.st_size);
        status = ST_CORRUPT;
    } else if (!read_all(fd, data, bytes)) {
        status = fail(path, "read", why);
    }
    close(fd);
    return status;
}

static enum status path_with(const char *path, const char *suffix, char out[PATH_MAX],
                             struct message *why)
{
    if ((size_t)snprintf(out, PATH_MAX, "%s%s", path, suffix) < PATH_MAX)
        return ST_OK;
    message_set(why, "the path of the keeper's state is too long");
    return ST_OUT_OF_RANGE;
}

static enum status write_beside(const char *path, const void *data, size_t bytes,
                                struct message *why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum status status = ST_OK;

    if (fd < 0)
        return fail(path, "create", why);
    step("opened");
    if (!write_all(fd, data, bytes))
        status = fail(path, "write", why);
    step("written");
    if (status == ST_OK && fsync(fd) != 0)
        status = fail(path, "sync", why);
    step("synced");
    if (close(fd) != 0 && status == ST_OK)
        status = fail(path, "close", why);
    return status;
}

/* A rename is on disk when the folder is. */
static enum status sync_folder(const char *path, struct message *why)
{
    char copy[PATH_MAX];
    int fd;
    enum status status = path_with(path, "", copy, why);

    if (status != ST_OK)
        return status;
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(path, "open the folder of", why);
    if (fsync(fd) != 0)
        status = fail(path, "sync the folder of", why);
    close(fd);
    return status;
}

enum status store_write(const char *path, const void *data, size_t bytes, struct message *why)
{
    char beside[PATH_MAX];
    enum status status = path_with(path, ".new", beside, why);

    if (status == ST_OK)
        status = write_beside(beside, data, bytes, why);
    if (status != ST_OK)
        return status;
    if (rename(beside, path) != 0)
        return fail(path, "rename", why);
    step("renamed");
    return sync_folder(path, why);
}

enum status store_lock(const char *path, int *fd, struct message *why)
{
    char lock[PATH_MAX];
    enum status status = path_with(path, ".lock", lock, why);

    if (status != ST_OK)
        return status;
    *fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return fail(lock, "lock", why);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return ST_OK;
    message_set(why, "%s: another keeper works with this state", path);
    close(*fd);
    *fd = -1;
    return ST_BUSY;
}
