#include "bench/common/scale.h"

#include "bench/common/table.h"

#include <math.h>
#include <stdio.h>

double scale_at(const struct scale *scale, double value)
{
    double part = log(value / scale->low) / log(scale->high / scale->low);

    return scale->from + part * (scale->to - scale->from);
}

void scale_include(struct scale *scale, struct spread spread)
{
    if (scale->low == 0 || spread.low < scale->low)
        scale->low = spread.low;
    if (spread.high > scale->high)
        scale->high = spread.high;
}

void scale_round(struct scale *scale)
{
    scale->low = pow(10, floor(log10(scale->low)));
    scale->high = pow(10, ceil(log10(scale->high)));
    if (scale->low == scale->high)
        scale->high *= 10;
}

static double in_unit(double us, const char **unit)
{
    *unit = us >= 1e6 ? "s" : us >= 1e3 ? "ms" : us >= 1 ? "us" : "ns";
    return us >= 1e6 ? us / 1e6 : us >= 1e3 ? us / 1e3 : us >= 1 ? us : us * 1e3;
}

const char *scale_time_text(double us, char text[SCALE_TEXT_BYTES])
{
    const char *unit;
    double number = in_unit(us * 1.0000001, &unit); /* 999.9999... is 1000 */

    snprintf(text, SCALE_TEXT_BYTES, "%.0f %s", number, unit);
    return text;
}

const char *time_text(double us, char text[SCALE_TEXT_BYTES])
{
    char number[NUMBER_TEXT_BYTES];
    const char *unit;
    double value = in_unit(us, &unit);

    snprintf(text, SCALE_TEXT_BYTES, "%.16s %s", number_text(value, number), unit);
    return text;
}
