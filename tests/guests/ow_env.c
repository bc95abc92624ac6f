/* An OpenWhisk action that returns its environment. Values need no escapes here. */
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

extern char **environ;

int main(void)
{
    char **entry = environ;
    const char *comma = "";

    putchar('{');
    for (; entry && *entry; entry++) {
        char *equals = strchr(*entry, '=');

        printf("%s\"%.*s\":\"%s\"", comma, (int)(equals - *entry), *entry, equals + 1);
        comma = ",";
    }
    puts("}");
    return 0;
}
