/*
 * Action code as OpenWhisk carries it: a string that is base64 of a zip, a module or a bundle.
 *
 * A zip may hold any files; what runs is, in this order: MAIN.rcl, MAIN.wasm (MAIN: the action's
 * entry point, if it is not "main"), the only .rcl, the only .wasm, the only file.
 */
#ifndef RECLAVE_HOST_ACTION_CODE_H
#define RECLAVE_HOST_ACTION_CODE_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stddef.h>
#include <stdint.h>

#define CODE_TEXT_MAX_BYTES (50u << 20)  /* the string: 48 MiB of code is OpenWhisk's limit */
#define CODE_FILE_MAX       (128u << 20) /* a file of a zip, unpacked */
#define CODE_FILES_MAX      1000u        /* of a zip */

enum code_kind {
    CODE_WASM,
    CODE_BUNDLE, /* sealed or not */
};

struct code {
    enum code_kind kind;
    uint8_t *bytes; /* malloc */
    size_t size;
};

/* `main` may be NULL. ST_CORRUPT: neither of these, why says what it looks like and what to do;
 * ST_OUT_OF_RANGE: too large; ST_NOT_FOUND: a zip without a function; ST_NO_MEMORY. On failure
 * *out is empty. */
MUST_CHECK enum status code_decode(const char *text, size_t bytes, const char *main,
                                   struct code *out, struct message *why);
void code_free(struct code *code);

#endif
