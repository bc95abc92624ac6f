/* The JSON file that says which workers may have a function key (docs/keeper.md). */
#ifndef RECLAVE_CLI_KEEPER_FUNCTION_POLICY_H
#define RECLAVE_CLI_KEEPER_FUNCTION_POLICY_H

#include "abi/keeper.h"
#include "abi/status.h"
#include "host/loader/message.h"

/* why names the member that is wrong. */
MUST_CHECK enum status function_policy_read(const char *path, struct function_policy *out,
                                            struct message *why);

#endif
