/* Prints its arguments after the program's name, then its environment, a line each. */
#include <stdio.h>

extern char **environ;

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("arg %s\n", argv[i]);
    for (char **entry = environ; entry && *entry; entry++)
        printf("env %s\n", *entry);
    return 0;
}
