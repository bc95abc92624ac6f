#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

static uint64_t rdrand(void)
{
    uint64_t value;
    uint8_t ok;

    do /* a broken generator stops the enclave: there is no second choice */
        __asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=qm"(ok) : : "cc");
    while (!ok);
    return value;
}

void random_hardware(void *to, uint32_t bytes)
{
    uint8_t *target = to;
    uint64_t value = 0;

    for (uint32_t i = 0; i < bytes; i++) {
        if (i % 8 == 0)
            value = rdrand();
        target[i] = (uint8_t)(value >> (8 * (i % 8)));
    }
}

void random_seed(struct slot *slot)
{
    uint8_t seed[48];

    random_hardware(seed, sizeof(seed));
    br_hmac_drbg_init(&slot->random, &br_sha256_vtable, seed, sizeof(seed));
    bytes_wipe(seed, sizeof(seed));
}

/* The stream that a function sees before S1: a function of the bundle alone, so that S1
 * is the same everywhere. Each call starts a new block. */
static void random_before_snapshot(struct slot *slot, uint8_t *to, uint32_t bytes)
{
    static const char domain[] = "reclave initialisation stream v1";
    uint8_t block[32];
    br_sha256_context hash;

    for (uint32_t done = 0; done < bytes; done += (uint32_t)sizeof(block)) {
        uint32_t piece = bytes - done < sizeof(block) ? bytes - done : (uint32_t)sizeof(block);

        br_sha256_init(&hash);
        br_sha256_update(&hash, domain, sizeof(domain));
        br_sha256_update(&hash, slot->function.bundle_sha256, 32);
        br_sha256_update(&hash, &slot->init_random_used, sizeof(slot->init_random_used));
        br_sha256_out(&hash, block);
        memcpy(to + done, block, piece);
        slot->init_random_used++;
    }
}

void random_fresh(struct slot *slot, void *to, size_t bytes)
{
    br_hmac_drbg_generate(&slot->random, to, bytes);
}

static void fill_from_slot(void *context, void *to, size_t bytes)
{
    random_fresh(context, to, bytes);
}

struct random_source slot_random(struct slot *slot)
{
    return (struct random_source){.fill = fill_from_slot, .context = slot};
}

void random_fill(struct slot *slot, void *to, uint32_t bytes)
{
    if (slot->state == SLOT_LOADING) {
        slot->drew_random = true;
        random_before_snapshot(slot, to, bytes);
    } else {
        random_fresh(slot, to, bytes);
    }
}
