/*
 * Random accepted programs, run a step at a time with nothing mapped around them: no access, no
 * jump and no reserved register ever leaves what the policy grants. Controls show that the
 * harness notices each kind of escape.
 */
#include "tests/verify/run/cage.h"
#include "tests/verify/run/programs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define STEPS 200

static void print_program(unsigned number, const struct program *program)
{
    print_message("program %u:", number);
    for (uint32_t i = 0; i < program->bytes; i++)
        print_message("%s%02x", i % SFI_BUNDLE_BYTES ? " " : "\n", program->text[i]);
    print_message("\n");
}

static void run_programs(bool marked)
{
    uint64_t random = program_seed;
    unsigned ends[4] = {0};
    struct program program;

    cage_take_signals();
    for (unsigned i = 0; i < program_count; i++) {
        enum verdict verdict;

        generate_program(&random, marked, &program);
        verdict = cage_run(&random, &program, STEPS);
        ends[verdict]++;
        if (verdict == ESCAPED) {
            print_program(i, &program);
            fail_msg("%s", cage_escape());
        }
    }
    print_message("%u programs: %u ran on, %u reached a gate, %u faulted inside\n", program_count,
                  ends[RAN_OUT_OF_STEPS], ends[REACHED_GATE], ends[FAULTED]);
    /* Each end is reached, or the programs are too dull to show anything. */
    assert_true(ends[RAN_OUT_OF_STEPS] > program_count / 1000);
    assert_true(ends[REACHED_GATE] > program_count / 1000);
    assert_true(ends[FAULTED] > program_count / 1000);
}

static void accepted_programs_stay_inside(void **state)
{
    (void)state;
    run_programs(false);
}

static void marked_programs_mark_what_they_write(void **state)
{
    unsigned long before = cage_marked_changes();

    (void)state;
    run_programs(true);
    print_message("%lu times something was written, and marked\n", cage_marked_changes() - before);
    assert_true(cage_marked_changes() - before > program_count / 10);
}

/* shrl $12, %r11d; movb $1, SFI_MARKS_OFF(%r14,%r11); hlt */
#define MARK_AND_STOP 0x41, 0xc1, 0xeb, 0x0c, 0x43, 0xc6, 0x84, 0x1e, 0, 0, 0, 0x20, 1, 0xf4

/* Accepted: a mark and a store that lie on two sides of 4 GiB. The last page's mark does not
 * exist, so that the program does not get past it (policy, section 9). */
static void a_mark_on_the_other_side_of_4_gib_faults(void **state)
{
    static const uint8_t wrapping[][40] = {
        /* movl $-4, %eax; movb $0x5c, %fs:16(%eax); movl %eax, %r11d */
        {0xb8, 0xfc, 0xff, 0xff, 0xff, 0x64, 0x67, 0xc6, 0x40, 0x10, 0x5c, 0x41, 0x89, 0xc3,
         MARK_AND_STOP},
        /* xorl %eax, %eax; movb $0x5d, %fs:4(%rax); leal -8(%rax), %r11d */
        {0x31, 0xc0, 0x64, 0xc6, 0x40, 0x04, 0x5d, 0x44, 0x8d, 0x58, 0xf8, MARK_AND_STOP},
    };
    struct verify_result result;
    uint64_t random = 11;

    (void)state;
    cage_take_signals();
    for (size_t i = 0; i < 2; i++) {
        struct program program = {.bytes = 2 * SFI_BUNDLE_BYTES, .marked = true};

        memset(program.text, SFI_PAD_BYTE, sizeof(program.text));
        memcpy(program.text, wrapping[i], sizeof(wrapping[i]));
        for (size_t at = sizeof(wrapping[i]); program.text[at - 1] == 0; at--)
            program.text[at - 1] = SFI_PAD_BYTE;
        assert_int_equal(verify_program(&program, &result), VERIFY_OK);
        assert_int_equal(result.marks, 1);
        assert_int_equal(cage_run(&random, &program, STEPS), FAULTED);
        assert_int_equal(cage_mark_fault(), 0xfffff);
    }
}

struct control {
    const char *name;
    uint8_t code[24];
};

/* Each is refused by the verifier, and each is seen to escape when it is run all the same. The
 * registers are random: several runs, of which one must be noticed. */
