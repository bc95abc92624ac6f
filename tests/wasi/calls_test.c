/* Strings, random bytes, descriptors, exit, and what is not there. */
#include "tests/wasi/machine.h"

#include <string.h>

#define END MACHINE_LINEAR_BYTES

static const char args[] = "prog\0--verbose\0"; /* and the literal's own NUL: an empty argument */
static const char env[] = "A=1\0LONG_NAME=some value";

static void put_strings(void)
{
    machine_strings(3, args, sizeof(args), 2, env, sizeof(env));
}

/* ---- arguments and environment ---- */

static void args_sizes_and_strings(void **state)
{
    (void)state;
    put_strings();
    assert_int_equal(wasi(WASI_ARGS_SIZES_GET, 0x100, 0x104, 0, 0), E_SUCCESS);
    assert_int_equal(get32(0x100), 3);
    assert_int_equal(get32(0x104), sizeof(args));
    assert_int_equal(wasi(WASI_ARGS_GET, 0x201, 0x301, 0, 0), E_SUCCESS);
    assert_int_equal(get32(0x201), 0x301);
    assert_string_equal((char *)guest(get32(0x201)), "prog");
    assert_string_equal((char *)guest(get32(0x205)), "--verbose");
    assert_string_equal((char *)guest(get32(0x209)), "");
    assert_int_equal(*guest(0x301 + sizeof(args)), 0xa5);
}

static void environ_sizes_and_strings(void **state)
{
    (void)state;
    put_strings();
    assert_int_equal(wasi(WASI_ENVIRON_SIZES_GET, 0x100, 0x104, 0, 0), E_SUCCESS);
    assert_int_equal(get32(0x100), 2);
    assert_int_equal(get32(0x104), sizeof(env));
    assert_int_equal(wasi(WASI_ENVIRON_GET, 0x200, 0x300, 0, 0), E_SUCCESS);
    assert_string_equal((char *)guest(get32(0x200)), "A=1");
    assert_string_equal((char *)guest(get32(0x204)), "LONG_NAME=some value");
}

static void no_strings_write_nothing(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_ARGS_GET, END, END, 0, 0), E_SUCCESS);
    assert_int_equal(wasi(WASI_ENVIRON_GET, END, END, 0, 0), E_SUCCESS);
    assert_guest_untouched();
}

static void strings_refuse_wrong_pointers(void **state)
{
    (void)state;
    put_strings();
    assert_int_equal(wasi(WASI_ARGS_SIZES_GET, END - 3, 0x104, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_ARGS_SIZES_GET, 0x100, END - 3, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_ARGS_GET, END - 11, 0x300, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_ARGS_GET, 0x200, END - sizeof(args) + 1, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_ENVIRON_GET, 0xffffffff, 0x300, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_ENVIRON_SIZES_GET, 0xfffffffe, 0xfffffffe, 0, 0), E_FAULT);
    assert_guest_untouched();
}

static void strings_at_the_end_of_memory(void **state)
{
    (void)state;
    put_strings();
    assert_int_equal(wasi(WASI_ARGS_GET, 0x200, END - sizeof(args), 0, 0), E_SUCCESS);
    assert_string_equal((char *)guest(get32(0x204)), "--verbose");
}

/* ---- random ---- */

static void many_strings_are_pointed_to_one_by_one(void **state)
{
    enum { COUNT = 3 * STAGED_MAX / 4 + 5 };
    static char strings[2 * COUNT];

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        strings[2 * i] = 'x';
    machine_strings(COUNT, strings, sizeof(strings), 0, "", 0);
    assert_int_equal(wasi(WASI_ARGS_GET, 0x1000, 0x2000, 0, 0), E_SUCCESS);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(get32(0x1000 + 4 * i), 0x2000 + 2 * i);
    assert_memory_equal(guest(0x2000), strings, sizeof(strings));
    assert_int_equal(get32(0x1000 + 4 * COUNT), 0xa5a5a5a5);
}

/* L0 writes linear memory or nobody does: a call that it refuses does not succeed. */
static void what_is_not_written_is_no_success(void **state)
{
    static const struct {
        uint64_t call, a, b, c, d;
        enum wasi_errno error;
    } calls[] = {
        {WASI_ARGS_GET, 0x100, 0x200, 0, 0, E_FAULT},
        {WASI_ARGS_SIZES_GET, 0x100, 0x200, 0, 0, E_FAULT},
        {WASI_CLOCK_RES_GET, 0, 0x100, 0, 0, E_FAULT},
        {WASI_CLOCK_TIME_GET, 0, 0, 0x100, 0, E_FAULT},
        {WASI_RANDOM_GET, 0x100, 8, 0, 0, E_IO},
        {WASI_FD_FDSTAT_GET, 1, 0x100, 0, 0, E_FAULT},
        {WASI_FD_FILESTAT_GET, 1, 0x100, 0, 0, E_FAULT},
        {WASI_FD_READ, 0, 0x300, 1, 0x310, E_FAULT},
        {WASI_FD_WRITE, 1, 0x300, 1, 0x310, E_FAULT},
        {WASI_POLL_ONEOFF, 0x400, 0x500, 1, 0x310, E_FAULT},
    };

    (void)state;
    put_strings();
    machine_input("input", 5);
    put_iovec(0x300, 0x600, 4);
    memset(guest(0x400), 0, SUBSCRIPTION_SIZE);
    machine.refuse_writes = true;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        unsigned before = machine.writes;

        assert_int_equal(wasi(calls[i].call, calls[i].a, calls[i].b, calls[i].c, calls[i].d),
                         calls[i].error);
        assert_int_equal(machine.writes, before + 1);
    }
}

