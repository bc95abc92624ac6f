/* fd_read and fd_write: what they move, and every way in which an iovec can be wrong. */
#include "tests/wasi/machine.h"

#include <string.h>

#define END MACHINE_LINEAR_BYTES

/* ---- fd_read ---- */

static void read_fills_buffers_in_order_across_calls(void **state)
{
    (void)state;
    machine_input("abcdefghij", 10);
    put_iovec(0x100, 0x1000, 3);
    put_iovec(0x108, 0x2000, 4);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 2, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 7);
    assert_memory_equal(guest(0x1000), "abc\xa5", 4);
    assert_memory_equal(guest(0x2000), "defg\xa5", 5);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 2, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 3);
    assert_memory_equal(guest(0x1000), "hij", 3);
    assert_memory_equal(guest(0x2000), "defg", 4);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 2, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 0);
}

static void read_of_no_input_gives_zero(void **state)
{
    (void)state;
    put_iovec(0x100, 0x1000, 100);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 1, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 0);
}

static void read_with_no_buffers_gives_zero(void **state)
{
    (void)state;
    machine_input("x", 1);
    assert_int_equal(wasi(WASI_FD_READ, 0, END, 0, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 0);
}

static void read_up_to_the_last_byte_of_memory(void **state)
{
    (void)state;
    machine_input("abcdefgh", 8);
    put_iovec(END - 16, END - 8, 8);
    assert_int_equal(wasi(WASI_FD_READ, 0, END - 16, 1, 0x200), E_SUCCESS);
    assert_memory_equal(guest(END - 8), "abcdefgh", 8);
}

static void read_refuses_a_buffer_one_byte_too_long(void **state)
{
    (void)state;
    machine_input("abcdefgh", 8);
    put_iovec(0x100, END - 8, 9);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 1, 0x200), E_FAULT);
    assert_int_equal(*guest(END - 1), 0xa5);
    put_iovec(0x100, 0x1000, 8); /* nothing was consumed */
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 1, 0x200), E_SUCCESS);
    assert_memory_equal(guest(0x1000), "abcdefgh", 8);
}

static void read_refuses_a_bad_buffer_before_touching_the_good_one(void **state)
{
    (void)state;
    machine_input("abcdefgh", 8);
    put_iovec(0x100, 0x1000, 4);
    put_iovec(0x108, 0xffffffff, 4);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 2, 0x200), E_FAULT);
    assert_int_equal(*guest(0x1000), 0xa5);
}

static void read_refuses_an_array_beyond_memory(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_FD_READ, 0, END - 15, 2, 0x200), E_FAULT);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0, 0x20000001, 0x200), E_FAULT); /* 8n wraps to 8 */
    assert_int_equal(wasi(WASI_FD_READ, 0, 0xfffffff8, 1, 0x200), E_FAULT);
    assert_guest_untouched();
}

static void read_refuses_a_result_pointer_beyond_memory(void **state)
{
    (void)state;
    machine_input("abcdefgh", 8);
    put_iovec(0x100, 0x1000, 8);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 1, END - 3), E_FAULT);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 1, 0xffffffff), E_FAULT);
    assert_int_equal(*guest(0x1000), 0xa5);
}

/* Many buffers that are good each: 0x5555 of 0x30000 bytes make 2^32 - 0x10000. */
static void read_refuses_a_total_beyond_32_bits(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 0x5556; i++)
        put_iovec(i * 8, 0, 0x30000);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0, 0x5556, 0x2fff0), E_INVAL);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0, 0x5555, 0x2fff0), E_SUCCESS);
}

/* The first buffer is the array itself: the second element then says what the input says. */
static void read_survives_input_that_overwrites_the_array(void **state)
{
    static const uint32_t input[] = {0, 0, 0xfffffff0, 0xffff, 1, 2, 3, 4};

    (void)state;
    machine_input(input, sizeof(input));
    put_iovec(0x100, 0x100, 16);
    put_iovec(0x108, 0x1000, 16);
    assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 2, 0x200), E_FAULT);
    assert_int_equal(*guest(0x1000), 0xa5);
}

static void read_refuses_other_descriptors(void **state)
{
    (void)state;
    put_iovec(0x100, 0x1000, 8);
    assert_int_equal(wasi(WASI_FD_READ, 1, 0x100, 1, 0x200), E_BADF);
    assert_int_equal(wasi(WASI_FD_READ, 3, 0x100, 1, 0x200), E_BADF);
    assert_int_equal(wasi(WASI_FD_READ, 0xffffffff, 0x100, 1, 0x200), E_BADF);
}

