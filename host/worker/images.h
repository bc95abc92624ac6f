/* Which enclave image: by how its pages come and how large it is. */
#ifndef RECLAVE_HOST_WORKER_IMAGES_H
#define RECLAVE_HOST_WORKER_IMAGES_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stddef.h>
#include <stdint.h>

enum image_pages {
    IMAGE_PAGES_LAZY,  /* added when needed: SGX2 */
    IMAGE_PAGES_EAGER, /* all there before the enclave starts */
};

#define IMAGES_DEFAULT_EAGER_MIB 256u

/* The path of <folder>/reclave-lazy.rci or <folder>/reclave-eager-<mib>.rci (mib 0: the
 * default). ST_NOT_FOUND: no such image; why lists the sizes that there are. */
MUST_CHECK enum status images_choose(const char *folder, enum image_pages pages, uint64_t mib,
                                     char *path, size_t path_bytes, struct message *why);

#endif
