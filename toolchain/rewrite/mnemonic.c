#include "toolchain/rewrite/mnemonic.h"

#include <string.h>

#define OP(name, sizes, opcode_bytes, kind, flags) {name, sizes, opcode_bytes, kind, flags},
static const struct mnemonic mnemonics[] = {
#include "toolchain/rewrite/mnemonics.def"
};
#undef OP

#define COUNT (sizeof(mnemonics) / sizeof(mnemonics[0]))

static const char *const conditions[] = {
    "e",  "ne", "z",  "nz", "a",   "ae", "b",   "be", "na", "nae", "nb", "nbe", "c",  "nc", "g",
    "ge", "l",  "le", "ng", "nge", "nl", "nle", "o",  "no", "s",   "ns", "p",   "np", "pe", "po",
};

static bool is_condition(struct span text)
{
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (span_is(text, conditions[i]))
            return true;
    return false;
}

/* "cmov*" matches "cmovne". */
static bool matches(const char *pattern, struct span name)
{
    size_t bytes = strlen(pattern);

    if (pattern[bytes - 1] != '*')
        return span_is(name, pattern);
    bytes--;
    return name.bytes > bytes && memcmp(name.at, pattern, bytes) == 0 &&
           is_condition(span_skip(name, bytes));
}

static const struct mnemonic *find(struct span name, unsigned size)
{
    for (size_t i = 0; i < COUNT; i++)
        if (mnemonics[i].name[0] == name.at[0] &&
            (size ? (mnemonics[i].sizes & size) != 0 : mnemonics[i].sizes == 0) &&
            matches(mnemonics[i].name, name))
            return &mnemonics[i];
    return NULL;
}

static unsigned suffix_size(char suffix)
{
    switch (suffix) {
    case 'b':
        return SIZE_B;
    case 'w':
        return SIZE_W;
    case 'l':
        return SIZE_L;
    case 'q':
        return SIZE_Q;
    default:
        return 0;
    }
}

const struct mnemonic *mnemonic_find(struct span name, unsigned *size)
{
    const struct mnemonic *complete;

    *size = 0;
    if (!name.bytes)
        return NULL;
    complete = find(name, 0);
    if (complete)
        return complete;
    *size = suffix_size(name.at[name.bytes - 1]);
    return *size && name.bytes > 1 ? find((struct span){name.at, name.bytes - 1}, *size) : NULL;
}

_Static_assert(SIZE_B == 1 && SIZE_W == 2 && SIZE_L == 4 && SIZE_Q == 8,
               "a suffix's bit is its size");
