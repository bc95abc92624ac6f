/* Intel's TCB statuses, and how those of platform and quoting enclave become one. */
#ifndef RECLAVE_CLIENT_QUOTE_TCB_STATUS_H
#define RECLAVE_CLIENT_QUOTE_TCB_STATUS_H

#include "client/reclave_client.h"

#include <jansson.h>

/* RECLAVE_TCB_UNKNOWN for anything but one of Intel's strings. */
enum reclave_tcb_status tcb_status_parse(const char *text);

/* As the table in Intel's quote verification library (QuoteVerifier.cpp) has it: an outdated
 * quoting enclave makes the platform outdated, a revoked one revoked. */
enum reclave_tcb_status tcb_status_converge(enum reclave_tcb_status platform,
                                            enum reclave_tcb_status qe);

/* Adds a TCB level's "advisoryIDs" (absent: none) to the verdict, sorted, without doubles. False:
 * not an array of advisory names, or too many. */
bool advisories_add(struct reclave_verdict *verdict, const json_t *level);

#endif
