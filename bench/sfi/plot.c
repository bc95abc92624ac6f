/* A row for each program, a dot for each variant: its time over that of native clang. */
#include "bench/common/scale.h"
#include "bench/common/svg.h"
#include "bench/sfi/sfi.h"

#include <stdio.h>

#define WIDTH       860
#define PLOT_LEFT   130
#define PLOT_RIGHT  (WIDTH - 40)
#define PLOT_TOP    90
#define ROW         30
#define FOOT        50
#define LEGEND_STEP 145
#define DOT         5.0

static const enum variant drawn[] = {WASM2C_GUARD, CONFINED, MARKED, WASMTIME, NATIVE_GCC};
#define DRAWN (sizeof(drawn) / sizeof(drawn[0]))

static struct scale axis_of(const struct sfi_results *results)
{
    struct scale x = {.low = 1, .high = 2, .from = PLOT_LEFT, .to = PLOT_RIGHT};

    for (unsigned program = 0; program < PROGRAM_COUNT; program++)
        for (size_t i = 0; i < DRAWN; i++)
            if (results->present[drawn[i]])
                scale_include(&x, sfi_ratio(results, program, drawn[i], NATIVE_CLANG));
    x.low /= 1.05;
    x.high *= 1.05;
    return x;
}

static void draw_grid(FILE *svg, const struct scale *x, double bottom)
{
    static const double marks[] = {0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 16, 32};
    char text[16];

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        double at = scale_at(x, marks[i]);

        if (marks[i] < x->low || marks[i] > x->high)
            continue;
        svg_line(svg, at, PLOT_TOP - 6, at, bottom, marks[i] == 1 ? SVG_GREY : SVG_FAINT, 1, 0);
        snprintf(text, sizeof(text), "%g", marks[i]);
        svg_text(svg, at, bottom + 18, SVG_MIDDLE, SVG_TEXT_SIZE, SVG_GREY, text);
    }
}

static void draw_dot(FILE *svg, const struct scale *x, struct spread ratio, size_t series, double y)
{
    double at = y + ((double)series - (DRAWN - 1) / 2.0) * DOT; /* side by side if equal */

    svg_line(svg, scale_at(x, ratio.low), at, scale_at(x, ratio.high), at, svg_colour(series), 2,
             0);
    svg_circle(svg, scale_at(x, ratio.median), at, DOT - 1, svg_colour(series));
}

static void draw_legend(FILE *svg, const struct sfi_results *results)
{
    for (size_t i = 0, place = 0; i < DRAWN; i++) {
        if (!results->present[drawn[i]])
            continue;
        svg_circle(svg, 26 + (double)place * LEGEND_STEP, 64, DOT, svg_colour(i));
        svg_text(svg, 38 + (double)place * LEGEND_STEP, 69, SVG_START, SVG_TEXT_SIZE, SVG_INK,
                 variant_name(drawn[i]));
        place++;
    }
}

static void draw_rows(FILE *svg, const struct sfi_results *results, const struct scale *x)
{
    for (unsigned row = 0; row <= PROGRAM_COUNT; row++) {
        bool mean = row == PROGRAM_COUNT;
        double y = PLOT_TOP + row * ROW + ROW / 2.0;

        svg_text(svg, PLOT_LEFT - 12, y + 4, SVG_END, SVG_TEXT_SIZE, SVG_INK,
                 mean ? "geometric mean" : programs[row].name);
        for (size_t i = 0; i < DRAWN; i++) {
            struct spread ratio;

            if (!results->present[drawn[i]])
                continue;
            if (mean)
                ratio.low = ratio.median = ratio.high = sfi_mean(results, drawn[i], NATIVE_CLANG);
            else
                ratio = sfi_ratio(results, row, drawn[i], NATIVE_CLANG);
            draw_dot(svg, x, ratio, i, y);
        }
    }
}

void sfi_plot(const struct sfi_results *results)
{
    double bottom = PLOT_TOP + (PROGRAM_COUNT + 1) * ROW;
    FILE *svg = svg_open(results->options.results, "sfi", WIDTH, (int)bottom + FOOT);
    struct scale x = axis_of(results);

    svg_text(svg, 20, 26, SVG_START, SVG_TITLE_SIZE, SVG_INK, "What confinement costs");
    svg_text(svg, 20, 46, SVG_START, SVG_TEXT_SIZE, SVG_GREY,
             "Time over that of native clang -O2 (left is faster); medians with quartiles");
    draw_legend(svg, results);
    draw_grid(svg, &x, bottom);
    draw_rows(svg, results, &x);
    svg_line(svg, PLOT_LEFT, bottom - ROW, PLOT_RIGHT, bottom - ROW, SVG_GREY, 1, 0);
    svg_close(svg, "sfi");
}
