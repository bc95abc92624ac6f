/*
 * PEM (RFC 7468), strictly: a text that decodes has one spelling only, up to
 * line breaks. No bit of a quote may be free to flip, and lenient decoders
 * leave many. Nothing but blocks and line breaks, then NULs up to the end (what
 * quotes carry in the wild).
 */
#ifndef RECLAVE_CLIENT_QUOTE_PEM_H
#define RECLAVE_CLIENT_QUOTE_PEM_H

#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

struct pem_text {
    const char *at;
    size_t left;
};

/* The next block with this label: its content into *der (malloc), text advanced. ST_NOT_FOUND:
 * nothing follows. ST_CORRUPT: something else does. ST_NO_MEMORY. */
MUST_CHECK enum status pem_next(struct pem_text *text, const char *label, uint8_t **der,
                                size_t *bytes);

#endif