static const struct control controls[] = {
    {"plain load through a register", {0x8b, 0x03, 0xeb, 0xfc}},
    {"plain store through the code base", {0x41, 0x89, 0x86, 0, 0, 0, 0}},
    {"load without 0x67", {0x65, 0x8b, 0x83, 0, 0, 0, 0x7f}},
    {"load below the cage", {0x65, 0x8b, 0x04, 0x25, 0, 0, 0, 0x80}},
    {"load of the code zone", {0x8b, 0x05, 0, 0, 0, 0x30}},
    {"r14 is written", {0x49, 0xff, 0xc6, 0x90}},
    {"rsp is written", {0x48, 0x89, 0xdc, 0x90}},
    {"direction flag is set", {0xfd, 0x90}},
    {"%gs is moved", {0xf3, 0x48, 0x0f, 0xae, 0xdb, 0x90}},
    {"%fs is moved", {0xf3, 0x48, 0x0f, 0xae, 0xd3, 0x90}},
    {"jump into an instruction", {0xb8, 0x90, 0x90, 0x90, 0x90, 0xeb, 0xfa}},
    {"jump into the gates page", {0xe9, 0x01, 0xf0, 0xff, 0xff}},
    {"jump out of the zone", {0xff, 0xe3}},
    {"undefined instruction", {0x0f, 0xff, 0xc0}},
};

/* ... of programs with marks. */
static const struct control marked_controls[] = {
    {"store without a mark", {0x64, 0x67, 0xc6, 0x04, 0x25, 0x10, 0, 0, 0, 0x5a, 0xeb, 0xf4}},
    {"store 64 bytes behind a marked page",
     {0x41, 0xc6, 0x86, 0,    0,    0, 0x20, 1,    0x64, 0x67,
      0xc6, 0x04, 0x25, 0x3f, 0x10, 0, 0,    0x5b, 0xeb, 0xec}},
};

static void check_control(const struct control *control, bool marked)
{
    struct program program = {.bytes = 2 * SFI_BUNDLE_BYTES, .marked = marked};
    uint64_t random = 7;
    unsigned noticed = 0;
    struct verify_result result;

    cage_take_signals();
    memset(program.text, SFI_PAD_BYTE, sizeof(program.text));
    memcpy(program.text, control->code, sizeof(control->code));
    for (size_t i = sizeof(control->code); i-- > 0 && !program.text[i];)
        program.text[i] = i > 12 ? SFI_PAD_BYTE : 0;
    assert_int_not_equal(verify_program(&program, &result), VERIFY_OK);
    for (int i = 0; i < 64; i++)
        noticed += cage_run(&random, &program, STEPS) == ESCAPED;
    assert_true(noticed > 0);
}

static void control_is_noticed(void **state)
{
    check_control(*state, false);
}

static void marked_control_is_noticed(void **state)
{
    check_control(*state, true);
}

static int create(void **state)
{
    (void)state;
    cage_create();
    return 0;
}

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define CONTROLS        COUNT(controls)
#define MARKED_CONTROLS COUNT(marked_controls)

static struct CMUnitTest *add_controls(struct CMUnitTest *test, const struct control *first,
                                       size_t count, CMUnitTestFunction function)
{
    for (size_t i = 0; i < count; i++)
        *test++ = (struct CMUnitTest){
            .name = first[i].name, .test_func = function, .initial_state = (void *)&first[i]};
    return test;
}

int main(void)
{
    struct CMUnitTest tests[CONTROLS + MARKED_CONTROLS + 3];
    struct CMUnitTest *next = tests;

    next = add_controls(next, controls, CONTROLS, control_is_noticed);
    next = add_controls(next, marked_controls, MARKED_CONTROLS, marked_control_is_noticed);
    *next++ = (struct CMUnitTest)cmocka_unit_test(accepted_programs_stay_inside);
    *next++ = (struct CMUnitTest)cmocka_unit_test(a_mark_on_the_other_side_of_4_gib_faults);
    *next = (struct CMUnitTest)cmocka_unit_test(marked_programs_mark_what_they_write);
    return _cmocka_run_group_tests("verify-run", tests, COUNT(tests), create, NULL);
}
