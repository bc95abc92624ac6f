/* Words for enum verify_reason. For the host and for tools: not part of the enclave image. */
#ifndef RECLAVE_BASE_VERIFY_REASON_H
#define RECLAVE_BASE_VERIFY_REASON_H

#include "abi/sfi.h"

/* A sentence without full stop; never NULL, whatever the number. */
const char *verify_reason_text(enum verify_reason reason);

#endif
