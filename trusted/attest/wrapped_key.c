#include "trusted/attest/hpke.h"
#include "trusted/attest/sealed.h"

#include "base/bytes.h"

#include <stddef.h>
#include <string.h>

#define AAD_BYTES offsetof(struct wrapped_key, sealed)

static enum status header_check(const struct wrapped_key *wrapped,
                                const struct receiving_key *recipient)
{
    if (memcmp(wrapped->magic, WRAPPED_MAGIC, sizeof(wrapped->magic)) != 0)
        return ST_SEALED_FORMAT;
    if (wrapped->version != SEALED_VERSION)
        return ST_SEALED_VERSION;
    if (wrapped->reserved != 0)
        return ST_SEALED_FORMAT;
    if (memcmp(wrapped->recipient, recipient->id, KEY_ID_BYTES) != 0)
        return ST_SEALED_KEY;
    return ST_OK;
}

/* A key whose ID is not the named one would decrypt nothing: better said here. */
static enum status check_id(const struct wrapped_key *wrapped, const uint8_t *key)
{
    uint8_t id[KEY_ID_BYTES];

    function_key_id(key, id);
    return bytes_equal_secret(id, wrapped->function_key_id, sizeof(id)) ? ST_OK : ST_SEALED_KEY;
}

enum status function_key_unwrap(const struct wrapped_key *wrapped,
                                const struct receiving_key *recipient,
                                uint8_t key[FUNCTION_KEY_BYTES])
{
    struct hpke context = {.sequence = 0};
    enum status status = header_check(wrapped, recipient);

    if (status == ST_OK &&
        hpke_receive(recipient, wrapped->enc, WRAP_INFO, sizeof(WRAP_INFO), &context) != ST_OK)
        status = ST_SEALED_FORGED;
    memcpy(key, wrapped->sealed, FUNCTION_KEY_BYTES);
    if (status == ST_OK && hpke_open(&context, wrapped, AAD_BYTES, key, FUNCTION_KEY_BYTES,
                                     wrapped->sealed + FUNCTION_KEY_BYTES) != ST_OK)
        status = ST_SEALED_FORGED;
    if (status == ST_OK)
        status = check_id(wrapped, key);
    if (status != ST_OK)
        bytes_wipe(key, FUNCTION_KEY_BYTES);
    bytes_wipe(&context, sizeof(context));
    return status;
}

enum status function_key_wrap(const uint8_t key[FUNCTION_KEY_BYTES],
                              const uint8_t recipient[RECEIVING_KEY_BYTES],
                              const struct random_source *random, struct wrapped_key *wrapped)
{
    struct hpke context = {.sequence = 0};
    enum status status;

    memset(wrapped, 0, sizeof(*wrapped));
    memcpy(wrapped->magic, WRAPPED_MAGIC, sizeof(wrapped->magic));
    wrapped->version = SEALED_VERSION;
    receiving_key_id(recipient, wrapped->recipient);
    function_key_id(key, wrapped->function_key_id);
    status = hpke_send(random, recipient, WRAP_INFO, sizeof(WRAP_INFO), wrapped->enc, &context);
    if (status == ST_OK) {
        memcpy(wrapped->sealed, key, FUNCTION_KEY_BYTES);
        status = hpke_seal(&context, wrapped, AAD_BYTES, wrapped->sealed, FUNCTION_KEY_BYTES,
                           wrapped->sealed + FUNCTION_KEY_BYTES);
    }
    if (status != ST_OK)
        bytes_wipe(wrapped, sizeof(*wrapped));
    bytes_wipe(&context, sizeof(context));
    return status;
}
