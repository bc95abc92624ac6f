#include "bench/common/chart.h"
#include "bench/common/scale.h"
#include "bench/common/svg.h"
#include "bench/common/table.h"

#define WIDTH       760
#define HEIGHT      480
#define PLOT_LEFT   84
#define PLOT_RIGHT  (WIDTH - 30)
#define PLOT_TOP    70
#define PLOT_BOTTOM (HEIGHT - 62)
#define MARGIN      1.25 /* factor that the outermost points keep from the edges */

struct axes {
    struct scale x, y;
};

static void draw_grid(FILE *svg, const struct axes *axes, const struct line *first)
{
    char text[SCALE_TEXT_BYTES], number[NUMBER_TEXT_BYTES];

    for (double us = axes->y.low; us < axes->y.high * 1.5; us *= 10) {
        double at = scale_at(&axes->y, us);

        svg_line(svg, PLOT_LEFT, at, PLOT_RIGHT, at, SVG_FAINT, 1, 0);
        svg_text(svg, PLOT_LEFT - 8, at + 4, SVG_END, SVG_TEXT_SIZE, SVG_GREY,
                 scale_time_text(us, text));
    }
    for (size_t i = 0; i < first->count; i++) {
        double at = scale_at(&axes->x, first->x[i]);

        snprintf(number, sizeof(number), "%g", first->x[i]);
        svg_line(svg, at, PLOT_TOP, at, PLOT_BOTTOM, SVG_FAINT, 1, 0);
        svg_text(svg, at, PLOT_BOTTOM + 18, SVG_MIDDLE, SVG_TEXT_SIZE, SVG_GREY, number);
    }
}

static void draw_line(FILE *svg, const struct axes *axes, const struct line *line,
                      const char *colour)
{
    double last_x = 0, last_y = 0;

    for (size_t i = 0; i < line->count; i++) {
        double x = scale_at(&axes->x, line->x[i]), y = scale_at(&axes->y, line->us[i].median);

        if (i)
            svg_line(svg, last_x, last_y, x, y, colour, 2, line->dashed);
        svg_line(svg, x, scale_at(&axes->y, line->us[i].low), x,
                 scale_at(&axes->y, line->us[i].high), colour, 1.5, 0);
        svg_circle(svg, x, y, 4, colour);
        last_x = x;
        last_y = y;
    }
}

static void draw_legend(FILE *svg, const struct line_chart *chart)
{
    for (size_t i = 0; i < chart->line_count; i++) {
        double y = PLOT_TOP + 20 + (double)i * 20;

        svg_line(svg, PLOT_LEFT + 14, y - 4, PLOT_LEFT + 46, y - 4, svg_colour(i), 2,
                 chart->lines[i].dashed);
        svg_circle(svg, PLOT_LEFT + 30, y - 4, 4, svg_colour(i));
        svg_text(svg, PLOT_LEFT + 54, y, SVG_START, SVG_TEXT_SIZE, SVG_INK, chart->lines[i].name);
    }
}

static struct axes choose_axes(const struct line_chart *chart)
{
    const struct line *first = &chart->lines[0];
    struct axes axes = {
        .x = {first->x[0] / MARGIN, first->x[first->count - 1] * MARGIN, PLOT_LEFT, PLOT_RIGHT},
        .y = {.from = PLOT_BOTTOM, .to = PLOT_TOP},
    };

    for (size_t i = 0; i < chart->line_count; i++)
        for (size_t point = 0; point < chart->lines[i].count; point++)
            scale_include(&axes.y, chart->lines[i].us[point]);
    scale_round(&axes.y);
    return axes;
}

void chart_lines(const struct line_chart *chart, const char *folder, const char *file)
{
    struct axes axes = choose_axes(chart);
    FILE *svg = svg_open(folder, file, WIDTH, HEIGHT);

    svg_text(svg, 20, 26, SVG_START, SVG_TITLE_SIZE, SVG_INK, chart->title);
    svg_text(svg, 20, 46, SVG_START, SVG_TEXT_SIZE, SVG_GREY, chart->subtitle);
    draw_grid(svg, &axes, &chart->lines[0]);
    svg_line(svg, PLOT_LEFT, PLOT_TOP, PLOT_LEFT, PLOT_BOTTOM, SVG_GREY, 1, 0);
    svg_line(svg, PLOT_LEFT, PLOT_BOTTOM, PLOT_RIGHT, PLOT_BOTTOM, SVG_GREY, 1, 0);
    svg_text(svg, (PLOT_LEFT + PLOT_RIGHT) / 2.0, HEIGHT - 20, SVG_MIDDLE, SVG_TEXT_SIZE, SVG_INK,
             chart->x_title);
    for (size_t i = 0; i < chart->line_count; i++)
        draw_line(svg, &axes, &chart->lines[i], svg_colour(i));
    draw_legend(svg, chart);
    svg_close(svg, file);
}
