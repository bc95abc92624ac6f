/* A hash table of words, open addressing: counts how often each occurs in a text. */
#include "program.h"

#define WORDS      2500
#define WORD_BYTES 16
#define SLOTS      8192  /* a power of two */
#define LOOKUPS    12000 /* for each unit of scale */

struct slot {
    uint32_t word; /* 1 + its number; 0: free */
    uint32_t hash;
    uint32_t count;
};

static char words[WORDS][WORD_BYTES];
static uint32_t lengths[WORDS];
static struct slot slots[SLOTS];

static void make_words(void)
{
    uint64_t seed = 10;

    for (size_t i = 0; i < WORDS; i++) {
        lengths[i] = 4 + (uint32_t)(next_random(&seed) % (WORD_BYTES - 4));
        for (size_t k = 0; k < lengths[i]; k++)
            words[i][k] = (char)('a' + next_random(&seed) % 26);
    }
}

static uint32_t hash_of(const char *text, size_t bytes)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash;
}

static bool same(const char *a, const char *b, size_t bytes)
{
    while (bytes && *a == *b)
        a++, b++, bytes--;
    return bytes == 0;
}

static struct slot *find(const char *text, size_t bytes, uint32_t hash)
{
    for (uint32_t at = hash % SLOTS;; at = (at + 1) % SLOTS) {
        struct slot *slot = &slots[at];

        if (!slot->word)
            return slot;
        if (slot->hash == hash && lengths[slot->word - 1] == bytes &&
            same(words[slot->word - 1], text, bytes))
            return slot;
    }
}

/* Common words are asked for more often than rare ones. */
static void count_words(uint64_t *seed)
{
    for (size_t i = 0; i < LOOKUPS; i++) {
        uint32_t limit = 1 + (uint32_t)(next_random(seed) % WORDS);
        uint32_t word = (uint32_t)(next_random(seed) % limit);
        uint32_t hash = hash_of(words[word], lengths[word]);
        struct slot *slot = find(words[word], lengths[word], hash);

        slot->word = word + 1;
        slot->hash = hash;
        slot->count++;
    }
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 11;

    make_words();
    for (size_t i = 0; i < SLOTS; i++)
        slots[i] = (struct slot){0, 0, 0};
    for (uint32_t round = 0; round < scale; round++)
        count_words(&seed);
    for (size_t i = 0; i < SLOTS; i++)
        checksum = mix(checksum, (uint64_t)slots[i].hash << 32 | slots[i].count);
    return checksum;
}
