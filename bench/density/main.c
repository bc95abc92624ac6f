/*
 * How many warm functions fit into a GiB of enclave memory, and does exchanging
 * them leak any? Pages are counted by L0: they are the same on any machine.
 */
#include "bench/common/clock.h"
#include "bench/common/machine.h"
#include "bench/common/options.h"
#include "bench/common/series.h"
#include "bench/common/table.h"
#include "bench/density/enclave15.h"

#include <inttypes.h>
#include <stdio.h>

#define PAGES_PER_GIB  (UINT64_C(1) << 18)
#define FUNCTIONS      200u
#define SWITCHES       1000u
#define SWITCHES_QUICK 30u

/* ---- density ---------------------------------------------------------------------- */

static void put_density(struct table *table, const char *what, uint64_t pages,
                        const struct entry_stats *stats)
{
    table_text(table, what);
    table_count(table, pages);
    table_count(table, stats->snapshot_pages);
    table_count(table, stats->shared_pages);
    table_number(table, (double)pages / SLOTS);
    table_count(table, PAGES_PER_GIB * SLOTS / pages);
}

/* The same function in all slots, or as many functions as slots; each has been used. */
static struct entry_stats fill(const struct sgx_driver *driver, bool same)
{
    struct enclave15 enclave;
    struct entry_stats stats;

    enclave15_open(&enclave, driver);
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        enclave15_load(&enclave, slot, same ? 0 : slot);
        enclave15_use(&enclave, slot, same ? 0 : slot);
    }
    stats = enclave15_stats(&enclave);
    enclave15_close(&enclave);
    return stats;
}

static void report_density(const struct bench_options *options, const struct sgx_driver *driver)
{
    struct table *table =
        table_new("density-functions", "A warm function with 64 KiB of data in each of 15 slots");
    struct entry_stats same = fill(driver, true), different = fill(driver, false);

    table_column(table, "functions", "");
    table_column(table, "enclave", "pages");
    table_column(table, "snapshots", "pages");
    table_column(table, "shared", "pages");
    table_column(table, "per slot", "pages");
    table_column(table, "warm slots per GiB", "");
    put_density(table, "one in all slots", same.committed_pages, &same);
    put_density(table, "... if snapshots were not shared", same.committed_pages + same.shared_pages,
                &same);
    put_density(table, "15 different ones", different.committed_pages, &different);
    put_density(table, "... if snapshots were not shared",
                different.committed_pages + different.shared_pages, &different);
    table_finish(table, options->results);
    puts("\nenclave: all pages committed, the monitor's and the runtime's included. snapshots: of "
         "these, the\npages stored of S0 and S1 of all slots. shared: how many more would be "
         "stored without sharing.");
}

/* ---- switches ----------------------------------------------------------------------- */

struct switching {
    struct enclave15 enclave;
    uint64_t random;
    struct series us;
};

static uint64_t next_random(uint64_t *state, uint64_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % below;
}

static void switch_one(struct switching *s)
{
    unsigned slot = (unsigned)next_random(&s->random, SLOTS);
    uint64_t identity = next_random(&s->random, FUNCTIONS);
    uint64_t start = clock_ns();

    enclave15_unload(&s->enclave, slot);
    enclave15_load(&s->enclave, slot, identity);
    series_add(&s->us, (double)(clock_ns() - start) / 1000);
    enclave15_use(&s->enclave, slot, identity);
}

static void put_pages(struct table *table, const char *when, const struct entry_stats *stats)
{
    table_text(table, when);
    table_count(table, stats->committed_pages);
    table_count(table, stats->store_pages);
    table_count(table, stats->snapshot_pages);
}

/* Every slot holds a function of its own again, as before the switches. */
static void settle(struct switching *s)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        enclave15_unload(&s->enclave, slot);
        enclave15_load(&s->enclave, slot, slot);
        enclave15_use(&s->enclave, slot, slot);
    }
}

static void report_switches(const struct bench_options *options, const struct sgx_driver *driver)
{
    static struct switching s = {.random = 0x2545f4914f6cdd1d};
    unsigned switches = options->quick ? SWITCHES_QUICK : SWITCHES;
    struct entry_stats before, after;
    struct table *table;

    enclave15_open(&s.enclave, driver);
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        enclave15_load(&s.enclave, slot, slot);
        enclave15_use(&s.enclave, slot, slot);
    }
    before = enclave15_stats(&s.enclave);
    for (unsigned i = 0; i < switches; i++)
        switch_one(&s);
    settle(&s);
    after = enclave15_stats(&s.enclave);
    table = table_new("density-switches", "Pages before and after exchanging functions");
    table_column(table, "when", "");
    table_column(table, "enclave", "pages");
    table_column(table, "page store", "pages");
    table_column(table, "snapshots", "pages");
    put_pages(table, "15 functions loaded and used", &before);
    put_pages(table, "the same 15 after the switches", &after);
    table_finish(table, options->results);
    printf("\n%u switches among %u functions on %u slots, each answer checked: %" PRId64
           " pages leaked.\nA switch (reset, trim, load) takes a median of %.0f us here.\n",
           switches, FUNCTIONS, SLOTS,
           (int64_t)after.committed_pages - (int64_t)before.committed_pages, series_median(&s.us));
    enclave15_close(&s.enclave);
    series_free(&s.us);
}

int main(int argc, char **argv)
{
    struct bench_options options = bench_options_parse(
        argc, argv, "How many warm functions fit into a GiB of enclave memory?", 1);
    const struct sgx_driver *driver = machine_driver(&options);

    puts("bench/density: how many warm functions fit into a GiB of enclave memory?\n");
    machine_print(&options, driver);
    report_density(&options, driver);
    report_switches(&options, driver);
    return 0;
}
