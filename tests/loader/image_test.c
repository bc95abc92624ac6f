/* The reader of enclave images: what it must accept, and one test per field that it must not. */
#include "host/loader/image.h"
#include "tests/loader/sample_image.h"

#include "abi/sgx_arch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct sample_image sample;
    struct image image;
    struct message why;
};

static struct fixture *fixture_make(uint32_t flags)
{
    static struct fixture fixture;

    sample_image_make(&fixture.sample, flags);
    return &fixture;
}

static enum status check(struct fixture *f, size_t bytes)
{
    return image_check("x.rci", f->sample.bytes, bytes, &f->image, &f->why);
}

static void must_reject(struct fixture *f, enum status expected, const char *field)
{
    assert_int_equal(check(f, SAMPLE_BYTES), expected);
    assert_non_null(strstr(f->why.text, "x.rci"));
    assert_non_null(strstr(f->why.text, field));
    assert_null(f->image.header);
}

static void accepts_a_lazy_image(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);

    (void)state;
    assert_int_equal(check(f, SAMPLE_BYTES), ST_OK);
    assert_int_equal(f->image.pages, 8);
}

static void accepts_an_eager_image(void **state)
{
    (void)state;
    assert_int_equal(check(fixture_make(0), SAMPLE_BYTES), ST_OK);
}

static void rejects_every_truncation(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);
    size_t end_of_contents = 4096 + 2 * PAGE_BYTES;

    (void)state;
    for (size_t bytes = 0; bytes < end_of_contents; bytes++)
        assert_int_not_equal(check(f, bytes), ST_OK);
    assert_int_equal(check(f, end_of_contents), ST_OK);
}

static void rejects_another_magic(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);

    (void)state;
    f->sample.header.magic[7] ^= 1;
    must_reject(f, ST_CORRUPT, "magic");
}

static void rejects_another_version_before_all_else(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);

    (void)state;
    f->sample.header.runs = 0;
    f->sample.header.abi_version++;
    must_reject(f, ST_UNSUPPORTED, "abi_version");
    f->sample.header.format_version++;
    must_reject(f, ST_UNSUPPORTED, "format_version");
}

#define HEADER_CASE(name, field, value)                                                            \
    static void rejects_##name(void **state)                                                       \
    {                                                                                              \
        struct fixture *f = fixture_make(IMAGE_LAZY);                                              \
        (void)state;                                                                               \
        f->sample.header.field = value;                                                            \
        must_reject(f, ST_CORRUPT, #field);                                                        \
    }

HEADER_CASE(unknown_flags, flags, IMAGE_LAZY | 2)
HEADER_CASE(no_slots, slots, 0)
HEADER_CASE(too_many_slots, slots, SLOTS_MAX + 1)
HEADER_CASE(an_elrange_of_other_size, elrange_bytes, UINT64_C(1) << 36)
HEADER_CASE(other_ssa_frames, ssa_frame_pages, 2)
HEADER_CASE(a_heap_in_a_lazy_image, heap_bytes, 4096)
HEADER_CASE(no_runs, runs, 0)
HEADER_CASE(more_runs_than_the_file_holds, runs, 600)
HEADER_CASE(a_huge_number_of_runs, runs, UINT32_MAX)
HEADER_CASE(a_32_bit_enclave, attributes, 0)
HEADER_CASE(debug, attributes, ATTR_MODE64BIT | ATTR_DEBUG)
HEADER_CASE(xfrm_without_sse, xfrm, 1)
HEADER_CASE(unknown_miscselect, miscselect, 2)
HEADER_CASE(reserved_bits, reserved, 1)

static void rejects_a_measurement_that_was_not_signed(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);

    (void)state;
    f->sample.header.mrenclave[31] ^= 1;
    must_reject(f, ST_CORRUPT, "mrenclave");
}

