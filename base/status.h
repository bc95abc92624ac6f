/* Text for enum status, enum outcome and enum trap. */
#ifndef RECLAVE_BASE_STATUS_H
#define RECLAVE_BASE_STATUS_H

#include "abi/status.h"

/* A sentence without full stop that says what is wrong; never NULL. */
const char *status_text(enum status status);
/* "ok", "function-error", "trap", "refused", "aborted-by-host" */
const char *outcome_name(enum outcome outcome);
/* The specification's words: "out of bounds memory access", ... */
const char *trap_text(enum trap trap);

#endif
