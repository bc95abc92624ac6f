/* Is the quoting enclave the one that Intel describes, and how current is it? */
#ifndef RECLAVE_CLIENT_QUOTE_QE_IDENTITY_H
#define RECLAVE_CLIENT_QUOTE_QE_IDENTITY_H

#include "client/quote/signed_text.h"

/* Verifies the identity text (version 2) and compares; fills in the verdict's qe_tcb_status and
 * advisories. */
MUST_CHECK bool qe_identity_check(const struct signed_text *text, const struct trust *trust,
                                  const struct reclave_report *qe, struct reclave_verdict *verdict,
                                  struct failure *failure);

/* ... the part behind the signature: of an object that is what it claims to be. */
MUST_CHECK bool qe_identity_evaluate(const json_t *identity, const struct reclave_report *qe,
                                     struct reclave_verdict *verdict, struct failure *failure);

#endif
