/*
 * Pseudonymisation of a JSON document: values of chosen fields become keyed
 * tokens, everything else stays byte for byte. The same value of the same field
 * gives the same token under the same key, so records can still be joined.
 */
#ifndef PSEUDONYMISE_H
#define PSEUDONYMISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELDS_DEFAULT                                                                             \
    "name,first_name,last_name,email,phone,address,birthdate,iban,ssn,passport,ip_address"
#define FIELD_NAME_LIMIT 64  /* bytes; longer names in a document match nothing */
#define DEPTH_LIMIT      128 /* of nested arrays and objects */

struct rules {
    const char *fields; /* names between commas; compared without regard to ASCII case */
    const void *key;
    size_t key_bytes;
};

/* A buffer that grows; zero-initialise, release with text_free(). */
struct text {
    uint8_t *data;
    size_t bytes, capacity;
};

/* False when memory is exhausted; the text is then unchanged. */
bool text_append(struct text *text, const void *data, size_t bytes);
void text_free(struct text *text);

struct problem {
    const char *message; /* static text */
    size_t line, column; /* from 1 */
};

/*
 * Appends the pseudonymised document to `out`. In a chosen field a string or a
 * number becomes a string token NAME-0123456789abcdef; true, false and null stay;
 * in an array or object all strings and numbers below are replaced. False on a
 * malformed document or without memory: *problem says what and where, and `out`
 * holds nothing that may be used.
 */
bool pseudonymise(const struct rules *rules, const void *document, size_t bytes, struct text *out,
                  struct problem *problem);

#endif
