/*
 * What the counted pages and transitions would cost on hardware, from costs
 * that others have published. Nothing here was measured.
 */
#include "bench/coldstart/coldstart.h"

#include "bench/common/clock.h"
#include "bench/common/table.h"

#include <stdio.h>

struct range {
    double low, high;
};

/* A measured page, us: EADD and 16 EEXTENDs; from 256 MiB taking about 2 s to build. */
static const struct range measured_page_us = {27, 34};
/* One way across the border, cycles: Gramine's performance guide. */
static const struct range crossing_cycles = {8000, 12000};
/* The clock to which those cycles are converted here. */
#define CYCLES_PER_US 3000.0
/* What is copied inside waits for EPC memory: latency up to 32 % above ordinary memory's. */
static const struct range inside_factor = {1.0, 1.32};

/* Out and in again. */
static struct range round_trips_us(uint64_t count)
{
    return (struct range){(double)count * 2 * crossing_cycles.low / CYCLES_PER_US,
                          (double)count * 2 * crossing_cycles.high / CYCLES_PER_US};
}

static struct range sum(struct range a, struct range b)
{
    return (struct range){a.low + b.low, a.high + b.high};
}

/* A lazily added page faults once (an AEX and an ERESUME); EAUG's and EACCEPT's own cost is left
 * out for want of a figure, which makes lazy enclaves look cheaper than they are. */
static struct range cold_us(const struct subject_counts *counts)
{
    struct range pages = {(double)counts->image_pages * measured_page_us.low,
                          (double)counts->image_pages * measured_page_us.high};

    return sum(pages, sum(round_trips_us(counts->lazy_pages), round_trips_us(counts->transitions)));
}

static struct range rewind_us(const struct cold *cold)
{
    double inside = series_median(&cold->rewind_inside) / clock_cycles_per_us();

    return sum((struct range){inside * inside_factor.low, inside * inside_factor.high},
               round_trips_us(1));
}

void report_projection(const struct run *run)
{
    struct table *table =
        table_new("coldstart-projection", "PROJECTION for SGX hardware, not measured: pages and "
                                          "transitions counted here, times published costs");

    table_column(table, "variant", "");
    table_column_range(table, "ready", "ms");
    table_column_range(table, "rewind call", "us");
    table_column_range(table, "ready / rewind call", "");
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        struct range cold = cold_us(&run->cold[variant].counts);
        struct range rewind = rewind_us(&run->cold[variant]);

        table_text(table, variant_specs[variant].label);
        table_range(table, cold.low / 1e3, cold.high / 1e3);
        table_range(table, rewind.low, rewind.high);
        table_range(table, cold.low / rewind.high, cold.high / rewind.low);
    }
    table_finish(table, run->options.results);
    printf(
        "\nFrom: a measured page (EADD and 16 EEXTENDs) %.0f-%.0f us; EENTER and EEXIT, and "
        "taken as the same\nERESUME and AEX, %.0f-%.0f cycles each (Gramine's performance guide), "
        "at %.1f GHz; inside, memory\nlatency up to %.0f %% above what was measured here. Left "
        "out: "
        "EAUG, EACCEPT, EINIT, checking the\nbundle, paging: real cold starts take longer.\n",
        measured_page_us.low, measured_page_us.high, crossing_cycles.low, crossing_cycles.high,
        CYCLES_PER_US / 1000, (inside_factor.high - 1) * 100);
}
