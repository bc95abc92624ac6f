/* Prints a sum over its data, which it then destroys. identity.h says how there are many of it. */
#include "guest.h"
#include "identity.h"

static volatile char identity[IDENTITY_BYTES] = IDENTITY_TEXT;
static uint64_t words[IDENTITY_WORDS];

__attribute__((constructor)) static void fill(void)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < IDENTITY_BYTES; i++)
        number |= (uint64_t)(uint8_t)identity[i] << (8 * i);
    for (uint32_t i = 0; i < IDENTITY_WORDS; i++)
        words[i] = identity_word(number, i);
}

EXPORT("handle") int handle(void)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < IDENTITY_WORDS; i++) {
        sum += words[i];
        words[i] = 0;
    }
    write_number("sum", sum);
    return 0;
}
