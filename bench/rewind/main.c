/*
 * What does a rewind cost, by what the invocation touched, and what would the
 * same cost by other means? rewind.h has the parts.
 */
#include "bench/common/machine.h"
#include "bench/rewind/rewind.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_ROUNDS 9

/* Before this process has any memory to speak of. */
static void start_helpers(struct run *run)
{
    run->forked = helper_start("the forking process", &forked_work);
    if (run->options.quick)
        strcpy(run->absent_reason, "left out of a quick run");
    else
        run->has_instance = instance_prepare(run->absent_reason) == 0;
    if (run->has_instance)
        run->instance = helper_start("wasmtime", &instance_work);
}

static void tear_down(struct run *run)
{
    struct empty *empty = &run->empty;

    if (run->has_instance)
        helper_stop(&run->instance); /* it holds the other one's pipes, too */
    helper_stop(&run->forked);
    cells_tear_down(run);
    series_free(&empty->null);
    series_free(&empty->invoke);
    series_free(&empty->inside);
    series_free(&empty->rewind);
    image_close(&run->image);
}

int main(int argc, char **argv)
{
    static struct run run;

    run.options = bench_options_parse(
        argc, argv, "What does a rewind cost, and what would the same cost by other means?",
        DEFAULT_ROUNDS);
    start_helpers(&run);
    run.driver = machine_driver(&run.options);
    puts("bench/rewind: what does a rewind cost, and the same by other means?\n");
    machine_print(&run.options, run.driver);
    bench_image_open("reclave-lazy", &run.image);
    cells_set_up(&run);
    for (unsigned round = 0; round < run.options.rounds; round++) {
        cells_round(&run, round);
        empty_round(&run);
    }
    rewind_report(&run);
    if (run.options.results)
        rewind_plot(&run);
    tear_down(&run);
    return 0;
}
