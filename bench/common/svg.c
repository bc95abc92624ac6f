#include "bench/common/svg.h"

#include "bench/common/chart.h"
#include "bench/common/fail.h"

#include <limits.h>

FILE *svg_open(const char *folder, const char *file, int width, int height)
{
    char path[PATH_MAX];
    FILE *svg;

    snprintf(path, sizeof(path), "%s/%s.svg", folder, file);
    svg = fopen(path, "we");
    if (!svg)
        bench_fail("%s: cannot write it", path);
    fprintf(svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\">\n",
            width, height, width, height);
    svg_rectangle(svg, 0, 0, width, height, "#ffffff");
    return svg;
}

void svg_close(FILE *svg, const char *file)
{
    fputs("</svg>\n", svg);
    if (fclose(svg) != 0)
        bench_fail("%s.svg: cannot write it", file);
}

static void put_escaped(FILE *svg, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", svg);
            break;
        case '<':
            fputs("&lt;", svg);
            break;
        case '>':
            fputs("&gt;", svg);
            break;
        default:
            fputc(*text, svg);
        }
    }
}

void svg_text(FILE *svg, double x, double y, enum svg_anchor anchor, int size, const char *colour,
              const char *text)
{
    static const char *const anchors[] = {"start", "middle", "end"};

    fprintf(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\"%s>",
            x, y, anchors[anchor], size, colour,
            size == SVG_TITLE_SIZE ? " font-weight=\"bold\"" : "");
    put_escaped(svg, text);
    fputs("</text>\n", svg);
}

void svg_line(FILE *svg, double x1, double y1, double x2, double y2, const char *colour,
              double width, int dashed)
{
    fprintf(svg,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
            "stroke-width=\"%.1f\"%s/>\n",
            x1, y1, x2, y2, colour, width, dashed ? " stroke-dasharray=\"6 4\"" : "");
}

void svg_rectangle(FILE *svg, double x, double y, double width, double height, const char *colour)
{
    fprintf(svg, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x, y,
            width, height, colour);
}

void svg_circle(FILE *svg, double x, double y, double radius, const char *colour)
{
    fprintf(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>\n", x, y, radius,
            colour);
}

const char *svg_colour(size_t index)
{
    /* Okabe and Ito's palette. */
    static const char *const colours[CHART_COLOURS] = {"#0072b2", "#d55e00", "#009e73",
                                                       "#e69f00", "#cc79a7", "#56b4e9"};

    return colours[index];
}
