/* A small valid enclave image in memory, for tests that change one thing about it. */
#ifndef RECLAVE_TESTS_LOADER_SAMPLE_IMAGE_H
#define RECLAVE_TESTS_LOADER_SAMPLE_IMAGE_H

#include "abi/image.h"

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_RUNS  4 /* monitor (RX, stored), TCS, slot page (RW, zero), code zone (zero) */
#define SAMPLE_BYTES 16384

struct sample_image {
    union {
        struct image_header header;
        uint8_t bytes[SAMPLE_BYTES];
    } __attribute__((aligned(4096)));
};

/* flags: IMAGE_LAZY or 0; one slot. */
void sample_image_make(struct sample_image *image, uint32_t flags);
struct image_run *sample_image_run(struct sample_image *image, unsigned index);

#endif
