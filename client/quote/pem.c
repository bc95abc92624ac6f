#include "client/quote/pem.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool skip(struct pem_text *text, const char *expected)
{
    size_t bytes = strlen(expected);

    if (bytes > text->left || memcmp(text->at, expected, bytes) != 0)
        return false;
    text->at += bytes;
    text->left -= bytes;
    return true;
}

static bool skip_line_break(struct pem_text *text)
{
    return skip(text, "\n") || skip(text, "\r\n");
}

static bool only_nuls(const struct pem_text *text)
{
    for (size_t i = 0; i < text->left; i++)
        if (text->at[i] != '\0')
            return false;
    return true;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
}

/* The base64 of a block without its line breaks; stops before the END line. `base64` has room for
 * all that is left of the text. */
static bool take_lines(struct pem_text *text, char *base64, size_t *bytes)
{
    *bytes = 0;
    while (text->left && *text->at != '-') {
        while (text->left && is_base64(*text->at)) {
            base64[(*bytes)++] = *text->at++;
            text->left--;
        }
        if (!skip_line_break(text))
            return false;
    }
    return *bytes > 0;
}

/* What EVP_DecodeBlock gives, provided that encoding it gives the same text again. */
static enum status decode(const char *base64, size_t base64_bytes, uint8_t **der, size_t *bytes)
{
    uint8_t *data = malloc(base64_bytes), *again = malloc(base64_bytes + 1);
    enum status status = ST_CORRUPT;
    int length, padding;

    if (!data || !again) {
        status = ST_NO_MEMORY;
        goto out;
    }
    length = EVP_DecodeBlock(data, (const uint8_t *)base64, (int)base64_bytes);
    padding = (base64[base64_bytes - 1] == '=') + (base64[base64_bytes - 2] == '=');
    if (length <= padding)
        goto out;
    *bytes = (size_t)(length - padding);
    if (EVP_EncodeBlock(again, data, (int)*bytes) != (int)base64_bytes ||
        memcmp(again, base64, base64_bytes) != 0)
        goto out;
    *der = data;
    data = NULL;
    status = ST_OK;
out:
    free(again);
    free(data);
    return status;
}

enum status pem_next(struct pem_text *text, const char *label, uint8_t **der, size_t *bytes)
{
    enum status status = ST_CORRUPT;
    char *base64;
    size_t base64_bytes;

    while (skip_line_break(text))
        ;
    if (only_nuls(text))
        return ST_NOT_FOUND;
    if (!skip(text, "-----BEGIN ") || !skip(text, label) || !skip(text, "-----") ||
        !skip_line_break(text))
        return ST_CORRUPT;
    base64 = malloc(text->left + 1);
    if (!base64)
        return ST_NO_MEMORY;
    if (take_lines(text, base64, &base64_bytes) && base64_bytes % 4 == 0 &&
        skip(text, "-----END ") && skip(text, label) && skip(text, "-----"))
        status = decode(base64, base64_bytes, der, bytes);
    free(base64);
    return status;
}
