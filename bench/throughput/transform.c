/* A JSON transform: every string's letters in upper case, the fields counted. Input of about 1 KiB,
 * read as in noop.c. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    static char text[1 << 16];
    unsigned strings = 0;
    bool inside = false;
    size_t bytes = 0;

    for (ssize_t more = 1; more > 0 && bytes < sizeof(text); bytes += (size_t)more) {
        more = read(STDIN_FILENO, text + bytes, sizeof(text) - bytes);
        if (more < 0)
            return 1;
    }

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
