/* Digests for people. */
#ifndef RECLAVE_CLI_HEX_H
#define RECLAVE_CLI_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower-case hexadecimal; text holds 2 * bytes + 1. Returns text. */
const char *hex_text(const uint8_t *data, size_t bytes, char *text);

/* Exactly 2 * bytes digits, of either case, and nothing else. */
bool hex_parse(const char *text, uint8_t *data, size_t bytes);

#endif
