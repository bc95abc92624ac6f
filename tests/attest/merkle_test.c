/* Merkle trees of every shape that a batch may have, against the recursive definition of RFC 9162.
 */
#include "tests/attest/support.h"

#include "base/merkle.h"
#include "trusted/attest/digest.h"

#define LARGEST 300u

static uint8_t leaves[LARGEST][32];

static void node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    static const uint8_t prefix = 0x01;
    const struct piece pieces[] = {{&prefix, 1}, {left, 32}, {right, 32}};

    sha256_pieces(pieces, 3, out);
}

/* MTH (RFC 9162, 2.1.1), word for word */
static void defined_root(const uint8_t (*from)[32], uint32_t count, uint8_t root[32])
{
    uint8_t left[32], right[32];
    uint32_t k = 1;

    if (count == 1) {
        memcpy(root, from[0], 32);
        return;
    }
    while (2 * k < count)
        k *= 2;
    defined_root(from, k, left);
    defined_root(from + k, count - k, right);
    node(left, right, root);
}

static int make_leaves(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LARGEST; i++)
        sha256_pieces(&(struct piece){&i, sizeof(i)}, 1, leaves[i]);
    return 0;
}

static void roots_are_the_defined_ones(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= LARGEST; count++) {
        uint8_t expected[32], root[32];

        defined_root(leaves, count, expected);
        assert_good(merkle_root(leaves, count, node, root));
        assert_memory_equal(root, expected, 32);
    }
}

static void each_leaf_of_each_tree_has_its_path(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= LARGEST; count++) {
        uint8_t root[32];

        assert_good(merkle_root(leaves, count, node, root));
        for (uint32_t index = 0; index < count; index += 1 + count / 40) {
            uint8_t path[MERKLE_DEPTH_MAX][32], found[32];
            uint32_t length;

            assert_good(merkle_path(leaves, count, index, node, path, &length));
            assert_true(length <= 9);
            assert_good(merkle_from_path(leaves[index], index, count, path, length, node, found));
            assert_memory_equal(found, root, 32);
        }
    }
}

/* A path proves one leaf at one place in a tree of one size: nothing else may lead to the root. */
static void wrong_paths_lead_elsewhere(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= 40; count++) {
        uint8_t root[32];

        assert_good(merkle_root(leaves, count, node, root));
        for (uint32_t index = 0; index < count; index++) {
            uint8_t path[MERKLE_DEPTH_MAX][32], found[32];
            uint32_t length;

            assert_good(merkle_path(leaves, count, index, node, path, &length));
            for (uint32_t other = 0; other < count; other++)
                if (other != index && merkle_from_path(leaves[index], other, count, path, length,
                                                       node, found) == ST_OK)
                    assert_memory_not_equal(found, root, 32);
            assert_good(merkle_from_path(leaves[(index + 1) % LARGEST], index, count, path, length,
                                         node, found));
            assert_memory_not_equal(found, root, 32);
            for (uint32_t i = 0; i < length; i++) {
                path[i][i % 32] ^= 1;
                assert_good(
                    merkle_from_path(leaves[index], index, count, path, length, node, found));
                assert_memory_not_equal(found, root, 32);
                path[i][i % 32] ^= 1;
            }
            if (length > 0)
                assert_status(
                    merkle_from_path(leaves[index], index, count, path, length - 1, node, found),
                    ST_CORRUPT);
            assert_status(
                merkle_from_path(leaves[index], index, count, path, length + 1, node, found),
                ST_CORRUPT);
        }
    }
}

static void places_that_there_are_not(void **state)
{
    uint8_t path[MERKLE_DEPTH_MAX][32] = {{0}}, root[32];
    uint32_t length;

    (void)state;
    assert_status(merkle_root(leaves, 0, node, root), ST_INVALID_ARGUMENT);
    assert_status(merkle_path(leaves, 0, 0, node, path, &length), ST_OUT_OF_RANGE);
    assert_status(merkle_path(leaves, 5, 5, node, path, &length), ST_OUT_OF_RANGE);
    assert_status(merkle_from_path(leaves[0], 0, 0, path, 0, node, root), ST_CORRUPT);
    assert_status(merkle_from_path(leaves[0], 1, 1, path, 0, node, root), ST_CORRUPT);
    assert_status(merkle_from_path(leaves[0], 5, 5, path, 3, node, root), ST_CORRUPT);
    assert_status(merkle_from_path(leaves[0], UINT32_MAX, UINT32_MAX, path, 3, node, root),
                  ST_CORRUPT);
}

/* RFC 9162 has no vectors; these are the roots of RFC 6962's reference tree (same hashes): the
 * empty leaf, and all eight leaves. */
static void known_roots(void **state)
{
    static const struct {
        const char *hex;
        size_t bytes;
    } data[] = {{"", 0},
                {"00", 1},
                {"10", 1},
                {"2021", 2},
                {"3031", 2},
                {"40414243", 4},
                {"5051525354555657", 8},
                {"606162636465666768696a6b6c6d6e6f", 16}};
    uint8_t tree[8][32], root[32], expected[32];

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        uint8_t bytes[16];

        unhex(data[i].hex, bytes, data[i].bytes);
        claims_leaf(bytes, data[i].bytes, tree[i]);
    }
    unhex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", expected, 32);
    assert_good(merkle_root(tree, 1, node, root));
    assert_memory_equal(root, expected, 32);
    unhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", expected, 32);
    assert_good(merkle_root(tree, 8, node, root));
    assert_memory_equal(root, expected, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_the_defined_ones),
        cmocka_unit_test(each_leaf_of_each_tree_has_its_path),
        cmocka_unit_test(wrong_paths_lead_elsewhere),
        cmocka_unit_test(places_that_there_are_not),
        cmocka_unit_test(known_roots),
    };

    return cmocka_run_group_tests_name("merkle", tests, make_leaves, NULL);
}
