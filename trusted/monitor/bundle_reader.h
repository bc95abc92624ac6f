/*
 * The bundle as it comes from the host, front to back, each byte fetched once:
 * in the clear, or sealed (abi/sealed.h) and decrypted chunk by chunk.
 */
#ifndef RECLAVE_TRUSTED_MONITOR_BUNDLE_READER_H
#define RECLAVE_TRUSTED_MONITOR_BUNDLE_READER_H

#include "trusted/attest/sealed.h"
#include "trusted/monitor/monitor.h"

#include <bearssl/bearssl_hash.h>

/* Secret where the bundle is sealed: close it. */
struct bundle_reader {
    uint64_t next;         /* address of what the host has not given yet */
    uint64_t bundle_bytes; /* of the whole bundle, decrypted */
    br_sha256_context hash;
    uint8_t front[8]; /* the first bytes: they told which kind it is */
    uint32_t front_left;
    bool is_sealed;
    bool key_has_owner;    /* the function key was granted: only its owner's bundles run */
    uint8_t key_owner[32]; /* tenant */
    struct sealed_header header;
    struct sealed_reader sealed;
    uint8_t *chunk; /* decrypted, in the slot's stdin */
    uint32_t chunk_bytes, chunk_used;
};

/* Opened or not, close it. */
MUST_CHECK enum status bundle_reader_open(struct bundle_reader *reader, struct slot *slot,
                                          const struct entry_load *request);
MUST_CHECK enum status bundle_take(struct bundle_reader *reader, void *to, uint64_t bytes);
MUST_CHECK enum status bundle_take_hashed(struct bundle_reader *reader, void *to, uint64_t bytes);
/* After the last byte: is it all, what the sealed header named, and the key owner's? tenant: whose
 * signature the bundle has; zero: nobody's. */
MUST_CHECK enum status bundle_reader_finish(const struct bundle_reader *reader,
                                            const uint8_t bundle_sha256[32],
                                            const uint8_t tenant[32]);
void bundle_reader_close(struct bundle_reader *reader);

#endif
