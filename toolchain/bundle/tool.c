#include "toolchain/bundle/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_NAME  "tool-output"
#define SHOWN_MAX 2500 /* bytes of a tool's output in a message */

static const char *package_of(const char *tool)
{
    if (strncmp(tool, "wasm", 4) == 0)
        return "wabt";
    return strcmp(tool, "gcc") == 0 ? "gcc" : "binutils";
}

/* Not by the caller's PATH: a bundle's code comes from the compiler that the system has. */
static int spawn_from_system(pid_t *child, const char *const argv[],
                             const posix_spawn_file_actions_t *actions,
                             const posix_spawnattr_t *attributes, const char *const environment[])
{
    static const char *const folders[] = {"/usr/bin", "/bin"};
    char path[PATH_MAX];
    int error = ENOENT;

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && error == ENOENT; i++) {
        snprintf(path, sizeof(path), "%s/%s", folders[i], argv[0]);
        error = posix_spawn(child, path, actions, attributes, (char *const *)(uintptr_t)argv,
                            (char *const *)(uintptr_t)environment);
    }
    return error;
}

/* Signals that stop a build are blocked in the builder (build.c), but not in its tools. */
static int start(const struct workdir *dir, const char *const argv[], pid_t *child)
{
    char tmpdir[PATH_MAX + 16];
    const char *environment[] = {"PATH=/usr/bin:/bin",  "LC_ALL=C", "TZ=UTC",
                                 "SOURCE_DATE_EPOCH=0", tmpdir,     NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int error;

    snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s", dir->path);
    sigemptyset(&none);
    error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error)
        goto free_actions;
    if ((error = posix_spawnattr_setsigmask(&attributes, &none)) != 0 ||
        (error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK)) != 0 ||
        (error = posix_spawn_file_actions_addchdir_np(&actions, dir->path)) != 0 ||
        (error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) != 0 ||
        (error = posix_spawn_file_actions_addopen(&actions, 1, LOG_NAME,
                                                  O_WRONLY | O_CREAT | O_TRUNC, 0600)) != 0 ||
        (error = posix_spawn_file_actions_adddup2(&actions, 1, 2)) != 0)
        goto free_attributes;
    error = spawn_from_system(child, argv, &actions, &attributes, environment);
free_attributes:
    posix_spawnattr_destroy(&attributes);
free_actions:
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static enum status refuse_if_interrupted(const struct complaint *complaint)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t pending;

    sigpending(&pending);
    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
        if (sigismember(&pending, stops[i]))
            return complain(complaint, ST_TIMEOUT, "interrupted");
    return ST_OK;
}

enum status tool_try(const struct workdir *dir, const char *const argv[], struct text *output,
                     int *exit_status, const struct complaint *complaint)
{
    pid_t child;
    int error = start(dir, argv, &child);
    enum status status;

    if (error == ENOENT)
        return complain(complaint, ST_NOT_FOUND,
                        "%s is not installed: install the package %s (make setup)", argv[0],
                        package_of(argv[0]));
    if (error)
        return complain(complaint, ST_IO, "cannot start %s: %s", argv[0], strerror(error));
    while (waitpid(child, exit_status, 0) < 0)
        if (errno != EINTR)
            return complain_errno(complaint, "wait for", argv[0]);
    status = refuse_if_interrupted(complaint);
    if (status != ST_OK)
        return status;
    return workdir_read(dir, LOG_NAME, output, complaint);
}

/* The command as typed, for a message. */
static void join_command(const char *const argv[], char *command, size_t room)
{
    size_t used = 0;

    command[0] = '\0';
    for (size_t i = 0; argv[i] && used < room; i++) {
        int bytes = snprintf(command + used, room - used, "%s%s", i ? " " : "", argv[i]);

        used += bytes > 0 ? (size_t)bytes : 0;
    }
}

enum status tool_run(const struct workdir *dir, const char *const argv[], const char *what,
                     const struct complaint *complaint)
{
    char command[1024], ending[64];
    struct text output = {0};
    int exit_status, shown;
    enum status status = tool_try(dir, argv, &output, &exit_status, complaint);

    if (status != ST_OK || exit_status == 0)
        goto out;
    if (WIFSIGNALED(exit_status))
        snprintf(ending, sizeof(ending), "killed by signal %d: out of stack or memory?",
                 WTERMSIG(exit_status));
    else
        snprintf(ending, sizeof(ending), "exit status %d", WEXITSTATUS(exit_status));
    join_command(argv, command, sizeof(command));
    shown = output.bytes < SHOWN_MAX ? (int)output.bytes : SHOWN_MAX;
    while (shown > 0 && output.data[shown - 1] == '\n')
        shown--;
    status = complain(complaint, ST_UNSUPPORTED, "%s (%s)\n  command: %s\n%.*s", what, ending,
                      command, shown, output.data ? output.data : "");
out:
    text_free(&output);
    return status;
}

enum status tool_first_line(const struct workdir *dir, const char *const argv[], char *line,
                            size_t line_bytes, const struct complaint *complaint)
{
    struct text output = {0};
    int exit_status;
    enum status status = tool_try(dir, argv, &output, &exit_status, complaint);
    size_t bytes = 0;

    if (status == ST_OK && exit_status != 0)
        status = complain(complaint, ST_UNSUPPORTED, "%s does not tell its version", argv[0]);
    if (status == ST_OK) {
        while (bytes < output.bytes && bytes + 1 < line_bytes && output.data[bytes] != '\n')
            bytes++;
        memcpy(line, output.data ? output.data : "", bytes);
        line[bytes] = '\0';
    }
    text_free(&output);
    return status;
}
