/* Hexadecimal text of collateral and policies. */
#ifndef RECLAVE_CLIENT_HEX_H
#define RECLAVE_CLIENT_HEX_H

#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exactly 2 * bytes digits, of either case, and nothing else. */
MUST_CHECK bool hex_decode(const char *text, size_t text_bytes, uint8_t *data, size_t bytes);

#endif
