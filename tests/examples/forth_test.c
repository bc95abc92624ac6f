/* What the Forth makes of programs, right and wrong; the prelude is tests/examples/forth.sh's. */
#include "examples/forth/forth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct forth forth;

static bool interpret(const char *program)
{
    memset(&forth, 0, sizeof(forth));
    forth_start(&forth);
    return forth_interpret(&forth, (struct text){program, strlen(program)});
}

#define RIGHT(name, program, ...)                                                                  \
    static void name(void **state)                                                                 \
    {                                                                                              \
        const uint32_t expected[] = {__VA_ARGS__};                                                 \
                                                                                                   \
        (void)state;                                                                               \
        if (!interpret(program))                                                                   \
            fail_msg("line %u: %s", forth.line, forth.error);                                      \
        assert_int_equal(forth.depth, sizeof(expected) / sizeof(expected[0]));                     \
        assert_memory_equal(forth.data, expected, sizeof(expected));                               \
    }

#define WRONG(name, program, message)                                                              \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_false(interpret(program));                                                          \
        assert_string_equal(forth.error, message);                                                 \
    }

RIGHT(numbers, "0 -1 4294967295 $ff -2147483648", 0, UINT32_MAX, UINT32_MAX, 255, 0x80000000u)
RIGHT(stack_words, "1 2 3 rot swap over nip 2dup 1 pick depth", 2, 1, 1, 1, 1, 1, 6)
RIGHT(arithmetic_wraps, "2147483647 1+ 65536 65536 * -7 2 /mod", 0x80000000u, 0, UINT32_MAX,
      (uint32_t)-3)
RIGHT(smallest_by_minus_one, "-2147483648 -1 / -2147483648 -1 mod", 0x80000000u, 0)
RIGHT(product_of_64_bits, "2000000000 2000000000 2000000011 */mod", 121, 1999999989u)
RIGHT(comparisons, "-1 1 < -1 1 u< 3 3 = 0 0= 0 0<", UINT32_MAX, 0, UINT32_MAX, UINT32_MAX, 0)
RIGHT(definitions, ": square dup * ; : cube dup square * ; 3 cube", 27)
RIGHT(newest_definition_wins, ": a 1 ; : b a ; : a 2 ; a b", 2, 1)
RIGHT(conditions, ": sign dup 0< if drop -1 else 0= if 0 else 1 then then ; -5 sign 0 sign 7 sign",
      UINT32_MAX, 0, 1)
RIGHT(begin_until, ": halve begin 2 / dup 3 < until ; 100 halve", 1)
RIGHT(begin_while, ": g begin dup while swap over mod repeat drop ; 84 36 g", 12)
RIGHT(loops, ": sum 0 5 0 do i + loop ; : odd 0 10 1 do i + 2 +loop ; sum odd", 10, 25)
RIGHT(loop_down, ": down 0 0 4 do i + -1 +loop ; down", 10)
RIGHT(loop_in_loop, ": table 0 3 0 do 3 0 do i j * + loop loop ; table", 9)
RIGHT(question_do_skips, ": none 7 0 0 ?do drop 8 loop ; none", 7)
RIGHT(recursion, ": fact dup 1 > if dup 1- recurse * then ; 10 fact", 3628800)
RIGHT(bytes_and_cells, "here 300 , dup c@ over 1+ c@ rot 7 over c! @", 44, 1, 263)
RIGHT(execute_and_tick, ": twice >r r@ execute r> execute ; : inc 1+ ; 5 ' inc twice", 7)
RIGHT(constants, "42 constant answer : get answer ; get", 42)
RIGHT(comments, "1 ( 2 ) \\ 3\n4", 1, 4)

WRONG(underflow, "1 +", "the stack is empty")
WRONG(overflow, ": fill begin 1 0 until ; fill", "the stack is full")
WRONG(pick_too_deep, "1 2 5 pick", "the stack is empty")
WRONG(unknown_word, "1 frobnicate", "neither a word nor a number")
WRONG(large_number, "4294967296", "neither a word nor a number")
WRONG(no_digits, "-", "the stack is empty")
WRONG(by_zero, "1 0 /", "division by zero")
WRONG(wild_read, "-4 @", "no such address")
WRONG(below_memory, "0 @", "no such address")
WRONG(odd_address, "here 1+ 5 swap !", "the address is no multiple of 4")
WRONG(byte_beyond, "41943040 c@", "no such address")
WRONG(too_much_allotted, "2000000000 allot", "out of memory")
WRONG(negative_allotment, "-8 allot", "out of memory")
WRONG(endless_recursion, ": f recurse ; f", "too deep a recursion, or too many >r")
WRONG(return_stack_empty, ": f r> r> ; f", "the return stack is empty")
WRONG(wild_token, "-8 execute", "no such address")
WRONG(open_if, ": f if ;", "something is still open")
WRONG(wrong_end, ": f begin then ;", "nothing that this ends is open")
WRONG(end_without_start, ": f loop ;", "nothing that this ends is open")
WRONG(open_definition, ": f 1", "the last definition does not end")
WRONG(if_outside, "1 if", "only inside a definition")
WRONG(colon_inside, ": f : g ;", "not inside a definition")
WRONG(no_name, ":", "a name is missing")
WRONG(long_word, "abcdefghijklmnopqrstuvwxyzabcdefghij", "the word is too long")

#define T cmocka_unit_test

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(numbers),
        T(stack_words),
        T(arithmetic_wraps),
        T(smallest_by_minus_one),
        T(product_of_64_bits),
        T(comparisons),
        T(definitions),
        T(newest_definition_wins),
        T(conditions),
        T(begin_until),
        T(begin_while),
        T(loops),
        T(loop_down),
        T(loop_in_loop),
        T(question_do_skips),
        T(recursion),
        T(bytes_and_cells),
        T(execute_and_tick),
        T(constants),
        T(comments),
        T(underflow),
        T(overflow),
        T(pick_too_deep),
        T(unknown_word),
        T(large_number),
        T(no_digits),
        T(by_zero),
        T(wild_read),
        T(below_memory),
        T(odd_address),
        T(byte_beyond),
        T(too_much_allotted),
        T(negative_allotment),
        T(endless_recursion),
        T(return_stack_empty),
        T(wild_token),
        T(open_if),
        T(wrong_end),
        T(end_without_start),
        T(open_definition),
        T(if_outside),
        T(colon_inside),
        T(no_name),
        T(long_word),
    };

    return cmocka_run_group_tests_name("forth", tests, NULL, NULL);
}
