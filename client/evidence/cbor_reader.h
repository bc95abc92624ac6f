/*
 * Reads deterministic CBOR (RFC 8949, 4.2.1) strictly: shortest heads and definite lengths only,
 * nothing left over. Everything else fails, and a reader that has failed stays failed and gives
 * zeroes: check cbor_good() or cbor_end() once, before using what was read.
 */
#ifndef RECLAVE_CLIENT_EVIDENCE_CBOR_READER_H
#define RECLAVE_CLIENT_EVIDENCE_CBOR_READER_H

#include "base/cbor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbor_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct cbor_reader cbor_reader_of(const uint8_t *data, size_t bytes);

/* The argument of an item that must be of this type. */
uint64_t cbor_read_head(struct cbor_reader *reader, enum cbor_major major);
/* Fails unless the value is in int64_t. */
int64_t cbor_read_integer(struct cbor_reader *reader);
/* Byte or text string, within the input; *bytes long. */
const uint8_t *cbor_read_string(struct cbor_reader *reader, enum cbor_major major, size_t *bytes);
/* A byte string of exactly this size; on failure `to` is zeroes. */
void cbor_read_exactly(struct cbor_reader *reader, uint8_t *to, size_t bytes);
/* Fails unless the next item is exactly this. */
void cbor_expect_head(struct cbor_reader *reader, enum cbor_major major, uint64_t value);
void cbor_expect_integer(struct cbor_reader *reader, int64_t value);
void cbor_expect_text(struct cbor_reader *reader, const char *text);

/* Is the next item, a map's key, this integer? Reads it only if so. */
bool cbor_next_is_integer(struct cbor_reader *reader, int64_t value);

/* Nothing failed and nothing is left. */
bool cbor_end(const struct cbor_reader *reader);

#endif
