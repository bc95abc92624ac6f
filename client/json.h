/* Reading JSON strictly: no duplicate member, nothing behind the document, numbers in range. */
#ifndef RECLAVE_CLIENT_JSON_H
#define RECLAVE_CLIENT_JSON_H

#include "abi/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* An object; NULL: `why` (of JSON_ERROR_TEXT_LENGTH) says what is wrong. Release with json_decref.
 */
MUST_CHECK json_t *json_read_object(const char *text, size_t bytes, char *why);

/* object[key] as a non-negative integer of at most `most`. */
MUST_CHECK bool json_read_number(const json_t *object, const char *key, uint64_t most,
                                 uint64_t *value);

/* object[key] as hexadecimal text of exactly `bytes` bytes. */
MUST_CHECK bool json_read_hex(const json_t *object, const char *key, uint8_t *data, size_t bytes);

/* object[key] as Intel writes times, "2023-01-18T09:40:10Z"; seconds since 1970. */
MUST_CHECK bool json_read_time(const json_t *object, const char *key, int64_t *seconds);

/* object[key] is exactly this string. */
MUST_CHECK bool json_is_text(const json_t *object, const char *key, const char *expected);

#endif
