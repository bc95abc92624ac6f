/*
 * As tail_test.c, but after every single step of the tail; and, in the whole rewind, after each
 * instruction, when it is reached for the first time.
 */
#include "tests/border/residue/tail.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct tail tail;

static void begin(const char *from)
{
    const char *images[STORY_IMAGES_MAX];

    assert_true(story_images(images) > 0);
    tail_begin(&tail, images[0], from);
}

static void every_step_of_the_tail(void **state)
{
    const enum tail_interrupt *interrupt = *state;

    begin(TAIL_SCRUBBING);
    for (size_t step = 0; step + 1 < tail.steps; step++) /* the last one leaves the enclave */
        tail_run(&tail, step, *interrupt);
    tail_end(&tail);
}

static void every_instruction_of_the_rewind(void **state)
{
    const enum tail_interrupt *interrupt = *state;

    begin(TAIL_ALL);
    for (size_t step = 0; step + 1 < tail.steps; step++)
        if (tail.first[step])
            tail_run(&tail, step, *interrupt);
    tail_end(&tail);
}

int main(void)
{
    static enum tail_interrupt aex = TAIL_AEX, nested = TAIL_NESTED;
    const struct CMUnitTest tests[] = {
        {"an interrupt after any step of the tail", every_step_of_the_tail, NULL, NULL, &aex},
        {"nested entries after any step of the tail", every_step_of_the_tail, NULL, NULL, &nested},
        {"an interrupt after any instruction of the rewind", every_instruction_of_the_rewind, NULL,
         NULL, &aex},
        {"nested entries after any instruction of the rewind", every_instruction_of_the_rewind,
         NULL, NULL, &nested},
    };

    return cmocka_run_group_tests_name("border-tail-torture", tests, NULL, NULL);
}
