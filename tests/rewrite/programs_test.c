/*
 * Whole programs through gcc, the rewriter, clang and ld: the verifier accepts what comes out, and
 * it does what the program does that was not rewritten: the same end, output, log, calls of gates
 * and linear memory (life.h), on the same inputs.
 */
#include "abi/gates.h"
#include "base/verify_reason.h"
#include "tests/rewrite/life.h"
#include "tests/rewrite/programs.h"
#include "trusted/verify/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the verifier's opinion ------------------------------------------------------- */

static enum verify_reason verify(const struct bundle_view *bundle, enum verify_linear linear,
                                 struct verify_result *result)
{
    uint32_t text_bytes = bundle->header.code_bytes;
    uint64_t count = VERIFY_SCRATCH_COUNT(text_bytes);
    struct verify_bundle *scratch = calloc(count, sizeof(*scratch));
    struct verify_request request = {
        .text = bundle->code,
        .text_bytes = text_bytes,
        .text_offset = SFI_TEXT_OFF,
        .rodata_bytes = bundle->header.rodata_bytes,
        .gate_count = GATE2_COUNT,
        .linear = linear,
        .scratch = scratch,
        .scratch_count = count,
    };
    enum verify_reason reason;

    assert_non_null(scratch);
    reason = verify_text(&request, result);
    free(scratch);
    return reason;
}

static void must_accept(const struct bundle_view *bundle, enum verify_linear linear,
                        struct verify_result *result)
{
    if (verify(bundle, linear, result) != VERIFY_OK)
        fail_msg("refused at 0x%x: %s", result->offset, verify_reason_text(result->reason));
}

/* Code is accepted as what it was built for, and as nothing else. */
static void verifier_takes_the_rewritten_only(const struct bundle_view *plain,
                                              const struct bundle_view *confined,
                                              const struct bundle_view *marked)
{
    struct verify_result result;

    must_accept(confined, VERIFY_LINEAR_FREE, &result);
    assert_int_not_equal(verify(plain, VERIFY_LINEAR_FREE, &result), VERIFY_OK);
    assert_int_equal(marked->header.tracking, BUNDLE_TRACK_MARK);
    must_accept(marked, VERIFY_LINEAR_MARKED, &result);
    if (!result.marks)
        return;
    assert_int_equal(verify(marked, VERIFY_LINEAR_FREE, &result), VERIFY_MARK);
    assert_int_equal(verify(confined, VERIFY_LINEAR_MARKED, &result), VERIFY_UNMARKED);
}

/* Layer 1's own code, which writes linear memory through a gate. */
static void the_runtime_only_reads_linear_memory(void **state)
{
    static uint8_t code[1 << 16], scratch[1 << 16];
    struct verify_request request = {
        .text = code,
        .text_offset = SFI_TEXT_OFF,
        .gate_count = GATE1_COUNT,
        .linear = VERIFY_LINEAR_READ_ONLY,
        .scratch = (struct verify_bundle *)(void *)scratch,
        .scratch_count = sizeof(scratch) / sizeof(struct verify_bundle),
    };
    struct verify_result result;
    const char *folder = getenv("BUILD");
    char path[512];
    FILE *file;

    (void)state;
    snprintf(path, sizeof(path), "%s/sandboxed/l1.bin", folder ? folder : "build");
    file = fopen(path, "rb");
    assert_non_null(file);
    request.text_bytes = (uint32_t)fread(code, 1, sizeof(code), file);
    fclose(file);
    assert_true(request.text_bytes > 0 && request.text_bytes < sizeof(code));
    if (verify_text(&request, &result) != VERIFY_OK)
        fail_msg("l1.bin: 0x%x: %s", result.offset, verify_reason_text(result.reason));
    assert_true(result.gates_used >> GATE1_WRITE & 1);
}

/* ---- inputs ------------------------------------------------------------------------- */

#define INPUT(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1, 0                                                                \
    }
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct life_input common[] = {
    INPUT(""),
    INPUT("3\n"),
    INPUT("some words,\nand \0 more\n"),
};
static const struct life_input letters[] = {
    INPUT("u"), INPUT("d"), INPUT("o"), INPUT("c"), INPUT("v"), INPUT("s"), INPUT("w"), INPUT("m"),
    INPUT("l"), INPUT("f"), INPUT("t"), INPUT("e"), INPUT("n"), INPUT("y"), INPUT("z"), INPUT(""),
};
static const struct life_input numbers[] = {
    INPUT("0"), INPUT("1"), INPUT("2"), INPUT("17"), INPUT("1000"), INPUT(""),
};
static const struct life_input records[] = {
    INPUT("{\"records\":[{\"name\":\"Ada\",\"age\":36},{\"name\":\"Grace\",\"age\":85}]}"),
    INPUT("[{\"email\":\"a@b.example\",\"n\":[1,-2.5e3,null,true]},\"\\u00e9\\n\"]"),
    INPUT("{\"broken\": "),
};
static const struct life_input scales[] = {INPUT("\1\0\0\0"), INPUT("\2\0\0\0")};

#define SELECTORS 80 /* more than semantics.wat has cases */

