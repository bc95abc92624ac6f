/* Any bytes as a sealed bundle, a wrapped key and a sealed state, as an enclave reads them. */
#include "trusted/attest/sealed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void as_bundle(const uint8_t *data, size_t bytes)
{
    static const uint8_t key[FUNCTION_KEY_BYTES];
    struct sealed_header header;
    struct sealed_reader reader;
    const uint8_t *from = data + sizeof(header) + sizeof(struct wrapped_key);
    const uint8_t *end = data + bytes;

    if (bytes < sizeof(header))
        return;
    memcpy(&header, data, sizeof(header));
    if (sealed_header_check(&header, bytes) != ST_OK)
        return;
    /* a key that fits, whatever the header says: the chunks are of interest */
    function_key_id(key, header.function_key_id);
    if (sealed_start(&header, key, &reader) != ST_OK)
        abort();
    for (uint32_t chunk; (chunk = sealed_next_bytes(&reader)) > 0;) {
        uint8_t *copy;
        enum status status;

        if (chunk + AEAD_TAG_BYTES > (size_t)(end - from))
            abort(); /* the header check promised that they are there */
        copy = malloc(chunk);
        memcpy(copy, from, chunk);
        status = sealed_chunk(&reader, copy, from + chunk);
        free(copy);
        if (status != ST_OK)
            return;
        from += chunk + AEAD_TAG_BYTES;
    }
    if (from != end)
        abort();
}

static void as_wrapped_key(const uint8_t *data, size_t bytes)
{
    static const uint8_t secret[32] = {1};
    static struct receiving_key recipient;
    struct wrapped_key wrapped;
    uint8_t key[FUNCTION_KEY_BYTES];

    if (bytes != sizeof(wrapped))
        return;
    if (recipient.secret[0] == 0 && receiving_key_from_secret(secret, &recipient) != ST_OK)
        abort();
    memcpy(&wrapped, data, sizeof(wrapped));
    memcpy(wrapped.recipient, recipient.id, sizeof(wrapped.recipient));
    (void)!function_key_unwrap(&wrapped, &recipient, key);
}

static void as_state(const uint8_t *data, size_t bytes)
{
    static const uint8_t seal_key[16];
    struct state_header header;
    uint8_t *state;

    if (bytes < sizeof(header))
        return;
    memcpy(&header, data, sizeof(header));
    bytes -= sizeof(header);
    if (state_header_check(&header, header.purpose, 0, bytes) != ST_OK)
        return;
    state = malloc(bytes);
    memcpy(state, data + sizeof(header), bytes);
    (void)!state_open(&header, seal_key, state);
    free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    as_bundle(data, bytes);
    as_wrapped_key(data, bytes);
    as_state(data, bytes);
    return 0;
}
