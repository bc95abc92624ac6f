/* What TCB info and QE identity have in common: Intel's signature over a JSON text with a window
 * of time. */
#ifndef RECLAVE_CLIENT_QUOTE_SIGNED_TEXT_H
#define RECLAVE_CLIENT_QUOTE_SIGNED_TEXT_H

#include "client/quote/chain.h"
#include "client/quote/collateral.h"

#include <jansson.h>

struct signed_kind {
    const char *what; /* "TCB info" */
    const char *id;   /* its member "id" must be this */
    uint64_t version; /* ... and "version" */
    enum reclave_step signature, validity, content;
};

/* Checks issuers, signature, id, version and window, in this order, and returns the object; NULL:
 * see *failure. Lowers verdict's tcb_evaluation_data_number and collateral_expires to this text's.
 * Release with json_decref. */
MUST_CHECK json_t *signed_text_verify(const struct signed_text *text, const struct trust *trust,
                                      const struct signed_kind *kind,
                                      struct reclave_verdict *verdict, struct failure *failure);

#endif
