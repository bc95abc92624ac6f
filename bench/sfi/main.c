/*
 * What does confinement cost? Each program runs natively, as stock wasm2c
 * translates it, as Reclave confines it, and in wasmtime.
 *
 * A visit to a program takes all of its variants in turn a few times, beginning
 * with another one each time; a round visits all programs. Reclave's address spaces are made anew
 * for each call and its enclave for each visit, because speed depends on the physical pages that
 * they get; the first call there, which touches them, does not count.
 */
#include "bench/common/fail.h"
#include "bench/common/machine.h"
#include "bench/common/options.h"
#include "bench/sfi/sfi.h"
#include "toolchain/bundle/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>

#define DEFAULT_ROUNDS 7
#define TURNS          3

struct run {
    struct sfi_results results;
    run_function *shared[PROGRAM_COUNT][CONFINED];
    struct confined confined[PROGRAM_COUNT], marked[PROGRAM_COUNT];
    struct wasmtime *wasmtime;
};

static void set_up(struct run *run)
{
    struct sfi_results *results = &run->results;

    for (unsigned program = 0; program < PROGRAM_COUNT; program++) {
        for (unsigned variant = 0; variant < CONFINED; variant++)
            run->shared[program][variant] = shared_object_open(&programs[program], variant);
        confined_read(&programs[program], CONFINED, &run->confined[program]);
        confined_read(&programs[program], MARKED, &run->marked[program]);
        results->auto_marks[program] =
            run->confined[program].view.header.memory_initial >= BUNDLE_MARKS_FROM;
    }
    run->wasmtime =
        wasmtime_start(&results->options, results->absent_reason, results->wasmtime_version);
    for (unsigned variant = 0; variant < VARIANT_COUNT; variant++)
        results->present[variant] = variant != WASMTIME || run->wasmtime;
}

static struct sample call(struct run *run, unsigned program, enum variant variant)
{
    uint32_t scale = run->results.options.quick ? 1 : programs[program].scale;

    switch (variant) {
    case CONFINED:
        return confined_call(&run->confined[program], scale);
    case MARKED:
        return confined_call(&run->marked[program], scale);
    case INSIDE:
        return inside_call(scale);
    case WASMTIME:
        return wasmtime_call(run->wasmtime, scale);
    default:
        return shared_object_call(run->shared[program][variant], scale);
    }
}

/* All variants once, beginning with number `first`. */
static void take_turn(struct run *run, unsigned program, unsigned first, bool keep)
{
    struct sfi_results *results = &run->results;
    uint64_t checksum = 0;

    for (unsigned i = 0; i < VARIANT_COUNT; i++) {
        enum variant variant = (first + i) % VARIANT_COUNT;
        struct sample sample;

        if (!results->present[variant])
            continue;
        sample = call(run, program, variant);
        if (checksum && sample.checksum != checksum)
            bench_fail("%s: %s computes %016" PRIx64 ", another variant %016" PRIx64,
                       programs[program].name, variant_name(variant), sample.checksum, checksum);
        checksum = sample.checksum;
        if (checksum == 0)
            bench_fail("%s: %s finds its own result wrong", programs[program].name,
                       variant_name(variant));
        if (keep)
            series_add(&results->us[program][variant], sample.us);
    }
}

static void visit(struct run *run, unsigned program, unsigned round)
{
    unsigned turns = run->results.options.quick ? 1 : TURNS;

    inside_open(&programs[program]);
    if (run->wasmtime)
        wasmtime_open(run->wasmtime, &programs[program]);
    take_turn(run, program, 0, false);
    for (unsigned turn = 0; turn < turns; turn++)
        take_turn(run, program, round + turn, true);
    inside_close();
}

static void tear_down(struct run *run)
{
    for (unsigned program = 0; program < PROGRAM_COUNT; program++) {
        for (unsigned variant = 0; variant < VARIANT_COUNT; variant++)
            series_free(&run->results.us[program][variant]);
        confined_free(&run->confined[program]);
        confined_free(&run->marked[program]);
    }
    if (run->wasmtime)
        wasmtime_stop(run->wasmtime);
}

int main(int argc, char **argv)
{
    static struct run run;
    struct bench_options *options = &run.results.options;
    const struct sgx_driver *driver;

    *options = bench_options_parse(argc, argv, "What does confinement cost?", DEFAULT_ROUNDS);
    puts("bench/sfi: what does confinement cost?\n");
    driver = machine_driver(options);
    machine_print(options, driver);
    /* Pages of 4 KiB for all, as in an enclave. */
    if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0)
        bench_fail("cannot turn huge pages off");
    inside_set_up(driver);
    set_up(&run);
    for (unsigned round = 0; round < options->rounds; round++)
        for (unsigned i = 0; i < PROGRAM_COUNT; i++)
            visit(&run, (i + round) % PROGRAM_COUNT, round);
    sfi_report(&run.results);
    if (options->results)
        sfi_plot(&run.results);
    verification_report(options, driver);
    inside_tear_down();
    tear_down(&run);
    return 0;
}
