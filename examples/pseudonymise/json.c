#include "json.h"

#include <string.h>

bool scan_fail(struct scanner *s, const char *error)
{
    if (!s->error)
        s->error = error;
    return false;
}

int scan_peek(const struct scanner *s)
{
    return s->at < s->end ? *s->at : -1;
}

static bool accept(struct scanner *s, int c)
{
    if (scan_peek(s) != c)
        return false;
    s->at++;
    return true;
}

void scan_space(struct scanner *s)
{
    while (accept(s, ' ') || accept(s, '\t') || accept(s, '\n') || accept(s, '\r'))
        ;
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool scan_escape(struct scanner *s)
{
    int c = scan_peek(s);

    if (c < 0 || !strchr("\"\\/bfnrtu", c))
        return scan_fail(s, "unknown escape");
    s->at++;
    if (c != 'u')
        return true;
    for (int i = 0; i < 4; i++) {
        if (hex_value(scan_peek(s)) < 0)
            return scan_fail(s, "\\u needs four hexadecimal digits");
        s->at++;
    }
    return true;
}

/* One character beyond ASCII: shortest form, no surrogates, at most U+10FFFF (RFC 3629). */
static bool scan_utf8(struct scanner *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = *s->at;
    int bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    uint32_t c;

    if (bytes == 0 || first > 0xf4 || s->end - s->at < bytes)
        return scan_fail(s, "invalid UTF-8");
    c = first & (0x7fu >> bytes);
    for (int i = 1; i < bytes; i++) {
        if ((s->at[i] & 0xc0) != 0x80)
            return scan_fail(s, "invalid UTF-8");
        c = c << 6 | (s->at[i] & 0x3fu);
    }
    if (c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return scan_fail(s, "invalid UTF-8");
    s->at += bytes;
    return true;
}

bool scan_string(struct scanner *s)
{
    if (!accept(s, '"'))
        return scan_fail(s, "expected a string");
    for (;;) {
        int c = scan_peek(s);

        if (c < 0)
            return scan_fail(s, "string without end");
        if (c < 0x20)
            return scan_fail(s, "control character in a string");
        if (c >= 0x80) {
            if (!scan_utf8(s))
                return false;
            continue;
        }
        s->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !scan_escape(s))
            return false;
    }
}

static bool scan_digits(struct scanner *s)
{
    int c = scan_peek(s);

    if (c < '0' || c > '9')
        return scan_fail(s, "expected a digit");
    while ((c = scan_peek(s)) >= '0' && c <= '9')
        s->at++;
    return true;
}

bool scan_number(struct scanner *s)
{
    accept(s, '-');
    if (!accept(s, '0') && !scan_digits(s))
        return false;
    if (accept(s, '.') && !scan_digits(s))
        return false;
    if (accept(s, 'e') || accept(s, 'E')) {
        if (!accept(s, '+'))
            accept(s, '-');
        return scan_digits(s);
    }
    return true;
}

bool scan_word(struct scanner *s, const char *word)
{
    for (const char *p = word; *p; p++)
        if (!accept(s, *p))
            return scan_fail(s, "expected a value");
    return true;
}

/* The 16 bits of \uXXXX at `at`, or -1 when something else stands there. */
static int32_t unicode_escape(const uint8_t *at)
{
    if (at[0] != '\\' || at[1] != 'u')
        return -1;
    return hex_value(at[2]) << 12 | hex_value(at[3]) << 8 | hex_value(at[4]) << 4 |
           hex_value(at[5]);
}

static size_t encode_utf8(uint32_t c, uint8_t utf8[4])
{
    size_t bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = bytes; i-- > 1; c >>= 6)
        utf8[i] = (uint8_t)(0x80 | (c & 0x3f));
    utf8[0] = (uint8_t)(lead[bytes] | c);
    return bytes;
}

size_t json_decode(const uint8_t **at, uint8_t utf8[4])
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int32_t high = unicode_escape(*at), low;

    if (**at != '\\') {
        utf8[0] = *(*at)++;
        return 1;
    }
    if (high < 0) {
        utf8[0] = (uint8_t)meanings[strchr(escapes, (*at)[1]) - escapes];
        *at += 2;
        return 1;
    }
    *at += 6;
    if (high < 0xd800 || high >= 0xdc00)
        return encode_utf8((uint32_t)high, utf8);
    low = unicode_escape(*at);
    if (low < 0xdc00 || low >= 0xe000)
        return encode_utf8((uint32_t)high, utf8);
    *at += 6;
    return encode_utf8(0x10000u + (((uint32_t)high - 0xd800) << 10) + ((uint32_t)low - 0xdc00),
                       utf8);
}

void scan_position(const struct scanner *s, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (const uint8_t *p = s->start; p < s->at; p++) {
        if (*p == '\n') {
            ++*line;
            *column = 1;
        } else if ((*p & 0xc0) != 0x80) {
            ++*column;
        }
    }
}
