/* The tables and the plot of what was measured. */
#include "bench/coldstart/coldstart.h"

#include "bench/common/chart.h"
#include "bench/common/clock.h"
#include "bench/common/table.h"

#include <stdio.h>

#define EXPECTED_EAGER 500.0 /* 64 MiB, all pages measured, over a rewind */
#define EXPECTED_LAZY  20.0  /* pages added lazily, over a rewind */

static struct spread ms(const struct series *us)
{
    return spread_scale(series_spread(us), 1e-3);
}

static struct spread us_of(const struct series *cycles)
{
    return spread_scale(series_spread(cycles), 1 / clock_cycles_per_us());
}

static void put_aex(struct table *table, int64_t aex)
{
    if (aex < 0)
        table_none(table);
    else
        table_count(table, (uint64_t)aex);
}

/* ---- cold starts ----------------------------------------------------------- */

static void report_cold(const struct run *run)
{
    struct table *table = table_new("coldstart-fresh", "A fresh enclave, step by step\n"
                                                       "median (quartiles) of milliseconds");

    table_column(table, "variant", "");
    table_column(table, "measured", "pages");
    table_column(table, "lazy", "pages");
    table_column(table, "transitions", "");
    table_column(table, "AEX", "");
    table_column_spread(table, "create", "ms");
    table_column(table, "boot", "ms");
    table_column_spread(table, "load", "ms");
    table_column_spread(table, "ready", "ms");
    table_column(table, "first answer", "ms");
    table_column(table, "destroy", "ms");
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        const struct cold *cold = &run->cold[variant];

        table_text(table, variant_specs[variant].label);
        table_count(table, cold->counts.image_pages);
        table_count(table, cold->counts.lazy_pages);
        table_count(table, cold->counts.transitions);
        put_aex(table, cold->counts.aex);
        table_spread(table, ms(&cold->create));
        table_number(table, series_median(&cold->boot) / 1000);
        table_spread(table, ms(&cold->load));
        table_spread(table, ms(&cold->ready));
        table_number(table, series_median(&cold->first) / 1000);
        table_number(table, series_median(&cold->destroy) / 1000);
    }
    table_finish(table, run->options.results);
    printf("\ncreate: pages added and measured, EINIT. boot: the runtime is up (S0). load: bundle "
           "checked,\ncopied, instantiated, snapshot taken (S1). ready: the three together. pages, "
           "transitions\n(EENTER and ERESUME by the loader), AEX: until ready.\n");
}

/* ---- a live enclave -------------------------------------------------------- */

struct step {
    const char *label;
    uint64_t pages; /* restored; 0: none */
    const struct subject_counts *counts;
    const struct series *call, *inside; /* inside may be NULL */
};

static void put_step(struct table *table, const struct step *step)
{
    table_text(table, step->label);
    if (step->pages)
        table_count(table, step->pages);
    else
        table_none(table);
    if (step->counts) {
        table_count(table, step->counts->transitions);
        put_aex(table, step->counts->aex);
    } else {
        table_count(table, 1);
        table_none(table);
    }
    if (step->inside)
        table_spread(table, us_of(step->inside));
    else
        table_none(table);
    table_spread(table, series_spread(step->call));
}

static void report_resident(const struct run *run, const struct resident *resident,
                            const char *file, const char *title)
{
    const struct step steps[] = {
        {"invocation", 0, &resident->invoke_counts, &resident->invoke, NULL},
        {"rewind", resident->rewind_pages, &resident->rewind_counts, &resident->rewind,
         &resident->rewind_inside},
        {"empty call", 0, NULL, &resident->null, NULL},
        {"reset (exchange functions)", resident->reset_pages, &resident->reset_counts,
         &resident->reset, &resident->reset_inside},
        {"load (exchange functions)", 0, &resident->load_counts, &resident->load, NULL},
    };
    struct table *table = table_new(file, title);

    table_column(table, "step", "");
    table_column(table, "restored", "pages");
    table_column(table, "transitions", "");
    table_column(table, "AEX", "");
    table_column_spread(table, "inside", "us");
    table_column_spread(table, "whole call", "us");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        put_step(table, &steps[i]);
    table_finish(table, run->options.results);
}

/* ---- ratios ----------------------------------------------------------------- */

static struct spread over_rewind(const struct series *us, const struct cold *cold)
{
    return spread_scale(series_ratio(us, &cold->rewind_inside), clock_cycles_per_us());
}

