/* Compression and decompression, LZ77 with hash chains: literals, and copies of what came before.
 */
#include "program.h"

#define TEXT        65536 /* bytes for each unit of scale */
#define HASH_BITS   13
#define MATCH_MIN   4
#define MATCH_MAX   (MATCH_MIN + 255)
#define DISTANCE    32768
#define CHAIN       16
#define LITERALS    127 /* of one run */
#define COPY_MARKER 0x80

static uint8_t text[TEXT], unpacked[TEXT], packed[2 * TEXT];
static uint32_t newest[1u << HASH_BITS], older[TEXT]; /* 1 + position; 0: none */

/* Words from a small vocabulary, now and then a random byte. */
static void write_text(uint64_t *seed)
{
    static const char vocabulary[] =
        "the enclave rewinds itself to a snapshot after each call of a "
        "function whose memory nobody else can read ";

    for (size_t i = 0; i < TEXT;) {
        size_t from = next_random(seed) % (sizeof(vocabulary) - 20);
        size_t bytes = 3 + next_random(seed) % 12;

        for (size_t k = 0; k < bytes && i < TEXT; k++)
            text[i++] = (uint8_t)vocabulary[from + k];
        if (i < TEXT && next_random(seed) % 4 == 0)
            text[i++] = (uint8_t)next_random(seed);
    }
}

static uint32_t hash_at(size_t at)
{
    uint32_t four = (uint32_t)text[at] | (uint32_t)text[at + 1] << 8 |
                    (uint32_t)text[at + 2] << 16 | (uint32_t)text[at + 3] << 24;

    return four * 2654435761u >> (32 - HASH_BITS);
}

static size_t common_bytes(size_t a, size_t b)
{
    size_t most = TEXT - b < MATCH_MAX ? TEXT - b : MATCH_MAX, bytes = 0;

    while (bytes < most && text[a + bytes] == text[b + bytes])
        bytes++;
    return bytes;
}

struct match {
    size_t bytes, distance;
};

static struct match longest_match(size_t at)
{
    struct match best = {0, 0};
    uint32_t candidate = newest[hash_at(at)];

    for (unsigned tries = 0; candidate && tries < CHAIN; tries++) {
        size_t from = candidate - 1, bytes;

        if (at - from > DISTANCE)
            break;
        bytes = common_bytes(from, at);
        if (bytes > best.bytes)
            best = (struct match){bytes, at - from};
        candidate = older[from];
    }
    return best;
}

static void remember(size_t at)
{
    uint32_t hash = hash_at(at);

    older[at] = newest[hash];
    newest[hash] = (uint32_t)at + 1;
}

static size_t put_literals(size_t out, size_t from, size_t bytes)
{
    while (bytes) {
        size_t some = bytes < LITERALS ? bytes : LITERALS;

        packed[out++] = (uint8_t)some;
        for (size_t i = 0; i < some; i++)
            packed[out++] = text[from++];
        bytes -= some;
    }
    return out;
}

static size_t put_match(size_t out, struct match match)
{
    packed[out++] = COPY_MARKER;
    packed[out++] = (uint8_t)(match.bytes - MATCH_MIN);
    packed[out++] = (uint8_t)match.distance;
    packed[out++] = (uint8_t)(match.distance >> 8);
    return out;
}

static size_t compress(void)
{
    size_t at = 0, literals = 0, out = 0; /* literals: where the run of them starts */

    for (size_t i = 0; i < COUNT_OF(newest); i++)
        newest[i] = 0;
    while (at + MATCH_MIN <= TEXT) {
        struct match match = longest_match(at);
        size_t next;

        if (match.bytes < MATCH_MIN) {
            remember(at++);
            continue;
        }
        out = put_literals(out, literals, at - literals);
        out = put_match(out, match);
        for (next = at + match.bytes; at < next && at + MATCH_MIN <= TEXT; at++)
            remember(at);
        at = literals = next;
    }
    return put_literals(out, literals, TEXT - literals);
}

static size_t decompress(size_t bytes)
{
    size_t out = 0;

    for (size_t in = 0; in < bytes;) {
        uint8_t marker = packed[in++];

        if (marker == COPY_MARKER) {
            size_t count = packed[in] + MATCH_MIN;
            size_t distance = packed[in + 1] | (size_t)packed[in + 2] << 8;

            for (in += 3; count; count--, out++)
                unpacked[out] = unpacked[out - distance];
        } else {
            for (size_t count = marker; count; count--)
                unpacked[out++] = packed[in++];
        }
    }
    return out;
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 12;

    for (uint32_t round = 0; round < scale; round++) {
        size_t bytes;

        write_text(&seed);
        bytes = compress();
        checksum = mix(checksum, bytes);
        for (size_t i = 0; i < bytes; i++)
            checksum = mix(checksum, packed[i]);
        checksum = mix(checksum, decompress(bytes));
        for (size_t i = 0; i < TEXT; i++)
            if (text[i] != unpacked[i])
                return 0;
    }
    return checksum;
}
