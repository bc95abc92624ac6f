/*
 * Answers with its name, how often it was called since the snapshot, 16 random bytes and its input.
 * Tests make many functions of one bundle by writing another number into the name's data.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile char name[] = "function #00000000#";
static volatile unsigned count;

int main(void)
{
    unsigned char noise[16];
    char input[64];
    size_t bytes = fread(input, 1, sizeof(input), stdin);

    if (getentropy(noise, sizeof(noise)))
        return 1;
    for (size_t i = 0; name[i]; i++)
        putchar(name[i]);
    printf(" %u ", ++count);
    fwrite(noise, 1, sizeof(noise), stdout);
    fwrite(input, 1, bytes, stdout);
    return 0;
}
