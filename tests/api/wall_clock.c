/*
 * LD_PRELOAD: a wall clock that a test can set. Seconds to add lie in the file RECLAVE_WALL_CLOCK
 * (an int64_t), which is mapped: what is written there counts at once, in all processes. Clocks
 * that nobody can set stay as they are.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t nothing;
static int64_t *ahead = &nothing;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void open_clock(void)
{
    const char *path = getenv("RECLAVE_WALL_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at;

    if (fd < 0)
        return;
    at = mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        ahead = at;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result;

    if (!real_clock_gettime) /* others' constructors may ask before ours has run */
        *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    result = real_clock_gettime(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += __atomic_load_n(ahead, __ATOMIC_SEQ_CST);
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}
