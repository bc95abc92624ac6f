#include "toolchain/image/layout.h"

#include "abi/entry.h"
#include "abi/sgx_arch.h"
#include "toolchain/image/regions.h"

#include <inttypes.h>
#include <string.h>

#define RW  (SECINFO_REG | SECINFO_R | SECINFO_W)
#define RX  (SECINFO_REG | SECINFO_R | SECINFO_X)
#define RWX (SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_X)

enum status layout_choose(uint32_t slots, int lazy, uint64_t size_mib, struct image_layout *out,
                          struct problem *p)
{
    memset(out, 0, sizeof *out);
    if (slots < 1 || slots > SLOTS_MAX)
        return problem(p, ST_OUT_OF_RANGE, "--slots must be from 1 to %d", SLOTS_MAX);
    out->version = RECLAVE_ABI_VERSION;
    out->flags = lazy ? IMAGE_LAZY : 0;
    out->slots = slots;
    out->elrange_bytes = PAGE_BYTES;
    while (out->elrange_bytes < MONITOR_ZONE_BYTES + slots * SLOT_STRIDE)
        out->elrange_bytes *= 2;
    if (!lazy)
        return regions_eager(out, size_mib, p);
    regions_lazy(out);
    return ST_OK;
}

enum status layout_add_segments(struct plan *plan, uint64_t base, const struct elf_program *program,
                                struct problem *p)
{
    enum status status = ST_OK;

    for (unsigned i = 0; !status && i < program->segment_count; i++) {
        const struct elf_segment *s = program->segments + i;

        status =
            plan_add(plan, base + s->offset, s->pages, SECINFO_REG | s->permissions, s->memory, p);
    }
    return status;
}

/* Layer 1's code zone: its gates page, then text (R|X), then read-only data (R). */
static enum status add_l1(struct plan *plan, const struct elf_program *monitor,
                          const struct elf_program *l1, struct problem *p)
{
    uint8_t page[PAGE_BYTES];
    enum status status = gates_page(monitor, page, p);

    if (!status)
        status = plan_add(plan, L1_CODE_OFF, 1, RX, page, p);
    if (!status)
        status = layout_add_segments(plan, L1_CODE_OFF, l1, p);
    return status;
}

static enum status add_tcs(struct plan *plan, uint64_t control, uint64_t entry, struct problem *p)
{
    struct sgx_tcs tcs = {
        .ossa = control + CTL_SSA,
        .nssa = SSA_FRAMES,
        .oentry = entry,
        .ofsbase = control + CTL_TLS,
        .ogsbase = control + CTL_TLS,
        .fslimit = UINT32_MAX, /* not used in 64-bit mode, but bits 11:0 must be set */
        .gslimit = UINT32_MAX,
    };

    return plan_add(plan, control + CTL_TCS, 1, SECINFO_TCS, (const uint8_t *)&tcs, p);
}

/* A slot's control block: TCS, then what L0 keeps for the slot; the gaps are guards. */
static enum status add_control(struct plan *plan, uint32_t slot, uint64_t entry, struct problem *p)
{
    static const struct {
        uint64_t offset, pages;
    } zeroed[] = {
        {CTL_SSA, SSA_FRAMES * SSA_FRAME_PAGES},   {CTL_TLS, 1},
        {CTL_STACK, CTL_STACK_BYTES / PAGE_BYTES}, {CTL_XSTACK, CTL_XSTACK_BYTES / PAGE_BYTES},
        {CTL_SLOT, CTL_SLOT_BYTES / PAGE_BYTES},
    };
    uint64_t control = SLOT_CONTROL_OFF + (uint64_t)slot * SLOT_CONTROL_STRIDE;
    enum status status = add_tcs(plan, control, entry, p);

    for (unsigned i = 0; !status && i < sizeof zeroed / sizeof zeroed[0]; i++)
        status = plan_add(plan, control + zeroed[i].offset, zeroed[i].pages, RW, NULL, p);
    return status;
}

static enum status add_regions(struct plan *plan, const struct image_layout *layout, uint32_t slot,
                               struct problem *p)
{
    uint64_t base = MONITOR_ZONE_BYTES + slot * SLOT_STRIDE;
    enum status status = ST_OK;

    for (unsigned i = 0; !status && i < REGION_COUNT; i++)
        status = plan_add(plan, base + region_places[i].offset, layout->region[i].present,
                          i == REGION_CODE ? RWX : RW, NULL, p);
    return status;
}

static uint64_t control_pages(void)
{
    return 1 + SSA_FRAMES * SSA_FRAME_PAGES + 1 +
           (CTL_STACK_BYTES + CTL_XSTACK_BYTES + CTL_SLOT_BYTES) / PAGE_BYTES;
}

/* The layout is measured itself, so its page count must be known before the plan is made. */
static uint64_t count_pages(const struct image_layout *layout, const struct elf_program *monitor,
                            const struct elf_program *l1)
{
    uint64_t per_slot = control_pages();

    for (unsigned i = 0; i < REGION_COUNT; i++)
        per_slot += layout->region[i].present;
    return elf_pages(monitor) + GATE_PAGE_BYTES / PAGE_BYTES + elf_pages(l1) +
           layout->store_present + layout->slots * per_slot;
}

static enum status fill_layout(struct image_layout *layout, struct elf_program *monitor,
                               const struct elf_program *l1, struct problem *p)
{
    struct elf_symbol symbol;
    enum status status = elf_find(monitor, "image_layout", &symbol, p);

    if (status)
        return status;
    if (symbol.size != sizeof *layout)
        return problem(p, ST_CORRUPT,
                       "%s: image_layout has %" PRIu64 " bytes, not %zu: built for another ABI?",
                       monitor->name, symbol.size, sizeof *layout);
    layout->l1_code_pages = (uint32_t)(GATE_PAGE_BYTES / PAGE_BYTES + l1->segments[0].pages);
    layout->l1_rodata_pages = l1->segment_count > 1 ? (uint32_t)l1->segments[1].pages : 0;
    layout->measured_pages = count_pages(layout, monitor, l1);
    memcpy(elf_bytes(monitor, symbol.value, symbol.size), layout, sizeof *layout);
    return ST_OK;
}

enum status layout_plan(struct image_layout *layout, struct elf_program *monitor,
                        const struct elf_program *l1, struct plan *plan, struct problem *p)
{
    uint64_t entry;
    enum status status = monitor_code_symbol(monitor, "monitor_entry", &entry, p);

    plan->count = 0;
    plan->pages = 0;
    if (!status)
        status = fill_layout(layout, monitor, l1, p);
    if (!status)
        status = layout_add_segments(plan, MON_IMAGE_OFF, monitor, p);
    for (uint32_t slot = 0; !status && slot < layout->slots; slot++)
        status = add_control(plan, slot, entry, p);
    if (!status)
        status = add_l1(plan, monitor, l1, p);
    if (!status)
        status = plan_add(plan, STORE_OFF, layout->store_present, RW, NULL, p);
    for (uint32_t slot = 0; !status && slot < layout->slots; slot++)
        status = add_regions(plan, layout, slot, p);
    if (!status && plan->pages != layout->measured_pages)
        status = problem(p, ST_CORRUPT, "the layout's page count does not match its pages");
    return status;
}
