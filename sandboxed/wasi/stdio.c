/*
 * fd_read and fd_write. An iovec array lies in linear memory, so fd_read may
 * overwrite it while it is being worked through: each element is read once per
 * use and checked each time.
 */
#include "sandboxed/wasi/calls.h"
#include "sandboxed/wasi/gates.h"

#include "abi/status.h"

#define COMMIT_STEP 0x1000ull /* first commitment of an output window; doubled from there */

struct buffer {
    guest_address at;
    uint32_t bytes;
};

/* Element i of a checked array, with its buffer checked; false: outside linear memory. */
static bool load_iovec(guest_address iovecs, uint32_t i, struct buffer *buffer)
{
    uint64_t at = (uint64_t)iovecs + (uint64_t)i * IOVEC_SIZE;

    buffer->at = guest_load32(at + IOVEC_BUFFER);
    buffer->bytes = guest_load32(at + IOVEC_BYTES);
    return guest_has(buffer->at, buffer->bytes);
}

struct iovecs_sum {
    enum wasi_errno error;
    uint64_t bytes;
};

/* Checks the array and all its buffers; their sum must fit the 32-bit result. */
static struct iovecs_sum check_iovecs(guest_address iovecs, uint32_t count)
{
    struct buffer buffer;
    uint64_t bytes = 0;

    if (!guest_has_array(iovecs, count, IOVEC_SIZE))
        return (struct iovecs_sum){E_FAULT, 0};
    for (uint32_t i = 0; i < count; i++) {
        if (!load_iovec(iovecs, i, &buffer))
            return (struct iovecs_sum){E_FAULT, 0};
        bytes += buffer.bytes;
        if (bytes > UINT32_MAX)
            return (struct iovecs_sum){E_INVAL, 0};
    }
    return (struct iovecs_sum){E_SUCCESS, bytes};
}

enum wasi_errno wasi_fd_read(uint32_t fd, guest_address iovecs, uint32_t count,
                             guest_address bytes_read)
{
    uint64_t at = l1_state()->stdin_at;
    uint64_t end = l1_page()->stdin_bytes;
    uint64_t start = at;
    struct iovecs_sum sum;

    if (fd != 0 || !descriptor_open(fd))
        return E_BADF;
    if (!guest_has(bytes_read, 4))
        return E_FAULT;
    sum = check_iovecs(iovecs, count);
    if (sum.error)
        return sum.error;
    for (uint32_t i = 0; i < count && at < end; i++) {
        struct buffer buffer;

        if (!load_iovec(iovecs, i, &buffer))
            return E_FAULT;
        if (buffer.bytes > end - at)
            buffer.bytes = (uint32_t)(end - at);
        if (!copy_to_guest(buffer.at, STDIN_OFF + at, buffer.bytes))
            return E_FAULT;
        at += buffer.bytes;
    }
    l1_state()->stdin_at = at;
    return guest_store32(bytes_read, (uint32_t)(at - start)) ? E_SUCCESS : E_FAULT;
}

/*
 * Makes the first `wanted` bytes of an output window usable, `limit` (at least
 * `wanted`) being the most that will ever be needed. Doubles what there is, so a
 * long output asks L0 a few times only; false when L0 has no memory left.
 */
static bool commit_window(uint64_t region, uint64_t CAGE *committed, uint64_t wanted,
                          uint64_t limit)
{
    uint64_t step = *committed ? *committed * 2 : COMMIT_STEP;

    if (wanted <= *committed)
        return true;
    if (step < wanted)
        step = wanted;
    if (step > limit)
        step = limit;
    if (!gate1_commit(region, step)) {
        step = wanted;
        if (!gate1_commit(region, step))
            return false;
    }
    *committed = step;
    return true;
}

/* Appends `bytes` bytes of the buffers, which check_iovecs accepted, to a window. */
static void append_iovecs(uint64_t cage_offset, guest_address iovecs, uint64_t bytes)
{
    struct buffer buffer;

    for (uint32_t i = 0; bytes > 0; i++) {
        if (!load_iovec(iovecs, i, &buffer))
            return; /* cannot be: nothing has written to linear memory since the check */
        if (buffer.bytes > bytes)
            buffer.bytes = (uint32_t)bytes;
        copy_from_guest(cage_offset, buffer.at, buffer.bytes);
        cage_offset += buffer.bytes;
        bytes -= buffer.bytes;
    }
}

/* Output is complete or the invocation traps: a result is never cut short unnoticed. */
static void write_stdout(guest_address iovecs, uint64_t total)
{
    struct l1_page CAGE *page = l1_page();
    uint64_t at = page->stdout_bytes;
    uint64_t limit = page->stdout_limit;

    if (total > limit - at ||
        !commit_window(REGION_STDOUT, &l1_state()->stdout_committed, at + total, limit))
        gate1_trap(TRAP_OUTPUT_LIMIT);
    append_iovecs(STDOUT_OFF + at, iovecs, total);
    page->stdout_bytes = at + total;
}

/* The log is kept up to its limit, or as far as there is memory; the rest is dropped and counted.
 */
static void write_stderr(guest_address iovecs, uint64_t total)
{
    struct l1_page CAGE *page = l1_page();
    uint64_t at = page->stderr_bytes;
    uint64_t limit = page->stderr_limit;
    uint64_t kept = total < limit - at ? total : limit - at;

    if (!commit_window(REGION_STDERR, &l1_state()->stderr_committed, at + kept, limit))
        kept = 0;
    append_iovecs(STDERR_OFF + at, iovecs, kept);
    page->stderr_bytes = at + kept;
    page->stderr_dropped += total - kept;
}

enum wasi_errno wasi_fd_write(uint32_t fd, guest_address iovecs, uint32_t count,
                              guest_address bytes_written)
{
    struct iovecs_sum sum;

    if (fd == 0 || !descriptor_open(fd))
        return E_BADF;
    if (!guest_has(bytes_written, 4))
        return E_FAULT;
    sum = check_iovecs(iovecs, count);
    if (sum.error)
        return sum.error;
    if (fd == 1)
        write_stdout(iovecs, sum.bytes);
    else
        write_stderr(iovecs, sum.bytes);
    return guest_store32(bytes_written, (uint32_t)sum.bytes) ? E_SUCCESS : E_FAULT;
}
