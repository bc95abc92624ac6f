/* Starting a worker: its only ties to this process are connected sockets. */
#include "host/pool/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARGUMENTS_MAX 64
#define FIRST_CLIENT  3   /* as `reclave worker --clients` has it */
#define PARKED_FD     100 /* sources of dup2 lie above all its targets */

extern char **environ;

static void close_all(const int *sockets, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        close(sockets[i]);
}

static enum status open_pairs(unsigned count, int *ours, int *theirs, struct message *why)
{
    for (unsigned i = 0; i < count; i++) {
        int pair[2], parked = -1;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
            parked = fcntl(pair[1], F_DUPFD_CLOEXEC, PARKED_FD);
            close(pair[1]);
            if (parked < 0)
                close(pair[0]);
        }
        if (parked < 0) {
            message_set(why, "no sockets for a worker: %s", strerror(errno));
            close_all(ours, i);
            close_all(theirs, i);
            return ST_IO;
        }
        ours[i] = pair[0];
        theirs[i] = parked;
    }
    return ST_OK;
}

static int prepare_files(posix_spawn_file_actions_t *files, const int *theirs, unsigned count)
{
    int failed = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (!failed) /* its stdout says nothing that the daemon's stdout should say */
        failed = posix_spawn_file_actions_adddup2(files, STDERR_FILENO, STDOUT_FILENO);
    for (unsigned i = 0; i < count && !failed; i++)
        failed = posix_spawn_file_actions_adddup2(files, theirs[i], FIRST_CLIENT + (int)i);
    return failed ? failed
                  : posix_spawn_file_actions_addclosefrom_np(files, FIRST_CLIENT + (int)count);
}

/* A process group of its own: a terminal's ^C is for the daemon, which ends its workers in order.
 */
static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETPGROUP) |
           posix_spawnattr_setpgroup(attributes, 0) |
           posix_spawnattr_setsigmask(attributes, &none) |
           posix_spawnattr_setsigdefault(attributes, &all);
}

static int start(const char *const *argv, const int *theirs, unsigned count, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int failed;

    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    failed = prepare_files(&files, theirs, count);
    failed = failed ? failed : prepare_attributes(&attributes);
    failed = failed ? failed
                    : posix_spawn(pid, argv[0], &files, &attributes, (char *const *)(uintptr_t)argv,
                                  environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

enum status spawn_worker(const struct pool_options *options, unsigned count, pid_t *pid,
                         int *sockets, struct message *why)
{
    const char *argv[ARGUMENTS_MAX + 6];
    int theirs[SLOTS_MAX + 1];
    char number[12];
    unsigned used = 0;
    int failed;

    while (options->worker_command[used] && used < ARGUMENTS_MAX) {
        argv[used] = options->worker_command[used];
        used++;
    }
    snprintf(number, sizeof(number), "%u", count);
    argv[used++] = "--clients";
    argv[used++] = number;
    if (!options->unconfined)
        argv[used++] = "--confine";
    if (options->tenancy == POOL_SHARED) { /* the enclave enforces what the scheduler plans */
        argv[used++] = "--tenancy";
        argv[used++] = "shared";
    }
    argv[used] = NULL;
    if (open_pairs(count, sockets, theirs, why) != ST_OK)
        return ST_IO;
    failed = start(argv, theirs, count, pid);
    close_all(theirs, count);
    if (!failed)
        return ST_OK;
    close_all(sockets, count);
    message_set(why, "cannot start %s: %s", argv[0], strerror(failed));
    return ST_IO;
}
