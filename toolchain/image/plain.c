/* Plain images: one program, one thread (abi/image.h, IMAGE_PLAIN). */
#include "toolchain/image/layout.h"

#include "abi/sgx_arch.h"

#define RW (SECINFO_REG | SECINFO_R | SECINFO_W)

static enum status add_tcs(struct plan *plan, uint64_t entry, struct problem *p)
{
    struct sgx_tcs tcs = {
        .ossa = PLAIN_SSA,
        .nssa = SSA_FRAMES,
        .oentry = entry,
        .ofsbase = PLAIN_THREAD,
        .ogsbase = PLAIN_THREAD,
        .fslimit = UINT32_MAX, /* not used in 64-bit mode, but bits 11:0 must be set */
        .gslimit = UINT32_MAX,
    };

    return plan_add(plan, PLAIN_TCS, 1, SECINFO_TCS, (const uint8_t *)&tcs, p);
}

enum status layout_plan_plain(const struct elf_program *program, struct plan *plan,
                              struct problem *p)
{
    enum status status = layout_add_segments(plan, 0, program, p);

    if (!status)
        status = add_tcs(plan, program->entry, p);
    if (!status)
        status = plan_add(plan, PLAIN_SSA, SSA_FRAMES * SSA_FRAME_PAGES, RW, NULL, p);
    if (!status)
        status = plan_add(plan, PLAIN_THREAD, 1, RW, NULL, p);
    if (!status)
        status = plan_add(plan, PLAIN_STACK, PLAIN_STACK_BYTES / PAGE_BYTES, RW, NULL, p);
    return status;
}
