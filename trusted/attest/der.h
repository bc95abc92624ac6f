/*
 * Walks DER (X.690) that others have written: single-byte tags, shortest lengths of at most two
 * bytes. A walker gives pieces of its input, in order; it never reads beyond them.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_DER_H
#define RECLAVE_TRUSTED_ATTEST_DER_H

#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct der {
    const uint8_t *at;
    size_t left;
};

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_VERSION = 0xa0,    /* [0] of a certificate */
    DER_EXTENSIONS = 0xa3, /* [3] */
};

/* Takes the next element, which must have this tag: *content is what is in it. false, and nothing
 * is taken: there is none such. from and content are different objects. */
MUST_CHECK bool der_take(struct der *from, enum der_tag tag, struct der *content);
/* The same with head and content: as it is signed or compared. */
MUST_CHECK bool der_take_whole(struct der *from, enum der_tag tag, struct der *whole);
/* Takes the next bytes if they are exactly these. */
MUST_CHECK bool der_take_exactly(struct der *from, const void *bytes, size_t count);
/* An INTEGER of 0 .. most. */
MUST_CHECK bool der_take_number(struct der *from, uint32_t most, uint32_t *value);

bool der_is(struct der value, const void *bytes, size_t count);

#endif
