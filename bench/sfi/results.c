#include "bench/sfi/sfi.h"

#include <math.h>

struct spread sfi_ratio(const struct sfi_results *results, unsigned program, enum variant above,
                        enum variant below)
{
    return series_ratio(&results->us[program][above], &results->us[program][below]);
}

static double mean(const struct sfi_results *results, enum variant above, enum variant below,
                   bool only_marked)
{
    double logarithms = 0;
    unsigned count = 0;

    for (unsigned program = 0; program < PROGRAM_COUNT; program++)
        if (!only_marked || results->auto_marks[program]) {
            logarithms += log(sfi_ratio(results, program, above, below).median);
            count++;
        }
    return exp(logarithms / count);
}

double sfi_mean(const struct sfi_results *results, enum variant above, enum variant below)
{
    return mean(results, above, below, false);
}

double sfi_mean_marked(const struct sfi_results *results, enum variant above, enum variant below)
{
    return mean(results, above, below, true);
}
