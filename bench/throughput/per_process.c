/*
 * What everybody can build: an HTTP server that starts a process for each request, the parameters
 * on its stdin, the answer from its stdout. The same HTTP layer as `reclave serve`.
 *
 *   per_process PORT PROGRAM [ARGUMENT...]
 */
#include "host/http/http.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX (1u << 20)

extern char **environ;

/* In larger pieces than a pipe holds, both sides could wait for each other: bench bodies are small.
 */
#define INPUT_MAX 65536u

static char *const *program;

static pid_t start(int in, int out)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (posix_spawn(&pid, program[0], &actions, NULL, program, environ) != 0)
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static size_t read_all(int fd, char *text)
{
    size_t have = 0;
    ssize_t n;

    while (have < ANSWER_MAX && (n = read(fd, text + have, ANSWER_MAX - have)) > 0)
        have += (size_t)n;
    return have;
}

/* False: the process failed. */
static bool run_process(const char *input, size_t bytes, char *answer, size_t *answer_bytes)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, status = -1;
    pid_t pid = -1;
    bool sent = false;

    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0)
        pid = start(in[0], out[1]);
    close(in[0]);
    close(out[1]);
    if (pid > 0)
        sent = write(in[1], input, bytes) == (ssize_t)bytes;
    close(in[1]);
    *answer_bytes = pid > 0 ? read_all(out[0], answer) : 0;
    close(out[0]);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 && sent;
}

static void run(const struct http_request *request, struct http_response *response, void *context)
{
    struct message why;
    json_t *body = http_body_json(request, &why);
    char *input = json_dumps(json_object_get(body, "value"), JSON_COMPACT);
    char *answer = malloc(ANSWER_MAX);
    size_t bytes = 0;

    (void)context;
    if (input && answer && strlen(input) <= INPUT_MAX &&
        run_process(input, strlen(input), answer, &bytes)) {
        http_reply_bytes(response, 200, "application/json", answer, bytes);
        answer = NULL;
    } else {
        http_reply_error(response, 500, "the process failed");
    }
    free(answer);
    free(input);
    json_decref(body);
}

int main(int argc, char **argv)
{
    static const struct http_route routes[] = {{"POST", "/run", run, 0}, {NULL, NULL, NULL, 0}};
    static const struct http_route *const tables[] = {routes, NULL};
    struct http_server *server;
    struct message why;
    char listen[32];

    if (argc < 3)
        return 2;
    program = argv + 2;
    signal(SIGPIPE, SIG_IGN);
    snprintf(listen, sizeof(listen), "127.0.0.1:%s", argv[1]);
    if (http_start(&(struct http_options){.listen = listen, .routes = tables}, &server, &why) !=
        ST_OK) {
        fprintf(stderr, "per_process: %s\n", why.text);
        return 1;
    }
    pause();
    return 0;
}
