/* What `reclave keeper describe` writes (docs/keeper.md): a keeper as it shows itself to callers of
 * its fleet. All of it is untrusted until reclave_fleet_verify has checked it. */
#ifndef RECLAVE_CLIENT_KEEPER_DESCRIPTION_H
#define RECLAVE_CLIENT_KEEPER_DESCRIPTION_H

#include "client/failure.h"
#include "client/keeper/fleet.h"

#include <jansson.h>

struct keeper_description {
    json_t *text; /* owns `collateral` */
    struct attested_identity identity;
    uint8_t owner[SIGNING_KEY_BYTES];
    struct platform_policy policy;
    uint8_t certificate[CERTIFICATE_MAX]; /* of the epoch */
    size_t certificate_bytes;
    uint8_t *quote;
    size_t quote_bytes;
    const char *collateral; /* NULL: the platform's vendor has it */
    size_t collateral_bytes;
};

/* Fails at RECLAVE_STEP_KEEPER_FORMAT and names the member. Ends with description_free in either
 * case. */
MUST_CHECK bool description_read(const void *json, size_t bytes, struct keeper_description *out,
                                 struct failure *failure);
void description_free(struct keeper_description *description);

#endif