#define RUN_CASE(name, index, field, value)                                                        \
    static void rejects_##name(void **state)                                                       \
    {                                                                                              \
        struct fixture *f = fixture_make(IMAGE_LAZY);                                              \
        (void)state;                                                                               \
        sample_image_run(&f->sample, index)->field = value;                                        \
        must_reject(f, ST_CORRUPT, #field);                                                        \
    }

RUN_CASE(a_run_without_pages, 0, pages, 0)
RUN_CASE(a_run_off_page, 0, offset, MON_IMAGE_OFF + 8)
RUN_CASE(a_run_before_its_predecessor, 1, offset, 0)
RUN_CASE(a_run_that_overlaps, 1, offset, MON_IMAGE_OFF + PAGE_BYTES)
RUN_CASE(a_run_beyond_elrange, 3, pages, UINT32_MAX)
RUN_CASE(unknown_run_flags, 0, flags, 2)
RUN_CASE(contents_off_page, 0, file_offset, 4104)
RUN_CASE(contents_in_the_header, 0, file_offset, 0)
RUN_CASE(contents_behind_the_file, 0, file_offset, UINT64_MAX - 4095)
RUN_CASE(contents_of_a_zero_run, 2, file_offset, 4096)
RUN_CASE(a_tcs_with_permissions, 1, secinfo, SECINFO_TCS | SECINFO_R)
RUN_CASE(an_unreadable_page, 2, secinfo, SECINFO_REG | SECINFO_W)
RUN_CASE(another_page_type, 2, secinfo, (PT_VA << SECINFO_PT_SHIFT) | SECINFO_R)
RUN_CASE(unknown_secinfo_bits, 2, secinfo, SECINFO_REG | SECINFO_R | SECINFO_PENDING)

static void rejects_a_slot_without_tcs(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);

    (void)state;
    sample_image_run(&f->sample, 1)->secinfo = SECINFO_REG | SECINFO_R | SECINFO_W;
    must_reject(f, ST_CORRUPT, "TCS");
}

static void opens_a_file_and_names_a_missing_one(void **state)
{
    struct fixture *f = fixture_make(IMAGE_LAZY);
    char path[] = "/tmp/reclave-image-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, f->sample.bytes, SAMPLE_BYTES), SAMPLE_BYTES);
    close(fd);
    assert_int_equal(image_open(path, &f->image, &f->why), ST_OK);
    assert_int_equal(f->image.header->slots, 1);
    image_close(&f->image);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(image_open(path, &f->image, &f->why), ST_CORRUPT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(image_open(path, &f->image, &f->why), ST_NOT_FOUND);
    assert_non_null(strstr(f->why.text, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_lazy_image),
        cmocka_unit_test(accepts_an_eager_image),
        cmocka_unit_test(rejects_every_truncation),
        cmocka_unit_test(rejects_another_magic),
        cmocka_unit_test(rejects_another_version_before_all_else),
        cmocka_unit_test(rejects_unknown_flags),
        cmocka_unit_test(rejects_no_slots),
        cmocka_unit_test(rejects_too_many_slots),
        cmocka_unit_test(rejects_an_elrange_of_other_size),
        cmocka_unit_test(rejects_other_ssa_frames),
        cmocka_unit_test(rejects_a_heap_in_a_lazy_image),
        cmocka_unit_test(rejects_no_runs),
        cmocka_unit_test(rejects_more_runs_than_the_file_holds),
        cmocka_unit_test(rejects_a_huge_number_of_runs),
        cmocka_unit_test(rejects_a_32_bit_enclave),
        cmocka_unit_test(rejects_debug),
        cmocka_unit_test(rejects_xfrm_without_sse),
        cmocka_unit_test(rejects_unknown_miscselect),
        cmocka_unit_test(rejects_reserved_bits),
        cmocka_unit_test(rejects_a_measurement_that_was_not_signed),
        cmocka_unit_test(rejects_a_run_without_pages),
        cmocka_unit_test(rejects_a_run_off_page),
        cmocka_unit_test(rejects_a_run_before_its_predecessor),
        cmocka_unit_test(rejects_a_run_that_overlaps),
        cmocka_unit_test(rejects_a_run_beyond_elrange),
        cmocka_unit_test(rejects_unknown_run_flags),
        cmocka_unit_test(rejects_contents_off_page),
        cmocka_unit_test(rejects_contents_in_the_header),
        cmocka_unit_test(rejects_contents_behind_the_file),
        cmocka_unit_test(rejects_contents_of_a_zero_run),
        cmocka_unit_test(rejects_a_tcs_with_permissions),
        cmocka_unit_test(rejects_an_unreadable_page),
        cmocka_unit_test(rejects_another_page_type),
        cmocka_unit_test(rejects_unknown_secinfo_bits),
        cmocka_unit_test(rejects_a_slot_without_tcs),
        cmocka_unit_test(opens_a_file_and_names_a_missing_one),
    };

    return cmocka_run_group_tests_name("image reader", tests, NULL, NULL);
}
