/* Input, output and log that can be told apart by whoever looks for them: stdout is stdin
 * backwards, stderr is "log: " and stdin with bit 0 of each byte turned. */
#include "guest.h"

static char input[4096], output[sizeof(input)], log_text[sizeof(input)];

int main(void)
{
    size_t bytes = read_input(input, sizeof(input));

    for (size_t i = 0; i < bytes; i++) {
        output[i] = input[bytes - 1 - i];
        log_text[i] = (char)(input[i] ^ 1);
    }
    write_text(2, "log: ");
    write_all(2, log_text, bytes);
    write_all(1, output, bytes);
    return 0;
}
