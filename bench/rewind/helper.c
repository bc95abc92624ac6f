#include "bench/rewind/helper.h"

#include "bench/common/fail.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

struct request {
    uint32_t open;   /* pages; 0: no change */
    uint32_t cycles; /* 0 or 1 */
    uint32_t dirty;
};

static bool receive(int fd, void *data, size_t bytes)
{
    return read(fd, data, bytes) == (ssize_t)bytes;
}

static _Noreturn void serve(const struct helper_work *work, int from, int to)
{
    struct request request;

    while (receive(from, &request, sizeof(request))) {
        double us = 0;

        if (request.open)
            work->open(request.open);
        if (request.cycles)
            us = work->cycle(request.dirty);
        if (write(to, &us, sizeof(us)) != sizeof(us))
            break;
    }
    _exit(0);
}

struct helper helper_start(const char *name, const struct helper_work *work)
{
    struct helper helper = {.name = name};
    int down[2], up[2];

    if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0)
        bench_fail("no pipes");
    helper.child = fork();
    if (helper.child < 0)
        bench_fail("cannot start %s", name);
    if (helper.child == 0) {
        close(down[1]);
        close(up[0]);
        serve(work, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    helper.to = down[1];
    helper.from = up[0];
    return helper;
}

static double ask(struct helper *helper, struct request request)
{
    double us;

    if (write(helper->to, &request, sizeof(request)) != sizeof(request) ||
        !receive(helper->from, &us, sizeof(us)))
        bench_fail("%s ended unexpectedly", helper->name);
    return us;
}

void helper_open(struct helper *helper, uint32_t pages)
{
    ask(helper, (struct request){.open = pages});
}

double helper_cycle(struct helper *helper, uint32_t dirty)
{
    return ask(helper, (struct request){.cycles = 1, .dirty = dirty});
}

void helper_stop(struct helper *helper)
{
    int status;

    close(helper->to); /* its loop ends with the requests */
    close(helper->from);
    if (waitpid(helper->child, &status, 0) < 0 || status != 0)
        bench_fail("%s ended badly", helper->name);
}
