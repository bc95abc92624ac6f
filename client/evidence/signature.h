/* ES256 for the files of this folder. */
#ifndef RECLAVE_CLIENT_EVIDENCE_SIGNATURE_H
#define RECLAVE_CLIENT_EVIDENCE_SIGNATURE_H

#include "abi/attest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ECDSA on P-256 over SHA-256(data). false also when the key is no point of the curve. */
bool es256_verify(const uint8_t key[SIGNING_KEY_BYTES], const uint8_t *data, size_t bytes,
                  const uint8_t signature[SIGNATURE_BYTES]);

#endif
