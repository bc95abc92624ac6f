/*
 * The fields of a message, and which refusal a change of each must get. The tables of the tests are
 * compared with the structs of abi/: every byte of a struct is in exactly one row, so a field that
 * is new there makes the test fail until somebody says what becomes of it.
 */
#ifndef RECLAVE_TESTS_ATTEST_FIELDS_H
#define RECLAVE_TESTS_ATTEST_FIELDS_H

#include "base/status.h"

#include <stddef.h>

struct field {
    const char *name;
    size_t at, bytes;
    enum status expected;
    enum status also; /* where a flip may leave the field well-formed; ST_OK: nothing else */
};

#define FIELD(type, member, expected) FIELD_OR(type, member, expected, ST_OK)
#define FIELD_OR(type, member, expected, also)                                                     \
    {                                                                                              \
#type "." #member, offsetof(struct type, member), sizeof(((struct type *)0)->member),      \
            expected, also                                                                         \
    }
/* `bytes` of an array from element `from` on. */
#define FIELD_PART(type, member, from, bytes, expected)                                            \
    {                                                                                              \
#type "." #member, offsetof(struct type, member) + (from), bytes, expected, ST_OK          \
    }

/* Of every message in an envelope. */
#define PREFIX_FIELDS(type)                                                                        \
    FIELD(type, prefix.magic, ST_ENVELOPE_FORMAT),                                                 \
        FIELD(type, prefix.version, ST_ENVELOPE_VERSION),                                          \
        FIELD(type, prefix.kind, ST_ENVELOPE_FORMAT),                                              \
        FIELD(type, prefix.reserved, ST_ENVELOPE_FORMAT),                                          \
        FIELD(type, prefix.cipher_bytes, ST_ENVELOPE_FORMAT)

/* The rows lie one behind the other and fill the struct. */
#define FIELDS_FILL(rows, type)                                                                    \
    fields_fill(rows, sizeof(rows) / sizeof((rows)[0]), sizeof(struct type), #type)
void fields_fill(const struct field *rows, size_t count, size_t bytes, const char *type);

/* The row of byte `at`; NULL behind the last one. */
#define FIELD_AT(rows, at) field_at(rows, sizeof(rows) / sizeof((rows)[0]), at)
const struct field *field_at(const struct field *rows, size_t count, size_t at);

/* A change of byte `at` got this answer; row NULL: it is behind the struct, where `rest` is right.
 */
void field_must_refuse(const struct field *row, size_t at, enum status status, enum status rest);

#endif
