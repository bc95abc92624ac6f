/* Whole files, read into memory and written atomically. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_FILE_H
#define RECLAVE_TOOLCHAIN_IMAGE_FILE_H

#include "toolchain/image/problem.h"

#include <stddef.h>
#include <stdint.h>

struct file_bytes {
    uint8_t *data; /* owned: file_release */
    size_t size;
};

/* Files above this are refused: no image or ELF of ours comes near. */
#define FILE_BYTES_MAX ((size_t)1 << 30)

MUST_CHECK enum status file_read(const char *path, struct file_bytes *out, struct problem *p);
void file_release(struct file_bytes *file);

/* path appears whole or not at all. */
MUST_CHECK enum status file_write(const char *path, const struct file_bytes *file,
                                  struct problem *p);

#endif
