#include "toolchain/rewrite/span.h"

#include <string.h>

bool span_is(struct span span, const char *text)
{
    return span.bytes == strlen(text) && memcmp(span.at, text, span.bytes) == 0;
}

bool span_starts(struct span span, const char *text)
{
    size_t bytes = strlen(text);

    return span.bytes >= bytes && memcmp(span.at, text, bytes) == 0;
}

bool span_equal(struct span a, struct span b)
{
    return a.bytes == b.bytes && memcmp(a.at, b.at, a.bytes) == 0;
}

struct span span_skip(struct span span, size_t bytes)
{
    return (struct span){span.at + bytes, span.bytes - bytes};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct span span_trim(struct span span)
{
    while (span.bytes && is_blank(span.at[0]))
        span = span_skip(span, 1);
    while (span.bytes && is_blank(span.at[span.bytes - 1]))
        span.bytes--;
    return span;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '.' || c == '$';
}

struct span span_leading_name(struct span span)
{
    struct span name = {span.at, 0};

    if (span.bytes && (is_digit(span.at[0]) || span.at[0] == '$'))
        return name;
    while (name.bytes < span.bytes && is_name_char(span.at[name.bytes]))
        name.bytes++;
    return name;
}

bool span_is_name(struct span span)
{
    return span.bytes && span_leading_name(span).bytes == span.bytes;
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

bool span_number(struct span span, int64_t *value)
{
    bool negative = span_starts(span, "-");
    uint64_t sum = 0;
    int radix = 10;

    if (negative)
        span = span_skip(span, 1);
    if (span_starts(span, "0x")) {
        span = span_skip(span, 2);
        radix = 16;
    } else if (span.bytes > 1 && span.at[0] == '0') {
        return false; /* octal: nobody writes that */
    }
    if (!span.bytes)
        return false;
    for (size_t i = 0; i < span.bytes; i++) {
        int digit = digit_value(span.at[i]);

        if (digit >= radix || __builtin_mul_overflow(sum, (uint64_t)radix, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)digit, &sum))
            return false;
    }
    if (negative && sum > (uint64_t)INT64_MAX + 1)
        return false;
    *value = (int64_t)(negative ? 0 - sum : sum);
    return true;
}

bool span_next_argument(struct span *rest, struct span *argument)
{
    size_t at = 0;
    int depth = 0;

    if (!rest->bytes)
        return false;
    for (; at < rest->bytes && (depth > 0 || rest->at[at] != ','); at++)
        depth += rest->at[at] == '(' ? 1 : rest->at[at] == ')' ? -1 : 0;
    *argument = span_trim((struct span){rest->at, at});
    *rest = span_skip(*rest, at < rest->bytes ? at + 1 : at);
    return true;
}
