/* A JSON transform: every string's letters in upper case, the fields counted. Input of about 1 KiB.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

int main(void)
{
    static char text[1 << 16];
    size_t bytes = fread(text, 1, sizeof(text) - 1, stdin);
    unsigned strings = 0;
    bool inside = false;

    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '"') {
            inside = !inside;
            strings += inside;
        } else if (inside && text[i] == '\\') {
            i++;
        } else if (inside) {
            text[i] = (char)toupper((unsigned char)text[i]);
        }
    }
    printf("{\"strings\":%u,\"result\":%.*s}\n", strings, (int)bytes, text);
    return 0;
}
