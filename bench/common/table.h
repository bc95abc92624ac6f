/* Tables: aligned text on stdout for people, a CSV file for programs. */
#ifndef RECLAVE_BENCH_COMMON_TABLE_H
#define RECLAVE_BENCH_COMMON_TABLE_H

#include "bench/common/series.h"

#include <stdint.h>

struct table;

/* file: the CSV's name without folder and suffix, e.g. "coldstart-steps". */
struct table *table_new(const char *file, const char *title);

/* Columns first, then cells row by row. `unit` may be "". A column that holds spreads prints
 * "median (quartile-quartile)" and has three columns in the CSV. */
void table_column(struct table *table, const char *name, const char *unit);
void table_column_spread(struct table *table, const char *name, const char *unit);
/* ... a range prints "low-high" and has two. */
void table_column_range(struct table *table, const char *name, const char *unit);

void table_text(struct table *table, const char *text);
void table_count(struct table *table, uint64_t count);
void table_number(struct table *table, double number);
void table_spread(struct table *table, struct spread spread);
void table_range(struct table *table, double low, double high);
void table_none(struct table *table); /* does not apply, or cannot be known here */

/* Prints it, writes FOLDER/<file>.csv unless folder is NULL, and frees it. */
void table_finish(struct table *table, const char *folder);

/* Three significant digits where that is less than the number has: 1.23, 12.3, 123, 1234. */
#define NUMBER_TEXT_BYTES 32
const char *number_text(double number, char text[NUMBER_TEXT_BYTES]);

#endif
