/*
 * How much sooner does a warm runtime answer from its snapshot than from a fresh
 * start? The runtime is examples/forth: an interpreter whose prelude fills 33 MiB.
 *
 * A fresh start is reset, load (verification, the prelude, the snapshot S1) and the invocation, in
 * an enclave that is there already; from the snapshot it is the invocation and the rewind behind
 * it. A round takes both, with each tracking scheme.
 */
#include "bench/common/chart.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/common/machine.h"
#include "bench/common/options.h"
#include "bench/common/subject.h"
#include "bench/common/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ROUNDS 9
#define WARM_UP        5
#define ANSWERS        51 /* whose median is one sample */
#define EXPECTED       100.0

enum scheme { COPY, MARK, SCHEMES };
static const char *const scheme_names[SCHEMES] = {"copy", "mark"};

static const char program[] =
    ": sum 0 swap 1 do i totient + loop ; 1000003 prime? . 3999999 factor. "
    "100 sum . 2 1000000 1000003 power-mod .";
static const char answer[] = "-1 3 23 29 1999 3004 250001 ";

struct warm {
    struct subject subject;
    struct bench_file bundle;
    struct series fresh, again; /* us, transitions included */
    struct series inside;       /* us, the rewind without */
    uint64_t pages;
};

struct run {
    struct bench_options options;
    const struct sgx_driver *driver;
    struct image image;
    struct bench_file input;
    struct warm warm[SCHEMES];
};

static double invoke(struct run *run, struct warm *warm)
{
    double us;

    memset(warm->subject.output, 0, sizeof(answer));
    us = subject_invoke(&warm->subject, &run->input);
    if (memcmp(warm->subject.output, answer, sizeof(answer)) != 0)
        bench_fail("the answer is wrong: %.100s", (const char *)warm->subject.output);
    return us;
}

static void set_up(struct run *run)
{
    bench_image_open("reclave-lazy", &run->image);
    run->input.bytes = sizeof(program) - 1;
    run->input.data = loader_buffer_alloc(run->input.bytes);
    if (!run->input.data)
        bench_fail("out of memory");
    memcpy(run->input.data, program, run->input.bytes);
    for (unsigned scheme = 0; scheme < SCHEMES; scheme++) {
        struct warm *warm = &run->warm[scheme];
        char name[32];

        snprintf(name, sizeof(name), "forth.%s.rcl", scheme_names[scheme]);
        warm->bundle = bench_file_read(name);
        subject_create(&warm->subject, run->driver, &run->image);
        subject_boot(&warm->subject);
        subject_load(&warm->subject, &warm->bundle);
    }
}

static void measure_fresh(struct run *run, struct warm *warm)
{
    double us = subject_reset(&warm->subject).call_us;

    us += subject_load(&warm->subject, &warm->bundle);
    series_add(&warm->fresh, us + invoke(run, warm));
    subject_rewind(&warm->subject);
}

static void measure_again(struct run *run, struct warm *warm)
{
    struct series again = {0}, inside = {0};

    for (unsigned i = 0; i < WARM_UP + (run->options.quick ? 1 : ANSWERS); i++) {
        double us = invoke(run, warm);
        struct subject_restore restore = subject_rewind(&warm->subject);

        warm->pages = restore.pages;
        if (i < WARM_UP)
            continue;
        series_add(&again, us + restore.call_us);
        series_add(&inside, restore.inside_cycles / clock_cycles_per_us());
    }
    series_add(&warm->again, series_median(&again));
    series_add(&warm->inside, series_median(&inside));
    series_free(&again);
    series_free(&inside);
}

static void report(const struct run *run)
{
    struct table *table = table_new("warm-answers", "From a program to its answer\nmedian "
                                                    "(quartiles)");

    table_column(table, "tracking", "");
    table_column(table, "restored", "pages");
    table_column_spread(table, "fresh start", "ms");
    table_column_spread(table, "from the snapshot, with rewind", "us");
    table_column_spread(table, "rewind inside", "us");
    table_column_spread(table, "fresh start / from the snapshot", "");
    for (unsigned scheme = 0; scheme < SCHEMES; scheme++) {
        const struct warm *warm = &run->warm[scheme];

        table_text(table, scheme_names[scheme]);
        table_count(table, warm->pages);
        table_spread(table, spread_scale(series_spread(&warm->fresh), 1e-3));
        table_spread(table, series_spread(&warm->again));
        table_spread(table, series_spread(&warm->inside));
        table_spread(table, series_ratio(&warm->fresh, &warm->again));
    }
    table_finish(table, run->options.results);
    puts("\nThe runtime is examples/forth. fresh start: reset, load with the prelude, invocation. "
         "from the\nsnapshot: invocation and rewind. Both include the transitions.");
    for (unsigned scheme = 0; scheme < SCHEMES; scheme++) {
        double ratio = series_ratio(&run->warm[scheme].fresh, &run->warm[scheme].again).median;

        printf("  %s: %.0f times sooner, expected at least %.0f: %s\n", scheme_names[scheme], ratio,
               EXPECTED, ratio >= EXPECTED ? "met" : "NOT MET");
    }
}

static void draw(const struct run *run)
{
    static const char *const groups[] = {"fresh start", "from the snapshot"};
    const struct warm *copy = &run->warm[COPY], *mark = &run->warm[MARK];
    const struct bar bars[] = {
        {"fresh start, copy", series_spread(&copy->fresh), 0},
        {"fresh start, mark", series_spread(&mark->fresh), 0},
        {"from the snapshot, copy", series_spread(&copy->again), 1},
        {"from the snapshot, mark", series_spread(&mark->again), 1},
    };
    const struct bar_chart chart = {
        .title = "A warm interpreter with 33 MiB of tables answers",
        .subtitle = "Transitions included; medians with quartiles",
        .groups = groups,
        .group_count = 2,
        .bars = bars,
        .bar_count = sizeof(bars) / sizeof(bars[0]),
    };

    chart_bars(&chart, run->options.results, "warm");
}

static void tear_down(struct run *run)
{
    for (unsigned scheme = 0; scheme < SCHEMES; scheme++) {
        struct warm *warm = &run->warm[scheme];

        subject_destroy(&warm->subject);
        free(warm->bundle.data);
        series_free(&warm->fresh);
        series_free(&warm->again);
        series_free(&warm->inside);
    }
    free(run->input.data);
    image_close(&run->image);
}

int main(int argc, char **argv)
{
    static struct run run;

    run.options = bench_options_parse(argc, argv, "How much sooner does a warm runtime answer?",
                                      DEFAULT_ROUNDS);
    run.driver = machine_driver(&run.options);
    puts("bench/warm: how much sooner does a warm runtime answer from its snapshot?\n");
    machine_print(&run.options, run.driver);
    set_up(&run);
    for (unsigned round = 0; round < run.options.rounds; round++)
        for (unsigned i = 0; i < SCHEMES; i++) {
            struct warm *warm = &run.warm[(i + round) % SCHEMES];

            measure_fresh(&run, warm);
            measure_again(&run, warm);
        }
    report(&run);
    if (run.options.results)
        draw(&run);
    tear_down(&run);
    return 0;
}
