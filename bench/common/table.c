#include "bench/common/table.h"

#include "bench/common/fail.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 16
#define CELL_BYTES  96

enum kind { SINGLE, SPREAD, RANGE };

struct column {
    char head[CELL_BYTES];
    char name[CELL_BYTES];
    enum kind kind;
};

struct cell {
    char text[CELL_BYTES]; /* as printed */
    char csv[3 * CELL_BYTES];
};

struct table {
    const char *file, *title;
    struct column columns[COLUMNS_MAX];
    size_t column_count;
    struct cell *cells;
    size_t cell_count, room;
};

struct table *table_new(const char *file, const char *title)
{
    struct table *table = calloc(1, sizeof(*table));

    if (!table)
        bench_fail("out of memory");
    table->file = file;
    table->title = title;
    return table;
}

static void add_column(struct table *table, const char *name, const char *unit, enum kind kind)
{
    struct column *column = &table->columns[table->column_count];

    if (++table->column_count > COLUMNS_MAX || table->cell_count)
        bench_fail("table %s: too many columns, or one after the first cell", table->file);
    snprintf(column->head, CELL_BYTES, unit[0] ? "%s, %s" : "%s%s", name, unit);
    snprintf(column->name, CELL_BYTES, unit[0] ? "%s_%s" : "%s%s", name, unit);
    for (char *c = column->name; *c; c++)
        if (*c == ' ' || *c == ',' || *c == '/')
            *c = '_';
    column->kind = kind;
}

void table_column(struct table *table, const char *name, const char *unit)
{
    add_column(table, name, unit, SINGLE);
}

void table_column_spread(struct table *table, const char *name, const char *unit)
{
    add_column(table, name, unit, SPREAD);
}

void table_column_range(struct table *table, const char *name, const char *unit)
{
    add_column(table, name, unit, RANGE);
}

/* The next cell, which must be in a column of this kind. */
static struct cell *add_cell(struct table *table, enum kind kind)
{
    if (table->columns[table->cell_count % table->column_count].kind != kind)
        bench_fail("table %s: cell %zu is of another kind than its column", table->file,
                   table->cell_count);
    if (table->cell_count == table->room) {
        table->room = table->room ? 2 * table->room : 64;
        table->cells = realloc(table->cells, table->room * sizeof(*table->cells));
        if (!table->cells)
            bench_fail("out of memory");
    }
    return &table->cells[table->cell_count++];
}

void table_text(struct table *table, const char *text)
{
    struct cell *cell = add_cell(table, SINGLE);

    snprintf(cell->text, sizeof(cell->text), "%s", text);
    snprintf(cell->csv, sizeof(cell->csv), "\"%s\"", text);
}

void table_count(struct table *table, uint64_t count)
{
    struct cell *cell = add_cell(table, SINGLE);

    snprintf(cell->text, sizeof(cell->text), "%" PRIu64, count);
    snprintf(cell->csv, sizeof(cell->csv), "%" PRIu64, count);
}

void table_number(struct table *table, double number)
{
    struct cell *cell = add_cell(table, SINGLE);
    char text[NUMBER_TEXT_BYTES];

    snprintf(cell->text, sizeof(cell->text), "%s", number_text(number, text));
    snprintf(cell->csv, sizeof(cell->csv), "%.6g", number);
}

void table_spread(struct table *table, struct spread spread)
{
    char median[NUMBER_TEXT_BYTES], low[NUMBER_TEXT_BYTES], high[NUMBER_TEXT_BYTES];
    struct cell *cell = add_cell(table, SPREAD);

    snprintf(cell->text, sizeof(cell->text), "%s (%s-%s)", number_text(spread.median, median),
             number_text(spread.low, low), number_text(spread.high, high));
    snprintf(cell->csv, sizeof(cell->csv), "%.6g,%.6g,%.6g", spread.median, spread.low,
             spread.high);
}

void table_range(struct table *table, double low, double high)
{
    char from[NUMBER_TEXT_BYTES], to[NUMBER_TEXT_BYTES];
    struct cell *cell = add_cell(table, RANGE);

    snprintf(cell->text, sizeof(cell->text), "%s-%s", number_text(low, from),
             number_text(high, to));
    snprintf(cell->csv, sizeof(cell->csv), "%.6g,%.6g", low, high);
}

void table_none(struct table *table)
{
    static const char *const empty[] = {[SINGLE] = "", [SPREAD] = ",,", [RANGE] = ","};
    enum kind kind = table->columns[table->cell_count % table->column_count].kind;
    struct cell *cell = add_cell(table, kind);

    strcpy(cell->text, "-");
    strcpy(cell->csv, empty[kind]);
}

const char *number_text(double number, char text[NUMBER_TEXT_BYTES])
{
    double size = number < 0 ? -number : number;
    int digits = size == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.1 ? 2 : 4;

    snprintf(text, NUMBER_TEXT_BYTES, "%.*f", digits, number);
    return text;
}

/* ---- output ------------------------------------------------------------- */

static size_t column_width(const struct table *table, size_t column)
{
    size_t width = strlen(table->columns[column].head);

    for (size_t i = column; i < table->cell_count; i += table->column_count) {
        size_t cell = strlen(table->cells[i].text);

        width = cell > width ? cell : width;
    }
    return width;
}

static void print_cell(size_t column, size_t width, const char *text)
{
    /* The first column names the row; the others are numbers. */
    printf(column ? "  %*s" : "%-*s", (int)width, text);
}

static void print_text(const struct table *table)
{
    size_t width[COLUMNS_MAX];

    printf("\n%s\n\n", table->title);
    for (size_t i = 0; i < table->column_count; i++) {
        width[i] = column_width(table, i);
        print_cell(i, width[i], table->columns[i].head);
    }
    putchar('\n');
    for (size_t i = 0; i < table->column_count; i++) {
        if (i)
            fputs("  ", stdout);
        for (size_t dash = 0; dash < width[i]; dash++)
            putchar('-');
    }
    putchar('\n');
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t column = i % table->column_count;

        print_cell(column, width[column], table->cells[i].text);
        if (column + 1 == table->column_count)
            putchar('\n');
    }
}

static void write_csv(const struct table *table, FILE *file)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const char *name = table->columns[i].name;

        if (i)
            fputc(',', file);
        if (table->columns[i].kind == SPREAD)
            fprintf(file, "%s,%s_q1,%s_q3", name, name, name);
        else if (table->columns[i].kind == RANGE)
            fprintf(file, "%s_low,%s_high", name, name);
        else
            fputs(name, file);
    }
    fputc('\n', file);
    for (size_t i = 0; i < table->cell_count; i++) {
        bool last = i % table->column_count + 1 == table->column_count;

        fprintf(file, "%s%c", table->cells[i].csv, last ? '\n' : ',');
    }
}

void table_finish(struct table *table, const char *folder)
{
    char path[PATH_MAX];
    FILE *file;

    if (table->cell_count % table->column_count)
        bench_fail("table %s: an incomplete row", table->file);
    print_text(table);
    if (folder) {
        snprintf(path, sizeof(path), "%s/%s.csv", folder, table->file);
        file = fopen(path, "we");
        if (!file)
            bench_fail("%s: cannot write it", path);
        write_csv(table, file);
        if (fclose(file) != 0)
            bench_fail("%s: cannot write it", path);
    }
    free(table->cells);
    free(table);
}
