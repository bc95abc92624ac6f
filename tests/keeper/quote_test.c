/* An enclave's check of another one's quote: what must pass, and each thing wrong by itself. */
#include "tests/keeper/world.h"

#include "abi/sgx_arch.h"
#include "trusted/attest/certificate.h"

#include <stddef.h>
#include <stdio.h>

static struct world world;
static struct node node;
static const uint8_t challenge[CHALLENGE_BYTES] = "whatever";

static void start_over(void)
{
    world_make(&world);
    keeper_node(&world, &node, 1);
}

static enum status check(struct quoted *quoted)
{
    struct quote_copy quote;

    quote_of(&world, &node, challenge, &quote);
    return quote_check(&quote, &world.policy, quoted);
}

static void assert_check(enum status expected)
{
    struct quoted quoted;

    memset(&quoted, 0xee, sizeof(quoted));
    assert_status(check(&quoted), expected);
    if (expected != ST_OK)
        assert_int_equal(quoted.mrenclave[0], 0xee); /* nothing is given away */
}

static void a_good_quote_says_whose_it_is(void **state)
{
    struct quoted quoted;
    uint8_t expected[REPORT_DATA_BYTES];

    (void)state;
    start_over();
    assert_good(check(&quoted));
    assert_memory_equal(quoted.mrenclave, node.self.mrenclave, 32);
    assert_int_equal(quoted.mrsigner[0], FORGE_MRSIGNER_BYTE);
    assert_int_equal(quoted.isv_prod_id, world.recipe.isv_prod_id);
    assert_int_equal(quoted.isv_svn, world.recipe.isv_svn);
    report_data(&node.identity, challenge, expected);
    assert_memory_equal(quoted.report_data, expected, sizeof(expected));
}

/* ---- one thing wrong ---------------------------------------------------------------- */

static void wrong_versions_and_types(void **state)
{
    (void)state;
    start_over();
    world.recipe.version = 4;
    assert_check(ST_QUOTE_FORMAT);
    start_over();
    world.recipe.tee_type = 0x81;
    assert_check(ST_QUOTE_FORMAT);
}

static void wrong_certificates(void **state)
{
    (void)state;
    start_over();
    world.recipe.root = "another root";
    assert_check(ST_QUOTE_CHAIN);
    start_over();
    world.recipe.pck_signer = "nobody";
    assert_check(ST_QUOTE_CHAIN);
    start_over();
    world.recipe.leaf_under_root = true;
    assert_check(ST_QUOTE_CHAIN);
    start_over();
    world.recipe.leaf_is_ca = true;
    assert_check(ST_QUOTE_CHAIN);
    start_over();
    world.recipe.issuer_is_no_ca = true;
    assert_check(ST_QUOTE_CHAIN);
    start_over();
    world.recipe.no_sgx_extension = true;
    assert_check(ST_QUOTE_CHAIN);
    start_over();
    world.recipe.short_sgx_extension = true;
    assert_check(ST_QUOTE_CHAIN);
}

/* PCK and issuer exchanged, one in place of both, the issuer's key in the PCK's place. */
static void certificates_in_other_places(void **state)
{
    struct quote_copy quote, good;
    struct quoted quoted;

    (void)state;
    start_over();
    quote_of(&world, &node, challenge, &good);
    quote = good;
    memset(quote.pck, 0, sizeof(quote.pck));
    memcpy(quote.pck, good.issuer, sizeof(good.issuer));
    quote.pck_bytes = good.issuer_bytes;
    assert_status(quote_check(&quote, &world.policy, &quoted), ST_QUOTE_CHAIN);
    if (good.pck_bytes <= sizeof(quote.issuer)) {
        quote = good;
        memset(quote.issuer, 0, sizeof(quote.issuer));
        memcpy(quote.issuer, good.pck, good.pck_bytes);
        quote.issuer_bytes = good.pck_bytes;
        assert_status(quote_check(&quote, &world.policy, &quoted), ST_QUOTE_CHAIN);
    }
    quote = good;
    quote.pck_bytes = 0;
    memset(quote.pck, 0, sizeof(quote.pck));
    assert_status(quote_check(&quote, &world.policy, &quoted), ST_QUOTE_CHAIN);
    quote = good;
    quote.pck_bytes++; /* a zero behind it */
    assert_status(quote_check(&quote, &world.policy, &quoted), ST_QUOTE_CHAIN);
    quote = good;
    quote.pck_bytes = PCK_BYTES_MAX + 1;
    assert_status(quote_check(&quote, &world.policy, &quoted), ST_QUOTE_FORMAT);
    quote = good;
    quote.auth_bytes = QUOTE_AUTH_MAX + 1;
    assert_status(quote_check(&quote, &world.policy, &quoted), ST_QUOTE_FORMAT);
}

