#include "bench/common/chart.h"
#include "bench/rewind/rewind.h"

#include <stdio.h>

#define LINES_MAX 6

/* In the order of their colours. */
static const struct drawn {
    const char *name;
    enum timing timing;
    int dashed;
} drawn[] = {
    {"rewind by marks", REWIND_MARK, 0},
    {"rewind by copying", REWIND_COPY, 0},
    {"memcpy of the dirty pages", COPY_SCATTERED, 1},
    {"fork, write, exit, wait", FORK, 1},
    {"wasm instance (wasmtime, pooling)", INSTANCE, 1},
};
#define DRAWN (sizeof(drawn) / sizeof(drawn[0]))

struct points {
    double x[DIRTY_COUNTS];
    struct spread us[LINES_MAX][DIRTY_COUNTS];
    size_t count;
};

static void add_point(struct points *points, const struct run *run, const struct size *size,
                      const struct cell *cell, double x)
{
    points->x[points->count] = x;
    for (size_t i = 0; i < DRAWN; i++)
        if (drawn[i].timing != INSTANCE || run->has_instance)
            points->us[i][points->count] = series_spread(&cell->us[drawn[i].timing]);
    points->us[DRAWN][points->count++] = series_spread(&size->fresh);
}

static void draw(const struct run *run, const struct points *points, struct line_chart *chart,
                 const char *file)
{
    struct line lines[LINES_MAX];
    size_t count = 0;

    for (size_t i = 0; i <= DRAWN; i++) {
        if (i < DRAWN && drawn[i].timing == INSTANCE && !run->has_instance)
            continue;
        lines[count++] = (struct line){.name = i < DRAWN ? drawn[i].name : "fresh enclave",
                                       .x = points->x,
                                       .us = points->us[i],
                                       .count = points->count,
                                       .dashed = i < DRAWN ? drawn[i].dashed : 1};
    }
    chart->lines = lines;
    chart->line_count = count;
    chart_lines(chart, run->options.results, file);
}

void rewind_plot(const struct run *run)
{
    struct line_chart by_dirty = {
        .title = "Back to a snapshot of 64 MiB",
        .subtitle = "Rewinds inside the enclave, transitions excluded; medians with quartiles",
        .x_title = "pages that the invocation wrote to",
    };
    struct line_chart by_size = {
        .title = "Back to a snapshot after 64 dirty pages",
        .subtitle = "Rewinds inside the enclave, transitions excluded; medians with quartiles",
        .x_title = "MiB of the snapshot",
    };
    struct points dirty = {0}, sizes = {0};
    const struct size *large = &run->sizes[3];

    for (unsigned i = 0; i < DIRTY_COUNTS; i++)
        if (large->cells[i].dirty)
            add_point(&dirty, run, large, &large->cells[i], large->cells[i].dirty);
    for (unsigned i = 0; i < SIZES; i++)
        add_point(&sizes, run, &run->sizes[i], &run->sizes[i].cells[2], run->sizes[i].mib);
    draw(run, &dirty, &by_dirty, "rewind");
    draw(run, &sizes, &by_size, "rewind-sizes");
}
