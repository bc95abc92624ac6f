/* Third-party files for the image tool's tests: $RECLAVE_TEST_VECTORS/enclaves. */
#ifndef RECLAVE_TESTS_IMAGE_VECTORS_H
#define RECLAVE_TESTS_IMAGE_VECTORS_H

#include "toolchain/image/file.h"

#include <stdio.h>
#include <stdlib.h>

/* 0 when the file is not there: the caller skips. Freed with file_release. */
static inline int vector_read(const char *name, struct file_bytes *out)
{
    const char *folder = getenv("RECLAVE_TEST_VECTORS");
    struct problem why;
    char path[4096];

    snprintf(path, sizeof path, "%s/enclaves/%s", folder ? folder : "../shared/vectors", name);
    return file_read(path, out, &why) == ST_OK;
}

#endif
