/* Any bytes as a command to a keeper that is ready, as a state to restore, and as a grant to a
 * worker. Without the owners' keys no statement may pass and no state may change. */
#include "base/bytes.h"
#include "trusted/attest/report.h"
#include "trusted/attest/report_data.h"
#include "trusted/keeper/keeper.h"
#include "trusted/keeper/ring.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

void sealing_id_now(const uint8_t key_id[32], struct sealing_id *out)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->key_id, key_id, sizeof(out->key_id));
}

enum status sealing_key(const struct sealing_id *id, uint8_t key[16])
{
    memcpy(key, id->key_id, 16);
    return ST_OK;
}

static void fill(void *context, void *to, size_t bytes)
{
    static uint8_t next;

    (void)context;
    memset(to, ++next, bytes);
}

static struct signing_key signing;
static struct receiving_key receiving;
static struct attested_identity identity;
static struct keeper keeper;
static struct key_ring ring;

static struct keeper_self self_of(void)
{
    return (struct keeper_self){.signing = &signing,
                                .receiving = &receiving,
                                .identity = &identity,
                                .random = {.fill = fill}};
}

static void make_ready(void)
{
    const struct keeper_self self = self_of();

    if (signing_key_make(&self.random, &signing) != ST_OK ||
        receiving_key_make(&self.random, &receiving) != ST_OK)
        abort();
    keeper.state.version = KEEPER_VERSION;
    keeper.state.policy.level_count = 1;
    if (keeper_rotate(&keeper, &self) != ST_OK)
        abort();
    keeper.ready = 1;
}

static void as_command(const uint8_t *data, size_t bytes)
{
    static const uint32_t unsigned_ones = 1u << KEEPER_STATUS | 1u << KEEPER_CHALLENGE |
                                          1u << KEEPER_ROTATE | 1u << KEEPER_TAKE_OVER_BEGIN;
    static union keeper_request request;
    static union keeper_reply reply;
    struct keeper_self self = self_of();
    struct keeper before = keeper;
    struct keeper_sizes sizes;
    uint64_t command = data[0];
    size_t count;
    enum status status;

    keeper.ready = command != KEEPER_RESTORE;
    if (keeper_sizes(&keeper, command, &sizes) == ST_OK) {
        memset(&request, 0, sizeof(request));
        count = bytes - 1 < sizes.request ? bytes - 1 : sizes.request;
        memcpy(&request, data + 1, count);
        status = keeper_run(&keeper, &self, command, &request, &reply);
        if (status == ST_OK && !(unsigned_ones & 1u << command))
            abort();
    }
    keeper = before;
}

static void as_grant(const uint8_t *data, size_t bytes)
{
    static struct worker_granted granted;
    const struct keeper_self self = self_of();
    uint8_t id[32];

    memset(&granted, 0, sizeof(granted));
    memcpy(&granted, data, bytes < sizeof(granted) ? bytes : sizeof(granted));
    worker_id_of(granted.answer.identity.signing_key, id); /* as if the worker named it */
    ring.waiting = 1;
    if (ring_install(&ring, &self, id, &granted) == ST_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (!keeper.ready)
        make_ready();
    if (bytes == 0)
        return 0;
    as_command(data, bytes);
    as_grant(data + 1, bytes - 1);
    return 0;
}
