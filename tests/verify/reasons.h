/* The names of enum verify_reason, as the cases write them. */
#ifndef RECLAVE_TESTS_VERIFY_REASONS_H
#define RECLAVE_TESTS_VERIFY_REASONS_H

#include "abi/sfi.h"

/* NULL: no such reason. */
const char *reason_name(int reason);

#endif
