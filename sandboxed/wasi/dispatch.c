#include "sandboxed/wasi/dispatch.h"

#include "sandboxed/wasi/calls.h"
#include "sandboxed/wasi/gates.h"

/* The state of S0. L0 hands out zeroed pages, but boot depends on nothing. */
static enum wasi_errno boot(void)
{
    volatile uint64_t CAGE *words = (volatile uint64_t CAGE *)l1_state();

    for (uint32_t i = 0; i < sizeof(struct l1_state) / sizeof(uint64_t); i++)
        words[i] = 0;
    return E_SUCCESS;
}

/* No pointer table: sandboxed code has no relocations, and no computed jumps that it can avoid. */
uint64_t l1_dispatch(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    uint32_t p = (uint32_t)a, q = (uint32_t)b, r = (uint32_t)c, s = (uint32_t)d;

    (void)e; /* no call that layer 1 implements has a fifth argument */
    switch (call) {
    case L1_BOOT:
        return boot();
    case WASI_ARGS_GET:
        return wasi_args_get(p, q);
    case WASI_ARGS_SIZES_GET:
        return wasi_args_sizes_get(p, q);
    case WASI_ENVIRON_GET:
        return wasi_environ_get(p, q);
    case WASI_ENVIRON_SIZES_GET:
        return wasi_environ_sizes_get(p, q);
    case WASI_CLOCK_RES_GET:
        return wasi_clock_res_get(p, q);
    case WASI_CLOCK_TIME_GET:
        return wasi_clock_time_get(p, r); /* q: the precision wanted */
    case WASI_FD_CLOSE:
        return wasi_fd_close(p);
    case WASI_FD_FDSTAT_GET:
        return wasi_fd_fdstat_get(p, q);
    case WASI_FD_FDSTAT_SET_FLAGS:
        return wasi_fd_fdstat_set_flags(p, q);
    case WASI_FD_FILESTAT_GET:
        return wasi_fd_filestat_get(p, q);
    case WASI_FD_PRESTAT_GET:
    case WASI_FD_PRESTAT_DIR_NAME:
        return E_BADF; /* there are no preopened directories */
    case WASI_FD_READ:
        return wasi_fd_read(p, q, r, s);
    case WASI_FD_SEEK:
    case WASI_FD_TELL:
        return wasi_fd_seek(p);
    case WASI_FD_WRITE:
        return wasi_fd_write(p, q, r, s);
    case WASI_POLL_ONEOFF:
        return wasi_poll_oneoff(p, q, r, s);
    case WASI_PROC_EXIT:
        gate1_exit(p);
    case WASI_SCHED_YIELD:
        return E_SUCCESS;
    case WASI_RANDOM_GET:
        return wasi_random_get(p, q);
    default:
        return E_NOSYS;
    }
}
