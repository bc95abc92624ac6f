#include "tests/worker/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ARGUMENTS_MAX 16

const char *process_program(const char *name)
{
    static char path[512];
    char self[256];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    assert_true(length > 0);
    self[length] = 0;
    slash = strrchr(self, '/');
    assert_non_null(slash);
    *slash = 0;
    snprintf(path, sizeof(path), "%s/../%s", self, name);
    return path;
}

void process_folder(struct process *process)
{
    strcpy(process->folder, "/tmp/reclave-worker-XXXXXX");
    assert_non_null(mkdtemp(process->folder));
    snprintf(process->socket, sizeof(process->socket), "%s/socket", process->folder);
}

void process_remove_folder(struct process *process)
{
    unlink(process->socket);
    assert_int_equal(rmdir(process->folder), 0);
}

static void exec_worker(const struct process *process, const char *const *arguments)
{
    const char *argv[ARGUMENTS_MAX] = {"reclave",       "worker",    "--socket",
                                       process->socket, "--backend", "emulator"};
    size_t count = 6;

    while (*arguments && count < ARGUMENTS_MAX - 1)
        argv[count++] = *arguments++;
    execv(process_program("bin/reclave"), (char *const *)(uintptr_t)argv);
    _exit(127);
}

void process_start(struct process *process, const char *const *arguments)
{
    char line[256] = "";
    int output[2];
    FILE *stream;

    assert_int_equal(pipe(output), 0);
    process->pid = fork();
    assert_true(process->pid >= 0);
    if (process->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing running */
        dup2(output[1], STDOUT_FILENO);
        close(output[0]);
        close(output[1]);
        exec_worker(process, arguments);
    }
    close(output[1]);
    stream = fdopen(output[0], "r");
    if (!fgets(line, sizeof(line), stream))
        line[0] = 0; /* it ended */
    fclose(stream);
    if (!strstr(line, "listening"))
        fail_msg("the worker did not start: exit code %d", process_wait(process));
}

int process_wait(struct process *process)
{
    int status;

    assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static uint8_t *read_all(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "r");
    uint8_t *data;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *bytes = (size_t)ftell(file);
    rewind(file);
    data = malloc(*bytes);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *bytes, file), *bytes);
    fclose(file);
    return data;
}

uint8_t *build_guest_with(const struct process *process, const char *name, const char *options,
                          size_t *bytes)
{
    char command[2048], path[128], reclave[512];
    uint8_t *data;

    snprintf(path, sizeof(path), "%s/%s.rcl", process->folder, name);
    snprintf(reclave, sizeof(reclave), "%s", process_program("bin/reclave"));
    snprintf(command, sizeof(command),
             "KEY=%s/owner.pem; rm -f $KEY; %s key new $KEY >/dev/null && "
             "%s build %s %s %s/guests/%s.wasm -o %s; code=$?; rm -f $KEY; exit $code",
             process->folder, reclave, reclave, strstr(options, "--env") ? "" : "--env '*'",
             options, process_program(""), name, path);
    assert_int_equal(system(command), 0);
    data = read_all(path, bytes);
    assert_int_equal(unlink(path), 0);
    return data;
}

uint8_t *build_guest(const struct process *process, const char *name, size_t *bytes)
{
    return build_guest_with(process, name, "", bytes);
}

enum status ask(struct client *client, enum frame_type type, json_t *head, const void *body,
                size_t body_bytes, struct client_reply *reply)
{
    struct message why = {""};

    if (client_call(client, type, head, body, body_bytes, reply, &why) != ST_OK)
        fail_msg("no answer: %s", why.text);
    assert_int_equal(reply->type, FRAME_REPLY + type);
    return reply->status;
}

const char *reply_text(const struct client_reply *reply, const char *key)
{
    const char *text = json_string_value(json_object_get(reply->head, key));

    return text ? text : "";
}

long long reply_number(const struct client_reply *reply, const char *key)
{
    return json_integer_value(json_object_get(reply->head, key));
}
