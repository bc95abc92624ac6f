/*
 * What does a fresh enclave cost, and what does cleaning a used one cost?
 *
 * One interleaved run: each round makes cold starts of all variants, beginning
 * with another one each time, and then works in two enclaves that live through
 * the run. coldstart.h has the parts.
 */
#include "bench/coldstart/coldstart.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_ROUNDS 11

static void set_up(struct run *run)
{
    run->input = bench_file_read("record.json");
    run->function = bench_file_read("pseudonymise.rcl");
    run->other = bench_file_read("other.rcl");
    cold_set_up(run);
    resident_set_up(run, &run->lazy, "reclave-lazy");
    resident_set_up(run, &run->eager, "reclave-eager-64");
}

static void tear_down(struct run *run)
{
    resident_tear_down(&run->eager);
    resident_tear_down(&run->lazy);
    cold_tear_down(run);
    free(run->input.data);
    free(run->function.data);
    free(run->other.data);
}

int main(int argc, char **argv)
{
    static struct run run;

    run.options = bench_options_parse(
        argc, argv, "What does a fresh enclave cost, and what does cleaning a used one cost?",
        DEFAULT_ROUNDS);
    run.driver = machine_driver(&run.options);
    puts("bench/coldstart: what does a fresh enclave cost, and cleaning a used one?\n");
    machine_print(&run.options, run.driver);
    set_up(&run);
    for (unsigned round = 0; round < run.options.rounds; round++) {
        cold_round(&run, round);
        resident_round(&run, &run.lazy);
        resident_round(&run, &run.eager);
    }
    report(&run);
    report_projection(&run);
    tear_down(&run);
    return 0;
}