static void random_comes_in_pieces_and_leaves_no_trace(void **state)
{
    static const uint8_t zero[RANDOM_PIECE];

    (void)state;
    machine.random_next = 1;
    assert_int_equal(wasi(WASI_RANDOM_GET, 0x1001, 600, 0, 0), E_SUCCESS);
    assert_int_equal(machine.random_calls, 3);
    for (uint32_t i = 0; i < 600; i++)
        assert_int_equal(*guest(0x1001 + i), (uint8_t)(i + 1));
    assert_int_equal(*guest(0x1001 + 600), 0xa5);
    assert_memory_equal(l1_state()->random, zero, sizeof(zero));
}

static void random_of_nothing_asks_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_RANDOM_GET, 0x1000, 0, 0, 0), E_SUCCESS);
    assert_int_equal(machine.random_calls, 0);
    assert_guest_untouched();
}

static void random_reports_an_exhausted_generator(void **state)
{
    static const uint8_t zero[RANDOM_PIECE];

    (void)state;
    machine.random_left = 1;
    assert_int_equal(wasi(WASI_RANDOM_GET, 0x1000, 300, 0, 0), E_IO);
    assert_memory_equal(l1_state()->random, zero, sizeof(zero));
}

static void random_refuses_a_buffer_beyond_memory(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_RANDOM_GET, END - 16, 17, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_RANDOM_GET, 1, 0xffffffff, 0, 0), E_FAULT);
    assert_int_equal(machine.random_calls, 0);
    assert_guest_untouched();
}

/* ---- descriptors ---- */

static void fdstat_describes_the_three_streams(void **state)
{
    (void)state;
    for (uint32_t fd = 0; fd < 3; fd++) {
        assert_int_equal(wasi(WASI_FD_FDSTAT_GET, fd, 0x100, 0, 0), E_SUCCESS);
        assert_int_equal(*guest(0x100), FILETYPE_UNKNOWN);
        assert_int_equal(get16(0x102), 0);
        assert_int_equal(!!(get64(0x108) & RIGHT_FD_READ), fd == 0);
        assert_int_equal(!!(get64(0x108) & RIGHT_FD_WRITE), fd != 0);
        assert_int_equal(get64(0x110), 0);
        assert_int_equal(*guest(0x100 + FDSTAT_SIZE), 0xa5);
    }
}

static void fdstat_flags_are_kept(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_FD_FDSTAT_SET_FLAGS, 1, 0x5, 0, 0), E_SUCCESS);
    assert_int_equal(wasi(WASI_FD_FDSTAT_GET, 1, 0x100, 0, 0), E_SUCCESS);
    assert_int_equal(get16(0x102), 5);
    assert_int_equal(wasi(WASI_FD_FDSTAT_SET_FLAGS, 1, 0x20, 0, 0), E_INVAL);
}

static void filestat_has_the_sizes_of_input_and_output(void **state)
{
    (void)state;
    machine_input("abcd", 4);
    put_iovec(0x10, 0x1000, 9);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0x10, 1, 0x20), E_SUCCESS);
    assert_int_equal(wasi(WASI_FD_FILESTAT_GET, 0, 0x100, 0, 0), E_SUCCESS);
    assert_int_equal(get64(0x100 + FILESTAT_BYTES), 4);
    assert_int_equal(wasi(WASI_FD_FILESTAT_GET, 1, 0x100, 0, 0), E_SUCCESS);
    assert_int_equal(get64(0x100 + FILESTAT_BYTES), 9);
    assert_int_equal(wasi(WASI_FD_FILESTAT_GET, 2, 0x100, 0, 0), E_SUCCESS);
    assert_int_equal(get64(0x100 + FILESTAT_BYTES), 0);
    assert_int_equal(*guest(0x100 + FILESTAT_SIZE), 0xa5);
}

static void stat_refuses_wrong_pointers(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_FD_FDSTAT_GET, 0, END - FDSTAT_SIZE + 1, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_FD_FILESTAT_GET, 0, END - FILESTAT_SIZE + 1, 0, 0), E_FAULT);
    assert_guest_untouched();
    assert_int_equal(wasi(WASI_FD_FDSTAT_GET, 0, END - FDSTAT_SIZE, 0, 0), E_SUCCESS);
    assert_int_equal(wasi(WASI_FD_FILESTAT_GET, 0, END - FILESTAT_SIZE, 0, 0), E_SUCCESS);
}

