#include "host/action/compile.h"

#include "host/action/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUNDLE_FILE_MAX (300u << 20)
#define LOG_BYTES       4096u

/* Names in the folder of one build. */
struct place {
    char folder[PATH_MAX - 32];
    char module[PATH_MAX], bundle[PATH_MAX], log[PATH_MAX];
};

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

static enum status make_place(const char *parent, struct place *place, struct message *why)
{
    int n = snprintf(place->folder, sizeof(place->folder), "%s/build-XXXXXX", parent);

    if (n < 0 || (size_t)n >= sizeof(place->folder) || !mkdtemp(place->folder)) {
        message_set(why, "cannot make a folder in %s: %s", parent, strerror(errno));
        return ST_IO;
    }
    snprintf(place->module, sizeof(place->module), "%s/action.wasm", place->folder);
    snprintf(place->bundle, sizeof(place->bundle), "%s/action.rcl", place->folder);
    snprintf(place->log, sizeof(place->log), "%s/log", place->folder);
    return ST_OK;
}

static int start(const char *program, const struct place *place, pid_t *pid)
{
    const char *const argv[] = {program,       "build",      place->module, "-o",
                                place->bundle, "--env",      "*",           "--name",
                                "action",      "--confined", place->folder, NULL};
    const char *const data = getenv("RECLAVE_DATA_DIR");
    char tmpdir[PATH_MAX + 16], data_dir[PATH_MAX + 32];
    const char *environment[] = {"PATH=/usr/bin:/bin", tmpdir, data ? data_dir : NULL, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    int failed;

    snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s", place->folder);
    snprintf(data_dir, sizeof(data_dir), "RECLAVE_DATA_DIR=%s", data ? data : "");
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) ||
             posix_spawn_file_actions_addopen(&files, 1, place->log, O_WRONLY | O_CREAT, 0600) ||
             posix_spawn_file_actions_adddup2(&files, 1, 2) ||
             posix_spawn_file_actions_addclosefrom_np(&files, 3) ||
             posix_spawnattr_setsigmask(&attributes, &none) ||
             posix_spawnattr_setpgroup(&attributes, 0) ||
             posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    failed = failed ? ENOMEM
                    : posix_spawn(pid, program, &files, &attributes, (char *const *)(uintptr_t)argv,
                                  (char *const *)(uintptr_t)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

/* ST_OK: it ended, with *exit_status; ST_BUSY: it was to stop; ST_TIMEOUT. Nothing of its process
 * group is left. */
static enum status wait_for(pid_t pid, int stop_fd, int *exit_status)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd polled[2] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}}; /* -1 is passed over */
    enum status status = ST_TIMEOUT;

    if (fd >= 0 && poll(polled, 2, COMPILE_SECONDS * 1000) > 0)
        status = polled[0].revents ? ST_OK : ST_BUSY;
    if (fd >= 0)
        close(fd);
    kill(-pid, SIGKILL); /* the tools that it started, and itself if it has not ended */
    while (waitpid(pid, exit_status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* The builder's first sentence, without its "reclave build: FILE: ". */
static void say_refusal(const struct place *place, struct message *why)
{
    uint8_t *log = NULL;
    size_t bytes = 0;
    char text[MESSAGE_BYTES] = "";
    const char *sentence;

    if (read_whole_file(place->log, LOG_BYTES, &log, &bytes) == ST_OK)
        snprintf(text, sizeof(text), "%.*s", (int)(bytes < 400 ? bytes : 400), (const char *)log);
    free(log);
    text[strcspn(text, "\n")] = 0;
    sentence = strstr(text, "action.wasm: ");
    message_set(why, "%s", sentence ? sentence + strlen("action.wasm: ") : text);
    if (!why->text[0])
        message_set(why, "the module could not be compiled");
}

static enum status build(const char *program, const struct place *place, int stop_fd,
                         struct message *why)
{
    enum status status;
    int exit_status = 0;
    pid_t pid;
    int failed = start(program, place, &pid);

    if (failed) {
        message_set(why, "cannot start %s: %s", program, strerror(failed));
        return ST_IO;
    }
    status = wait_for(pid, stop_fd, &exit_status);
    if (status == ST_BUSY)
        message_set(why, "the service is shutting down");
    if (status == ST_TIMEOUT)
        message_set(why, "compiling took longer than %u s", COMPILE_SECONDS);
    if (status != ST_OK || exit_status == 0)
        return status;
    say_refusal(place, why);
    return ST_UNSUPPORTED;
}

enum status compile_module_confined(const char *program, const char *folder, int stop_fd,
                                    const uint8_t *wasm, size_t wasm_bytes, uint8_t **bundle,
                                    size_t *bundle_bytes, struct message *why)
{
    struct place place;
    enum status status = make_place(folder, &place, why);

    if (status != ST_OK)
        return status;
    status = write_whole_file(place.module, wasm, wasm_bytes);
    if (status != ST_OK)
        message_set(why, "cannot write in %s: %s", place.folder, strerror(errno));
    if (status == ST_OK)
        status = build(program, &place, stop_fd, why);
    if (status == ST_OK) {
        status = read_whole_file(place.bundle, BUNDLE_FILE_MAX, bundle, bundle_bytes);
        if (status != ST_OK)
            message_set(why, "the compiler left no bundle");
    }
    (void)nftw(place.folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}