/* Every length around the copy's steps of 64, 16 and 1, at odd addresses. */
static void read_copies_every_length_exactly(void **state)
{
    uint8_t input[300];

    (void)state;
    for (size_t i = 0; i < sizeof(input); i++)
        input[i] = (uint8_t)(i * 7 + 1);
    machine_input(input, sizeof(input));
    for (uint32_t bytes = 0; bytes <= 200; bytes++) {
        memset(guest(0x1000), 0xa5, 512);
        l1_state()->stdin_at = 3;
        put_iovec(0x100, 0x1001, bytes);
        assert_int_equal(wasi(WASI_FD_READ, 0, 0x100, 1, 0x201), E_SUCCESS);
        assert_int_equal(get32(0x201), bytes);
        assert_memory_equal(guest(0x1001), input + 3, bytes);
        assert_int_equal(*guest(0x1000), 0xa5);
        assert_int_equal(*guest(0x1001 + bytes), 0xa5);
    }
}

/* ---- fd_write ---- */

static void write_appends_buffers_in_order(void **state)
{
    (void)state;
    memcpy(guest(0x1000), "hello", 5);
    memcpy(guest(0x2000), " world", 6);
    put_iovec(0x100, 0x1000, 5);
    put_iovec(0x108, 0x2000, 6);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 2, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 11);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x108, 1, 0x200), E_SUCCESS);
    assert_int_equal(l1_page()->stdout_bytes, 17);
    assert_memory_equal(hosted_cage + STDOUT_OFF, "hello world world", 17);
    assert_int_equal(l1_page()->stderr_bytes, 0);
}

static void write_to_stderr_goes_to_the_log(void **state)
{
    (void)state;
    memcpy(guest(0x1000), "oops", 4);
    put_iovec(0x100, 0x1000, 4);
    assert_int_equal(wasi(WASI_FD_WRITE, 2, 0x100, 1, 0x200), E_SUCCESS);
    assert_int_equal(l1_page()->stderr_bytes, 4);
    assert_memory_equal(hosted_cage + STDERR_OFF, "oops", 4);
    assert_int_equal(l1_page()->stdout_bytes, 0);
}

static void write_of_nothing_commits_nothing(void **state)
{
    (void)state;
    put_iovec(0x100, END, 0);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 0);
    assert_int_equal(machine.commits, 0);
}

static void write_up_to_the_output_limit(void **state)
{
    (void)state;
    l1_page()->stdout_limit = 100;
    put_iovec(0x100, 0x1000, 100);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x200), E_SUCCESS);
    assert_int_equal(l1_page()->stdout_bytes, 100);
}

static void write_beyond_the_output_limit_traps(void **state)
{
    uint64_t result;

    (void)state;
    l1_page()->stdout_limit = 100;
    put_iovec(0x100, 0x1000, 60);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x200), E_SUCCESS);
    put_iovec(0x100, 0x1000, 41);
    assert_int_equal(enter(&result, WASI_FD_WRITE, 1, 0x100, 1, 0x200), ENDED_TRAP);
    assert_int_equal(machine.trap, TRAP_OUTPUT_LIMIT);
    assert_int_equal(l1_page()->stdout_bytes, 60);
}

static void write_without_pages_for_output_traps(void **state)
{
    uint64_t result;

    (void)state;
    machine.commit_limit = 0x8000;
    put_iovec(0x100, 0, 0x8001);
    assert_int_equal(enter(&result, WASI_FD_WRITE, 1, 0x100, 1, 0x20000), ENDED_TRAP);
    assert_int_equal(machine.trap, TRAP_OUTPUT_LIMIT);
}

static void write_takes_what_is_needed_when_pages_are_short(void **state)
{
    (void)state;
    machine.commit_limit = 0x8000; /* below the first step of 64 KiB */
    put_iovec(0x100, 0, 0x8000);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x20000), E_SUCCESS);
    assert_int_equal(l1_page()->stdout_bytes, 0x8000);
}

static void write_commits_in_doubling_steps(void **state)
{
    (void)state;
    put_iovec(0x100, 0, 4096);
    for (int i = 0; i < 256; i++)
        assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x20000), E_SUCCESS);
    assert_int_equal(l1_page()->stdout_bytes, 1 << 20);
    assert_int_equal(machine.commits, 9); /* 4, 8, 16 ... 512 KiB, 1 MiB */
}

