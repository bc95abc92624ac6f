/*
 * The gates that end in L0's C. Arguments are values that a layer chose; each
 * is checked against L0's own state. Results: 1 done, 0 refused.
 */
#include "base/bytes.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

uint64_t serve_grow(struct thread_block *block, uint64_t what, uint64_t pages);
uint64_t serve_data(struct thread_block *block, uint64_t target, uint64_t offset, uint64_t bytes);
uint64_t serve_commit(struct thread_block *block, uint64_t region, uint64_t bytes);
uint64_t serve_random(struct thread_block *block, uint64_t offset, uint64_t bytes);
uint64_t serve_write(struct thread_block *block, uint64_t address, uint64_t offset, uint64_t bytes);

static uint64_t grow_linear(struct slot *slot, struct thread_block *block, uint64_t pages)
{
    uint64_t most = slot->function.memory_max / PAGE_BYTES;

    if (slot->linear.pages > most || pages > most - slot->linear.pages)
        return 0;
    if (linear_grow(slot, pages) != ST_OK)
        return 0;
    block->linear_base = (uint64_t)linear_start(slot);
    slot_l1_page(slot)->linear_bytes = (uint64_t)slot->linear.pages * PAGE_BYTES;
    return 1;
}

uint64_t serve_grow(struct thread_block *block, uint64_t what, uint64_t pages)
{
    struct slot *slot = slot_of(block);

    if (what == GROW_LINEAR)
        return grow_linear(slot, block, pages);
    if (what == GROW_TABLES && pages <= slot->function.tables_max / PAGE_BYTES)
        return commit_region(slot, REGION_L2_TABLES, pages) == ST_OK;
    return 0;
}

/* Layer 2's own state or tables: [offset, offset + bytes) of its cage, committed; NULL if not. */
static uint8_t *cage_target(const struct slot *slot, uint64_t offset, uint64_t bytes)
{
    static const struct {
        unsigned region;
        uint64_t offset;
    } targets[] = {{REGION_L2_STATE, L2_STATE_OFF}, {REGION_L2_TABLES, L2_TABLES_OFF}};

    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (range_inside(offset, bytes, targets[i].offset,
                         (uint64_t)slot->committed[targets[i].region] * PAGE_BYTES))
            return slot_base(slot) + SLOT_L2_CAGE + offset;
    return NULL;
}

static uint8_t *linear_target(const struct slot *slot, uint64_t address, uint64_t bytes)
{
    if (!range_inside(address, bytes, 0, (uint64_t)slot->linear.pages * PAGE_BYTES))
        return NULL;
    return linear_start(slot) + address;
}

uint64_t serve_data(struct thread_block *block, uint64_t target, uint64_t offset, uint64_t bytes)
{
    struct slot *slot = slot_of(block);
    uint8_t *to = target & GATE2_DATA_CAGE ? cage_target(slot, target & ~GATE2_DATA_CAGE, bytes)
                                           : linear_target(slot, target, bytes);

    if (!to || !range_inside(offset, bytes, 0, slot->function.rodata_bytes))
        return 0;
    memcpy(to, region_start(slot, REGION_RODATA) + offset, bytes);
    if (!(target & GATE2_DATA_CAGE))
        linear_mark(slot, target, bytes);
    return 1;
}

uint64_t serve_commit(struct thread_block *block, uint64_t region, uint64_t bytes)
{
    struct slot *slot = slot_of(block);
    uint64_t limit;

    if (region == REGION_STDOUT)
        limit = slot->output_limit;
    else if (region == REGION_STDERR)
        limit = slot->log_limit;
    else
        return 0;
    if (bytes > limit)
        return 0;
    return commit_region(slot, (unsigned)region, round_up(bytes, PAGE_BYTES) / PAGE_BYTES) == ST_OK;
}

#define RANDOM_PIECE 256

uint64_t serve_random(struct thread_block *block, uint64_t offset, uint64_t bytes)
{
    struct slot *slot = slot_of(block);
    uint8_t *target = slot_base(slot) + SLOT_L1_CAGE + offset;

    if (slot->state != SLOT_LOADING && slot->state != SLOT_RUNNING)
        return 0;
    if (bytes == 0 || bytes > RANDOM_PIECE || !range_inside(offset, bytes, 0, CAGE_BYTES))
        return 0;
    /* A page is larger than a piece: both ends covered means all of it is. */
    if (!commit_covers(slot, (uint64_t)target) ||
        !commit_covers(slot, (uint64_t)target + bytes - 1))
        return 0;
    random_fill(slot, target, (uint32_t)bytes);
    return 1;
}

/* [offset, offset + bytes) of layer 1's cage, committed; NULL if not. */
static const uint8_t *cage_source(const struct slot *slot, uint64_t offset, uint64_t bytes)
{
    static const uint64_t offsets[] = {L1_PAGE_OFF, L1_STATE_OFF, L1_STACK_OFF,
                                       STDIN_OFF,   STDOUT_OFF,   STDERR_OFF};

    for (unsigned region = REGION_L1_PAGE; region <= REGION_STDERR; region++)
        if (range_inside(offset, bytes, offsets[region],
                         (uint64_t)slot->committed[region] * PAGE_BYTES))
            return slot_base(slot) + SLOT_L1_CAGE + offset;
    return NULL;
}

uint64_t serve_write(struct thread_block *block, uint64_t address, uint64_t offset, uint64_t bytes)
{
    struct slot *slot = slot_of(block);
    uint8_t *to = linear_target(slot, address, bytes);
    const uint8_t *from = cage_source(slot, offset, bytes);

    if (!to || !from)
        return 0;
    memcpy(to, from, bytes);
    linear_mark(slot, address, bytes);
    return 1;
}
