/* SIGSTRUCT: third-party ones are accepted, ours are deterministic, any changed byte is refused. */
#include "tests/image/vectors.h"
#include "toolchain/image/sigstruct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct signing_key *key;

static int make_key(void **state)
{
    (void)state;
    return signing_key_generate(&key) != ST_OK;
}

static int free_key(void **state)
{
    (void)state;
    signing_key_free(key);
    return 0;
}

static void sign_example(struct sgx_sigstruct *out)
{
    static const uint8_t mrenclave[32] = {1, 2, 3};
    struct sigstruct_claims claims;

    sigstruct_claims_default(&claims, mrenclave);
    claims.prod_id = 7;
    claims.svn = 9;
    claims.date = 0x20240131;
    assert_int_equal(sigstruct_sign(&claims, key, out), ST_OK);
}

static void accept_vector(const char *name)
{
    struct sgx_sigstruct sigstruct;
    struct file_bytes file = {0};

    if (!vector_read(name, &file)) {
        print_message("# no %s in RECLAVE_TEST_VECTORS\n", name);
        skip();
    }
    assert_int_equal(file.size, sizeof sigstruct);
    memcpy(&sigstruct, file.data, sizeof sigstruct);
    assert_int_equal(sigstruct_verify(&sigstruct), SIGSTRUCT_GOOD);
    file_release(&file);
}

static void third_party_sigstruct_is_accepted(void **state)
{
    (void)state;
    accept_vector("sig1.sigstruct.bin");
}

static void third_party_enclaves_sigstruct_is_accepted(void **state)
{
    (void)state;
    accept_vector("test_enclave.sig");
}

static void own_signature_is_accepted_and_deterministic(void **state)
{
    struct sgx_sigstruct first, second;

    (void)state;
    sign_example(&first);
    sign_example(&second);
    assert_int_equal(sigstruct_verify(&first), SIGSTRUCT_GOOD);
    assert_memory_equal(&first, &second, sizeof first);
}

static void reclaves_claims_pin_what_must_not_vary(void **state)
{
    struct sgx_sigstruct s;

    (void)state;
    sign_example(&s);
    assert_true(s.attributes_mask & ATTR_DEBUG);
    assert_false(s.attributes & ATTR_DEBUG);
    assert_true(s.xfrm_mask == UINT64_MAX && s.xfrm == 7);
    assert_true(s.miscmask & MISC_EXINFO);
    assert_true(s.miscselect & MISC_EXINFO);
    assert_int_equal(s.isvprodid, 7);
    assert_int_equal(s.isvsvn, 9);
    assert_int_equal(s.date, 0x20240131);
}

/* One byte of each class of field, and what must be found. */
static const struct flip {
    const char *field;
    size_t offset;
    enum sigstruct_defect expected;
} flips[] = {
    {"HEADER", 0, SIGSTRUCT_BAD_CONSTANT},
    {"VENDOR", 16, SIGSTRUCT_BAD_CONSTANT},
    {"DATE", 20, SIGSTRUCT_BAD_SIGNATURE},
    {"HEADER2", 24, SIGSTRUCT_BAD_CONSTANT},
    {"SWDEFINED", 40, SIGSTRUCT_BAD_SIGNATURE},
    {"RESERVED at 44", 44, SIGSTRUCT_BAD_CONSTANT},
    {"RESERVED at 127", 127, SIGSTRUCT_BAD_CONSTANT},
    {"EXPONENT", 512, SIGSTRUCT_BAD_CONSTANT},
    {"SIGNATURE", 516, SIGSTRUCT_BAD_SIGNATURE},
    {"MISCSELECT", 900, SIGSTRUCT_BAD_SIGNATURE},
    {"MISCMASK", 904, SIGSTRUCT_BAD_SIGNATURE},
    {"RESERVED at 908", 908, SIGSTRUCT_BAD_CONSTANT},
    {"ISVFAMILYID", 912, SIGSTRUCT_BAD_SIGNATURE},
    {"ATTRIBUTES", 928, SIGSTRUCT_BAD_SIGNATURE},
    {"XFRM", 936, SIGSTRUCT_BAD_SIGNATURE},
    {"ATTRIBUTEMASK", 944, SIGSTRUCT_BAD_SIGNATURE},
    {"XFRM mask", 952, SIGSTRUCT_BAD_SIGNATURE},
    {"ENCLAVEHASH", 960, SIGSTRUCT_BAD_SIGNATURE},
    {"RESERVED at 992", 992, SIGSTRUCT_BAD_CONSTANT},
    {"ISVEXTPRODID", 1008, SIGSTRUCT_BAD_SIGNATURE},
    {"ISVPRODID", 1024, SIGSTRUCT_BAD_SIGNATURE},
    {"ISVSVN", 1026, SIGSTRUCT_BAD_SIGNATURE},
    {"RESERVED at 1028", 1028, SIGSTRUCT_BAD_CONSTANT},
    {"Q1", 1040, SIGSTRUCT_BAD_Q1},
    {"Q1's end", 1423, SIGSTRUCT_BAD_Q1},
    {"Q2", 1424, SIGSTRUCT_BAD_Q2},
    {"Q2's end", 1807, SIGSTRUCT_BAD_Q2},
};

