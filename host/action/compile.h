/* A module to a bundle, in a confined process. */
#ifndef RECLAVE_HOST_ACTION_COMPILE_H
#define RECLAVE_HOST_ACTION_COMPILE_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMPILE_SECONDS 60u

/* Runs `program build` on the module in a new folder in `folder`, which is gone on return. *bundle
 * is malloc'ed. `stop_fd`: once it is readable, the compiler is killed at once (an eventfd, say);
 * -1: none. ST_UNSUPPORTED: the module, why says what is wrong with it; ST_BUSY: stopped;
 * ST_TIMEOUT; ST_IO. */
MUST_CHECK enum status compile_module_confined(const char *program, const char *folder, int stop_fd,
                                               const uint8_t *wasm, size_t wasm_bytes,
                                               uint8_t **bundle, size_t *bundle_bytes,
                                               struct message *why);

#endif
