/*
 * Each subject of stage.h, interrupted after every step of a range, after each instruction when it
 * is first reached, and at random steps beyond, by each kind of host.
 */
#include "tests/border/rewind/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define IMAGE      "reclave-lazy"
#define RANGE      3000 /* every step up to here, and as many before the end */
#define RANDOM     1000
#define SWAPS      100
#define MOST       200000
#define ITERATIONS 64 /* of a wipe or copy */

static struct stage stage;

static void interrupted_at_every_step_of_a_range(void **state)
{
    const struct subject *subject = *state;
    unsigned seed = 20240611;
    size_t last;

    stage_open(&stage, subject, IMAGE, MOST, ITERATIONS);
    last = stage.steps.count - 1; /* leaves the enclave */
    for (unsigned host = 0; host < HARMLESS_HOSTS; host++) {
        for (size_t step = 0; step < last; step++)
            if (step < RANGE || (step + RANGE >= last && last < MOST - 1) ||
                stage.steps.first[step])
                stage_interrupt(&stage, step, host);
        for (unsigned i = 0; i < RANDOM; i++)
            stage_interrupt(&stage, steps_choose(&stage.steps, &seed), host);
    }
    stage_close(&stage);
}

static void broken_at_random_steps(void **state)
{
    unsigned seed = 20240612;

    stage_open(&stage, *state, IMAGE, MOST, ITERATIONS);
    for (unsigned i = 0; i < SWAPS; i++)
        stage_swap_page(&stage, steps_choose(&stage.steps, &seed), seed + i, IMAGE);
    for (unsigned i = 0; i < SWAPS / 10; i++)
        stage_kill(&stage, steps_choose(&stage.steps, &seed), IMAGE);
    stage_close(&stage);
}

int main(void)
{
    static char names[2 * SUBJECT_COUNT][80];
    struct CMUnitTest tests[2 * SUBJECT_COUNT];

    for (unsigned i = 0; i < 2 * SUBJECT_COUNT; i++) {
        const struct subject *subject = &subjects[i / 2];

        snprintf(names[i], sizeof(names[i]), "%s, %s", subject->name,
                 i % 2 ? "pages swapped, killed" : "interrupted");
        tests[i] = (struct CMUnitTest){
            names[i], i % 2 ? broken_at_random_steps : interrupted_at_every_step_of_a_range, NULL,
            NULL, (void *)(uintptr_t)subject};
    }
    return _cmocka_run_group_tests("border-interrupt-torture", tests, 2 * SUBJECT_COUNT, NULL,
                                   NULL);
}
