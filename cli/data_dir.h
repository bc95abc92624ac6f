/* Where Reclave's own data lies: $RECLAVE_DATA_DIR, else ../lib/reclave
 * relative to the running program (the same in the build tree and installed). */
#ifndef RECLAVE_CLI_DATA_DIR_H
#define RECLAVE_CLI_DATA_DIR_H

#include "abi/status.h"

#include <stddef.h>

/* Writes the path of `relative` ("sdk", "images/x.rci") to path. ST_NOT_FOUND:
 * it does not exist; ST_OUT_OF_RANGE: path_bytes (PATH_MAX fits) is too small. */
MUST_CHECK enum status data_dir_path(const char *relative, char *path, size_t path_bytes);

#endif
