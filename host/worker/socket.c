#include "host/worker/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16

static enum status address_of(const char *path, struct sockaddr_un *address, struct message *why)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (path[0] == 0 || strlen(path) >= sizeof(address->sun_path)) {
        message_set(why, "%s: a socket's path has 1 to %zu bytes", path,
                    sizeof(address->sun_path) - 1);
        return ST_OUT_OF_RANGE;
    }
    memcpy(address->sun_path, path, strlen(path) + 1);
    return ST_OK;
}

static enum status fail_errno(const char *path, const char *what, struct message *why)
{
    message_set(why, "%s: %s: %s", path, what, strerror(errno));
    return ST_IO;
}

enum status socket_connect(const char *path, int *fd, struct message *why)
{
    struct sockaddr_un address;
    enum status status = address_of(path, &address, why);

    if (status != ST_OK)
        return status;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return fail_errno(path, "socket", why);
    if (connect(*fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return ST_OK;
    status = errno == ECONNREFUSED || errno == ENOENT ? ST_NOT_FOUND : ST_IO;
    message_set(why, "%s: %s", path, strerror(errno));
    close(*fd);
    *fd = -1;
    return status;
}

/* Makes way for a new socket if what is there was left behind. */
static enum status clear_path(const char *path, struct message *why)
{
    struct stat info;
    enum status status;
    int fd;

    if (lstat(path, &info) != 0)
        return errno == ENOENT ? ST_OK : fail_errno(path, "stat", why);
    if (!S_ISSOCK(info.st_mode)) {
        message_set(why, "%s: exists and is not a socket", path);
        return ST_BUSY;
    }
    status = socket_connect(path, &fd, why);
    if (status == ST_OK) {
        close(fd);
        message_set(why, "%s: another process listens there", path);
        return ST_BUSY;
    }
    if (status != ST_NOT_FOUND)
        return status;
    if (unlink(path) != 0 && errno != ENOENT)
        return fail_errno(path, "unlink", why);
    return ST_OK;
}

/* From its first moment the socket is for its owner only. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
    mode_t before = umask(0177);
    int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));

    umask(before);
    return result;
}

enum status listener_open(const char *path, struct listener *out, struct message *why)
{
    struct sockaddr_un address;
    enum status status = address_of(path, &address, why);

    *out = (struct listener){.fd = -1};
    if (status == ST_OK)
        status = clear_path(path, why);
    if (status != ST_OK)
        return status;
    out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (out->fd < 0)
        return fail_errno(path, "socket", why);
    if (bind_private(out->fd, &address) != 0) {
        status = fail_errno(path, "bind", why);
        goto close_socket;
    }
    if (listen(out->fd, BACKLOG) != 0 || lstat(path, &out->identity) != 0) {
        status = fail_errno(path, "listen", why);
        unlink(path);
        goto close_socket;
    }
    memcpy(out->path, address.sun_path, sizeof(out->path));
    return ST_OK;

close_socket:
    close(out->fd);
    out->fd = -1;
    return status;
}

void listener_close(struct listener *listener)
{
    struct stat now;

    if (listener->fd < 0)
        return;
    if (lstat(listener->path, &now) == 0 && now.st_dev == listener->identity.st_dev &&
        now.st_ino == listener->identity.st_ino)
        unlink(listener->path);
    close(listener->fd);
    listener->fd = -1;
}
