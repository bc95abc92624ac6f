#include "tests/border/residue/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SEED 0x9e3779b97f4a7c15ull

const uint8_t *secret(void)
{
    static uint8_t bytes[SECRET_BYTES];

    if (!bytes[0]) {
        uint64_t x = SEED;

        for (size_t i = 0; i < SECRET_BYTES; i++) { /* xorshift64 */
            do {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                bytes[i] = (uint8_t)(x >> 32);
            } while (bytes[i] == 0 || bytes[i] == '=');
        }
    }
    return bytes;
}

const char *secret_name(void)
{
    return SECRET_NAME; /* tests/border/build.mk */
}

void secret_spread(struct border_call *call, char mode)
{
    static uint8_t input[SECRET_BYTES + 1];
    static char strings[2 * SECRET_BYTES + sizeof(SECRET_NAME) + 8];
    size_t name = sizeof(SECRET_NAME) - 1;

    memcpy(input, secret(), SECRET_BYTES);
    input[SECRET_BYTES] = (uint8_t)mode;
    memset(strings, 0, sizeof(strings));
    memcpy(strings, secret(), SECRET_BYTES);
    memcpy(strings + SECRET_BYTES + 1, SECRET_NAME "=", name + 1);
    memcpy(strings + SECRET_BYTES + 1 + name + 1, secret(), SECRET_BYTES);
    call->input = input;
    call->input_bytes = sizeof(input);
    call->strings = strings;
    call->strings_bytes = SECRET_BYTES + 1 + name + 1 + SECRET_BYTES + 1;
    call->arg_count = 1;
    call->env_count = 1;
}

size_t secret_count(const struct pages *pages, const struct place *where, size_t window)
{
    const struct needle needle = {secret(), SECRET_BYTES, window};

    return pages_find(pages, &needle, where->offset, where->bytes, NULL, NULL);
}

static void name_place(void *context, uint64_t offset)
{
    unsigned *named = context;
    char text[96];

    if (++*named > 6)
        return;
    place_describe(offset, text, sizeof(text));
    fprintf(stderr, "# REMAINS: %s: eight bytes of the secret\n", text);
}

size_t secret_remains(const struct pages *pages)
{
    const struct needle needle = {secret(), SECRET_BYTES, SECRET_WORD};
    unsigned named = 0;

    return pages_find(pages, &needle, 0, UINT64_MAX, name_place, &named);
}

bool secret_in_bytes(const void *bytes, size_t size, size_t window)
{
    for (size_t at = 0; at + window <= size; at++)
        for (size_t i = 0; i + window <= SECRET_BYTES; i++)
            if (memcmp((const uint8_t *)bytes + at, secret() + i, window) == 0)
                return true;
    return false;
}
