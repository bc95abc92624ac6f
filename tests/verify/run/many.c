#include "tests/verify/run/programs.h"
const unsigned program_count = 1000000;
const unsigned long program_seed = 0x13579bdf;
