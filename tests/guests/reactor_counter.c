/* Counts its invocations in a variable: must answer 1 each time, since every one is rewound. */
#include "guest.h"

static uint64_t invocations;

EXPORT("handle") int handle(void)
{
    write_number("invocation", ++invocations);
    return 0;
}