static void each_truncation_of_a_certificate(void **state)
{
    struct quote_copy good;
    struct certificate certificate;

    (void)state;
    start_over();
    quote_of(&world, &node, challenge, &good);
    assert_true(certificate_read(good.pck, good.pck_bytes, &certificate));
    for (size_t bytes = 0; bytes < good.pck_bytes; bytes++) {
        uint8_t *copy = malloc(bytes ? bytes : 1); /* so that a read beyond it shows */

        memcpy(copy, good.pck, bytes);
        assert_false(certificate_read(copy, bytes, &certificate));
        free(copy);
    }
}

static void revoked_platforms(void **state)
{
    static const uint8_t serials[] = {SERIAL_LEAF, SERIAL_ISSUER};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        start_over();
        world.policy.revoked[0][PCK_SERIAL_BYTES - 1] = serials[i];
        world.policy.revoked_count = 1;
        assert_check(ST_QUOTE_REVOKED);
        world.policy.revoked[0][0] = 1; /* another number with the same end */
        assert_check(ST_OK);
    }
}

static void platforms_below_the_level(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLATFORM_COMPONENTS; i++) {
        start_over();
        if (world.policy.levels[0].components[i] == UINT8_MAX)
            world.recipe.platform_svns[i]--;
        else
            world.policy.levels[0].components[i]++;
        assert_check(ST_QUOTE_PLATFORM);
    }
    start_over();
    world.policy.levels[0].pce_svn++;
    assert_check(ST_QUOTE_PLATFORM);
    start_over();
    world.policy.levels[0].fmspc[5] ^= 1;
    assert_check(ST_QUOTE_PLATFORM);
    /* a second line for the family, which is met */
    start_over();
    world.policy.levels[1] = world.policy.levels[0];
    world.policy.levels[0].pce_svn++;
    world.policy.level_count = 2;
    assert_check(ST_OK);
    /* a line behind the count does not count */
    world.policy.level_count = 1;
    assert_check(ST_QUOTE_PLATFORM);
}

static void wrong_quoting_enclaves(void **state)
{
    (void)state;
    start_over();
    world.recipe.qe_report_signer = "nobody";
    assert_check(ST_QUOTE_QE);
    start_over();
    world.recipe.qe_debug = true;
    assert_check(ST_QUOTE_QE);
    start_over();
    world.recipe.wrong_auth_data = true;
    assert_check(ST_QUOTE_QE);
    start_over();
    world.policy.qe_svn++;
    assert_check(ST_QUOTE_QE);
    start_over();
    world.policy.qe_mrsigner[31] ^= 1;
    assert_check(ST_QUOTE_QE);
    start_over();
    world.policy.qe_prod_id++;
    assert_check(ST_QUOTE_QE);
    start_over();
    world.recipe.quote_signer = "nobody";
    assert_check(ST_QUOTE_SIGNATURE);
}

static void debug_enclaves(void **state)
{
    (void)state;
    start_over();
    world.recipe.debug = true;
    assert_check(ST_QUOTE_DEBUG);
}

static void intels_root_unless_another_is_named(void **state)
{
    struct platform_root root;

    (void)state;
    start_over();
    memset(world.policy.root_key, 0, sizeof(world.policy.root_key));
    assert_check(ST_KEEPER_POLICY); /* a quoting enclave of its own under Intel's root */
    memset(world.policy.qe_mrsigner, 0, sizeof(world.policy.qe_mrsigner));
    world.policy.qe_prod_id = 0;
    assert_check(ST_QUOTE_CHAIN); /* well-formed, and the forged root is not Intel's */
    assert_good(platform_root_of(&world.policy, &root));
    assert_int_equal(root.key[0], 0x0b);
    assert_int_equal(root.qe_mrsigner[0], 0x8c);
    assert_int_equal(root.qe_prod_id, 1);
    world.policy.qe_prod_id = 1;
    assert_status(platform_root_of(&world.policy, &root), ST_KEEPER_POLICY);
    start_over();
    memset(world.policy.qe_mrsigner, 0, sizeof(world.policy.qe_mrsigner));
    assert_check(ST_KEEPER_POLICY);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_good_quote_says_whose_it_is),
        CASE(wrong_versions_and_types),
        CASE(wrong_certificates),
        CASE(certificates_in_other_places),
        CASE(each_truncation_of_a_certificate),
        CASE(revoked_platforms),
        CASE(platforms_below_the_level),
        CASE(wrong_quoting_enclaves),
        CASE(debug_enclaves),
        CASE(intels_root_unless_another_is_named),
    };

    return cmocka_run_group_tests_name("keeper: quotes", tests, NULL, NULL);
}
