/* A verdict of libreclave-client for people and programs. */
#ifndef RECLAVE_CLI_VERIFY_PRINT_H
#define RECLAVE_CLI_VERIFY_PRINT_H

#include "client/reclave_invoke.h"

#include <jansson.h>

/* The members that docs/verify.md lists; NULL: out of memory. */
json_t *verdict_json(const struct reclave_verdict *verdict);

/* Claims of an invocation, likewise. */
json_t *claims_json(const struct reclave_claims *claims);

/* The object as aligned lines. */
void verdict_print(json_t *object);

#endif
