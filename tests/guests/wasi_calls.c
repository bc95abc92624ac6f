/*
 * Asks the runtime for every kind of answer that docs/functions.md promises, through the
 * real import path. Prints the calls that answered otherwise; exit code: how many.
 */
#include "guest.h"

#include <wasi/api.h>

static int wrong;

static void expect(const char *call, unsigned got, unsigned want)
{
    if (got == want)
        return;
    wrong++;
    write_text(1, call);
    write_number(" expected", want);
    write_number("  got", got);
}

#define EXPECT(call, want) expect(#call, call, want)
#define OUTSIDE            ((void *)(uintptr_t)0xfffffff0u)

static void check_descriptors(void)
{
    __wasi_fdstat_t fdstat;
    __wasi_filestat_t filestat;
    __wasi_prestat_t prestat;
    __wasi_filesize_t position;

    EXPECT(__wasi_fd_fdstat_get(0, &fdstat), __WASI_ERRNO_SUCCESS);
    EXPECT(fdstat.fs_filetype, __WASI_FILETYPE_UNKNOWN);
    EXPECT(__wasi_fd_fdstat_get(3, &fdstat), __WASI_ERRNO_BADF);
    EXPECT(__wasi_fd_fdstat_get(0, OUTSIDE), __WASI_ERRNO_FAULT);
    EXPECT(__wasi_fd_fdstat_set_flags(1, __WASI_FDFLAGS_APPEND), __WASI_ERRNO_SUCCESS);
    EXPECT(__wasi_fd_filestat_get(0, &filestat), __WASI_ERRNO_SUCCESS);
    EXPECT(__wasi_fd_seek(1, 0, __WASI_WHENCE_SET, &position), __WASI_ERRNO_SPIPE);
    EXPECT(__wasi_fd_tell(0, &position), __WASI_ERRNO_SPIPE);
    EXPECT(__wasi_fd_prestat_get(3, &prestat), __WASI_ERRNO_BADF);
    EXPECT(__wasi_fd_close(7), __WASI_ERRNO_BADF);
}

static void check_pointers(void)
{
    __wasi_ciovec_t outside = {OUTSIDE, 100};
    __wasi_ciovec_t inside = {(const uint8_t *)"", 0};
    __wasi_size_t bytes;

    EXPECT(__wasi_fd_write(1, &outside, 1, &bytes), __WASI_ERRNO_FAULT);
    EXPECT(__wasi_fd_write(1, OUTSIDE, 1000, &bytes), __WASI_ERRNO_FAULT);
    EXPECT(__wasi_fd_write(1, &inside, 1, OUTSIDE), __WASI_ERRNO_FAULT);
    EXPECT(__wasi_fd_write(0, &inside, 1, &bytes), __WASI_ERRNO_BADF);
    EXPECT(__wasi_random_get(OUTSIDE, 100), __WASI_ERRNO_FAULT);
    EXPECT(__wasi_args_sizes_get(OUTSIDE, &bytes), __WASI_ERRNO_FAULT);
}

static void check_clocks(void)
{
    __wasi_timestamp_t first, second;
    __wasi_subscription_t subscription = {
        .userdata = 5,
        .u = {.tag = __WASI_EVENTTYPE_CLOCK,
              .u.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = 1000000000}}};
    __wasi_event_t event;
    __wasi_size_t count = 0;

    EXPECT(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &first), __WASI_ERRNO_SUCCESS);
    EXPECT(__wasi_poll_oneoff(&subscription, &event, 1, &count), __WASI_ERRNO_SUCCESS);
    EXPECT(count, 1);
    EXPECT((unsigned)event.userdata, 5);
    EXPECT(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &second), __WASI_ERRNO_SUCCESS);
    EXPECT(second >= first + 1000000000, 1);
    EXPECT(__wasi_clock_time_get(__WASI_CLOCKID_PROCESS_CPUTIME_ID, 0, &first), __WASI_ERRNO_INVAL);
    EXPECT(__wasi_clock_res_get(__WASI_CLOCKID_REALTIME, &first), __WASI_ERRNO_SUCCESS);
    EXPECT((unsigned)first, 1);
    EXPECT(__wasi_poll_oneoff(&subscription, &event, 0, &count), __WASI_ERRNO_INVAL);
    EXPECT(__wasi_sched_yield(), __WASI_ERRNO_SUCCESS);
}

/* Calls of preview 1 that a stdio runtime does not have. */
static void check_missing(void)
{
    __wasi_fd_t fd;
    __wasi_filestat_t filestat;

    EXPECT(__wasi_path_open(3, 0, "file", 0, 0, 0, 0, &fd), __WASI_ERRNO_NOSYS);
    EXPECT(__wasi_path_filestat_get(3, 0, "file", &filestat), __WASI_ERRNO_NOSYS);
    EXPECT(__wasi_fd_sync(1), __WASI_ERRNO_NOSYS);
    EXPECT(__wasi_sock_shutdown(3, 1), __WASI_ERRNO_NOSYS);
}

int main(void)
{
    check_descriptors();
    check_pointers();
    check_clocks();
    check_missing();
    write_text(1, wrong ? "" : "all as promised\n");
    return wrong;
}
