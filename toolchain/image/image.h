/*
 * Enclave images (abi/image.h): build one from the two ELF files and a key, and read one back with
 * every field checked.
 */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_IMAGE_H
#define RECLAVE_TOOLCHAIN_IMAGE_IMAGE_H

#include "abi/image.h"
#include "toolchain/image/file.h"
#include "toolchain/image/plan.h"
#include "toolchain/image/sigstruct.h"

struct image_options {
    const char
        *enclave; /* path of the one program of a plain image; the next five are then unused */
    const char *monitor; /* path of the monitor's ELF */
    const char *l1;      /* path of layer 1's ELF */
    int lazy;
    uint64_t size_mib; /* eager only */
    uint32_t slots;
    uint16_t prod_id;
    uint16_t svn;
    int64_t date; /* seconds since 1970; goes into the SIGSTRUCT */
};

/* The caller calls file_release(out). Byte for byte a function of the options, the two files and
 * the key. */
MUST_CHECK enum status image_build(const struct image_options *options,
                                   const struct signing_key *key, struct file_bytes *out,
                                   struct problem *p);

/* image_write.c: the file of a measured and signed plan; header's runs field is set here. */
MUST_CHECK enum status image_serialise(const struct image_header *header, const struct plan *plan,
                                       struct file_bytes *out, struct problem *p);

/* image_read.c. Checks the format, measures all pages and verifies the SIGSTRUCT: an image that
 * this accepts is one that EINIT accepts. ST_CORRUPT with the reason. The caller calls
 * plan_release, also on failure. */
MUST_CHECK enum status image_parse(const char *name, const struct file_bytes *file,
                                   struct image_header *header, struct plan *plan,
                                   struct problem *p);

#endif
