/* Descriptors 0, 1 and 2: open until the function closes them; there are no others. */
#include "sandboxed/wasi/calls.h"

bool descriptor_open(uint32_t fd)
{
    return fd < FD_COUNT && !(l1_state()->closed & (1u << fd));
}

enum wasi_errno wasi_fd_close(uint32_t fd)
{
    if (!descriptor_open(fd))
        return E_BADF;
    l1_state()->closed |= 1u << fd;
    return E_SUCCESS;
}

static uint64_t rights(uint32_t fd)
{
    uint64_t both = RIGHT_FDSTAT_SET_FLAGS | RIGHT_FD_FILESTAT_GET | RIGHT_POLL_FD_READWRITE;

    return both | (fd == 0 ? RIGHT_FD_READ : RIGHT_FD_WRITE);
}

enum wasi_errno wasi_fd_fdstat_get(uint32_t fd, guest_address stat)
{
    if (!descriptor_open(fd))
        return E_BADF;
    if (!guest_has(stat, FDSTAT_SIZE))
        return E_FAULT;
    stage_zero(FDSTAT_SIZE);
    stage8(FDSTAT_FILETYPE, FILETYPE_UNKNOWN);
    stage16(FDSTAT_FLAGS, l1_state()->fd_flags[fd]);
    stage64(FDSTAT_RIGHTS, rights(fd));
    return guest_store(stat, FDSTAT_SIZE) ? E_SUCCESS : E_FAULT;
}

/* Kept and reported, without effect: no call ever blocks and all writes append. */
enum wasi_errno wasi_fd_fdstat_set_flags(uint32_t fd, uint32_t flags)
{
    if (!descriptor_open(fd))
        return E_BADF;
    if (flags & ~FDFLAGS_ALL)
        return E_INVAL;
    l1_state()->fd_flags[fd] = (uint16_t)flags;
    return E_SUCCESS;
}

/* Size: the whole input, or what has been written so far. */
static uint64_t stream_bytes(uint32_t fd)
{
    if (fd == 0)
        return l1_page()->stdin_bytes;
    return fd == 1 ? l1_page()->stdout_bytes : l1_page()->stderr_bytes;
}

enum wasi_errno wasi_fd_filestat_get(uint32_t fd, guest_address stat)
{
    if (!descriptor_open(fd))
        return E_BADF;
    if (!guest_has(stat, FILESTAT_SIZE))
        return E_FAULT;
    stage_zero(FILESTAT_SIZE);
    stage64(FILESTAT_INODE, fd);
    stage8(FILESTAT_FILETYPE, FILETYPE_UNKNOWN);
    stage64(FILESTAT_LINKS, 1);
    stage64(FILESTAT_BYTES, stream_bytes(fd));
    return guest_store(stat, FILESTAT_SIZE) ? E_SUCCESS : E_FAULT;
}

/* fd_seek and fd_tell: streams have no position. */
enum wasi_errno wasi_fd_seek(uint32_t fd)
{
    return descriptor_open(fd) ? E_SPIPE : E_BADF;
}
