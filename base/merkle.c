#include "base/merkle.h"

#include <string.h>

/* A tree is split at the largest power of two below its size. So the tree of the first leaves is a
 * row of perfect trees, the largest first, one for each bit of their number: `row` holds their
 * roots. */
struct row {
    uint8_t roots[MERKLE_DEPTH_MAX][32];
    uint32_t used;
};

/* Adds leaf number `index`; as in a binary counter, each carry joins two trees of one size. */
static void row_add(struct row *row, uint32_t index, const uint8_t leaf[32], merkle_node *node)
{
    uint8_t hash[32];

    memcpy(hash, leaf, sizeof(hash));
    for (; index & 1; index >>= 1)
        node(row->roots[--row->used], hash, hash);
    memcpy(row->roots[row->used++], hash, sizeof(hash));
}

enum status merkle_root(const uint8_t (*leaves)[32], uint32_t count, merkle_node *node,
                        uint8_t root[32])
{
    struct row row = {.used = 0};

    if (count == 0)
        return ST_INVALID_ARGUMENT;
    for (uint32_t i = 0; i < count; i++)
        row_add(&row, i, leaves[i], node);
    memcpy(root, row.roots[--row.used], 32);
    while (row.used > 0)
        node(row.roots[--row.used], root, root);
    return ST_OK;
}

/* The largest power of two below count, which is at least 2. */
static uint32_t split_of(uint32_t count)
{
    return 1u << (31 - __builtin_clz(count - 1));
}

enum status merkle_path(const uint8_t (*leaves)[32], uint32_t count, uint32_t index,
                        merkle_node *node, uint8_t path[MERKLE_DEPTH_MAX][32], uint32_t *length)
{
    uint32_t depth = 0;
    enum status status = ST_OK;

    if (index >= count)
        return ST_OUT_OF_RANGE;
    /* from the root down, so the path comes out backwards */
    while (count > 1 && status == ST_OK) {
        uint32_t split = split_of(count);

        if (index < split) {
            status = merkle_root(leaves + split, count - split, node, path[depth++]);
            count = split;
        } else {
            status = merkle_root(leaves, split, node, path[depth++]);
            leaves += split;
            index -= split;
            count -= split;
        }
    }
    for (uint32_t i = 0; i < depth / 2; i++) {
        uint8_t swap[32];

        memcpy(swap, path[i], sizeof(swap));
        memcpy(path[i], path[depth - 1 - i], sizeof(swap));
        memcpy(path[depth - 1 - i], swap, sizeof(swap));
    }
    *length = depth;
    return status;
}

enum status merkle_from_path(const uint8_t leaf[32], uint32_t index, uint32_t count,
                             const uint8_t (*path)[32], uint32_t length, merkle_node *node,
                             uint8_t root[32])
{
    uint32_t at = index;       /* number of the current node at its level */
    uint32_t last = count - 1; /* and of the level's last node */

    if (index >= count)
        return ST_CORRUPT;
    memcpy(root, leaf, 32);
    for (uint32_t i = 0; i < length; i++) {
        if (last == 0)
            return ST_CORRUPT; /* at the root already */
        if (at & 1 || at == last) {
            node(path[i], root, root);
            /* a last node without a sibling moves up unchanged */
            while (!(at & 1) && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node(root, path[i], root);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 ? ST_OK : ST_CORRUPT;
}
