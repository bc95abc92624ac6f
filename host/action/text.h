/* Text of a function, which may be any bytes, for JSON. */
#ifndef RECLAVE_HOST_ACTION_TEXT_H
#define RECLAVE_HOST_ACTION_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* A string; each byte that is no UTF-8 becomes U+FFFD. New reference; NULL: no memory. */
json_t *text_json(const char *bytes, size_t size);

#endif
