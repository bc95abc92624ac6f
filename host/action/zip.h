/* The one file of a zip that is the function. */
#ifndef RECLAVE_HOST_ACTION_ZIP_H
#define RECLAVE_HOST_ACTION_ZIP_H

#include "host/action/code.h"

/* Status and limits as of code_decode; *out is malloc'ed. */
MUST_CHECK enum status zip_pick(const uint8_t *archive, size_t bytes, const char *main,
                                uint8_t **out, size_t *out_bytes, struct message *why);

#endif
