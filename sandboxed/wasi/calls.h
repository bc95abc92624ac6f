/*
 * WASI preview 1 for stdio programs, one function per call. Parameters are what
 * the function passed and are untrusted; results go through its own pointers.
 * Each returns a WASI errno and has then written nothing unless it says so.
 */
#ifndef RECLAVE_WASI_CALLS_H
#define RECLAVE_WASI_CALLS_H

#include "sandboxed/wasi/guest.h"
#include "sandboxed/wasi/preview1.h"

#include <stdbool.h>

/* strings.c */
enum wasi_errno wasi_args_get(guest_address argv, guest_address buffer);
enum wasi_errno wasi_args_sizes_get(guest_address count, guest_address bytes);
enum wasi_errno wasi_environ_get(guest_address environ, guest_address buffer);
enum wasi_errno wasi_environ_sizes_get(guest_address count, guest_address bytes);

/* clock.c */
enum wasi_errno wasi_clock_res_get(uint32_t clock, guest_address resolution);
enum wasi_errno wasi_clock_time_get(uint32_t clock, guest_address time);
struct clock_reading {
    bool known; /* false: no such clock */
    uint64_t ns;
};
/* Virtual time of a clock, without advancing it. */
struct clock_reading clock_now(uint32_t clock);
/* Lets `ns` of virtual time pass. No effect before the snapshot. */
void clock_advance(uint64_t ns);

/* random.c; an error may leave the buffer partly written */
enum wasi_errno wasi_random_get(guest_address buffer, uint32_t bytes);

/* descriptor.c */
bool descriptor_open(uint32_t fd);
enum wasi_errno wasi_fd_close(uint32_t fd);
enum wasi_errno wasi_fd_fdstat_get(uint32_t fd, guest_address stat);
enum wasi_errno wasi_fd_fdstat_set_flags(uint32_t fd, uint32_t flags);
enum wasi_errno wasi_fd_filestat_get(uint32_t fd, guest_address stat);
enum wasi_errno wasi_fd_seek(uint32_t fd);

/* stdio.c; E_FAULT in the middle may leave earlier buffers of fd_read written */
enum wasi_errno wasi_fd_read(uint32_t fd, guest_address iovecs, uint32_t count,
                             guest_address bytes_read);
enum wasi_errno wasi_fd_write(uint32_t fd, guest_address iovecs, uint32_t count,
                              guest_address bytes_written);

/* poll.c */
enum wasi_errno wasi_poll_oneoff(guest_address subscriptions, guest_address events, uint32_t count,
                                 guest_address event_count);

#endif
