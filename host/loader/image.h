/*
 * Enclave image files (abi/image.h), read and checked. The loader is not
 * trusted, and nothing here protects the enclave: the checks exist so that a
 * damaged file is reported as such, by field, instead of as an ioctl's EINVAL.
 */
#ifndef RECLAVE_HOST_LOADER_IMAGE_H
#define RECLAVE_HOST_LOADER_IMAGE_H

#include "abi/image.h"
#include "abi/status.h"
#include "host/loader/message.h"

#include <stddef.h>
#include <stdint.h>

struct image {
    const struct image_header *header;
    const struct image_run *runs; /* header->runs of them */
    const uint8_t *file;          /* whole file, page aligned, in executable-capable memory */
    size_t file_bytes;
    uint64_t pages; /* of all runs */
};

/* Reads the file into memory of its own; image_close frees it. On failure *out is
 * zeroed and why names file and field. ST_IO, ST_NO_MEMORY, ST_CORRUPT;
 * ST_UNSUPPORTED: another format or ABI version. */
MUST_CHECK enum status image_open(const char *path, struct image *out, struct message *why);
void image_close(struct image *image);

/* The same checks on a file in memory (`file` 8-byte aligned, kept by reference); `name`
 * is for messages. */
MUST_CHECK enum status image_check(const char *name, const uint8_t *file, size_t bytes,
                                   struct image *out, struct message *why);

#endif
