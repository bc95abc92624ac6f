/*
 * XSAVE images in standard format: the signal frame's and the SSA's differ
 * only in which components they hold.
 */
#include "sgx/emu/emu.h"

#include <cpuid.h>
#include <string.h>

#define LEGACY_BYTES       512u
#define LEGACY_SAVED_BYTES 464u /* the rest is software's */
#define HEADER_BYTES       64u
#define XSTATE_BV          512u
#define COMPONENTS         20 /* beyond x87 and SSE: 2 .. 19 */
#define FCW_OFFSET         0u
#define MXCSR_OFFSET       24u

#define FCW_SYNTHETIC   0x037fu
#define MXCSR_SYNTHETIC 0x1fbfu
#define MXCSR_LEGAL     0xffffu

static struct {
    uint32_t offset, bytes;
} component[COMPONENTS];

void emu_xstate_init(void)
{
    uint32_t ebx, ecx, edx, eax;

    for (uint32_t i = 2; i < COMPONENTS; i++) {
        __cpuid_count(0xd, i, eax, ebx, ecx, edx);
        component[i].bytes = eax;
        component[i].offset = ebx;
    }
    (void)ecx;
    (void)edx;
}

static uint64_t load_bv(const uint8_t *image)
{
    uint64_t bv;

    memcpy(&bv, image + XSTATE_BV, sizeof(bv));
    return bv;
}

static void store_bv(uint8_t *image, uint64_t bv)
{
    memcpy(image + XSTATE_BV, &bv, sizeof(bv));
}

uint64_t emu_xstate_bytes(uint64_t xfrm)
{
    uint64_t bytes = LEGACY_BYTES + HEADER_BYTES;

    for (int i = 2; i < COMPONENTS; i++) {
        uint64_t end = (uint64_t)component[i].offset + component[i].bytes;

        if (xfrm >> i & 1 && end > bytes)
            bytes = end;
    }
    return bytes;
}

static void copy_components(uint8_t *to, const uint8_t *from, uint64_t which)
{
    memcpy(to, from, LEGACY_SAVED_BYTES);
    for (int i = 2; i < COMPONENTS; i++) {
        if (which >> i & 1)
            memcpy(to + component[i].offset, from + component[i].offset, component[i].bytes);
    }
}

void emu_xstate_save(uint8_t *ssa, const uint8_t *live, uint64_t xfrm)
{
    copy_components(ssa, live, xfrm);
    memset(ssa + LEGACY_BYTES, 0, HEADER_BYTES);
    store_bv(ssa, load_bv(live) & xfrm);
}

bool emu_xstate_legal(const uint8_t *ssa, uint64_t xfrm)
{
    uint32_t mxcsr;

    memcpy(&mxcsr, ssa + MXCSR_OFFSET, sizeof(mxcsr));
    if (load_bv(ssa) & ~xfrm || mxcsr & ~MXCSR_LEGAL)
        return false;
    for (uint32_t i = XSTATE_BV + 8; i < LEGACY_BYTES + HEADER_BYTES; i++) {
        if (ssa[i]) /* XCOMP_BV and reserved bytes */
            return false;
    }
    return true;
}

void emu_xstate_restore(uint8_t *live, const uint8_t *ssa, uint64_t xfrm)
{
    uint64_t others = load_bv(live) & ~xfrm;

    copy_components(live, ssa, xfrm);
    store_bv(live, load_bv(ssa) | others);
}

void emu_xstate_synthetic(uint8_t *live, uint64_t xfrm)
{
    const uint16_t fcw = FCW_SYNTHETIC;
    const uint32_t mxcsr = MXCSR_SYNTHETIC;
    uint32_t mxcsr_mask;

    memcpy(&mxcsr_mask, live + MXCSR_OFFSET + 4, sizeof(mxcsr_mask));
    memset(live, 0, LEGACY_SAVED_BYTES);
    memcpy(live + FCW_OFFSET, &fcw, sizeof(fcw));
    memcpy(live + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
    memcpy(live + MXCSR_OFFSET + 4, &mxcsr_mask, sizeof(mxcsr_mask));
    /* x87 and SSE as above, all else of XFRM in its initial state. */
    store_bv(live, (load_bv(live) & ~xfrm) | XFRM_LEGACY);
}
