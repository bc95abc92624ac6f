/* Traps before the snapshot: the load must fail and say so. */
#include "guest.h"

__attribute__((constructor)) static void prepare(void)
{
    write_text(2, "about to trap\n");
    __builtin_trap();
}

EXPORT("handle") int handle(void)
{
    return 0;
}
