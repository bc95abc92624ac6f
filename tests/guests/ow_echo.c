/* An OpenWhisk action: a line on each stream, then its parameters as the result. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static char input[2 << 20];
    size_t bytes = fread(input, 1, sizeof(input), stdin);

    puts("hello stdout");
    fputs("hello stderr\n", stderr);
    fwrite(input, 1, bytes, stdout);
    return 0;
}
