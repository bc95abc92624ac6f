/* Prints how many bytes of input there were, and their sum. */
#include "guest.h"

static unsigned char buffer[65536];

int main(void)
{
    uint64_t bytes = 0, sum = 0;
    size_t got;

    while ((got = read_input(buffer, sizeof(buffer))) > 0) {
        bytes += got;
        for (size_t i = 0; i < got; i++)
            sum += buffer[i];
    }
    write_number("bytes", bytes);
    write_number("sum", sum);
    return 0;
}
