/* The CBOR writer against RFC 8949's examples, and the strict reader against what it must refuse.
 */
#include "tests/attest/support.h"

#include "base/cbor.h"
#include "client/evidence/cbor_reader.h"

#include <limits.h>

static const struct {
    int64_t value;
    const char *hex;
} integers[] = {
    {0, "00"},
    {1, "01"},
    {10, "0a"},
    {23, "17"},
    {24, "1818"},
    {25, "1819"},
    {100, "1864"},
    {1000, "1903e8"},
    {255, "18ff"},
    {256, "190100"},
    {65535, "19ffff"},
    {65536, "1a00010000"},
    {1000000, "1a000f4240"},
    {4294967295, "1affffffff"},
    {1000000000000, "1b000000e8d4a51000"},
    {-1, "20"},
    {-10, "29"},
    {-100, "3863"},
    {-1000, "3903e7"},
    {-70001, "3a00011170"},
    {INT64_MAX, "1b7fffffffffffffff"},
    {INT64_MIN, "3b7fffffffffffffff"},
};
#define INTEGERS (sizeof(integers) / sizeof(integers[0]))

static void integers_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < INTEGERS; i++) {
        struct cbor_writer writer;
        struct cbor_reader reader;
        uint8_t buffer[9], expected[9];
        size_t bytes;

        cbor_start(&writer, buffer, sizeof(buffer));
        cbor_integer(&writer, integers[i].value);
        assert_good(cbor_size(&writer, &bytes));
        unhex(integers[i].hex, expected, bytes);
        assert_memory_equal(buffer, expected, bytes);
        reader = cbor_reader_of(buffer, bytes);
        assert_true(cbor_read_integer(&reader) == integers[i].value);
        assert_true(cbor_end(&reader));
        for (size_t shorter = 0; shorter < bytes; shorter++) {
            reader = cbor_reader_of(buffer, shorter);
            assert_true(cbor_read_integer(&reader) == 0);
            assert_false(cbor_end(&reader));
        }
    }
}

static void only_the_shortest_heads_are_read(void **state)
{
    static const char *const longer[] = {"1800",
                                         "1817",
                                         "190000",
                                         "1900ff",
                                         "1a00000000",
                                         "1a0000ffff",
                                         "1b0000000000000000",
                                         "1b00000000ffffffff",
                                         "3817",
                                         "3900ff"};
    static const char *const other[] = {"1c",
                                        "1d",
                                        "1e",
                                        "1f",
                                        "3f",
                                        "40",
                                        "60",
                                        "80",
                                        "a0",
                                        "c0",
                                        "e0",
                                        "f4",
                                        "f6",
                                        "fb7ff0000000000000",
                                        "1b8000000000000000",
                                        "3b8000000000000000",
                                        "ff"};

    (void)state;
    for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
        uint8_t data[9];
        struct cbor_reader reader = cbor_reader_of(data, strlen(longer[i]) / 2);

        unhex(longer[i], data, strlen(longer[i]) / 2);
        assert_true(cbor_read_integer(&reader) == 0);
        assert_true(reader.failed);
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        uint8_t data[9];
        struct cbor_reader reader = cbor_reader_of(data, strlen(other[i]) / 2);

        unhex(other[i], data, strlen(other[i]) / 2);
        assert_true(cbor_read_integer(&reader) == 0);
        assert_true(reader.failed);
    }
}

static void strings_stay_inside_the_input(void **state)
{
    static const uint8_t data[] = {0x43, 'a',  'b',  'c',  0x5b, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t exact[3] = {1, 1, 1};
    struct cbor_reader reader = cbor_reader_of(data, 4);
    size_t bytes;

    (void)state;
    assert_ptr_equal(cbor_read_string(&reader, CBOR_BYTES, &bytes), data + 1);
    assert_int_equal(bytes, 3);
    assert_true(cbor_end(&reader));
    for (size_t shorter = 0; shorter < 4; shorter++) {
        reader = cbor_reader_of(data, shorter);
        assert_null(cbor_read_string(&reader, CBOR_BYTES, &bytes));
        assert_int_equal(bytes, 0);
    }
    reader = cbor_reader_of(data + 4, 9);
    assert_null(cbor_read_string(&reader, CBOR_BYTES, &bytes));
    reader = cbor_reader_of(data, 4);
    assert_null(cbor_read_string(&reader, CBOR_TEXT, &bytes));
    reader = cbor_reader_of(data, 4);
    cbor_read_exactly(&reader, exact, 2); /* another size */
    assert_true(reader.failed);
    assert_int_equal(exact[0], 0);
    assert_int_equal(exact[2], 1);
}

static void a_failed_reader_stays_failed(void **state)
{
    static const uint8_t data[] = {0x18, 0x05, 0x07};
    struct cbor_reader reader = cbor_reader_of(data, sizeof(data));

    (void)state;
    assert_true(cbor_read_head(&reader, CBOR_UNSIGNED) == 0);
    assert_true(cbor_read_head(&reader, CBOR_UNSIGNED) == 0); /* 7 is there */
    assert_false(cbor_next_is_integer(&reader, 7));
    assert_false(cbor_end(&reader));
}

static void a_full_buffer_is_said_at_the_end(void **state)
{
    uint8_t buffer[8];
    struct cbor_writer writer;
    size_t bytes;

    (void)state;
    cbor_start(&writer, buffer, sizeof(buffer));
    cbor_bytes(&writer, "1234567", 7);
    assert_good(cbor_size(&writer, &bytes));
    assert_int_equal(bytes, 8);
    cbor_integer(&writer, 1);
    assert_status(cbor_size(&writer, &bytes), ST_OUT_OF_RANGE);
    cbor_start(&writer, buffer, sizeof(buffer));
    cbor_bytes(&writer, "12345678", 8); /* the head fits, the rest does not */
    cbor_bytes(&writer, "", 0);         /* and nothing is written after that */
    assert_status(cbor_size(&writer, &bytes), ST_OUT_OF_RANGE);
    assert_int_equal(bytes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_written_and_read),
        cmocka_unit_test(only_the_shortest_heads_are_read),
        cmocka_unit_test(strings_stay_inside_the_input),
        cmocka_unit_test(a_failed_reader_stays_failed),
        cmocka_unit_test(a_full_buffer_is_said_at_the_end),
    };

    return cmocka_run_group_tests_name("cbor", tests, NULL, NULL);
}
