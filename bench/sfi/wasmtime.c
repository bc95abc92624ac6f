#include "bench/common/fail.h"
#include "bench/sfi/sfi.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct wasmtime {
    pid_t child;
    FILE *to, *from;
};

/* Runs bench/sfi/wasmtime-setup. False with its complaint in `reason`. */
static bool install(char reason[256], char folder[PATH_MAX])
{
    char command[3 * PATH_MAX], setup[PATH_MAX];
    FILE *output;

    sfi_path("wasmtime", "-packages", folder);
    sfi_path("wasmtime", "-setup", setup);
    snprintf(command, sizeof(command), "'%s' '%s' 2>&1", setup, folder);
    output = popen(command, "re");
    if (!output)
        bench_fail("cannot start %s", setup);
    if (!fgets(reason, 256, output))
        reason[0] = '\0';
    reason[strcspn(reason, "\n")] = '\0';
    return pclose(output) == 0;
}

static void run_child(const char *folder, int input, int output)
{
    char script[PATH_MAX];

    sfi_path("wasmtime", "-runner.py", script);
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        setenv("PYTHONPATH", folder, 1) != 0)
        _exit(127);
    execlp("python3", "python3", script, (char *)NULL);
    _exit(127);
}

static void start_child(struct wasmtime *wasmtime, const char *folder)
{
    int down[2], up[2];

    if (pipe2(down, 0) != 0 || pipe2(up, 0) != 0)
        bench_fail("no pipes");
    wasmtime->child = fork();
    if (wasmtime->child == 0) {
        close(down[1]);
        close(up[0]);
        run_child(folder, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    wasmtime->to = fdopen(down[1], "w");
    wasmtime->from = fdopen(up[0], "r");
    if (wasmtime->child < 0 || !wasmtime->to || !wasmtime->from)
        bench_fail("cannot start python3");
}

static void receive(struct wasmtime *wasmtime, char *line, int room)
{
    if (!fgets(line, room, wasmtime->from))
        bench_fail("wasmtime ended unexpectedly");
    line[strcspn(line, "\n")] = '\0';
}

struct wasmtime *wasmtime_start(const struct bench_options *options, char reason[256],
                                char version[64])
{
    struct wasmtime *wasmtime;
    char folder[PATH_MAX];

    version[0] = '\0';
    if (options->quick) {
        strcpy(reason, "left out of a quick run");
        return NULL;
    }
    if (!install(reason, folder))
        return NULL;
    wasmtime = calloc(1, sizeof(*wasmtime));
    if (!wasmtime)
        bench_fail("out of memory");
    start_child(wasmtime, folder);
    receive(wasmtime, version, 64);
    return wasmtime;
}

void wasmtime_open(struct wasmtime *wasmtime, const struct program *program)
{
    char path[PATH_MAX], answer[16];

    sfi_path(program->name, ".wasm", path);
    fprintf(wasmtime->to, "open %s\n", path);
    fflush(wasmtime->to);
    receive(wasmtime, answer, sizeof(answer));
    if (strcmp(answer, "ok") != 0)
        bench_fail("wasmtime: %s", answer);
}

struct sample wasmtime_call(struct wasmtime *wasmtime, uint32_t scale)
{
    struct sample sample;
    uint64_t nanoseconds;
    char answer[64];

    fprintf(wasmtime->to, "call %" PRIu32 "\n", scale);
    fflush(wasmtime->to);
    receive(wasmtime, answer, sizeof(answer));
    if (sscanf(answer, "%" SCNu64 " %" SCNu64, &nanoseconds, &sample.checksum) != 2)
        bench_fail("wasmtime: %s", answer);
    sample.us = (double)nanoseconds / 1e3;
    return sample;
}

void wasmtime_stop(struct wasmtime *wasmtime)
{
    fclose(wasmtime->to); /* its loop ends with the input */
    fclose(wasmtime->from);
    if (waitpid(wasmtime->child, NULL, 0) < 0)
        bench_fail("wasmtime is lost");
    free(wasmtime);
}
