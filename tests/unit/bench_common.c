/* The arithmetic and the output of bench/common: numbers in a README stand on it. */
#include "bench/common/chart.h"
#include "bench/common/scale.h"
#include "bench/common/series.h"
#include "bench/common/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CLOSE 1e-9

static struct series series_of(const double *values, size_t count)
{
    struct series series = {0};

    for (size_t i = 0; i < count; i++)
        series_add(&series, values[i]);
    return series;
}

static void quartiles_of_an_odd_number_are_samples(void **state)
{
    struct series series = series_of((double[]){50, 10, 40, 20, 30}, 5);
    struct spread spread = series_spread(&series);

    (void)state;
    assert_float_equal(spread.median, 30, CLOSE);
    assert_float_equal(spread.low, 20, CLOSE);
    assert_float_equal(spread.high, 40, CLOSE);
    series_free(&series);
}

static void quartiles_of_an_even_number_lie_between(void **state)
{
    struct series series = series_of((double[]){4, 1, 3, 2}, 4);
    struct spread spread = series_spread(&series);

    (void)state;
    assert_float_equal(spread.median, 2.5, CLOSE);
    assert_float_equal(spread.low, 1.75, CLOSE);
    assert_float_equal(spread.high, 3.25, CLOSE);
    series_free(&series);
}

static void one_sample_is_its_own_spread(void **state)
{
    struct series series = series_of((double[]){7}, 1);
    struct spread spread = series_spread(&series);

    (void)state;
    assert_float_equal(spread.median, 7, 0);
    assert_float_equal(spread.low, 7, 0);
    assert_float_equal(spread.high, 7, 0);
    series_free(&series);
}

static void median_ignores_outliers(void **state)
{
    struct series series = series_of((double[]){1, 1, 1, 1e9, 1}, 5);

    (void)state;
    assert_float_equal(series_median(&series), 1, 0);
    series_free(&series);
}

/* Both halve their speed in the middle: the ratio does not change. */
static void ratios_pair_neighbours(void **state)
{
    struct series above = series_of((double[]){10, 20, 20}, 3);
    struct series below = series_of((double[]){2, 4, 4}, 3);
    struct spread spread = series_ratio(&above, &below);

    (void)state;
    assert_float_equal(spread.low, 5, CLOSE);
    assert_float_equal(spread.median, 5, CLOSE);
    assert_float_equal(spread.high, 5, CLOSE);
    series_free(&above);
    series_free(&below);
}

static void numbers_keep_three_digits(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0, "0"},        {0.0123, "0.0123"}, {0.5, "0.50"},
                 {1.234, "1.23"}, {9.999, "10.0"},    {12.34, "12.3"},
                 {99.97, "100"},  {123.4, "123"},     {65606, "65606"}};
    char text[NUMBER_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(number_text(cases[i].number, text), cases[i].text);
}

static void times_have_fitting_units(void **state)
{
    char text[SCALE_TEXT_BYTES];

    (void)state;
    assert_string_equal(time_text(0.5, text), "500 ns");
    assert_string_equal(time_text(12.34, text), "12.3 us");
    assert_string_equal(time_text(1234, text), "1.23 ms");
    assert_string_equal(time_text(2.5e6, text), "2.50 s");
    assert_string_equal(scale_time_text(1e5, text), "100 ms");
}

static void scale_is_logarithmic(void **state)
{
    struct scale scale = {.from = 0, .to = 300};

    (void)state;
    scale_include(&scale, (struct spread){20, 15, 30});
    scale_include(&scale, (struct spread){5000, 4000, 9000});
    scale_round(&scale);
    assert_float_equal(scale.low, 10, CLOSE);
    assert_float_equal(scale.high, 10000, CLOSE);
    assert_float_equal(scale_at(&scale, 10), 0, CLOSE);
    assert_float_equal(scale_at(&scale, 100), 100, CLOSE);
    assert_float_equal(scale_at(&scale, 10000), 300, CLOSE);
}

