/* A function as a caller names it: a bundle, a sealed bundle, or its digest. */
#ifndef RECLAVE_CLI_FUNCTION_FILE_H
#define RECLAVE_CLI_FUNCTION_FILE_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct function_file {
    uint8_t *file; /* malloc; NULL: only the digest is known */
    size_t bytes;
    bool sealed;
    uint8_t bundle_sha256[32]; /* of a sealed one: as its header says */
    char name[129];            /* args[0]; "" when only the digest is known */
};

/* `text`: 64 hexadecimal digits, or a path. On failure why says what to do. */
MUST_CHECK enum status function_file_open(const char *text, struct function_file *out,
                                          struct message *why);
void function_file_close(struct function_file *function);

#endif