/* Whoever is not here gets the common inputs. */
static const struct {
    const char *name; /* or its end */
    const struct life_input *inputs;
    size_t count;
} special[] = {
    {"traps", letters, COUNT(letters)},
    {"deep_recursion", numbers, COUNT(numbers)},
    {"sum", numbers, COUNT(numbers)},
    {"exit_code", numbers, COUNT(numbers)},
    {"reactor_return", numbers, COUNT(numbers)},
    {"pseudonymise", records, COUNT(records)},
    {".stdio", scales, COUNT(scales)},
};

/* ---- the same behaviour -------------------------------------------------------------- */

static void print_life(const char *which, const struct life *life)
{
    print_message("%s: call %u, trap %d, value 0x%llx, exit %d %llu, %llu bytes of output, %llu of "
                  "log, %llu of memory\n",
                  which, life->last_call, life->trap, (unsigned long long)life->value, life->exited,
                  (unsigned long long)life->exit_code, (unsigned long long)life->output_bytes,
                  (unsigned long long)life->log_bytes, (unsigned long long)life->linear_bytes);
}

static void lives_alike(const struct bundle_view *plain, const struct bundle_view *confined,
                        const struct life_input *input)
{
    struct life a, b;
    const char *difference;

    life_run(plain, input, &a);
    life_run(confined, input, &b);
    difference = life_difference(&a, &b);
    if (difference) {
        print_life("not rewritten", &a);
        print_life("rewritten", &b);
        fail_msg("input of %zu bytes, selector %u: %s differs", input->bytes, input->selector,
                 difference);
    }
    life_free(&a);
    life_free(&b);
}

static void lives_alike_on(const struct bundle_view *plain, const struct bundle_view *confined,
                           const struct life_input *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lives_alike(plain, confined, &inputs[i]);
}

static bool is_named(const struct program *program, const char *end)
{
    size_t bytes = strlen(program->name), end_bytes = strlen(end);

    return bytes >= end_bytes && strcmp(program->name + bytes - end_bytes, end) == 0;
}

static const struct life_input *inputs_of(const struct program *program, size_t *count)
{
    for (size_t i = 0; i < COUNT(special); i++)
        if (is_named(program, special[i].name)) {
            *count = special[i].count;
            return special[i].inputs;
        }
    *count = COUNT(common);
    return common;
}

/* On all the inputs there are for it. */
static void live_alike(const struct program *program, const struct bundle_view *plain,
                       const struct bundle_view *rewritten)
{
    const struct life_input *inputs;
    size_t count;

    if (is_named(program, "semantics"))
        for (uint32_t i = 0; i < SELECTORS; i++)
            lives_alike(plain, rewritten, &(struct life_input){"", 0, i});
    inputs = inputs_of(program, &count);
    lives_alike_on(plain, rewritten, inputs, count);
}

static void rewritten_and_not_live_alike(void **state)
{
    struct program *program = *state;
    struct bundle_view plain, confined, marked;

    program_build(program);
    program_view(&program->plain, &plain);
    program_view(&program->confined, &confined);
    program_view(&program->marked, &marked);
    verifier_takes_the_rewritten_only(&plain, &confined, &marked);
    live_alike(program, &plain, &confined);
    live_alike(program, &plain, &marked);
}

/* ---- the comparison itself -------------------------------------------------------------- */

static struct program *program_named(const char *name)
{
    for (size_t i = 0; i < program_count; i++)
        if (strcmp(programs[i].name, name) == 0)
            return &programs[i];
    fail_msg("no program %s", name);
    return NULL;
}

static void must_differ(const char *name, const char *input, const char *other, const char *what)
{
    struct program *program = program_named(name);
    struct bundle_view plain, confined;
    const char *difference;
    struct life a, b;

    program_build(program);
    program_view(&program->plain, &plain);
    program_view(&program->confined, &confined);
    life_run(&plain, &(struct life_input){input, strlen(input), 0}, &a);
    life_run(&confined, &(struct life_input){other, strlen(other), 0}, &b);
    difference = life_difference(&a, &b);
    assert_string_equal(difference ? difference : "nothing", what);
    life_free(&a);
    life_free(&b);
}

static void other_lives_are_told_apart(void **state)
{
    (void)state;
    must_differ("sum", "5", "6", "the output");
    must_differ("exit_code", "5", "6", "the exit code");
    must_differ("reactor_return", "5", "6", "the result");
    must_differ("traps", "u", "d", "the trap");
    must_differ("traps", "z", "-", "linear memory");
}

/* What lives end in must be what these programs are for, or equal lives would say little. */
static void lives_are_those_of_functions(void **state)
{
    struct program *program = program_named("echo");
    struct bundle_view confined;
    struct life life;

    (void)state;
    program_build(program);
    program_view(&program->confined, &confined);
    life_run(&confined, &(struct life_input){"hello", 5, 0}, &life);
    assert_int_equal(life.trap, TRAP_NONE);
    assert_int_equal(life.output_bytes, 5);
    assert_memory_equal(life.output, "hello", 5);
    life_free(&life);
}

static int free_all(void **state)
{
    (void)state;
    programs_free();
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[PROGRAMS_MAX + 3];
    size_t count = 0;

    programs_find();
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(lives_are_those_of_functions);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(other_lives_are_told_apart);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(the_runtime_only_reads_linear_memory);
    for (size_t i = 0; i < program_count; i++)
        tests[count++] = (struct CMUnitTest){.name = programs[i].name,
                                             .test_func = rewritten_and_not_live_alike,
                                             .initial_state = &programs[i]};
    return _cmocka_run_group_tests("rewrite-programs", tests, count, NULL, free_all);
}
