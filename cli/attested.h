/* A quote with what belongs to it: from an enclave or its worker, in files. */
#ifndef RECLAVE_CLI_ATTESTED_H
#define RECLAVE_CLI_ATTESTED_H

#include "abi/status.h"
#include "client/reclave_invoke.h"
#include "host/loader/message.h"
#include "host/worker/client.h"
#include "host/worker/engine.h"

#include <stddef.h>
#include <stdint.h>

/* A blob that is malloc'ed; NULL: there is none. */
struct blob {
    uint8_t *data;
    size_t bytes;
};

struct attested {
    struct blob quote;
    struct blob identity;
    struct blob collateral; /* JSON, where the machine issues it */
    struct blob root;       /* PEM, likewise: believe it only when you know that machine */
};

void attested_free(struct attested *attested);

MUST_CHECK enum status attested_from_engine(struct engine *engine,
                                            const uint8_t challenge[CHALLENGE_BYTES],
                                            struct attested *out, struct message *why);
MUST_CHECK enum status attested_from_worker(struct client *client, unsigned slot,
                                            const uint8_t challenge[CHALLENGE_BYTES],
                                            struct attested *out, struct message *why);
/* What `reclave attest -o path` wrote. */
MUST_CHECK enum status attested_from_files(const char *path, struct attested *out,
                                           struct message *why);

/* The quote to quote_path; identity, collateral and root to `stem` with .identity,
 * .collateral.json and .root.pem behind it. */
MUST_CHECK enum status attested_save(const struct attested *attested, const char *quote_path,
                                     const char *stem, struct message *why);

/* Asks the verifier, which has the caller's policy and, if it was given one, collateral; else takes
 * the collateral that came with the quote: it is checked like any. NULL: why says what was refused
 * and at which step. */
struct reclave_enclave *attested_verify(const struct attested *attested,
                                        struct reclave_verifier *verifier, bool has_collateral,
                                        struct message *why);

/* `text` as 8 to 32 bytes of hexadecimal: a challenge, padded with zeros. */
MUST_CHECK bool challenge_parse(const char *text, uint8_t challenge[CHALLENGE_BYTES]);
/* ... as 8 to 64: an invocation's nonce. */
MUST_CHECK bool nonce_parse(const char *text, uint8_t nonce[NONCE_MAX], size_t *bytes);
/* Fresh random bytes. */
MUST_CHECK bool nonce_draw(uint8_t *nonce, size_t bytes);

#endif
