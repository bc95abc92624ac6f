/* How current is the platform? */
#ifndef RECLAVE_CLIENT_QUOTE_TCB_INFO_H
#define RECLAVE_CLIENT_QUOTE_TCB_INFO_H

#include "client/quote/pck.h"
#include "client/quote/signed_text.h"

/* Verifies the TCB info (version 3), checks that it is for this platform's family and evaluates it;
 * fills in the verdict's platform_tcb_status and advisories. */
MUST_CHECK bool tcb_info_check(const struct signed_text *text, const struct trust *trust,
                               const struct pck_extension *platform,
                               struct reclave_verdict *verdict, struct failure *failure);

/* ... the part behind the signature: of an object that is what it claims to be. */
MUST_CHECK bool tcb_info_evaluate(const json_t *info, const struct pck_extension *platform,
                                  struct reclave_verdict *verdict, struct failure *failure);

#endif
