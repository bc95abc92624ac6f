/* handle() returns the number on its input: anything but 0 is a function error. */
#include "guest.h"

EXPORT("handle") int handle(void)
{
    return (int)read_number(0);
}
