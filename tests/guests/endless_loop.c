/* Never returns, unless its input starts with "stop". */
#include "guest.h"

int main(void)
{
    char input[4];
    volatile unsigned turns = 0;

    if (read_input(input, sizeof(input)) == 4 && !memcmp(input, "stop", 4)) {
        write_text(1, "stopped\n");
        return 0;
    }
    for (;;)
        turns++;
}
