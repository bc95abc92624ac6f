#include "cli/number.h"

bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    uint64_t result = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(result, 10, &result) ||
            __builtin_add_overflow(result, (uint64_t)(*text - '0'), &result))
            return false;
    }
    *value = result;
    return result >= least && result <= most;
}
