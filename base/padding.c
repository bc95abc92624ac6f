#include "base/padding.h"

#include "abi/envelope.h"
#include "base/bytes.h"

enum status padded_length(uint32_t padding, uint64_t bytes, uint64_t *padded)
{
    uint64_t unit = padding;

    if (bytes > UINT64_MAX / 4)
        return ST_OUT_OF_RANGE;
    if (padding == PAD_NONE) {
        *padded = bytes;
        return ST_OK;
    }
    if (padding == PAD_POWER_OF_TWO)
        for (unit = PAD_MULTIPLE_MIN; unit < bytes;)
            unit *= 2;
    else if (padding < PAD_MULTIPLE_MIN || padding > PAD_MULTIPLE_MAX || padding & (padding - 1))
        return ST_INVALID_ARGUMENT;
    *padded = round_up(bytes, unit);
    return ST_OK;
}