static void scale_of_one_power_is_not_empty(void **state)
{
    struct scale scale = {.from = 0, .to = 100};

    (void)state;
    scale_include(&scale, (struct spread){100, 100, 100});
    scale_round(&scale);
    assert_true(scale.low < scale.high);
}

/* ---- files ------------------------------------------------------------------ */

static char folder[] = "/tmp/bench-common-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* The whole file, which is removed. */
static void take_file(const char *name, char *text, size_t bytes)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, bytes - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(unlink(path), 0);
}

static void table_writes_one_csv_column_per_number(void **state)
{
    struct table *table = table_new("sample", "# a table");
    char text[512];

    (void)state;
    table_column(table, "variant", "");
    table_column(table, "pages", "");
    table_column_spread(table, "load", "ms");
    table_column_range(table, "guess", "us");
    table_text(table, "one, two");
    table_count(table, 12);
    table_spread(table, (struct spread){2, 1, 3});
    table_range(table, 4, 5);
    table_text(table, "none");
    table_none(table);
    table_none(table);
    table_none(table);
    table_finish(table, folder);
    take_file("sample.csv", text, sizeof(text));
    assert_string_equal(text,
                        "variant,pages,load_ms,load_ms_q1,load_ms_q3,guess_us_low,guess_us_high\n"
                        "\"one, two\",12,2,1,3,4,5\n"
                        "\"none\",,,,,,\n");
}

static size_t count(const char *text, const char *what)
{
    size_t found = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        found++;
    return found;
}

static void bar_chart_has_a_bar_and_a_value_each(void **state)
{
    static const char *const groups[] = {"a & b", "c < d"};
    const struct bar bars[] = {{"first", {1500, 1400, 1600}, 0}, {"second", {2, 1, 3}, 1}};
    char text[16384];

    (void)state;
    chart_bars(&(struct bar_chart){"title", "subtitle", groups, 2, bars, 2}, folder, "bars");
    take_file("bars.svg", text, sizeof(text));
    assert_int_equal(count(text, "<rect"), 1 + 2 + 2); /* background, legend, bars */
    assert_int_equal(count(text, ">1.50 ms<"), 1);
    assert_int_equal(count(text, ">2.00 us<"), 1);
    assert_int_equal(count(text, "a &amp; b"), 1);
    assert_int_equal(count(text, "c &lt; d"), 1);
    assert_int_equal(count(text, "nan"), 0);
    assert_non_null(strstr(text, "</svg>"));
}

static void line_chart_has_a_mark_per_point(void **state)
{
    const double x[] = {1, 4, 16};
    const struct spread us[] = {{1, 1, 2}, {4, 3, 5}, {16, 15, 20}};
    const struct line lines[] = {{"rewind", x, us, 3, 0}, {"memcpy", x, us, 3, 1}};
    char text[16384];

    (void)state;
    chart_lines(&(struct line_chart){"title", "subtitle", "MiB", lines, 2}, folder, "lines");
    take_file("lines.svg", text, sizeof(text));
    assert_int_equal(count(text, "<circle"), 2 * 3 + 2); /* points, legend */
    assert_int_equal(count(text, "stroke-dasharray"), 2 + 1);
    assert_int_equal(count(text, "nan"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quartiles_of_an_odd_number_are_samples),
        cmocka_unit_test(quartiles_of_an_even_number_lie_between),
        cmocka_unit_test(one_sample_is_its_own_spread),
        cmocka_unit_test(median_ignores_outliers),
        cmocka_unit_test(ratios_pair_neighbours),
        cmocka_unit_test(numbers_keep_three_digits),
        cmocka_unit_test(times_have_fitting_units),
        cmocka_unit_test(scale_is_logarithmic),
        cmocka_unit_test(scale_of_one_power_is_not_empty),
        cmocka_unit_test(table_writes_one_csv_column_per_number),
        cmocka_unit_test(bar_chart_has_a_bar_and_a_value_each),
        cmocka_unit_test(line_chart_has_a_mark_per_point),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
