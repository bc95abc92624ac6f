/*
 * Draws the plots of throughput.py, which knows no charts.
 *
 *   plot FOLDER NAME TITLE SUBTITLE X-TITLE <LINES
 *
 * Each line of stdin: a name, a tab, then "X LOW MEDIAN HIGH" in microseconds for each point,
 * separated by blanks. All lines have the X of the first.
 */
#include "bench/common/chart.h"
#include "bench/common/fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 4096

struct drawn {
    char name[64];
    double x[LINE_POINTS_MAX];
    struct spread us[LINE_POINTS_MAX];
};

static size_t read_points(const char *text, struct drawn *drawn)
{
    size_t count = 0;
    int used = 0;

    for (; count < LINE_POINTS_MAX; count++, text += used) {
        struct spread *us = &drawn->us[count];

        if (sscanf(text, "%lf %lf %lf %lf%n", &drawn->x[count], &us->low, &us->median, &us->high,
                   &used) != 4)
            break;
    }
    return count;
}

int main(int argc, char **argv)
{
    static struct drawn drawn[CHART_COLOURS];
    struct line lines[CHART_COLOURS];
    char text[LINE_BYTES];
    size_t count = 0;

    if (argc != 6)
        bench_fail("usage: plot FOLDER NAME TITLE SUBTITLE X-TITLE <LINES");
    while (count < CHART_COLOURS && fgets(text, sizeof(text), stdin)) {
        char *tab = strchr(text, '\t');
        struct drawn *next = &drawn[count];

        if (!tab)
            bench_fail("a line without a tab: %s", text);
        snprintf(next->name, sizeof(next->name), "%.*s", (int)(tab - text), text);
        lines[count++] = (struct line){
            .name = next->name, .x = next->x, .us = next->us, .count = read_points(tab + 1, next)};
    }
    if (count == 0)
        bench_fail("nothing to draw");
    chart_lines(&(struct line_chart){.title = argv[3],
                                     .subtitle = argv[4],
                                     .x_title = argv[5],
                                     .lines = lines,
                                     .line_count = count},
                argv[1], argv[2]);
    return 0;
}
