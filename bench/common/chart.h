/*
 * Plots as SVG files: horizontal bars, and lines, both on logarithmic scales,
 * with quartiles as whiskers. All numbers must be above 0.
 */
#ifndef RECLAVE_BENCH_COMMON_CHART_H
#define RECLAVE_BENCH_COMMON_CHART_H

#include "bench/common/series.h"

#include <stddef.h>

#define CHART_COLOURS 6

struct bar {
    const char *label;
    struct spread us; /* microseconds */
    unsigned group;   /* below CHART_COLOURS; bars of a group share a colour */
};

struct bar_chart {
    const char *title, *subtitle;
    const char *const *groups; /* the legend */
    size_t group_count;
    const struct bar *bars;
    size_t bar_count;
};

#define LINE_POINTS_MAX 16

struct line {
    const char *name;
    const double *x;
    const struct spread *us;
    size_t count; /* <= LINE_POINTS_MAX */
    int dashed;
};

struct line_chart {
    const char *title, *subtitle, *x_title;
    const struct line *lines; /* all have the x of the first */
    size_t line_count;        /* <= CHART_COLOURS */
};

/* Write FOLDER/<file>.svg. */
void chart_bars(const struct bar_chart *chart, const char *folder, const char *file);
void chart_lines(const struct line_chart *chart, const char *folder, const char *file);

#endif
