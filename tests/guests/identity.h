/* A function that can be told from others like it: its bundle holds IDENTITY_TEXT once, and whoever
 * replaces it by a number makes another function with other data. */
#ifndef RECLAVE_TESTS_IDENTITY_H
#define RECLAVE_TESTS_IDENTITY_H

#include <stdint.h>

#define IDENTITY_TEXT  "IDENTITY"
#define IDENTITY_BYTES 8
#define IDENTITY_WORDS 8192u /* 64 KiB of data, made from the identity before the snapshot */

static inline uint64_t identity_word(uint64_t identity, uint32_t at)
{
    return (identity ^ (at + 1)) * 0x9e3779b97f4a7c15u;
}

#endif
