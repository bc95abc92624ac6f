/* The few SVG shapes that charts are made of. Coordinates are pixels from the top left. */
#ifndef RECLAVE_BENCH_COMMON_SVG_H
#define RECLAVE_BENCH_COMMON_SVG_H

#include <stddef.h>
#include <stdio.h>

#define SVG_TEXT_SIZE  13
#define SVG_TITLE_SIZE 17

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* FOLDER/<file>.svg, open, with a white background and its title. */
FILE *svg_open(const char *folder, const char *file, int width, int height);
void svg_close(FILE *svg, const char *file);

/* y: the text's base line. */
void svg_text(FILE *svg, double x, double y, enum svg_anchor anchor, int size, const char *colour,
              const char *text);
void svg_line(FILE *svg, double x1, double y1, double x2, double y2, const char *colour,
              double width, int dashed);
void svg_rectangle(FILE *svg, double x, double y, double width, double height, const char *colour);
void svg_circle(FILE *svg, double x, double y, double radius, const char *colour);

/* Colours that people with any kind of colour vision can tell apart; index < CHART_COLOURS. */
const char *svg_colour(size_t index);
#define SVG_INK   "#222222"
#define SVG_FAINT "#d8d8d8"
#define SVG_GREY  "#666666"

#endif
