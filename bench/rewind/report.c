/* The tables. */
#include "bench/rewind/rewind.h"

#include "bench/common/table.h"

#include <stdio.h>

#define EXPECTED_TO_COPY 1.25 /* a rewind over a copy of what it must restore */
#define EXPECTED_BELOW   50.0 /* copy over mark at 64 MiB and 64 pages */
#define EXPECTED_EMPTY   10.0 /* us */

static const char *const timing_names[TIMINGS] = {
    "rewind, copy",    "rewind, mark", "copy of all",  "copy of marked",
    "scattered pages", "contiguous",   "fork to exit", "wasm instance",
};

static void print_times(const struct run *run)
{
    struct table *table = table_new(
        "rewind-times", "Microseconds by snapshot size and dirty pages\nmedian (quartiles)");

    table_column(table, "snapshot", "MiB");
    table_column(table, "dirty", "pages");
    table_column(table, "restored, copy", "pages");
    table_column(table, "restored, mark", "pages");
    for (unsigned timing = 0; timing < TIMINGS; timing++)
        if (timing != INSTANCE || run->has_instance)
            table_column_spread(table, timing_names[timing], "us");
    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned j = 0; j < DIRTY_COUNTS; j++) {
            const struct cell *cell = &run->sizes[i].cells[j];

            if (!cell->dirty)
                continue;
            table_count(table, run->sizes[i].mib);
            table_count(table, cell->dirty);
            table_count(table, cell->restored[COPY]);
            table_count(table, cell->restored[MARK]);
            for (unsigned timing = 0; timing < TIMINGS; timing++)
                if (timing != INSTANCE || run->has_instance)
                    table_spread(table, series_spread(&cell->us[timing]));
        }
    table_finish(table, run->options.results);
    puts("\nrewind: inside, transitions excluded, with each scheme. copy of all, of marked: plain "
         "memcpy of\nwhat that rewind must restore, other regions (restored less dirty or all) "
         "included. scattered,\ncontiguous: memcpy of as many pages as are dirty. fork to exit: a "
         "warm process forks, the child\nwrites to the pages and exits, the parent has waited. "
         "wasm instance: wasmtime's pooling allocator,\nmemory from the module's data: "
         "instantiated, called, dropped. These two include the writing.");
}

static struct spread ratio(const struct cell *cell, enum timing above, enum timing below)
{
    return series_ratio(&cell->us[above], &cell->us[below]);
}

static const struct comparison {
    const char *title;
    enum timing above, below;
} comparisons[] = {
    {"rewind, copy / copy of all", REWIND_COPY, COPY_ALL},
    {"rewind, mark / copy of marked", REWIND_MARK, COPY_MARKED},
    {"rewind, mark / scattered pages", REWIND_MARK, COPY_SCATTERED},
    {"rewind, copy / rewind, mark", REWIND_COPY, REWIND_MARK},
    {"fork / rewind, mark", FORK, REWIND_MARK},
    {"wasm instance / rewind, mark", INSTANCE, REWIND_MARK},
};
#define COMPARISONS (sizeof(comparisons) / sizeof(comparisons[0]))

static bool shown(const struct run *run, const struct comparison *comparison)
{
    return comparison->above != INSTANCE || run->has_instance;
}

static void print_ratios(const struct run *run)
{
    struct table *table =
        table_new("rewind-ratios", "Ratios of neighbours of the same sample\nmedian (quartiles)");

    table_column(table, "snapshot", "MiB");
    table_column(table, "dirty", "pages");
    for (size_t i = 0; i < COMPARISONS; i++)
        if (shown(run, &comparisons[i]))
            table_column_spread(table, comparisons[i].title, "");
    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned j = 0; j < DIRTY_COUNTS; j++) {
            const struct cell *cell = &run->sizes[i].cells[j];

            if (!cell->dirty)
                continue;
            table_count(table, run->sizes[i].mib);
            table_count(table, cell->dirty);
            for (size_t k = 0; k < COMPARISONS; k++)
                if (shown(run, &comparisons[k]))
                    table_spread(table, ratio(cell, comparisons[k].above, comparisons[k].below));
        }
    table_finish(table, run->options.results);
}

static void print_fresh(const struct run *run)
{
    struct table *table =
        table_new("rewind-fresh", "A fresh enclave with the same function instead, and an empty "
                                  "function\nmedian (quartiles)");

    table_column(table, "what", "");
    table_column_spread(table, "time", "us");
    for (unsigned i = 0; i < SIZES; i++) {
        char what[64];

        snprintf(what, sizeof(what), "fresh enclave, %u MiB", run->sizes[i].mib);
        table_text(table, what);
        table_spread(table, series_spread(&run->sizes[i].fresh));
    }
    table_text(table, "empty call (the transitions)");
    table_spread(table, series_spread(&run->empty.null));
    table_text(table, "invocation of an empty function");
    table_spread(table, series_spread(&run->empty.invoke));
    table_text(table, "its rewind, inside");
    table_spread(table, series_spread(&run->empty.rewind));
    table_text(table, "invocation less empty call, and rewind");
    table_spread(table, series_spread(&run->empty.inside));
    table_finish(table, run->options.results);
    printf(
        "\nfresh enclave: created, booted, loaded: the function has filled its memory. The empty "
        "function's\nrewind restores %llu pages.\n",
        (unsigned long long)run->empty.pages);
}

/* ---- expectations ------------------------------------------------------------------ */

static void print_expected(const char *what, double value, const char *unit, double expected,
                           bool at_most)
{
    bool met = at_most ? value <= expected : value >= expected;

    printf("  %s: %.2f%s, expected at %s %.2f: %s\n", what, value, unit, at_most ? "most" : "least",
           expected, met ? "met" : "NOT MET");
}

static void print_bound(const struct run *run, const char *scheme, enum timing rewind,
                        enum timing copy)
{
    for (unsigned i = 0; i < SIZES; i++)
        for (unsigned j = 0; j < DIRTY_COUNTS; j++) {
            const struct cell *cell = &run->sizes[i].cells[j];
            char what[128];

            if (!cell->dirty)
                continue;
            snprintf(what, sizeof(what), "%s, %u MiB, %u dirty: over a copy of what is restored",
                     scheme, run->sizes[i].mib, cell->dirty);
            print_expected(what, ratio(cell, rewind, copy).median, "", EXPECTED_TO_COPY, true);
        }
}

static void print_expectations(const struct run *run)
{
    const struct cell *cell = &run->sizes[3].cells[2]; /* 64 MiB, 64 pages */

    puts("\nExpectations:");
    print_bound(run, "copy", REWIND_COPY, COPY_ALL);
    print_bound(run, "mark", REWIND_MARK, COPY_MARKED);
    print_expected("mark, 64 MiB, 64 dirty: over the scattered copy of these pages alone",
                   ratio(cell, REWIND_MARK, COPY_SCATTERED).median, "", EXPECTED_TO_COPY, true);
    print_expected("mark, 64 MiB, 64 dirty: below copy by",
                   ratio(cell, REWIND_COPY, REWIND_MARK).median, "", EXPECTED_BELOW, false);
    print_expected("an empty invocation and its rewind, inside", series_median(&run->empty.inside),
                   " us", EXPECTED_EMPTY, true);
}

void rewind_report(const struct run *run)
{
    print_times(run);
    print_ratios(run);
    print_fresh(run);
    if (!run->has_instance)
        printf("wasmtime: skipped: %s.\n", run->absent_reason);
    print_expectations(run);
}
