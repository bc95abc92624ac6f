/* Parts of `reclave inspect`. */
#ifndef RECLAVE_CLI_INSPECT_H
#define RECLAVE_CLI_INSPECT_H

#include "toolchain/bundle/read.h"
#include "toolchain/verify/verdict.h"

#include <jansson.h>
#include <stdbool.h>

/* inspect.c: prints an object's members as JSON or one a line. */
void inspect_print(json_t *object, bool as_json);
/* Says why, and what to do ("" or "; ..."); returns the exit code, 1. */
int inspect_failed(const char *path, const char *why, const char *advice);

/* "copy", "mark": header.tracking. */
const char *inspect_tracking_name(uint32_t tracking);

/* inspect_verify.c: what the verifier says, printed; the exit code is 0 if it accepts. */
int inspect_verify_bundle(const char *path, const struct bundle_view *view, bool as_json);
int inspect_verify_code(const char *path, const uint8_t *text, size_t bytes, enum sfi_layer layer,
                        uint32_t tracking, bool as_json);

/* inspect_snapshot.c: prints S1's digest; returns the exit code. */
int inspect_snapshot_digest(const char *path, const uint8_t *file, size_t bytes, bool as_json);

#endif
