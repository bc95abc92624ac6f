/* Sealed bundles, wrapped function keys and an enclave's own sealed state. Formats: abi/sealed.h.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_SEALED_H
#define RECLAVE_TRUSTED_ATTEST_SEALED_H

#include "abi/sealed.h"
#include "trusted/attest/aead.h"
#include "trusted/attest/keys.h"

void function_key_id(const uint8_t key[FUNCTION_KEY_BYTES], uint8_t id[KEY_ID_BYTES]);

/* Is the header well-formed, and is total_bytes exactly what a file with it has, struct wrapped_key
 * and tags included? */
MUST_CHECK enum status sealed_header_check(const struct sealed_header *header,
                                           uint64_t total_bytes);

/* A sealed bundle that is being read. Secret: wipe it after use. */
struct sealed_reader {
    struct aead_key key; /* nonce: prefix, then zeroes */
    uint64_t left;       /* bytes of the bundle still to come */
    uint32_t chunk_bytes;
    uint32_t index; /* of the next chunk */
};

/* header has passed sealed_header_check. ST_SEALED_KEY when it names another key. */
MUST_CHECK enum status sealed_start(const struct sealed_header *header,
                                    const uint8_t key[FUNCTION_KEY_BYTES],
                                    struct sealed_reader *reader);
/* Bytes of the next chunk without its tag; 0: there is none. */
uint32_t sealed_next_bytes(const struct sealed_reader *reader);
/* Decrypts the next chunk, sealed_next_bytes() of it, in place; tag follows it in the file.
 * ST_SEALED_FORGED: the chunk is zeroes, and the reader gives nothing more. */
MUST_CHECK enum status sealed_chunk(struct sealed_reader *reader, uint8_t *chunk,
                                    const uint8_t tag[AEAD_TAG_BYTES]);
/* After the last chunk, with the digest of what was decrypted: is it the bundle that the header
 * names? ST_SEALED_FORGED when chunks are missing. */
MUST_CHECK enum status sealed_finish(const struct sealed_reader *reader,
                                     const struct sealed_header *header,
                                     const uint8_t bundle_sha256[32]);

/* The function key that was wrapped to `recipient`. It is checked against its ID. */
MUST_CHECK enum status function_key_unwrap(const struct wrapped_key *wrapped,
                                           const struct receiving_key *recipient,
                                           uint8_t key[FUNCTION_KEY_BYTES]);
/* For another enclave. */
MUST_CHECK enum status function_key_wrap(const uint8_t key[FUNCTION_KEY_BYTES],
                                         const uint8_t recipient[RECEIVING_KEY_BYTES],
                                         const struct random_source *random,
                                         struct wrapped_key *wrapped);

/* Begins a header for a state to be sealed: everything but cpusvn and isvsvn, which EGETKEY's
 * caller fills in. key_id is random. */
void state_header_fill(struct state_header *header, uint32_t purpose, uint64_t counter,
                       uint64_t state_bytes, const struct random_source *random);
/* In place; seal_key is EGETKEY's for this header. The tag goes behind state[header->state_bytes].
 */
void state_seal(const struct state_header *header, const uint8_t seal_key[16], uint8_t *state);
/* What can be checked before EGETKEY: that it is a state, of this purpose, not older than
 * oldest_counter, and that sealed_bytes (state and tag) is what the header says. */
MUST_CHECK enum status state_header_check(const struct state_header *header, uint32_t purpose,
                                          uint64_t oldest_counter, size_t sealed_bytes);
/* In place. ST_SEALED_FORGED: state is zeroes. */
MUST_CHECK enum status state_open(const struct state_header *header, const uint8_t seal_key[16],
                                  uint8_t *state);

#endif
