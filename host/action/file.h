/* Whole files of the daemon's own folders. */
#ifndef RECLAVE_HOST_ACTION_FILE_H
#define RECLAVE_HOST_ACTION_FILE_H

#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

/* *data is malloc'ed. ST_IO: errno; ST_OUT_OF_RANGE: more than `limit` bytes; ST_NO_MEMORY. */
MUST_CHECK enum status read_whole_file(const char *path, size_t limit, uint8_t **data,
                                       size_t *bytes);
/* Mode 0600; under another name first, synced, then renamed: it is whole or not there. ST_IO:
 * errno. */
MUST_CHECK enum status write_whole_file(const char *path, const void *data, size_t bytes);

#endif
