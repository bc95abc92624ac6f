#include "bench/common/chart.h"
#include "bench/common/scale.h"
#include "bench/common/svg.h"

#define WIDTH       860
#define PLOT_LEFT   300
#define PLOT_RIGHT  (WIDTH - 90) /* room for the value behind the longest bar */
#define PLOT_TOP    90
#define ROW         26
#define BAR         16
#define FOOT        44
#define LEGEND_STEP 170

static void draw_grid(FILE *svg, const struct scale *x, double bottom)
{
    char text[SCALE_TEXT_BYTES];

    for (double us = x->low; us < x->high * 1.5; us *= 10) {
        double at = scale_at(x, us);

        svg_line(svg, at, PLOT_TOP - 6, at, bottom, SVG_FAINT, 1, 0);
        svg_text(svg, at, bottom + 18, SVG_MIDDLE, SVG_TEXT_SIZE, SVG_GREY,
                 scale_time_text(us, text));
    }
}

static void draw_bar(FILE *svg, const struct scale *x, const struct bar *bar, double y)
{
    double end = scale_at(x, bar->us.median), middle = y + BAR / 2.0;
    double high = scale_at(x, bar->us.high);
    char text[SCALE_TEXT_BYTES];

    svg_text(svg, PLOT_LEFT - 8, y + BAR - 3, SVG_END, SVG_TEXT_SIZE, SVG_INK, bar->label);
    svg_rectangle(svg, PLOT_LEFT, y, end - PLOT_LEFT, BAR, svg_colour(bar->group));
    svg_line(svg, scale_at(x, bar->us.low), middle, high, middle, SVG_INK, 1.5, 0);
    svg_text(svg, (high > end ? high : end) + 6, y + BAR - 3, SVG_START, SVG_TEXT_SIZE, SVG_INK,
             time_text(bar->us.median, text));
}

static void draw_legend(FILE *svg, const struct bar_chart *chart)
{
    for (size_t i = 0; i < chart->group_count; i++) {
        double x = 20 + (double)i * LEGEND_STEP;

        svg_rectangle(svg, x, 58, 12, 12, svg_colour(i));
        svg_text(svg, x + 18, 69, SVG_START, SVG_TEXT_SIZE, SVG_INK, chart->groups[i]);
    }
}

void chart_bars(const struct bar_chart *chart, const char *folder, const char *file)
{
    double bottom = PLOT_TOP + (double)chart->bar_count * ROW;
    struct scale x = {.from = PLOT_LEFT, .to = PLOT_RIGHT};
    FILE *svg = svg_open(folder, file, WIDTH, (int)bottom + FOOT);

    for (size_t i = 0; i < chart->bar_count; i++)
        scale_include(&x, chart->bars[i].us);
    scale_round(&x);
    svg_text(svg, 20, 26, SVG_START, SVG_TITLE_SIZE, SVG_INK, chart->title);
    svg_text(svg, 20, 46, SVG_START, SVG_TEXT_SIZE, SVG_GREY, chart->subtitle);
    draw_legend(svg, chart);
    draw_grid(svg, &x, bottom);
    for (size_t i = 0; i < chart->bar_count; i++)
        draw_bar(svg, &x, &chart->bars[i], PLOT_TOP + (double)i * ROW + (ROW - BAR) / 2.0);
    svg_line(svg, PLOT_LEFT, PLOT_TOP - 6, PLOT_LEFT, bottom, SVG_GREY, 1, 0);
    svg_close(svg, file);
}
