#include "trusted/attest/der.h"

#include <string.h>

/* Bytes of head and of content of the element at the front; false: not within the input, or not the
 * one encoding of its length. */
static bool measure(const struct der *from, size_t *head, size_t *content)
{
    const uint8_t *at = from->at;

    if (from->left < 2)
        return false;
    *head = 2;
    *content = at[1];
    if (at[1] == 0x81 && from->left >= 3) {
        *head = 3;
        *content = at[2];
        if (*content < 0x80)
            return false;
    } else if (at[1] == 0x82 && from->left >= 4) {
        *head = 4;
        *content = (size_t)at[2] << 8 | at[3];
        if (*content < 0x100)
            return false;
    } else if (at[1] >= 0x80) {
        return false;
    }
    return *content <= from->left - *head;
}

static bool take(struct der *from, enum der_tag tag, size_t *head, struct der *whole)
{
    size_t content;

    if (!measure(from, head, &content) || from->at[0] != (uint8_t)tag)
        return false;
    *whole = (struct der){from->at, *head + content};
    from->at += whole->left;
    from->left -= whole->left;
    return true;
}

bool der_take_whole(struct der *from, enum der_tag tag, struct der *whole)
{
    size_t head;

    return take(from, tag, &head, whole);
}

bool der_take(struct der *from, enum der_tag tag, struct der *content)
{
    size_t head;

    if (!take(from, tag, &head, content))
        return false;
    content->at += head;
    content->left -= head;
    return true;
}

bool der_take_exactly(struct der *from, const void *bytes, size_t count)
{
    if (from->left < count || memcmp(from->at, bytes, count) != 0)
        return false;
    from->at += count;
    from->left -= count;
    return true;
}

bool der_take_number(struct der *from, uint32_t most, uint32_t *value)
{
    struct der content;
    uint64_t number = 0;

    if (!der_take(from, DER_INTEGER, &content) || content.left == 0 || content.left > 5 ||
        content.at[0] >= 0x80 || (content.left > 1 && content.at[0] == 0 && content.at[1] < 0x80))
        return false; /* negative, too large, or not the shortest */
    for (size_t i = 0; i < content.left; i++)
        number = number << 8 | content.at[i];
    *value = (uint32_t)number;
    return number <= most;
}

bool der_is(struct der value, const void *bytes, size_t count)
{
    return value.left == count && memcmp(value.at, bytes, count) == 0;
}
