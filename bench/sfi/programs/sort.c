/* Sorting: quicksort of records with a comparison function behind a pointer, and radix sort. */
#include "program.h"

#define RECORDS 12000 /* for each unit of scale */
#define SHORT   12    /* sorted by insertion */

struct record {
    uint32_t key, payload;
};

typedef int compare_function(const struct record *a, const struct record *b);

static struct record records[RECORDS], other[RECORDS];

static int by_key(const struct record *a, const struct record *b)
{
    return (a->key > b->key) - (a->key < b->key);
}

static int by_payload_downwards(const struct record *a, const struct record *b)
{
    return (a->payload < b->payload) - (a->payload > b->payload);
}

static void swap(struct record *a, struct record *b)
{
    struct record kept = *a;

    *a = *b;
    *b = kept;
}

static void insertion_sort(struct record *first, size_t count, compare_function *compare)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && compare(&first[j], &first[j - 1]) < 0; j--)
            swap(&first[j], &first[j - 1]);
}

/* Where the pivot ends; smaller ones stand before it. */
static size_t partition(struct record *first, size_t count, compare_function *compare)
{
    size_t place = 0;

    swap(&first[count / 2], &first[count - 1]);
    for (size_t i = 0; i + 1 < count; i++)
        if (compare(&first[i], &first[count - 1]) < 0)
            swap(&first[i], &first[place++]);
    swap(&first[place], &first[count - 1]);
    return place;
}

static void quick_sort(struct record *first, size_t count, compare_function *compare)
{
    while (count > SHORT) {
        size_t place = partition(first, count, compare);

        if (place < count - place) {
            quick_sort(first, place, compare);
            first += place + 1;
            count -= place + 1;
        } else {
            quick_sort(first + place + 1, count - place - 1, compare);
            count = place;
        }
    }
    insertion_sort(first, count, compare);
}

/* By one byte of the key; stable. */
static void radix_pass(struct record *to, const struct record *from, unsigned shift)
{
    uint32_t place[256] = {0}, sum = 0;

    for (size_t i = 0; i < RECORDS; i++)
        place[from[i].key >> shift & 255]++;
    for (size_t digit = 0; digit < COUNT_OF(place); digit++) {
        uint32_t count = place[digit];

        place[digit] = sum;
        sum += count;
    }
    for (size_t i = 0; i < RECORDS; i++)
        to[place[from[i].key >> shift & 255]++] = from[i];
}

static void radix_sort(void)
{
    for (unsigned shift = 0; shift < 32; shift += 16) {
        radix_pass(other, records, shift);
        radix_pass(records, other, shift + 8);
    }
}

static uint64_t checksum_of(uint64_t checksum)
{
    for (size_t i = 0; i < RECORDS; i += 7)
        checksum = mix(checksum, (uint64_t)records[i].key << 32 | records[i].payload);
    return checksum;
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 9;

    for (uint32_t round = 0; round < scale; round++) {
        for (size_t i = 0; i < RECORDS; i++)
            records[i] = (struct record){(uint32_t)next_random(&seed), (uint32_t)i};
        quick_sort(records, RECORDS, by_key);
        checksum = checksum_of(checksum);
        quick_sort(records, RECORDS, by_payload_downwards);
        checksum = checksum_of(checksum);
        radix_sort();
        checksum = checksum_of(checksum);
    }
    return checksum;
}
