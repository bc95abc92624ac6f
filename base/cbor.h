/*
 * Writes deterministic CBOR (RFC 8949, 4.2.1) into a buffer of the caller's: shortest heads,
 * definite lengths. The caller keeps map keys in bytewise order.
 *
 * A writer that runs out of room stops writing and says so at the end: check cbor_size() once.
 */
#ifndef RECLAVE_BASE_CBOR_H
#define RECLAVE_BASE_CBOR_H

#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbor_writer {
    uint8_t *buffer;
    size_t capacity;
    size_t used;
    bool failed;
};

/* Major types (RFC 8949, 3.1) */
enum cbor_major {
    CBOR_UNSIGNED = 0,
    CBOR_NEGATIVE = 1,
    CBOR_BYTES = 2,
    CBOR_TEXT = 3,
    CBOR_ARRAY = 4,
    CBOR_MAP = 5,
    CBOR_TAG = 6,
};

void cbor_start(struct cbor_writer *writer, uint8_t *buffer, size_t capacity);
/* Any head: an integer's value, a string's length, an array's or map's number of entries, a tag. */
void cbor_head(struct cbor_writer *writer, enum cbor_major major, uint64_t value);
void cbor_integer(struct cbor_writer *writer, int64_t value);
void cbor_bytes(struct cbor_writer *writer, const void *data, size_t bytes);
void cbor_text(struct cbor_writer *writer, const char *text);

/* Bytes written; ST_OUT_OF_RANGE when they did not fit. */
MUST_CHECK enum status cbor_size(const struct cbor_writer *writer, size_t *bytes);

#endif