static void streams_cannot_seek(void **state)
{
    (void)state;
    for (uint32_t fd = 0; fd < 3; fd++) {
        assert_int_equal(wasi(WASI_FD_SEEK, fd, 0, 1, 0x100), E_SPIPE);
        assert_int_equal(wasi(WASI_FD_TELL, fd, 0x100, 0, 0), E_SPIPE);
    }
}

static void closed_descriptors_are_gone(void **state)
{
    (void)state;
    machine_input("abcd", 4);
    put_iovec(0x10, 0x1000, 4);
    for (uint32_t fd = 0; fd < 3; fd++) {
        assert_int_equal(wasi(WASI_FD_CLOSE, fd, 0, 0, 0), E_SUCCESS);
        assert_int_equal(wasi(WASI_FD_CLOSE, fd, 0, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_READ, fd, 0x10, 1, 0x20), E_BADF);
        assert_int_equal(wasi(WASI_FD_WRITE, fd, 0x10, 1, 0x20), E_BADF);
        assert_int_equal(wasi(WASI_FD_FDSTAT_GET, fd, 0x100, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_SEEK, fd, 0, 1, 0x100), E_BADF);
    }
    assert_int_equal(l1_page()->stdout_bytes, 0);
}

static void other_descriptors_do_not_exist(void **state)
{
    static const uint32_t others[] = {3, 4, 31, 32, 64, 0x80000000, 0xffffffff};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(wasi(WASI_FD_CLOSE, others[i], 0, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_FDSTAT_GET, others[i], 0x100, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_FDSTAT_SET_FLAGS, others[i], 0, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_FILESTAT_GET, others[i], 0x100, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_SEEK, others[i], 0, 0, 0x100), E_BADF);
        assert_int_equal(wasi(WASI_FD_TELL, others[i], 0x100, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_PRESTAT_GET, others[i], 0x100, 0, 0), E_BADF);
        assert_int_equal(wasi(WASI_FD_PRESTAT_DIR_NAME, others[i], 0x100, 8, 0), E_BADF);
    }
    assert_guest_untouched();
}

/* ---- the rest ---- */

static void exit_carries_the_code(void **state)
{
    uint64_t result;

    (void)state;
    assert_int_equal(enter(&result, WASI_PROC_EXIT, 42, 0, 0, 0), ENDED_EXIT);
    assert_int_equal(machine.exit_code, 42);
    assert_int_equal(enter(&result, WASI_PROC_EXIT, 0xffffffffffffffff, 0, 0, 0), ENDED_EXIT);
    assert_int_equal(machine.exit_code, 0xffffffff);
}

static void unknown_calls_are_not_there(void **state)
{
    (void)state;
    assert_int_equal(wasi(WASI_NOSYS, 0, 0, 0, 0), E_NOSYS);
    assert_int_equal(wasi(WASI_CALL_COUNT, 0, 0, 0, 0), E_NOSYS);
    assert_int_equal(wasi(0x100000001, 0x200, 0x300, 0, 0), E_NOSYS);
    assert_int_equal(wasi(UINT64_MAX, 0, 0, 0, 0), E_NOSYS);
    assert_guest_untouched();
}

static void boot_leaves_a_state_of_zeros(void **state)
{
    static const struct l1_state zero;

    (void)state;
    assert_memory_equal(l1_state(), &zero, sizeof(zero));
}

static void no_linear_memory_at_all(void **state)
{
    (void)state;
    l1_page()->linear_bytes = 0;
    assert_int_equal(wasi(WASI_FD_READ, 0, 0, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_FD_WRITE, 1, 0, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_ARGS_SIZES_GET, 0, 0, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_RANDOM_GET, 0, 1, 0, 0), E_FAULT);
    assert_int_equal(wasi(WASI_RANDOM_GET, 0, 0, 0, 0), E_SUCCESS);
    assert_guest_untouched();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(args_sizes_and_strings),
        CASE(environ_sizes_and_strings),
        CASE(no_strings_write_nothing),
        CASE(strings_refuse_wrong_pointers),
        CASE(strings_at_the_end_of_memory),
        CASE(many_strings_are_pointed_to_one_by_one),
        CASE(what_is_not_written_is_no_success),
        CASE(random_comes_in_pieces_and_leaves_no_trace),
        CASE(random_of_nothing_asks_for_nothing),
        CASE(random_reports_an_exhausted_generator),
        CASE(random_refuses_a_buffer_beyond_memory),
        CASE(fdstat_describes_the_three_streams),
        CASE(fdstat_flags_are_kept),
        CASE(filestat_has_the_sizes_of_input_and_output),
        CASE(stat_refuses_wrong_pointers),
        CASE(streams_cannot_seek),
        CASE(closed_descriptors_are_gone),
        CASE(other_descriptors_do_not_exist),
        CASE(exit_carries_the_code),
        CASE(unknown_calls_are_not_there),
        CASE(boot_leaves_a_state_of_zeros),
        CASE(no_linear_memory_at_all),
    };

    return RUN_GROUP(tests);
}
