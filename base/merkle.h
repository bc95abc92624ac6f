/*
 * Merkle trees of RFC 9162, 2.1, over leaf hashes: the root, the path that shows a leaf to be in
 * it, and the root that a path leads to. The hash of two nodes is the caller's, since the enclave
 * and the host take SHA-256 from different libraries.
 */
#ifndef RECLAVE_BASE_MERKLE_H
#define RECLAVE_BASE_MERKLE_H

#include "abi/status.h"

#include <stddef.h>
#include <stdint.h>

#define MERKLE_LEAF_PREFIX 0x00u
#define MERKLE_NODE_PREFIX 0x01u
#define MERKLE_DEPTH_MAX   32u /* trees of up to 2^32 - 1 leaves */

/* out = SHA-256(MERKLE_NODE_PREFIX || left || right); out may be left or right. */
typedef void merkle_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32]);

/* The root of `count` leaves, at least one. */
MUST_CHECK enum status merkle_root(const uint8_t (*leaves)[32], uint32_t count, merkle_node *node,
                                   uint8_t root[32]);

/* The path of leaf `index` (RFC 9162, 2.1.3.1), nearest hash first; *length of them.
 * ST_OUT_OF_RANGE unless index < count. */
MUST_CHECK enum status merkle_path(const uint8_t (*leaves)[32], uint32_t count, uint32_t index,
                                   merkle_node *node, uint8_t path[MERKLE_DEPTH_MAX][32],
                                   uint32_t *length);

/* The root that leaf and path lead to (RFC 9162, 2.1.3.2). ST_CORRUPT when a path of this length
 * cannot belong to this index in a tree of this size. */
MUST_CHECK enum status merkle_from_path(const uint8_t leaf[32], uint32_t index, uint32_t count,
                                        const uint8_t (*path)[32], uint32_t length,
                                        merkle_node *node, uint8_t root[32]);

#endif
