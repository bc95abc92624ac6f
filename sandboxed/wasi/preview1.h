/*
 * Numbers and layouts of WASI preview 1 (wasi_snapshot_preview1, witx of the
 * WASI repository) that layer 1 uses. Structs are given by offset because they
 * are read and written field by field, at any alignment.
 */
#ifndef RECLAVE_WASI_PREVIEW1_H
#define RECLAVE_WASI_PREVIEW1_H

/* errno */
enum wasi_errno {
    E_SUCCESS = 0,
    E_BADF = 8,
    E_FAULT = 21,
    E_INVAL = 28,
    E_IO = 29,
    E_NOSYS = 52,
    E_SPIPE = 70,
};

/* clockid */
#define CLOCK_REALTIME_ID  0
#define CLOCK_MONOTONIC_ID 1

/* filetype: a byte stream that is no terminal, file or socket */
#define FILETYPE_UNKNOWN 0

/* fdflags: append, dsync, nonblock, rsync, sync */
#define FDFLAGS_ALL 0x1fu

/* rights */
#define RIGHT_FD_READ           (1ull << 1)
#define RIGHT_FDSTAT_SET_FLAGS  (1ull << 3)
#define RIGHT_FD_WRITE          (1ull << 6)
#define RIGHT_FD_FILESTAT_GET   (1ull << 21)
#define RIGHT_POLL_FD_READWRITE (1ull << 27)

/* iovec, ciovec */
#define IOVEC_BUFFER 0u /* u32 */
#define IOVEC_BYTES  4u /* u32 */
#define IOVEC_SIZE   8u

/* fdstat */
#define FDSTAT_FILETYPE         0u  /* u8 */
#define FDSTAT_FLAGS            2u  /* u16 */
#define FDSTAT_RIGHTS           8u  /* u64 */
#define FDSTAT_RIGHTS_INHERITED 16u /* u64 */
#define FDSTAT_SIZE             24u

/* filestat: dev, ino u64; filetype u8; nlink, size, atim, mtim, ctim u64 */
#define FILESTAT_INODE    8u
#define FILESTAT_FILETYPE 16u
#define FILESTAT_LINKS    24u
#define FILESTAT_BYTES    32u
#define FILESTAT_SIZE     64u

/* subscription and its tagged union */
#define SUBSCRIPTION_USERDATA      0u  /* u64 */
#define SUBSCRIPTION_TYPE          8u  /* u8 */
#define SUBSCRIPTION_TARGET        16u /* u32: clock or descriptor */
#define SUBSCRIPTION_CLOCK_TIMEOUT 24u /* u64 */
#define SUBSCRIPTION_CLOCK_FLAGS   40u /* u16 */
#define SUBSCRIPTION_SIZE          48u
#define SUBCLOCK_ABSTIME           1u

/* event */
#define EVENT_USERDATA 0u  /* u64 */
#define EVENT_ERRNO    8u  /* u16 */
#define EVENT_TYPE     10u /* u8 */
#define EVENT_BYTES    16u /* u64 */
#define EVENT_FLAGS    24u /* u16 */
#define EVENT_SIZE     32u
#define EVENT_HANGUP   1u

/* eventtype */
#define EVENTTYPE_CLOCK    0u
#define EVENTTYPE_FD_READ  1u
#define EVENTTYPE_FD_WRITE 2u

#endif
