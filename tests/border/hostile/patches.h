/*
 * Ways to spoil machine code that has left the toolchain: each names the rule that it breaks and
 * where. Snippets are placed at the start of a 32-byte bundle, with HLT all around.
 */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_PATCHES_H
#define RECLAVE_TESTS_BORDER_HOSTILE_PATCHES_H

#include "abi/sfi.h"

#include <stdint.h>

#define SNIPPET_MAX 64

struct snippet {
    const char *name;
    enum verify_reason reason; /* VERIFY_OK: harmless, must be accepted */
    uint32_t bad;              /* the refused instruction's offset in the snippet */
    uint8_t bytes;
    uint8_t code[SNIPPET_MAX];
};

extern const struct snippet snippets[];
extern const unsigned snippet_count;

#endif
