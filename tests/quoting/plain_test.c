/* Loading plain enclaves: files that are damaged are refused by name, and workers take none. */
#include "abi/image.h"
#include "host/loader/image.h"
#include "tests/quoting/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGE_BYTES_MAX (1 << 20)

static uint8_t *good; /* the quoting enclave's image */
static size_t good_bytes;
static char folder[64], path[128];

static void must_refuse(const uint8_t *file, size_t bytes, enum status expected, const char *words)
{
    struct plain_enclave enclave;
    struct sgx_problem why = {""};
    FILE *to = fopen(path, "we");

    assert_non_null(to);
    assert_int_equal(fwrite(file, 1, bytes, to), bytes);
    assert_int_equal(fclose(to), 0);
    assert_int_equal(plain_open(support_driver(), path, &enclave, &why), expected);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static struct image_header *header_of(uint8_t *file)
{
    return (struct image_header *)(void *)file;
}

static struct image_run *run_of(uint8_t *file, unsigned index)
{
    return (struct image_run *)(void *)(file + sizeof(struct image_header)) + index;
}

static void spoil_magic(uint8_t *file)
{
    header_of(file)->magic[7] ^= 1;
}

static void spoil_version(uint8_t *file)
{
    header_of(file)->format_version++;
}

static void spoil_flags(uint8_t *file)
{
    header_of(file)->flags |= IMAGE_LAZY;
}

static void spoil_elrange(uint8_t *file)
{
    header_of(file)->elrange_bytes *= 2;
}

static void spoil_run_count(uint8_t *file)
{
    header_of(file)->runs = 0;
}

static void spoil_run_count_upwards(uint8_t *file)
{
    header_of(file)->runs = UINT32_MAX;
}

static void spoil_run_offset(uint8_t *file)
{
    run_of(file, 1)->offset += 8;
}

static void spoil_run_size(uint8_t *file)
{
    run_of(file, 2)->pages = UINT32_MAX;
}

static void spoil_run_place(uint8_t *file)
{
    run_of(file, 0)->file_offset = UINT64_MAX & ~(uint64_t)(PAGE_BYTES - 1);
}

static void spoil_attributes(uint8_t *file)
{
    header_of(file)->attributes |= ATTR_DEBUG;
}

static void spoil_contents(uint8_t *file)
{
    file[run_of(file, 0)->file_offset + 77] ^= 1;
}

static void spoil_signature(uint8_t *file)
{
    header_of(file)->sigstruct[600] ^= 1;
}

static const struct {
    void (*spoil)(uint8_t *file);
    enum status status;
    const char *words;
} defects[] = {
    {spoil_magic, ST_CORRUPT, "not an enclave image"},
    {spoil_version, ST_UNSUPPORTED, "format version 2, not 1: rebuild it"},
    {spoil_flags, ST_CORRUPT, "not a plain enclave"},
    {spoil_elrange, ST_CORRUPT, "not a plain enclave"},
    {spoil_run_count, ST_CORRUPT, "its table of runs is damaged"},
    {spoil_run_count_upwards, ST_CORRUPT, "its table of runs is damaged"},
    {spoil_run_offset, ST_CORRUPT, "run 1 is damaged"},
    {spoil_run_size, ST_CORRUPT, "run 2 is damaged"},
    {spoil_run_place, ST_CORRUPT, "run 0 is damaged"},
    /* the machine's own checks */
    {spoil_attributes, ST_SGX_REFUSED, "refused to initialise"},
    {spoil_contents, ST_SGX_REFUSED, "refused to initialise"},
    {spoil_signature, ST_SGX_REFUSED, "refused to initialise"},
};

static void damaged_images_are_refused_by_name(void **state)
{
    uint8_t *file = malloc(good_bytes);

    (void)state;
    assert_non_null(file);
    for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
        memcpy(file, good, good_bytes);
        defects[i].spoil(file);
        must_refuse(file, good_bytes, defects[i].status, defects[i].words);
    }
    free(file);
}

static void truncated_images_are_refused(void **state)
{
    const size_t sizes[] = {0,    1,    7,    sizeof(struct image_header) - 1,
                            1920, 4096, 8191, good_bytes - 1};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        must_refuse(good, sizes[i], ST_CORRUPT, path);
}

static void failed_loads_leave_nothing_behind(void **state)
{
    uint8_t *file = malloc(good_bytes);

    (void)state;
    assert_non_null(file);
    memcpy(file, good, good_bytes);
    spoil_contents(file);
    for (unsigned i = 0; i < 300; i++) /* more than there are descriptors or enclaves */
        must_refuse(file, good_bytes, ST_SGX_REFUSED, "refused to initialise");
    free(file);
}

static void the_whole_image_is_accepted(void **state)
{
    struct plain_enclave enclave;
    struct sgx_problem why;

    (void)state;
    assert_int_equal(
        plain_open(support_driver(), build_path("lib/reclave/images/quoting.rci"), &enclave, &why),
        ST_OK);
    plain_close(&enclave);
}

static void workers_do_not_load_plain_images(void **state)
{
    struct message why = {""};
    struct image image;

    (void)state;
    assert_int_equal(image_open(build_path("lib/reclave/images/quoting.rci"), &image, &why),
                     ST_CORRUPT);
    assert_non_null(strstr(why.text, "flags"));
}

static int set_up(void **state)
{
    FILE *file = fopen(build_path("lib/reclave/images/quoting.rci"), "re");

    (void)state;
    good = malloc(IMAGE_BYTES_MAX);
    if (!file || !good)
        return -1;
    good_bytes = fread(good, 1, IMAGE_BYTES_MAX, file);
    fclose(file);
    folder_make(folder);
    snprintf(path, sizeof(path), "%s/image.rci", folder);
    return good_bytes < IMAGE_BYTES_MAX ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(good);
    folder_remove(folder);
    return 0;
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_whole_image_is_accepted),      CASE(damaged_images_are_refused_by_name),
        CASE(truncated_images_are_refused),     CASE(failed_loads_leave_nothing_behind),
        CASE(workers_do_not_load_plain_images),
    };

    return cmocka_run_group_tests_name("quoting-plain", tests, set_up, tear_down);
}
