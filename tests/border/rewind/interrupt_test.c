/*
 * A sample of interrupt_torture.c: each subject of stage.h, interrupted at its first steps, at
 * steps chosen from a fixed seed and at its last ones, by each kind of host.
 */
#include "tests/border/rewind/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define IMAGE      "reclave-lazy"
#define MOST       30000
#define ITERATIONS 3
#define RANDOM     5
#define SWAPS      4

static struct stage stage;

static void interrupted_at_some_steps(void **state)
{
    const struct subject *subject = *state;
    unsigned seed = 20240611;

    stage_open(&stage, subject, IMAGE, MOST, ITERATIONS);
    for (unsigned host = 0; host < HARMLESS_HOSTS; host++) {
        stage_interrupt(&stage, 1, host);
        stage_interrupt(&stage, stage.steps.count - 2, host);
        for (unsigned i = 0; i < RANDOM; i++)
            stage_interrupt(&stage, steps_choose(&stage.steps, &seed), host);
    }
    fprintf(stderr, "# %s: %zu steps\n", subject->name, stage.steps.count);
    stage_close(&stage);
}

static void broken_at_some_steps(void **state)
{
    unsigned seed = 20240612;

    stage_open(&stage, *state, IMAGE, MOST, ITERATIONS);
    for (unsigned i = 0; i < SWAPS; i++)
        stage_swap_page(&stage, steps_choose(&stage.steps, &seed), seed + i, IMAGE);
    stage_kill(&stage, steps_choose(&stage.steps, &seed), IMAGE);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    static char names[SUBJECT_COUNT + 2][80];
    struct CMUnitTest tests[SUBJECT_COUNT + 2];

    for (unsigned i = 0; i < SUBJECT_COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "%s, interrupted", subjects[i].name);
        tests[i] = (struct CMUnitTest){names[i], interrupted_at_some_steps, NULL, NULL,
                                       (void *)(uintptr_t)&subjects[i]};
    }
    for (unsigned i = 0; i < 2; i++) {
        snprintf(names[SUBJECT_COUNT + i], sizeof(names[0]), "%s, pages swapped, killed",
                 subjects[i].name);
        tests[SUBJECT_COUNT + i] =
            (struct CMUnitTest){names[SUBJECT_COUNT + i], broken_at_some_steps, NULL, NULL,
                                (void *)(uintptr_t)&subjects[i]};
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("border-interrupt", tests, SUBJECT_COUNT + 2, NULL, NULL);
}
