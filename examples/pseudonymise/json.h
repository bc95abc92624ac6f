/*
 * A JSON scanner (RFC 8259): checks one token at a time and moves on. It builds
 * nothing; a token is the slice of the document between two positions.
 */
#ifndef PSEUDONYMISE_JSON_H
#define PSEUDONYMISE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scanner {
    const uint8_t *start, *at, *end;
    const char *error; /* what is wrong at `at`, or NULL */
};

/* Records the first error, at the scanner's position; returns false. */
bool scan_fail(struct scanner *s, const char *error);

/* The next byte without moving, or -1 at the end. */
int scan_peek(const struct scanner *s);

void scan_space(struct scanner *s);

/* A string with its quotes: escapes, no control characters, valid UTF-8. */
bool scan_string(struct scanner *s);
bool scan_number(struct scanner *s);
/* The word `true`, `false` or `null`. */
bool scan_word(struct scanner *s, const char *word);

/* Decodes one character of a string that scan_string accepted, from *at (inside the quotes);
 * moves *at and writes 1 to 4 bytes of UTF-8 (a lone surrogate: its 3-byte form). Returns their
 * number. */
size_t json_decode(const uint8_t **at, uint8_t utf8[4]);

/* Line and column of the scanner's position, from 1; columns count characters. */
void scan_position(const struct scanner *s, size_t *line, size_t *column);

#endif
