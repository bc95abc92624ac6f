/* A piece of the input, borrowed. */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_SPAN_H
#define RECLAVE_TOOLCHAIN_REWRITE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *at;
    size_t bytes;
};

bool span_is(struct span span, const char *text);
bool span_starts(struct span span, const char *text);
bool span_equal(struct span a, struct span b);
struct span span_trim(struct span span); /* without blanks at both ends */
struct span span_skip(struct span span, size_t bytes);

/* A symbol's name: letters, digits, _ . $, not starting with a digit. */
bool span_is_name(struct span span);
/* The name that span starts with; empty: none. */
struct span span_leading_name(struct span span);

/* A decimal or 0x number with optional sign, all of span. Values up to 2^64 - 1 are taken modulo
 * 2^64. */
bool span_number(struct span span, int64_t *value);

/* Cuts off the text before the next comma that is outside of parentheses; false: nothing left. */
bool span_next_argument(struct span *rest, struct span *argument);

#endif
