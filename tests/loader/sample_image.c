#include "tests/loader/sample_image.h"

#include "abi/entry.h"
#include "abi/sgx_arch.h"

#include <string.h>

struct image_run *sample_image_run(struct sample_image *image, unsigned index)
{
    return (struct image_run *)(void *)(image->bytes + sizeof(struct image_header)) + index;
}

void sample_image_make(struct sample_image *image, uint32_t flags)
{
    const struct image_run runs[SAMPLE_RUNS] = {
        {MON_IMAGE_OFF, 2, 0, SECINFO_REG | SECINFO_R | SECINFO_X, 4096},
        {SLOT_CONTROL_OFF + CTL_TCS, 1, IMAGE_ZERO, SECINFO_TCS, 0},
        {SLOT_CONTROL_OFF + CTL_SSA, 2, IMAGE_ZERO, SECINFO_REG | SECINFO_R | SECINFO_W, 0},
        {MONITOR_ZONE_BYTES + SLOT_CODE, 3, IMAGE_ZERO,
         SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_X, 0},
    };
    struct sgx_sigstruct sigstruct = {.vendor = 0};

    memset(image, 0, sizeof(*image));
    image->header = (struct image_header){
        .format_version = IMAGE_FORMAT_VERSION,
        .abi_version = RECLAVE_ABI_VERSION,
        .flags = flags,
        .slots = 1,
        .runs = SAMPLE_RUNS,
        .ssa_frame_pages = SSA_FRAME_PAGES,
        .elrange_bytes = UINT64_C(1) << 35,
        .attributes = ATTR_MODE64BIT,
        .xfrm = XFRM_LEGACY | XFRM_AVX,
        .miscselect = MISC_EXINFO,
        .heap_bytes = flags & IMAGE_LAZY ? 0 : 16 << 20,
    };
    memcpy(image->header.magic, IMAGE_MAGIC, sizeof(image->header.magic));
    memset(image->header.mrenclave, 0xab, sizeof(image->header.mrenclave));
    memcpy(sigstruct.enclavehash, image->header.mrenclave, sizeof(sigstruct.enclavehash));
    memcpy(image->header.sigstruct, &sigstruct, sizeof(sigstruct));
    memcpy(sample_image_run(image, 0), runs, sizeof(runs));
    memset(image->bytes + 4096, 0x90, 2 * PAGE_BYTES);
}
