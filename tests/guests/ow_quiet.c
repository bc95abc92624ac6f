/* An OpenWhisk action that returns its parameters and says nothing else. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static char input[2 << 20];
    size_t bytes = fread(input, 1, sizeof(input), stdin);

    fwrite(input, 1, bytes, stdout);
    return 0;
}
