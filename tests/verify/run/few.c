#include "tests/verify/run/programs.h"
const unsigned program_count = 6000;
const unsigned long program_seed = 0x52434c56;
