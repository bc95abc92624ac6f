/* Inside of struct signing_key, for sigstruct.c only. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_SIGSTRUCT_KEY_H
#define RECLAVE_TOOLCHAIN_IMAGE_SIGSTRUCT_KEY_H

#include "toolchain/image/sigstruct.h"

#include <openssl/evp.h>

struct signing_key {
    EVP_PKEY *pkey; /* RSA-3072, exponent 3 */
};

#endif
