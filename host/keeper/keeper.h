/*
 * The host's half of a keeper: its enclave, its quotes, its state on disk. A command that changes
 * the state has returned ST_OK only when the new state is on disk. Any thread may call; commands
 * are done one at a time.
 */
#ifndef RECLAVE_HOST_KEEPER_KEEPER_H
#define RECLAVE_HOST_KEEPER_KEEPER_H

#include "abi/keeper.h"
#include "host/loader/loader.h"
#include "sgx/quoting/quote.h"

struct keeper_host;

struct keeper_host_options {
    const struct sgx_driver *driver;
    const char *image;         /* an .rci file */
    const char *quoting_image; /* emulator: quoting.rci */
    const char *quoting_state; /* emulator: the platform's folder */
    const char *state;         /* the keeper's state file */
};

/* Loads the enclave. If the state file exists, the keeper is restored from it and `start` may be
 * NULL; otherwise it is started with `start`. ST_NOT_FOUND: neither. The caller ends with
 * keeper_host_close. */
MUST_CHECK enum status keeper_host_open(const struct keeper_host_options *options,
                                        const struct keeper_start *start, struct keeper_host **out,
                                        struct message *why);
void keeper_host_close(struct keeper_host *keeper); /* NULL is allowed */

/* Any command but START and RESTORE, with exactly the sizes of abi/keeper.h; answer may be NULL
 * where there is none. */
MUST_CHECK enum status keeper_host_command(struct keeper_host *keeper, enum keeper_command command,
                                           const void *request, size_t request_bytes, void *answer,
                                           size_t answer_bytes, struct message *why);

/* A quote for whoever wants to know the keeper. */
struct keeper_quote {
    struct attested_identity identity;
    uint8_t *quote;
    size_t quote_bytes;
    char *collateral; /* JSON; NULL: the platform's vendor has it */
};
void keeper_quote_free(struct keeper_quote *quote);
/* The caller ends with keeper_quote_free, also after a failure. */
MUST_CHECK enum status keeper_host_quote(struct keeper_host *keeper,
                                         const uint8_t challenge[CHALLENGE_BYTES],
                                         struct keeper_quote *out, struct message *why);

/* What the asker's side of an exchange is told: nonce, identity, policy, quote. own_quote_sha256 is
 * zero: the asker fills in its own. */
MUST_CHECK enum status keeper_host_challenge(struct keeper_host *keeper,
                                             const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                             struct keeper_answer *out, struct message *why);

/* The half of a keeper that takes over (KEEPER_TAKE_OVER_BEGIN has given asker_nonce): what the
 * other keeper needs of it, without own_quote_sha256. */
MUST_CHECK enum status keeper_host_ask(struct keeper_host *keeper,
                                       const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                       const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                                       struct keeper_admission *out, struct message *why);

#endif
