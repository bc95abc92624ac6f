#include "bench/common/table.h"
#include "bench/sfi/sfi.h"

#include <stdio.h>

#define EXPECTED_TO_WASM2C 1.05
#define EXPECTED_TO_NATIVE 1.30
#define EXPECTED_MARKED    1.15
#define EXPECTED_WORST     1.60

static void print_times(const struct sfi_results *results)
{
    struct table *table =
        table_new("sfi-times", "CPU time of one call\nmedian (quartiles), all from one "
                               "interleaved run");

    table_column(table, "program", "");
    for (unsigned variant = 0; variant < VARIANT_COUNT; variant++)
        if (results->present[variant])
            table_column_spread(table, variant_name(variant), "ms");
    for (unsigned program = 0; program < PROGRAM_COUNT; program++) {
        table_text(table, programs[program].name);
        for (unsigned variant = 0; variant < VARIANT_COUNT; variant++)
            if (results->present[variant])
                table_spread(table,
                             spread_scale(series_spread(&results->us[program][variant]), 1e-3));
    }
    table_finish(table, results->options.results);
}

/* What the table of ratios compares. */
static const struct comparison {
    const char *title;
    enum variant above, below;
} comparisons[] = {
    {"gcc / clang", NATIVE_GCC, NATIVE_CLANG},
    {"clang scalar / clang", NATIVE_SCALAR, NATIVE_CLANG},
    {"wasm2c guards / clang", WASM2C_GUARD, NATIVE_CLANG},
    {"wasm2c checks / clang", WASM2C_CHECKS, NATIVE_CLANG},
    {"wasmtime / clang", WASMTIME, NATIVE_CLANG},
    {"Reclave / clang", CONFINED, NATIVE_CLANG},
    {"marked / Reclave", MARKED, CONFINED},
    {"Reclave inside / outside", INSIDE, CONFINED},
    {"Reclave / clang scalar", CONFINED, NATIVE_SCALAR},
    {"Reclave / wasm2c guards", CONFINED, WASM2C_GUARD},
};
#define COMPARISONS (sizeof(comparisons) / sizeof(comparisons[0]))

static bool shown(const struct sfi_results *results, const struct comparison *comparison)
{
    return results->present[comparison->above];
}

static void print_ratios(const struct sfi_results *results)
{
    struct table *table = table_new("sfi-ratios", "Ratios of neighbours of the same turn\nmedian "
                                                  "(quartiles)");

    table_column(table, "program", "");
    table_column(table, "what", "");
    for (size_t i = 0; i < COMPARISONS; i++)
        if (shown(results, &comparisons[i]))
            table_column_spread(table, comparisons[i].title, "");
    for (unsigned program = 0; program < PROGRAM_COUNT; program++) {
        table_text(table, programs[program].name);
        table_text(table, programs[program].what);
        for (size_t i = 0; i < COMPARISONS; i++)
            if (shown(results, &comparisons[i]))
                table_spread(
                    table, sfi_ratio(results, program, comparisons[i].above, comparisons[i].below));
    }
    table_finish(table, results->options.results);
}

static void print_means(const struct sfi_results *results)
{
    struct table *table =
        table_new("sfi-means", "Geometric means of the median ratios over all programs");

    table_column(table, "", "");
    table_column(table, "mean", "");
    for (size_t i = 0; i < COMPARISONS; i++)
        if (shown(results, &comparisons[i])) {
            table_text(table, comparisons[i].title);
            table_number(table, sfi_mean(results, comparisons[i].above, comparisons[i].below));
        }
    table_finish(table, results->options.results);
}

static void print_expected(const char *what, double value, double most)
{
    printf("  %s: %.2f, expected at most %.2f: %s\n", what, value, most,
           value <= most ? "met" : "NOT MET");
}

static void print_marked_by_default(const struct sfi_results *results)
{
    unsigned count = 0;

    for (unsigned program = 0; program < PROGRAM_COUNT; program++)
        count += results->auto_marks[program];
    if (count)
        printf("  marked / Reclave, mean of the %u that are marked by default: %.2f\n", count,
               sfi_mean_marked(results, MARKED, CONFINED));
    else
        printf("  none of these programs has the memory from which on `reclave build` marks by "
               "itself\n");
}

static void print_expectations(const struct sfi_results *results)
{
    puts("\nExpectations:");
    print_expected("Reclave / wasm2c with guard pages, mean",
                   sfi_mean(results, CONFINED, WASM2C_GUARD), EXPECTED_TO_WASM2C);
    print_expected("Reclave / clang, mean", sfi_mean(results, CONFINED, NATIVE_CLANG),
                   EXPECTED_TO_NATIVE);
    if (results->present[WASMTIME])
        print_expected("Reclave / wasmtime, mean", sfi_mean(results, CONFINED, WASMTIME), 1);
    print_expected("marked / Reclave, mean", sfi_mean(results, MARKED, CONFINED), EXPECTED_MARKED);
    print_marked_by_default(results);
    for (unsigned program = 0; program < PROGRAM_COUNT; program++) {
        double ratio = sfi_ratio(results, program, CONFINED, NATIVE_CLANG).median;

        if (ratio > EXPECTED_WORST)
            printf(
                "  %s: %.2f of clang, expected at most %.2f: NOT MET; %.2f of clang without vector "
                "code\n",
                programs[program].name, ratio, EXPECTED_WORST,
                sfi_ratio(results, program, CONFINED, NATIVE_SCALAR).median);
    }
}

void sfi_report(const struct sfi_results *results)
{
    print_times(results);
    print_ratios(results);
    print_means(results);
    puts("\nclang, gcc: native, -O2 -march=x86-64-v2; scalar: without vectorisation. wasm2c: stock "
         "output and\nruntime of wabt, compiled by gcc with the same flags; bounds by guard pages "
         "or "
         "by comparisons.\nReclave: the code of `reclave build` in a slot's address space outside "
         "of "
         "an enclave, segment bases\nnot zero; marked: with --tracking mark; inside: an invocation "
         "with its input, output and "
         "transitions, without the rewind. All\nWebAssembly: clang -O2, without SIMD. Pages of 4 "
         "KiB "
         "everywhere.");
    if (results->present[WASMTIME])
        printf("wasmtime: %s from PyPI, its defaults.\n", results->wasmtime_version);
    else
        printf("wasmtime: skipped: %s.\n", results->absent_reason);
    print_expectations(results);
}
