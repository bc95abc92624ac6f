#include "bench/sfi/sfi.h"

#include <math.h>

struct spread sfi_ratio(const struct sfi_results *results, unsigned program, enum variant above,
                        enum variant below)
{
    return series_ratio(&results->us[program][above], &results->us[program][below]);
}

double sfi_mean(const struct sfi_results *results, enum variant above, enum variant below)
{
    double logarithms = 0;

    for (unsigned program = 0; program < PROGRAM_COUNT; program++)
        logarithms += log(sfi_ratio(results, program, above, below).median);
    return exp(logarithms / PROGRAM_COUNT);
}
