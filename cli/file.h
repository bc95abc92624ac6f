/* Whole files of the command line: read at once, written all or nothing. */
#ifndef RECLAVE_CLI_FILE_H
#define RECLAVE_CLI_FILE_H

#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

/* Reads a file of at most `limit` bytes ("-": stdin) into *data (malloc). ST_IO: errno;
 * ST_OUT_OF_RANGE: longer than limit; ST_NO_MEMORY. */
MUST_CHECK enum status file_read(const char *path, size_t limit, uint8_t **data, size_t *bytes);

/* The same of what may go on for ever: at most `limit` bytes of it, the rest is not read. */
MUST_CHECK enum status file_read_start(const char *path, size_t limit, uint8_t **data,
                                       size_t *bytes);

/* Writes a temporary file beside `path`, then renames it: no partial file ever has that name.
 * ST_IO: errno. */
MUST_CHECK enum status file_write(const char *path, const void *data, size_t bytes);

#endif
