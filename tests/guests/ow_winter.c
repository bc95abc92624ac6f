/* An OpenWhisk action: {"delimiter": D} gives {"winter": "D <snowman> D"}, and says so. */
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

int main(void)
{
    char input[512] = "";
    char *value, *end;

    input[fread(input, 1, sizeof(input) - 1, stdin)] = 0;
    value = strstr(input, "\"delimiter\":\"");
    if (!value)
        return 1;
    value += strlen("\"delimiter\":\"");
    end = strchr(value, '"');
    if (!end)
        return 1;
    *end = 0;
    printf("%s \xe2\x98\x83 %s\n", value, value);
    printf("{\"winter\":\"%s \xe2\x98\x83 %s\"}\n", value, value);
    return 0;
}
