/* The worker's listening socket in the file system. */
#ifndef RECLAVE_HOST_WORKER_SOCKET_H
#define RECLAVE_HOST_WORKER_SOCKET_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <sys/stat.h>
#include <sys/un.h>

struct listener {
    int fd;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    struct stat identity; /* of the path when it was ours */
};

/* Binds path with mode 0600 and listens, without blocking and closed on exec. A socket left
 * behind by a dead worker is replaced. ST_BUSY: somebody listens there, or it is no socket;
 * ST_OUT_OF_RANGE: path too long; ST_IO. Sets the process's umask for a moment: no other
 * thread may create files meanwhile. */
MUST_CHECK enum status listener_open(const char *path, struct listener *out, struct message *why);
/* Closes it and removes the path if it is still this socket. */
void listener_close(struct listener *listener);

/* Connects; the descriptor blocks. ST_NOT_FOUND: nobody listens there. */
MUST_CHECK enum status socket_connect(const char *path, int *fd, struct message *why);

#endif