static void report_ratios(const struct run *run)
{
    struct table *table =
        table_new("coldstart-ratios", "A fresh enclave over a rewind of the same enclave\n"
                                      "median (quartiles) of the ratios within each round");

    table_column(table, "variant", "");
    table_column(table, "restored", "pages");
    table_column_spread(table, "rewind inside", "us");
    table_column_spread(table, "create+boot / rewind inside", "");
    table_column_spread(table, "ready / rewind inside", "");
    table_column_spread(table, "ready / rewind call", "");
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        const struct cold *cold = &run->cold[variant];

        table_text(table, variant_specs[variant].label);
        table_count(table, cold->rewind_pages);
        table_spread(table, us_of(&cold->rewind_inside));
        table_spread(table, over_rewind(&cold->enclave, cold));
        table_spread(table, over_rewind(&cold->ready, cold));
        table_spread(table, series_ratio(&cold->ready, &cold->rewind));
    }
    table_finish(table, run->options.results);
}

static void expect(const struct cold *cold, const struct series *fresh, const char *what,
                   double expected)
{
    double ratio = over_rewind(fresh, cold).median;
    char text[NUMBER_TEXT_BYTES];

    printf("  %s: at least %.0fx, measured %sx: %s\n", what, expected, number_text(ratio, text),
           ratio >= expected ? "met" : "NOT MET");
}

static void report_expectations(const struct run *run)
{
    const struct cold *eager = &run->cold[EAGER_64], *heap = &run->cold[HEAP_64];
    const struct cold *lazy = &run->cold[LAZY];

    printf("\nExpected of a function that touches under 1 MiB, over a rewind inside:\n");
    expect(eager, &eager->enclave, "create+boot, all pages measured, 64 MiB", EXPECTED_EAGER);
    expect(lazy, &lazy->enclave, "create+boot, pages added lazily, as needed", EXPECTED_LAZY);
    /* The heap's pages come with load; a rewind cleans all of them. */
    expect(heap, &heap->ready, "ready, pages added lazily, 64 MiB heap", EXPECTED_LAZY);
}

/* ---- plot ------------------------------------------------------------------- */

static void draw(const struct run *run)
{
    static const char *const groups[] = {"all pages measured", "pages added lazily", "exchange",
                                         "per invocation"};
    enum { FULL, ADDED, EXCHANGE, INVOCATION };
    struct bar bars[VARIANTS + 5];
    size_t count = 0;

    for (unsigned variant = 0; variant < VARIANTS; variant++)
        bars[count++] =
            (struct bar){variant_specs[variant].label, series_spread(&run->cold[variant].ready),
                         variant_specs[variant].eager ? FULL : ADDED};
    bars[count++] =
        (struct bar){"load into a live enclave", series_spread(&run->lazy.load), EXCHANGE};
    bars[count++] =
        (struct bar){"reset of a live enclave", series_spread(&run->lazy.reset), EXCHANGE};
    bars[count++] =
        (struct bar){"invocation, whole call", series_spread(&run->lazy.invoke), INVOCATION};
    bars[count++] =
        (struct bar){"rewind, whole call", series_spread(&run->lazy.rewind), INVOCATION};
    bars[count++] = (struct bar){"rewind, inside", us_of(&run->lazy.rewind_inside), INVOCATION};
    chart_bars(
        &(struct bar_chart){
            .title = "From a fresh enclave to a rewind",
            .subtitle = machine_is_emulated(run->driver)
                            ? "Until a function is ready; emulator; medians with quartiles"
                            : "Until a function is ready; medians with quartiles",
            .groups = groups,
            .group_count = sizeof(groups) / sizeof(groups[0]),
            .bars = bars,
            .bar_count = count,
        },
        run->options.results, "coldstart");
}

void report(const struct run *run)
{
    report_cold(run);
    report_resident(run, &run->lazy, "coldstart-live-lazy",
                    "An enclave that stays, pages added lazily (the default)\n"
                    "median (quartiles) of microseconds");
    report_resident(run, &run->eager, "coldstart-live-eager",
                    "An enclave that stays, all pages measured, 64 MiB\n"
                    "median (quartiles) of microseconds");
    printf("\ninside: by L0's own count of TSC cycles, without the transitions. An empty call does "
           "nothing\nbut enter and leave.\n");
    report_ratios(run);
    report_expectations(run);
    if (run->options.results)
        draw(run);
}
