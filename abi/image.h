/*
 * Enclave image file (.rci), version 1: what the loader adds, page by page,
 * and the SIGSTRUCT. Little-endian; docs/formats.md is the prose.
 *
 *   struct image_header
 *   struct image_run[header.runs]       ascending offsets, no overlap
 *   page contents                       4096-aligned in the file; runs with
 *                                       IMAGE_ZERO have none
 *   (the SIGSTRUCT is inside the header)
 *
 * The loader adds every page of every run in file order, measured. MRENCLAVE
 * therefore depends on this order and on nothing else in the file.
 */
#ifndef RECLAVE_ABI_IMAGE_H
#define RECLAVE_ABI_IMAGE_H

#include "abi/geometry.h"

#include <stdint.h>

#define IMAGE_MAGIC          "RCLVIMAG"
#define IMAGE_FORMAT_VERSION 1u

#define IMAGE_LAZY 1u /* header.flags: pages beyond the image come by EAUG (SGX2) */

/*
 * header.flags: one program with one thread (PLAIN_* in abi/geometry.h) instead of monitor, layer 1
 * and slots: the quoting enclave's stand-in, sgx/quoting. slots and heap_bytes are 0. At entry RSP
 * is the host's, %fs and %gs point to the thread page.
 */
#define IMAGE_PLAIN 2u

#define IMAGE_ZERO 1u /* run.flags: all pages are zero, none stored */

#define IMAGE_SIGSTRUCT_BYTES 1808

struct image_header {
    char magic[8];
    uint32_t format_version;
    uint32_t abi_version;
    uint32_t flags; /* IMAGE_LAZY or IMAGE_PLAIN, or neither */
    uint32_t slots;
    uint32_t runs;
    uint32_t ssa_frame_pages;
    uint64_t elrange_bytes; /* SECS.SIZE */
    uint64_t attributes;    /* SECS.ATTRIBUTES.FLAGS */
    uint64_t xfrm;
    uint32_t miscselect;
    uint32_t reserved;
    uint64_t heap_bytes; /* the nominal --enclave-size of an eager image; 0: lazy */
    uint8_t mrenclave[32];
    uint8_t sigstruct[IMAGE_SIGSTRUCT_BYTES];
};

struct image_run {
    uint64_t offset; /* from the enclave's base, page aligned */
    uint32_t pages;
    uint32_t flags;       /* IMAGE_ZERO */
    uint64_t secinfo;     /* SECINFO.FLAGS: SGX_SECINFO_R|W|X, REG or TCS */
    uint64_t file_offset; /* of the first page; 0 with IMAGE_ZERO */
};

/*
 * What the measured image tells L0 about itself: filled in by toolchain/image
 * at the symbol image_layout of the monitor before measuring. All slots alike.
 */
struct image_layout {
    uint32_t version; /* RECLAVE_ABI_VERSION */
    uint32_t flags;   /* IMAGE_LAZY */
    uint32_t slots;
    uint32_t l1_code_pages; /* gates page included */
    uint32_t l1_rodata_pages;
    uint32_t store_present; /* pages of the snapshot store in the image (a prefix), and ... */
    uint32_t store_max;     /* ... the most that may ever be committed: equal in an eager image */
    uint32_t reserved;      /* zero */
    uint64_t elrange_bytes;
    uint64_t measured_pages; /* pages in the image, for ENTRY_STATS */
    /* Pages of each region that the image contains (a prefix), and the most
     * that may ever be committed: equal in an eager image. */
    struct {
        uint32_t present;
        uint32_t max;
    } region[REGION_COUNT];
};

#endif
