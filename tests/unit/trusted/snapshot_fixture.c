#include "tests/unit/trusted/snapshot_fixture.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct snapshot_set set;
uint32_t store_limit;

static enum status commit(uint32_t pages)
{
    return pages <= store_limit ? ST_OK : ST_NO_MEMORY;
}

int snapshots_begin(void **state)
{
    (void)state;
    store_limit = STORE_PAGES;
    memset(&set, 0, sizeof(set));
    set.store.base = calloc(STORE_PAGES, PAGE_BYTES);
    set.store.commit = commit;
    return set.store.base ? 0 : -1;
}

int snapshots_end(void **state)
{
    (void)state;
    free(set.store.base);
    return 0;
}

void memory_resize(struct memory *memory, unsigned region, uint32_t pages)
{
    free(memory->views[region].start);
    memory->views[region].start =
        aligned_alloc(PAGE_BYTES, (size_t)(pages ? pages : 1) * PAGE_BYTES);
    assert_non_null(memory->views[region].start);
    memset(memory->views[region].start, 0, (size_t)pages * PAGE_BYTES);
    memory->views[region].pages = pages;
}

void memory_new(struct memory *memory, uint32_t pages)
{
    memset(memory, 0, sizeof(*memory));
    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++)
        memory_resize(memory, region, pages);
}

void memory_free(struct memory *memory)
{
    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++)
        free(memory->views[region].start);
}

uint8_t *memory_page(const struct memory *memory, unsigned region, uint32_t page)
{
    assert_true(page < memory->views[region].pages);
    return memory->views[region].start + (size_t)page * PAGE_BYTES;
}

void memory_must_equal(const struct memory *memory, const struct memory *expected)
{
    static const uint8_t zero[PAGE_BYTES];

    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        uint32_t have = memory->views[region].pages, want = expected->views[region].pages;

        for (uint32_t page = 0; page < have || page < want; page++) {
            const uint8_t *a = page < have ? memory_page(memory, region, page) : zero;
            const uint8_t *b = page < want ? memory_page(expected, region, page) : zero;

            if (memcmp(a, b, PAGE_BYTES) != 0)
                fail_msg("region %u page %u differs", region, page);
        }
    }
}

void memory_copy(struct memory *to, const struct memory *from)
{
    memset(to, 0, sizeof(*to));
    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        memory_resize(to, region, from->views[region].pages);
        memcpy(to->views[region].start, from->views[region].start,
               (size_t)from->views[region].pages * PAGE_BYTES);
    }
}

const struct snapshot *captured(const struct memory *memory)
{
    const struct snapshot *snapshot = NULL;

    assert_int_equal(snapshot_capture(&set, memory->views, &snapshot), ST_OK);
    assert_non_null(snapshot);
    return snapshot;
}

static int is_zero(const uint8_t *page)
{
    static const uint8_t zero[PAGE_BYTES];

    return memcmp(page, zero, PAGE_BYTES) == 0;
}

void digest_of(const struct memory *memory, uint8_t digest[32])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    assert_int_equal(EVP_DigestInit_ex(hash, EVP_sha256(), NULL), 1);
    EVP_DigestUpdate(hash, "reclave snapshot v1", 20);
    for (uint32_t region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        for (uint32_t page = 0; page < memory->views[region].pages; page++) {
            uint32_t name = region * (1u << 28) + page;
            uint8_t little_endian[4] = {(uint8_t)name, (uint8_t)(name >> 8), (uint8_t)(name >> 16),
                                        (uint8_t)(name >> 24)};

            if (is_zero(memory_page(memory, region, page)))
                continue;
            EVP_DigestUpdate(hash, little_endian, 4);
            EVP_DigestUpdate(hash, memory_page(memory, region, page), PAGE_BYTES);
        }
    }
    assert_int_equal(EVP_DigestFinal_ex(hash, digest, NULL), 1);
    EVP_MD_CTX_free(hash);
}

void store_must_be_empty(void)
{
    static const uint8_t zero[PAGE_BYTES];

    assert_int_equal(set.store.taken, 0);
    for (unsigned i = 0; i < SNAPSHOTS_MAX; i++)
        assert_int_equal(set.snapshots[i].references, 0);
    for (uint32_t page = 1; page <= set.store.reached; page++)
        assert_memory_equal((uint8_t *)store_page(&set.store, page) + 4, zero, PAGE_BYTES - 4);
}
