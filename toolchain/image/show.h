/* What `reclave-image --show` prints. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_SHOW_H
#define RECLAVE_TOOLCHAIN_IMAGE_SHOW_H

#include "toolchain/image/image.h"

#include <stdio.h>

MUST_CHECK enum status show_text(FILE *to, const struct image_header *header,
                                 const struct plan *plan);
MUST_CHECK enum status show_json(FILE *to, const struct image_header *header,
                                 const struct plan *plan);

#endif