static void write_keeps_the_log_up_to_its_limit(void **state)
{
    (void)state;
    l1_page()->stderr_limit = 10;
    memcpy(guest(0x1000), "0123456789abcdef", 16);
    put_iovec(0x100, 0x1000, 7);
    put_iovec(0x108, 0x1007, 9);
    assert_int_equal(wasi(WASI_FD_WRITE, 2, 0x100, 2, 0x200), E_SUCCESS);
    assert_int_equal(get32(0x200), 16); /* reported as written */
    assert_int_equal(l1_page()->stderr_bytes, 10);
    assert_int_equal(l1_page()->stderr_dropped, 6);
    assert_memory_equal(hosted_cage + STDERR_OFF, "0123456789", 10);
    assert_int_equal(wasi(WASI_FD_WRITE, 2, 0x100, 1, 0x200), E_SUCCESS);
    assert_int_equal(l1_page()->stderr_bytes, 10);
    assert_int_equal(l1_page()->stderr_dropped, 13);
}

static void write_drops_the_log_without_pages(void **state)
{
    (void)state;
    machine.commit_limit = 0;
    put_iovec(0x100, 0x1000, 7);
    assert_int_equal(wasi(WASI_FD_WRITE, 2, 0x100, 1, 0x200), E_SUCCESS);
    assert_int_equal(l1_page()->stderr_bytes, 0);
    assert_int_equal(l1_page()->stderr_dropped, 7);
}

static void write_refuses_wrong_pointers(void **state)
{
    (void)state;
    put_iovec(0x100, END - 4, 5);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x200), E_FAULT);
    put_iovec(0x100, 0xffffffff, 0xffffffff);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x200), E_FAULT);
    put_iovec(0x100, 0x1000, 5);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, END - 3), E_FAULT);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, END - 7, 1, 0x200), E_FAULT);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0, 0xffffffff, 0x200), E_FAULT);
    assert_int_equal(l1_page()->stdout_bytes, 0);
    assert_int_equal(machine.commits, 0);
}

static void write_refuses_other_descriptors(void **state)
{
    (void)state;
    put_iovec(0x100, 0x1000, 5);
    assert_int_equal(wasi(WASI_FD_WRITE, 0, 0x100, 1, 0x200), E_BADF);
    assert_int_equal(wasi(WASI_FD_WRITE, 3, 0x100, 1, 0x200), E_BADF);
}

/* A 32-bit parameter arrives in a 64-bit register; its upper half is the function's to choose. */
static void write_ignores_the_upper_half_of_parameters(void **state)
{
    (void)state;
    memcpy(guest(0x1000), "hello", 5);
    put_iovec(0x100, 0x1000, 5);
    assert_int_equal(wasi(WASI_FD_WRITE, 0x100000001, 0xff00000100, 0x700000001, 0x5500000200),
                     E_SUCCESS);
    assert_memory_equal(hosted_cage + STDOUT_OFF, "hello", 5);
}

static void write_copies_every_length_exactly(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 300; i++)
        *guest(0x1000 + i) = (uint8_t)(i * 11 + 3);
    for (uint32_t bytes = 0; bytes <= 200; bytes++) {
        l1_page()->stdout_bytes = 5;
        put_iovec(0x100, 0x1003, bytes);
        assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x100, 1, 0x200), E_SUCCESS);
        assert_memory_equal(hosted_cage + STDOUT_OFF + 5, guest(0x1003), bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(read_fills_buffers_in_order_across_calls),
        CASE(read_of_no_input_gives_zero),
        CASE(read_with_no_buffers_gives_zero),
        CASE(read_up_to_the_last_byte_of_memory),
        CASE(read_refuses_a_buffer_one_byte_too_long),
        CASE(read_refuses_a_bad_buffer_before_touching_the_good_one),
        CASE(read_refuses_an_array_beyond_memory),
        CASE(read_refuses_a_result_pointer_beyond_memory),
        CASE(read_refuses_a_total_beyond_32_bits),
        CASE(read_survives_input_that_overwrites_the_array),
        CASE(read_refuses_other_descriptors),
        CASE(read_copies_every_length_exactly),
        CASE(write_appends_buffers_in_order),
        CASE(write_to_stderr_goes_to_the_log),
        CASE(write_of_nothing_commits_nothing),
        CASE(write_up_to_the_output_limit),
        CASE(write_beyond_the_output_limit_traps),
        CASE(write_without_pages_for_output_traps),
        CASE(write_takes_what_is_needed_when_pages_are_short),
        CASE(write_commits_in_doubling_steps),
        CASE(write_keeps_the_log_up_to_its_limit),
        CASE(write_drops_the_log_without_pages),
        CASE(write_refuses_wrong_pointers),
        CASE(write_refuses_other_descriptors),
        CASE(write_ignores_the_upper_half_of_parameters),
        CASE(write_copies_every_length_exactly),
    };

    return RUN_GROUP(tests);
}
