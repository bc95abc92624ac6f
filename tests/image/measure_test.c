/* MRENCLAVE against an enclave that somebody else built, signed and measured. */
#include "abi/sgx_arch.h"
#include "tests/image/vectors.h"
#include "toolchain/image/measure.h"
#include "toolchain/image/sigstruct.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t u64(const uint8_t *from)
{
    uint64_t value;

    memcpy(&value, from, sizeof value);
    return value;
}

static uint32_t u32(const uint8_t *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof value);
    return value;
}

/* Collects the 16 chunks of a page from EEXTEND records; returns the bytes consumed. */
static size_t collect_page(const uint8_t *stream, uint64_t offset, uint8_t page[PAGE_BYTES])
{
    size_t at = 0;

    for (unsigned chunk = 0; chunk < 16; chunk++, at += 320) {
        assert_memory_equal(stream + at, "EEXTEND", 8);
        assert_int_equal(u64(stream + at + 8), offset + chunk * 256);
        memcpy(page + chunk * 256, stream + at + 64, 256);
    }
    return at;
}

/* Replays a .sgxs stream through the API. */
static void replay(const struct file_bytes *stream, uint8_t mrenclave[32])
{
    struct measurement *m = NULL;
    size_t at = 64;

    assert_memory_equal(stream->data, "ECREATE", 8);
    assert_int_equal(measure_create(u32(stream->data + 8), u64(stream->data + 12), &m), ST_OK);
    while (at < stream->size) {
        uint64_t offset = u64(stream->data + at + 8);
        uint8_t page[PAGE_BYTES];

        assert_memory_equal(stream->data + at, "EADD\0\0\0", 8);
        assert_int_equal(measure_add_page(m, offset, u64(stream->data + at + 16)), ST_OK);
        at += 64;
        at += collect_page(stream->data + at, offset, page);
        assert_int_equal(measure_extend_page(m, offset, page), ST_OK);
    }
    assert_int_equal(measure_final(m, mrenclave), ST_OK);
    measure_free(m);
}

static void third_party_enclave_measures_to_its_signed_hash(void **state)
{
    struct file_bytes stream = {0}, sig = {0};
    struct sgx_sigstruct sigstruct;
    uint8_t ours[32], records[32];

    (void)state;
    if (!vector_read("test_enclave.sgxs", &stream) || !vector_read("test_enclave.sig", &sig)) {
        print_message("# no test_enclave.sgxs and .sig in RECLAVE_TEST_VECTORS\n");
        skip();
    }
    assert_int_equal(sig.size, sizeof sigstruct);
    memcpy(&sigstruct, sig.data, sizeof sigstruct);
    replay(&stream, ours);
    assert_memory_equal(ours, sigstruct.enclavehash, 32);
    assert_int_equal(EVP_Digest(stream.data, stream.size, records, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(ours, records, 32);
    file_release(&stream);
    file_release(&sig);
}

static void measure_small(uint64_t offset, uint64_t secinfo, uint8_t fill, uint8_t out[32])
{
    struct measurement *m = NULL;
    uint8_t page[PAGE_BYTES];

    memset(page, fill, sizeof page);
    assert_int_equal(measure_create(1, 1 << 20, &m), ST_OK);
    assert_int_equal(measure_add_page(m, offset, secinfo), ST_OK);
    assert_int_equal(measure_extend_page(m, offset, page), ST_OK);
    assert_int_equal(measure_final(m, out), ST_OK);
    measure_free(m);
}

static void offset_permissions_and_contents_are_measured(void **state)
{
    uint8_t base[32], other[32];

    (void)state;
    measure_small(0, SECINFO_REG | SECINFO_R, 0, base);
    measure_small(0, SECINFO_REG | SECINFO_R, 0, other);
    assert_memory_equal(base, other, 32);
    measure_small(PAGE_BYTES, SECINFO_REG | SECINFO_R, 0, other);
    assert_memory_not_equal(base, other, 32);
    measure_small(0, SECINFO_REG | SECINFO_R | SECINFO_W, 0, other);
    assert_memory_not_equal(base, other, 32);
    measure_small(0, SECINFO_REG | SECINFO_R, 1, other);
    assert_memory_not_equal(base, other, 32);
}

static void a_tcs_is_measured_without_permissions(void **state)
{
    uint8_t plain[32], with[32];

    (void)state;
    measure_small(0, SECINFO_TCS, 0, plain);
    measure_small(0, SECINFO_TCS | SECINFO_R | SECINFO_W, 0, with);
    assert_memory_equal(plain, with, 32);
}

static void sizes_that_ecreate_refuses(void **state)
{
    struct measurement *m = NULL;

    (void)state;
    assert_int_equal(measure_create(1, 0, &m), ST_INVALID_ARGUMENT);
    assert_int_equal(measure_create(1, PAGE_BYTES, &m), ST_INVALID_ARGUMENT);
    assert_int_equal(measure_create(1, 3 * PAGE_BYTES, &m), ST_INVALID_ARGUMENT);
}

static void misaligned_pages_are_refused(void **state)
{
    static const uint8_t page[PAGE_BYTES];
    struct measurement *m = NULL;

    (void)state;
    assert_int_equal(measure_create(1, 1 << 20, &m), ST_OK);
    assert_int_equal(measure_add_page(m, 8, SECINFO_REG), ST_INVALID_ARGUMENT);
    assert_int_equal(measure_extend_page(m, 256, page), ST_INVALID_ARGUMENT);
    measure_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(third_party_enclave_measures_to_its_signed_hash),
        cmocka_unit_test(offset_permissions_and_contents_are_measured),
        cmocka_unit_test(a_tcs_is_measured_without_permissions),
        cmocka_unit_test(sizes_that_ecreate_refuses),
        cmocka_unit_test(misaligned_pages_are_refused),
    };

    return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