static void a_flipped_byte_in_any_field_is_refused(void **state)
{
    struct sgx_sigstruct good;

    (void)state;
    sign_example(&good);
    for (size_t i = 0; i < sizeof flips / sizeof flips[0]; i++) {
        struct sgx_sigstruct bad = good;
        enum sigstruct_defect found;

        ((uint8_t *)&bad)[flips[i].offset] ^= 1;
        found = sigstruct_verify(&bad);
        if (found != flips[i].expected)
            fail_msg("%s: found '%s'", flips[i].field, sigstruct_defect_text(found));
    }
}

static void a_changed_modulus_is_refused(void **state)
{
    struct sgx_sigstruct s;

    (void)state;
    sign_example(&s);
    s.modulus[0] ^= 1; /* even */
    assert_int_equal(sigstruct_verify(&s), SIGSTRUCT_BAD_NUMBER);
    sign_example(&s);
    s.modulus[1] ^= 1;
    assert_int_equal(sigstruct_verify(&s), SIGSTRUCT_BAD_SIGNATURE);
    sign_example(&s);
    s.modulus[383] &= 0x7f; /* 3071 bits */
    assert_int_equal(sigstruct_verify(&s), SIGSTRUCT_BAD_NUMBER);
}

static void a_signature_not_below_the_modulus_is_refused(void **state)
{
    struct sgx_sigstruct s;

    (void)state;
    sign_example(&s);
    memcpy(s.signature, s.modulus, sizeof s.signature);
    assert_int_equal(sigstruct_verify(&s), SIGSTRUCT_BAD_NUMBER);
}

static void intels_vendor_number_is_accepted_by_format(void **state)
{
    struct sgx_sigstruct s;

    (void)state;
    sign_example(&s);
    s.vendor = 0x8086; /* a legal constant, but not what was signed */
    assert_int_equal(sigstruct_verify(&s), SIGSTRUCT_BAD_SIGNATURE);
}

static void dates_are_bcd(void **state)
{
    uint32_t date;

    (void)state;
    assert_int_equal(sigstruct_date(0, &date), ST_OK);
    assert_int_equal(date, 0x19700101);
    assert_int_equal(sigstruct_date(1709208000, &date), ST_OK); /* a leap day */
    assert_int_equal(date, 0x20240229);
    assert_int_equal(sigstruct_date(-1, &date), ST_OUT_OF_RANGE);
    assert_int_equal(sigstruct_date(INT64_MAX, &date), ST_OUT_OF_RANGE);
}

static void key_file_is_private_and_never_overwritten(void **state)
{
    char folder[] = "/tmp/reclave-key-XXXXXX", path[64];
    struct signing_key *loaded = NULL;
    struct sgx_sigstruct s;
    struct sigstruct_claims claims = {.date = 0x20240131};
    struct stat info;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key.pem", folder);
    assert_int_equal(signing_key_load(path, &loaded), ST_IO);
    assert_int_equal(signing_key_create(path), ST_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(signing_key_create(path), ST_IO);
    assert_int_equal(signing_key_load(path, &loaded), ST_OK);
    assert_int_equal(sigstruct_sign(&claims, loaded, &s), ST_OK);
    assert_int_equal(sigstruct_verify(&s), SIGSTRUCT_GOOD);
    signing_key_free(loaded);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(signing_key_load(path, &loaded), ST_CORRUPT);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(third_party_sigstruct_is_accepted),
        cmocka_unit_test(third_party_enclaves_sigstruct_is_accepted),
        cmocka_unit_test(own_signature_is_accepted_and_deterministic),
        cmocka_unit_test(reclaves_claims_pin_what_must_not_vary),
        cmocka_unit_test(a_flipped_byte_in_any_field_is_refused),
        cmocka_unit_test(a_changed_modulus_is_refused),
        cmocka_unit_test(a_signature_not_below_the_modulus_is_refused),
        cmocka_unit_test(intels_vendor_number_is_accepted_by_format),
        cmocka_unit_test(dates_are_bcd),
        cmocka_unit_test(key_file_is_private_and_never_overwritten),
    };

    return cmocka_run_group_tests_name("sigstruct", tests, make_key, free_key);
}
