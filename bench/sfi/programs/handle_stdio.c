/* Makes a function of a program: the scale comes in on stdin and the checksum goes out on stdout,
 * both as numbers in memory. */
#include "program.h"

struct io_vector {
    void *data;
    size_t bytes;
};

__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_read"))) int32_t
fd_read(int32_t fd, const struct io_vector *to, size_t count, size_t *bytes);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int32_t
fd_write(int32_t fd, const struct io_vector *from, size_t count, size_t *bytes);

__attribute__((export_name("handle"))) int32_t handle(void)
{
    uint64_t checksum;
    uint32_t scale;
    size_t bytes;

    if (fd_read(0, &(struct io_vector){&scale, sizeof(scale)}, 1, &bytes) != 0 ||
        bytes != sizeof(scale))
        return 1;
    checksum = run(scale);
    return fd_write(1, &(struct io_vector){&checksum, sizeof(checksum)}, 1, &bytes);
}
