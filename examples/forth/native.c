/* The same interpreter as a program of the host, for comparison. */
#include "forth.h"

int main(void)
{
    return handle();
}
