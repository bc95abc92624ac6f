/*
 * What travels inside the JSON of an action's parameters and result for encryption and evidence
 * (docs/http-api.md, "Encrypted calls, and evidence").
 */
#ifndef RECLAVE_HOST_ACTION_SEALED_H
#define RECLAVE_HOST_ACTION_SEALED_H

#include "abi/evidence.h"
#include "host/action/plain.h"
#include "host/pool/pool.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of parameters and results: a message of docs/envelope.md, in base64. */
#define ACTION_ENVELOPE_KEY "reclave_envelope"
/* Of parameters: true, evidence is wanted. Of results: it, in base64. */
#define ACTION_EVIDENCE_KEY "reclave_evidence"
/* Of parameters of a plain call: evidence with this nonce in it, hexadecimal, is wanted. */
#define ACTION_NONCE_KEY "reclave_nonce"
/* Of the result of a session's opening, then of the parameters of its requests. */
#define ACTION_SESSION_KEY "reclave_session"
/* Of the result of a plain call with evidence: what the evidence calls its input and output. */
#define ACTION_INPUT_KEY  "reclave_input"
#define ACTION_OUTPUT_KEY "reclave_output"
/* Of results: a keeper's word for the enclave that answered (docs/keeper.md), hexadecimal. */
#define ACTION_CERTIFICATE_KEY "reclave_certificate"
/* Of an error: its number in abi/status.h. */
#define ACTION_STATUS_KEY "reclave_status"

/* What parameters ask for. */
struct sealed_ask {
    json_t *params;    /* for the function, without what is not for it; NULL: none */
    uint8_t *envelope; /* malloc; NULL: a plain call */
    size_t envelope_bytes;
    const char *session; /* in the parameters; or NULL */
    const char *nonce;   /* likewise */
    bool evidence;
};

/* Is any of it in these parameters? They are plain. */
bool sealed_asks(struct plain params);
/* False: why names the field. `params` must outlive *out. Then sealed_ask_free, in either case. */
MUST_CHECK bool sealed_ask(const json_t *params, struct sealed_ask *out, struct message *why);
void sealed_ask_free(struct sealed_ask *ask);
void sealed_apply(const struct sealed_ask *ask, struct pool_call *call);

/* The evidence as text; NULL: none. New reference. */
json_t *sealed_evidence(const struct pool_result *ran);
/* The result of an encrypted call that has an answer, whatever is in it. NULL: no memory. */
json_t *sealed_result(const struct pool_result *ran, json_t *evidence);
/* Adds evidence, and the output that it is about, to an object. */
void sealed_add_evidence(json_t *result, const struct sealed_ask *ask,
                         const struct pool_result *ran, json_t *evidence);
/* Adds the number of a status that a caller can act upon. */
void sealed_name_refusal(json_t *error, enum status status);

#endif
