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

static void accepted_programs_stay_inside(void **state)
{
    uint64_t random = program_seed;
    unsigned ends[4] = {0};
    struct program program;

    (void)state;
    cage_take_signals();
    for (unsigned i = 0; i < program_count; i++) {
        enum verdict verdict;

        generate_program(&random, &program);
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

static void control_is_noticed(void **state)
{
    const struct control *control = *state;
    struct program program = {.bytes = 2 * SFI_BUNDLE_BYTES};
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

static int create(void **state)
{
    (void)state;
    cage_create();
    return 0;
}

#define CONTROLS (sizeof(controls) / sizeof(controls[0]))

int main(void)
{
    struct CMUnitTest tests[CONTROLS + 1];

    for (size_t i = 0; i < CONTROLS; i++)
        tests[i] = (struct CMUnitTest){.name = controls[i].name,
                                       .test_func = control_is_noticed,
                                       .initial_state = (void *)&controls[i]};
    tests[CONTROLS] = (struct CMUnitTest)cmocka_unit_test(accepted_programs_stay_inside);
    return _cmocka_run_group_tests("verify-run", tests, CONTROLS + 1, create, NULL);
}
