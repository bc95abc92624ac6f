/* Quotes for and from keepers: an enclave's, and the form in which an enclave checks one. */
#ifndef RECLAVE_HOST_KEEPER_QUOTES_H
#define RECLAVE_HOST_KEEPER_QUOTES_H

#include "abi/keeper.h"
#include "host/loader/loader.h"
#include "sgx/quoting/quote.h"

/* The quote of a slot's enclave that answers `challenge`, and who it is. The caller frees *quote.
 */
MUST_CHECK enum status quote_slot(struct quoting *quoting, struct slot *slot,
                                  const uint8_t challenge[CHALLENGE_BYTES],
                                  struct attested_identity *identity, uint8_t **quote,
                                  size_t *bytes, struct message *why);

/* A DCAP quote with a PCK chain in PEM, taken apart. Nothing in it is checked: that is the
 * enclave's business. ST_CORRUPT, ST_UNSUPPORTED: no chain in it. */
MUST_CHECK enum status quote_take_apart(const uint8_t *quote, size_t bytes, struct quote_copy *out,
                                        struct message *why);

/* Both. */
MUST_CHECK enum status quote_copy_of_slot(struct quoting *quoting, struct slot *slot,
                                          const uint8_t challenge[CHALLENGE_BYTES],
                                          struct attested_identity *identity,
                                          struct quote_copy *out, struct message *why);

/* As the enclave names it; also the challenges of the two sides. ST_UNSUPPORTED: no SHA-256. */
MUST_CHECK enum status quote_copy_sha256(const struct quote_copy *quote, uint8_t digest[32]);
MUST_CHECK enum status exchange_challenge(const char *domain, size_t domain_bytes,
                                          const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                          const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                                          uint8_t challenge[CHALLENGE_BYTES]);

#endif
