/*
 * A hostile layer 1: the runtime that passes the verifier and then does what it can. Images:
 * RECLAVE_HOSTILE_L1, a folder with lib/reclave/images/ and trusted/, or the build's own.
 * An argument names the tests to run, as a shell pattern.
 */
#include "tests/border/hostile-l1/attacks.h"
#include "tests/border/hostile-l1/scene.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LAZY  "hostile-l1-lazy"
#define EAGER "hostile-l1-eager"

#define ON(image, function)                                                                        \
    {                                                                                              \
        image ": " #function, function, NULL, scene_teardown, (void *)(uintptr_t)image             \
    }

static const struct CMUnitTest tests[] = {
    ON(LAZY, a_runtime_that_breaks_the_policy_never_runs),
    ON(LAZY, attacks_at_boot),
    ON(LAZY, gates_while_loading),
    ON(LAZY, forgeries_while_loading),
    ON(LAZY, wild_flow_while_loading),
    ON(LAZY, reads_stay_in_the_cage),
    ON(LAZY, writes_stay_in_the_cage),
    ON(LAZY, linear_memory_ends_where_it_ends),
    ON(LAZY, addresses_of_others_are_offsets),
    ON(LAZY, the_stack_does_not_leave),
    ON(LAZY, a_spoilt_slot_is_rewound),
    ON(LAZY, commit_takes_output_only),
    ON(LAZY, random_fills_committed_memory_only),
    ON(LAZY, writes_reach_linear_memory_only),
    ON(LAZY, traps_have_one_name),
    ON(LAZY, exit_codes_are_values),
    ON(LAZY, gates_leave_no_registers),
    ON(LAZY, layer_1_enters_clean),
    ON(LAZY, forged_results_are_cut),
    ON(LAZY, forged_facts_harm_nobody),
    ON(LAZY, jumps_reach_gates_and_own_text),
    ON(LAZY, returns_are_values),
    ON(LAZY, return_addresses_are_checked),
    ON(LAZY, gates_on_a_stack_at_its_edge),
    ON(LAZY, endless_loops_are_aborted),
    /* All pages are there from the start, code is writable as far as the hardware goes. */
    ON(EAGER, attacks_at_boot),
    ON(EAGER, gates_while_loading),
    ON(EAGER, wild_flow_while_loading),
    ON(EAGER, linear_memory_ends_where_it_ends),
    ON(EAGER, writes_reach_linear_memory_only),
    ON(EAGER, the_stack_does_not_leave),
    ON(EAGER, a_spoilt_slot_is_rewound),
    ON(EAGER, traps_have_one_name),
    ON(EAGER, gates_leave_no_registers),
    ON(EAGER, endless_loops_are_aborted),
};

/* harness.c finds the build under test by this variable. */
static void choose_images(void)
{
    const char *chosen = getenv("RECLAVE_HOSTILE_L1");
    char path[PATH_MAX];
    ssize_t bytes = readlink("/proc/self/exe", path, sizeof(path) - sizeof("-images/lib/reclave"));

    if (bytes <= 0)
        exit(2);
    path[bytes] = 0;
    if (chosen)
        snprintf(path, sizeof(path), "%s", chosen);
    else
        strcpy(strrchr(path, '/'), "/hostile-l1");
    strncat(path, "/lib/reclave", sizeof(path) - strlen(path) - 1);
    setenv("RECLAVE_DATA_DIR", path, 1);
}

int main(int argc, char **argv)
{
    choose_images();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("border-hostile-l1", tests, NULL, NULL);
}
