/* Digests for people. */
#ifndef RECLAVE_CLI_HEX_H
#define RECLAVE_CLI_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Lower-case hexadecimal; text holds 2 * bytes + 1. Returns text. */
const char *hex_text(const uint8_t *data, size_t bytes, char *text);

#endif
