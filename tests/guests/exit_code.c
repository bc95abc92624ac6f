/* Exits with the number that is its last argument or, without arguments, its input. */
#include "guest.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    int code = argc > 1 ? atoi(argv[argc - 1]) : (int)read_number(0);

    write_text(2, "leaving\n");
    exit(code);
}
