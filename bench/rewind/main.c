/*
 * What does a rewind cost, and what does a copy of the same memory cost here?
 *
 * Two kinds of function touch 1, 4, 16 and 64 MiB: one whose memory holds data
 * in the snapshot, so that the rewind copies it back, and one whose memory is
 * new, so that the rewind zeroes it. A rewind is followed by memcpy, the next one
 * by rep movsb or memset, and so on: all meet caches that the others have used
 * since, and ratios are taken from neighbours. Each round has new enclaves and
 * new buffers, because speed depends on the physical pages that they happen to get.
 */
#include "bench/common/chart.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/common/machine.h"
#include "bench/common/options.h"
#include "bench/common/subject.h"
#include "bench/common/table.h"
#include "bench/rewind/baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ROUNDS 15
#define SIZES          4
#define WARM_UP        3   /* the first rewinds meet pages that were never copied to */
#define MIB_PER_ROUND  128 /* each case touches about that much in a round, twice */
#define PAIRS_MAX      32
#define EXPECTED_RATIO 1.3

static const unsigned sizes[SIZES] = {1, 4, 16, 64};

enum kind { COPY_BACK, ZERO_BACK, KINDS };

/* What follows each rewind; the next one is followed by the other. */
enum follower { MEMCPY, OTHER, FOLLOWERS }; /* OTHER: rep movsb to copy, memset to zero */

struct pairs { /* cycles; samples i were measured next to each other */
    struct series rewind, follower;
};

struct rewind_case {
    enum kind kind;
    unsigned mib;
    struct bench_file input; /* says how many MiB to touch */
    struct subject subject;
    struct subject_counts counts; /* of one invocation and its rewind */
    uint64_t pages;               /* restored */
    struct pairs pairs[FOLLOWERS];
    struct series per_byte; /* rewind by its bytes over memcpy by its bytes */
};

struct run {
    struct bench_options options;
    const struct sgx_driver *driver;
    struct image image;
    struct baseline baseline;
    struct rewind_case cases[KINDS][SIZES];
};

static size_t touched_bytes(const struct rewind_case *rewind_case)
{
    return (size_t)rewind_case->mib << 20;
}

static void set_up_case(struct run *run, struct rewind_case *c)
{
    struct bench_file bundle;
    char name[64];

    snprintf(name, sizeof(name), c->kind == COPY_BACK ? "touch_resident_%u.rcl" : "touch_mib.rcl",
             c->mib);
    bundle = bench_file_read(name);
    subject_create(&c->subject, run->driver, &run->image);
    subject_boot(&c->subject);
    subject_load(&c->subject, &bundle);
    free(bundle.data);
}

static double follow(struct run *run, const struct rewind_case *c, enum follower follower)
{
    size_t bytes = touched_bytes(c);

    if (follower == MEMCPY)
        return baseline_copy(&run->baseline, bytes);
    return c->kind == COPY_BACK ? baseline_rep_movsb(&run->baseline, bytes)
                                : baseline_zero(&run->baseline, bytes);
}

static void sample(struct run *run, struct rewind_case *c, enum follower follower, bool keep)
{
    struct subject_restore restore;
    double cycles;

    subject_invoke(&c->subject, &c->input);
    restore = subject_rewind(&c->subject);
    cycles = follow(run, c, follower);
    c->pages = restore.pages;
    if (!keep)
        return;
    series_add(&c->pairs[follower].rewind, restore.inside_cycles);
    series_add(&c->pairs[follower].follower, cycles);
    if (follower == MEMCPY)
        series_add(&c->per_byte, (restore.inside_cycles / ((double)restore.pages * PAGE_BYTES)) /
                                     (cycles / (double)touched_bytes(c)));
}

/* Transitions and AEXs of one invocation with its rewind. */
static void count_one(struct run *run, struct rewind_case *c)
{
    struct subject_counts before = subject_counts(&c->subject), after;

    sample(run, c, MEMCPY, false);
    after = subject_counts(&c->subject);
    c->counts.transitions = after.transitions - before.transitions - 1; /* the question itself */
    c->counts.aex = after.aex < 0 ? -1 : after.aex - before.aex;
}

static void measure_case(struct run *run, struct rewind_case *c)
{
    unsigned pairs = run->options.quick ? 1 : MIB_PER_ROUND / c->mib;

    set_up_case(run, c);
    run->baseline = baseline_new(touched_bytes(c));
    for (unsigned i = 0; i < WARM_UP; i++)
        sample(run, c, i % FOLLOWERS, false);
    for (unsigned i = 0; i < (pairs < PAIRS_MAX ? pairs : PAIRS_MAX); i++)
        for (unsigned follower = 0; follower < FOLLOWERS; follower++)
            sample(run, c, follower, true);
    count_one(run, c);
    baseline_free(&run->baseline);
    subject_destroy(&c->subject);
}

/* All cases once, beginning with another one in each round. */
static void measure_round(struct run *run, unsigned round)
{
    for (unsigned i = 0; i < KINDS * SIZES; i++) {
        unsigned at = (i + round) % (KINDS * SIZES);

        measure_case(run, &run->cases[at / SIZES][at % SIZES]);
    }
}

/* ---- report -------------------------------------------------------------- */

static struct table *new_table(enum kind kind)
{
    struct table *table =
        kind == COPY_BACK ? table_new("rewind-copy",
                                      "Memory that held data in the snapshot: the rewind copies it "
                                      "back\nmedian (quartiles)")
                          : table_new("rewind-zero", "Memory that was new: the rewind zeroes it\n"
                                                     "median (quartiles)");
    bool copy = kind == COPY_BACK;

