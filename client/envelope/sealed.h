/* Sealing a bundle, and wrapping its function key, on the owner's side. Formats: abi/sealed.h. */
#ifndef RECLAVE_CLIENT_ENVELOPE_SEALED_H
#define RECLAVE_CLIENT_ENVELOPE_SEALED_H

#include "abi/sealed.h"
#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

MUST_CHECK enum status caller_function_key_id(const uint8_t key[FUNCTION_KEY_BYTES],
                                              uint8_t id[KEY_ID_BYTES]);

/* The function key, for the holder of `recipient` only: verify its quote first. */
MUST_CHECK enum status caller_function_key_wrap(const uint8_t key[FUNCTION_KEY_BYTES],
                                                const uint8_t recipient[RECEIVING_KEY_BYTES],
                                                struct wrapped_key *wrapped);

/* The whole .rcl file in `bundle` as a sealed bundle in *sealed (allocated, free() it). wrapped may
 * be NULL: the key is released otherwise. ST_OUT_OF_RANGE: no bytes, or more than BUNDLE_BYTES_MAX.
 */
MUST_CHECK enum status caller_bundle_seal(const uint8_t *bundle, size_t bundle_bytes,
                                          const uint8_t bundle_sha256[32],
                                          const uint8_t key[FUNCTION_KEY_BYTES],
                                          const struct wrapped_key *wrapped, uint8_t **sealed,
                                          size_t *sealed_bytes);

#endif
