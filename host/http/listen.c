/* Listening sockets: "host:port", "[v6]:port", "unix:/path". */
#include "host/http/internal.h"

#include "host/worker/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static enum status listen_unix(const char *path, int *fd,
                               char unix_path[sizeof(((struct sockaddr_un *)0)->sun_path)],
                               struct message *why)
{
    struct listener listener;
    enum status status = listener_open(path, &listener, why);

    if (status != ST_OK)
        return status;
    *fd = listener.fd;
    memcpy(unix_path, listener.path, sizeof(listener.path));
    return ST_OK;
}

/* Splits in place; brackets around IPv6 addresses are dropped. */
static enum status split(char *address, const char **host, const char **port)
{
    char *colon = strrchr(address, ':');
    size_t length;

    if (!colon || colon == address || !colon[1] || strlen(colon + 1) > 5 || atol(colon + 1) > 65535)
        return ST_INVALID_ARGUMENT;
    *colon = 0;
    *port = colon + 1;
    *host = address;
    length = strlen(address);
    if (address[0] == '[' && address[length - 1] == ']') {
        address[length - 1] = 0;
        *host = address + 1;
    }
    return ST_OK;
}

static unsigned bound_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t bytes = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &bytes) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static enum status bind_to(const struct addrinfo *info, int *out)
{
    int one = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return ST_IO;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int cause = errno;

        close(fd);
        errno = cause;
        return ST_IO;
    }
    *out = fd;
    return ST_OK;
}

static enum status listen_tcp(const char *address, int *fd, unsigned *port, struct message *why)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *info = NULL;
    const char *host = NULL, *service = NULL;
    char *copy = strdup(address);
    enum status status = copy ? split(copy, &host, &service) : ST_NO_MEMORY;

    if (status == ST_OK && getaddrinfo(host, service, &hints, &info) != 0)
        status = ST_INVALID_ARGUMENT;
    if (status == ST_OK) {
        status = bind_to(info, fd);
        if (status == ST_OK)
            *port = bound_port(*fd);
        else
            message_set(why, "cannot listen on %s: %s", address, strerror(errno));
    } else {
        message_set(why, "'%s' is no address to listen on: give IP:PORT or unix:/PATH", address);
    }
    if (info)
        freeaddrinfo(info);
    free(copy);
    return status;
}

enum status listen_open(const char *address, int *fd, unsigned *port,
                        char unix_path[sizeof(((struct sockaddr_un *)0)->sun_path)],
                        struct message *why)
{
    *port = 0;
    unix_path[0] = 0;
    if (!strncmp(address, "unix:", 5) && address[5])
        return listen_unix(address + 5, fd, unix_path, why);
    return listen_tcp(address, fd, port, why);
}