    table_column(table, "touched", "MiB");
    table_column(table, "restored", "pages");
    table_column(table, "transitions", "");
    table_column(table, "AEX", "");
    table_column_spread(table, "rewind inside", "us");
    table_column_spread(table, "memcpy", "us");
    table_column_spread(table, copy ? "rep movsb" : "memset", "us");
    table_column_spread(table, "rewind / memcpy", "");
    table_column_spread(table, copy ? "rewind / rep movsb" : "rewind / memset", "");
    table_column_spread(table, "rewind / memcpy, per byte restored", "");
    return table;
}

static void print_case(struct table *table, const struct rewind_case *c)
{
    const struct pairs *memcpy_pairs = &c->pairs[MEMCPY], *other_pairs = &c->pairs[OTHER];
    double us = 1 / clock_cycles_per_us();
    table_count(table, c->mib);
    table_count(table, c->pages);
    table_count(table, c->counts.transitions);
    if (c->counts.aex < 0)
        table_none(table);
    else
        table_count(table, (uint64_t)c->counts.aex);
    table_spread(table, spread_scale(series_spread(&memcpy_pairs->rewind), us));
    table_spread(table, spread_scale(series_spread(&memcpy_pairs->follower), us));
    table_spread(table, spread_scale(series_spread(&other_pairs->follower), us));
    table_spread(table, series_ratio(&memcpy_pairs->rewind, &memcpy_pairs->follower));
    table_spread(table, series_ratio(&other_pairs->rewind, &other_pairs->follower));
    table_spread(table, series_spread(&c->per_byte));
}

static void print_expectation(const struct run *run)
{
    printf("\nExpected: a rewind within %.1fx of memcpy of the touched bytes.\n", EXPECTED_RATIO);
    for (unsigned size = 0; size < SIZES; size++) {
        const struct rewind_case *c = &run->cases[COPY_BACK][size];
        double ratio = series_ratio(&c->pairs[MEMCPY].rewind, &c->pairs[MEMCPY].follower).median;

        printf("  %2u MiB copied back: %.2fx  %s\n", c->mib, ratio,
               ratio <= EXPECTED_RATIO ? "met" : "NOT MET");
    }
}

static void fill_line(const struct run *run, enum kind kind, bool baseline, const char *name,
                      struct spread us[SIZES], struct line *line)
{
    static const double x[SIZES] = {1, 4, 16, 64};

    for (unsigned size = 0; size < SIZES; size++) {
        const struct rewind_case *c = &run->cases[kind][size];
        const struct pairs *pairs = &c->pairs[kind == COPY_BACK ? MEMCPY : OTHER];
        const struct series *cycles = baseline ? &pairs->follower : &pairs->rewind;

        us[size] = spread_scale(series_spread(cycles), 1 / clock_cycles_per_us());
    }
    *line = (struct line){.name = name, .x = x, .us = us, .count = SIZES, .dashed = baseline};
}

static void draw(const struct run *run)
{
    struct spread us[4][SIZES];
    struct line lines[4];
    struct line_chart chart = {
        .title = "A rewind against a copy of the same memory",
        .subtitle = "Inside the enclave, transitions excluded; medians with quartiles",
        .x_title = "MiB touched by the function",
        .lines = lines,
        .line_count = 4,
    };

    fill_line(run, COPY_BACK, false, "rewind, memory with data in the snapshot", us[0], &lines[0]);
    fill_line(run, COPY_BACK, true, "memcpy of the touched bytes", us[1], &lines[1]);
    fill_line(run, ZERO_BACK, false, "rewind, memory that was new", us[2], &lines[2]);
    fill_line(run, ZERO_BACK, true, "memset of the touched bytes", us[3], &lines[3]);
    chart_lines(&chart, run->options.results, "rewind");
}

static void report(struct run *run)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct table *table = new_table(kind);

        for (unsigned size = 0; size < SIZES; size++)
            print_case(table, &run->cases[kind][size]);
        table_finish(table, run->options.results);
    }
    printf(
        "\nrestored: what the function touched and all else that it could have: stacks, tables, "
        "layer 1's\nmemory, stdin, stdout. transitions (EENTER and ERESUME by the loader), AEX: "
        "of an invocation and its\nrewind. memcpy and memset are glibc's, rep movsb is what L0 "
        "uses; all move the touched bytes only,\nin shared mappings of a memfd, as the emulator's "
        "EPC is.\n");
    print_expectation(run);
    if (run->options.results)
        draw(run);
}

static void set_up(struct run *run)
{
    bench_image_open("reclave-lazy", &run->image);
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned size = 0; size < SIZES; size++) {
            struct rewind_case *c = &run->cases[kind][size];

            c->kind = kind;
            c->mib = sizes[size];
            c->input.data = loader_buffer_alloc(16);
            if (!c->input.data)
                bench_fail("out of memory");
            c->input.bytes = (size_t)snprintf(c->input.data, 16, "%u", c->mib);
        }
}

static void tear_down(struct run *run)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned size = 0; size < SIZES; size++) {
            struct rewind_case *c = &run->cases[kind][size];

            free(c->input.data);
            for (unsigned follower = 0; follower < FOLLOWERS; follower++) {
                series_free(&c->pairs[follower].rewind);
                series_free(&c->pairs[follower].follower);
            }
            series_free(&c->per_byte);
        }
    image_close(&run->image);
}

int main(int argc, char **argv)
{
    static struct run run;

    run.options = bench_options_parse(
        argc, argv, "What does a rewind cost, and a copy of the same memory?", DEFAULT_ROUNDS);
    run.driver = machine_driver(&run.options);
    puts("bench/rewind: what does a rewind cost, and a copy of the same memory?\n");
    machine_print(&run.options, run.driver);
    set_up(&run);
    for (unsigned round = 0; round < run.options.rounds; round++)
        measure_round(&run, round);
    report(&run);
    tear_down(&run);
    return 0;
}
