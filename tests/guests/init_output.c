/* Prints while it initialises, before the snapshot; each invocation prints something else. */
#include "guest.h"

__attribute__((constructor)) static void announce(void)
{
    write_text(1, "output of the initialisation\n");
    write_text(2, "log of the initialisation\n");
}

EXPORT("handle") int handle(void)
{
    write_text(1, "output of an invocation\n");
    return 0;
}
