/* How long a plaintext is made before it is encrypted, so that its length says less. */
#ifndef RECLAVE_BASE_PADDING_H
#define RECLAVE_BASE_PADDING_H

#include "abi/status.h"

#include <stdint.h>

/* padding as in request_body.response_padding (abi/envelope.h). ST_INVALID_ARGUMENT for a value
 * that means nothing, ST_OUT_OF_RANGE when the result would exceed UINT64_MAX / 2. */
MUST_CHECK enum status padded_length(uint32_t padding, uint64_t bytes, uint64_t *padded);

#endif
