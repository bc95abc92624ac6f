/*
 * JSON that need not be parsed. Parameters and results are text for the function, and text for the
 * caller: a tree of either is built only if somebody looks into it.
 *
 * Here "plain" is a part of JSON that is quick to recognise and means to everybody the same: one
 * object or array on one line, ASCII, without \u, exponents, integers that do not fit, or deep
 * nesting. What is not plain may still be JSON; parse it.
 */
#ifndef RECLAVE_HOST_ACTION_PLAIN_H
#define RECLAVE_HOST_ACTION_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#define PLAIN_DEPTH_MAX 64u

struct plain {
    const char *text; /* borrowed; NULL: none */
    size_t bytes;
};

/* Is it plain? Then found[i] is the value of the outermost object's member names[i] (of equal ones
 * the last), or none. `names` ends with NULL; found has as many elements as names before it. */
bool plain_json(const char *text, size_t bytes, const char *const *names, struct plain *found);

#endif
