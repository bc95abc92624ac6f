/*
 * An AEX at any step of a rewind's tail leaves nothing: each instruction of the tail, first and
 * last time, and some of the iterations of its wipes in between. tail_torture.c takes all of them.
 */
#include "tests/border/residue/tail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ITERATIONS 12 /* of the wipes, chosen from a fixed seed */

static struct tail tail;

static int begin(void **state)
{
    const char *images[STORY_IMAGES_MAX];

    (void)state;
    assert_true(story_images(images) > 0);
    tail_begin(&tail, images[0], TAIL_SCRUBBING);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tail_end(&tail);
    return 0;
}

static void interrupt_all(enum tail_interrupt interrupt)
{
    unsigned seed = 20240229;
    size_t runs = 0;

    for (size_t step = 0; step + 1 < tail.steps; step++) { /* the last one leaves the enclave */
        if (!tail.first[step] && !tail.last[step])
            continue;
        tail_run(&tail, step, interrupt);
        runs++;
    }
    for (size_t i = 0; i < ITERATIONS; i++, runs++)
        tail_run(&tail, (size_t)rand_r(&seed) % (tail.steps - 1), interrupt);
    fprintf(stderr, "# %zu of %zu steps\n", runs, tail.steps);
}

static void an_interrupt_leaves_nothing(void **state)
{
    (void)state;
    interrupt_all(TAIL_AEX);
}

static void an_interrupt_with_nested_entries_leaves_nothing(void **state)
{
    (void)state;
    interrupt_all(TAIL_NESTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_interrupt_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(an_interrupt_with_nested_entries_leaves_nothing, begin,
                                        end),
    };

    return cmocka_run_group_tests_name("border-tail", tests, NULL, NULL);
}
