#include "client/keeper/description.h"

#include "client/hex.h"
#include "client/json.h"
#include "client/reclave_invoke.h"

#include <stdlib.h>
#include <string.h>

#define STEP RECLAVE_STEP_KEEPER_FORMAT

static bool read_fixed(const json_t *object, const char *name, void *to, size_t bytes,
                       struct failure *failure)
{
    return json_read_hex(object, name, to, bytes) ||
           reject_at(failure, STEP,
                     "the keeper's description: \"%s\" must be %zu bytes in hexadecimal", name,
                     bytes);
}

/* One of 1 to `most` bytes, into memory of that size. */
static bool read_sized(const json_t *object, const char *name, uint8_t *to, size_t most,
                       size_t *bytes, struct failure *failure)
{
    size_t digits = json_string_length(json_object_get(object, name));

    *bytes = digits / 2;
    return (digits >= 2 && *bytes <= most && json_read_hex(object, name, to, *bytes)) ||
           reject_at(failure, STEP,
                     "the keeper's description: \"%s\" must be 1 to %zu bytes in hexadecimal", name,
                     most);
}

static bool read_quote(const json_t *object, struct keeper_description *out,
                       struct failure *failure)
{
    out->quote = malloc(RECLAVE_QUOTE_BYTES_MAX);
    if (!out->quote)
        return reject_at(failure, RECLAVE_STEP_INTERNAL, "out of memory");
    return read_sized(object, "quote", out->quote, RECLAVE_QUOTE_BYTES_MAX, &out->quote_bytes,
                      failure);
}

/* Where the machine does not issue collateral there is none. */
static bool read_collateral(const json_t *object, struct keeper_description *out,
                            struct failure *failure)
{
    const json_t *member = json_object_get(object, "collateral");

    if (!member || json_is_null(member))
        return true;
    out->collateral = json_string_value(member);
    out->collateral_bytes = json_string_length(member);
    return out->collateral ||
           reject_at(failure, STEP, "the keeper's description: \"collateral\" must be a text");
}

bool description_read(const void *json, size_t bytes, struct keeper_description *out,
                      struct failure *failure)
{
    char why[JSON_ERROR_TEXT_LENGTH];

    memset(out, 0, sizeof(*out));
    if (bytes > RECLAVE_FLEET_BYTES_MAX)
        return reject_at(failure, STEP, "the keeper's description is longer than %u bytes",
                         RECLAVE_FLEET_BYTES_MAX);
    out->text = json_read_object(json, bytes, why);
    if (!out->text)
        return reject_at(failure, STEP, "the keeper's description: %s", why);
    return read_fixed(out->text, "identity", &out->identity, sizeof(out->identity), failure) &&
           read_fixed(out->text, "owner", out->owner, sizeof(out->owner), failure) &&
           read_fixed(out->text, "platform_policy", &out->policy, sizeof(out->policy), failure) &&
           read_sized(out->text, "epoch_certificate", out->certificate, sizeof(out->certificate),
                      &out->certificate_bytes, failure) &&
           read_quote(out->text, out, failure) && read_collateral(out->text, out, failure);
}

void description_free(struct keeper_description *description)
{
    free(description->quote);
    json_decref(description->text);
    memset(description, 0, sizeof(*description));
}
