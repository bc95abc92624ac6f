#include "host/action/code.h"

#include "abi/bundle.h"
#include "abi/sealed.h"
#include "host/action/zip.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const void *bytes, size_t size, const char *magic, size_t magic_bytes)
{
    return size >= magic_bytes && memcmp(bytes, magic, magic_bytes) == 0;
}

static bool is_wasm(const void *bytes, size_t size)
{
    return starts(bytes, size, "\0asm", 4);
}

static bool is_zip(const void *bytes, size_t size)
{
    return starts(bytes, size, "PK\3\4", 4);
}

static bool is_bundle(const void *bytes, size_t size)
{
    return starts(bytes, size, BUNDLE_MAGIC, sizeof(BUNDLE_MAGIC) - 1) ||
           starts(bytes, size, SEALED_MAGIC, sizeof(SEALED_MAGIC) - 1);
}

static bool is_known(const void *bytes, size_t size)
{
    return is_wasm(bytes, size) || is_zip(bytes, size) || is_bundle(bytes, size);
}

/* Line breaks are fine; anything else that is no base64 is not. */
static enum status decode_base64(const char *text, size_t bytes, uint8_t **out, size_t *out_bytes)
{
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    int got = 0, rest = 0;
    bool good;

    *out = malloc(bytes / 4 * 3 + 64);
    if (!*out || !context) {
        EVP_ENCODE_CTX_free(context);
        free(*out);
        *out = NULL;
        return ST_NO_MEMORY;
    }
    EVP_DecodeInit(context);
    good = EVP_DecodeUpdate(context, *out, &got, (const unsigned char *)text, (int)bytes) >= 0 &&
           EVP_DecodeFinal(context, *out + got, &rest) >= 0;
    EVP_ENCODE_CTX_free(context);
    *out_bytes = (size_t)(got + rest);
    if (good && *out_bytes > 0)
        return ST_OK;
    free(*out);
    *out = NULL;
    return ST_CORRUPT;
}

/* Clients that read a binary file as text replace what is not UTF-8 by U+FFFD: it is lost. */
static enum status refuse_text(const char *text, size_t bytes, struct message *why)
{
    if (is_known(text, bytes) && memmem(text, bytes, "\xef\xbf\xbd", 3))
        message_set(why,
                    "the binary file was damaged on the way: the client sent it as text. Put it "
                    "into a zip (zip f.zip f.wasm) and upload that, or upload base64 text");
    else
        message_set(why,
                    "cannot decode the request: code must be base64 of a zip, a .wasm module or a "
                    ".rcl bundle");
    return ST_CORRUPT;
}

/* Takes `bytes` over. */
static enum status recognise(uint8_t *bytes, size_t size, struct code *out, struct message *why)
{
    if (is_wasm(bytes, size) || is_bundle(bytes, size)) {
        *out = (struct code){is_wasm(bytes, size) ? CODE_WASM : CODE_BUNDLE, bytes, size};
        return ST_OK;
    }
    free(bytes);
    message_set(why, "the code is neither a WebAssembly module nor a bundle");
    return ST_CORRUPT;
}

static enum status open_binary(uint8_t *bytes, size_t size, const char *main, struct code *out,
                               struct message *why)
{
    uint8_t *file = NULL;
    size_t file_bytes = 0;
    enum status status;

    if (!is_zip(bytes, size))
        return recognise(bytes, size, out, why);
    status = zip_pick(bytes, size, main, &file, &file_bytes, why);
    free(bytes);
    return status == ST_OK ? recognise(file, file_bytes, out, why) : status;
}

enum status code_decode(const char *text, size_t bytes, const char *main, struct code *out,
                        struct message *why)
{
    uint8_t *decoded = NULL;
    size_t decoded_bytes = 0;
    enum status status;

    *out = (struct code){0};
    if (bytes > CODE_TEXT_MAX_BYTES * 4u / 3u) {
        message_set(why, "the code is larger than allowed: %zu > %u bytes", bytes,
                    CODE_TEXT_MAX_BYTES * 4u / 3u);
        return ST_OUT_OF_RANGE;
    }
    if (main && !strcmp(main, "main"))
        main = NULL;
    status = decode_base64(text, bytes, &decoded, &decoded_bytes);
    if (status == ST_CORRUPT)
        return refuse_text(text, bytes, why);
    if (status != ST_OK)
        return status;
    return open_binary(decoded, decoded_bytes, main, out, why);
}

void code_free(struct code *code)
{
    free(code->bytes);
    *code = (struct code){0};
}
