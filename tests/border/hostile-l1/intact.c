#include "tests/border/hostile-l1/intact.h"

#include "sgx/emu/instrument.h"
#include "tests/border/hostile-l1/inside.h"
#include "tests/border/places.h"
#include "tests/border/residue/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NAMED_MAX 4

/* ---- memory ------------------------------------------------------------------------- */

bool in_layers_memory(unsigned slot, uint64_t offset)
{
    for (unsigned region = 0; region < REGION_SNAPSHOT_COUNT; region++) {
        struct place place = place_of_region(slot, region);

        if (offset >= place.offset && offset - place.offset < place.bytes)
            return true;
    }
    return false;
}

static bool in_work_space_of_l0(unsigned slot, uint64_t offset)
{
    static const enum control_place places[] = {PLACE_TCS,    PLACE_SSA0,  PLACE_SSA1,
                                                PLACE_THREAD, PLACE_STACK, PLACE_XSTACK};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct place place = place_of_control(slot, places[i]);

        if (offset >= place.offset && offset - place.offset < place.bytes)
            return true;
    }
    return false;
}

static bool is_known(struct known_list *known, uint64_t offset)
{
    for (size_t i = 0; i < known->count; i++)
        if (offset >= known->entry[i].offset &&
            offset - known->entry[i].offset < known->entry[i].bytes)
            return true;
    return false;
}

static void report(size_t *differences, uint64_t offset, const char *what)
{
    char text[96];

    if ((*differences)++ >= NAMED_MAX)
        return;
    place_describe(offset, text, sizeof(text));
    fprintf(stderr, "# CHANGED: %s: %s\n", text, what);
}

static void compare_page(const struct page *before, const struct page *after,
                         struct known_list *known, size_t *differences)
{
    if (before->flags != after->flags)
        report(differences, after->offset, "its permissions or type");
    if (memcmp(before->bytes, after->bytes, PAGE_BYTES) == 0)
        return;
    for (size_t i = 0; i < PAGE_BYTES; i++)
        if (before->bytes[i] != after->bytes[i] && !is_known(known, after->offset + i))
            report(differences, after->offset + i, "a byte");
}

size_t foreign_differences(const struct pages *before, const struct pages *after, unsigned slot,
                           struct known_list *known)
{
    size_t differences = 0;

    for (size_t i = 0; i < after->count; i++) {
        const struct page *page = &after->page[i];
        const struct page *earlier = pages_at(before, page->offset);

        if (in_layers_memory(slot, page->offset) || in_work_space_of_l0(slot, page->offset))
            continue;
        if (!earlier)
            report(&differences, page->offset, "a new page");
        else
            compare_page(earlier, page, known, &differences);
    }
    if (after->count < before->count)
        report(&differences, 0, "pages have gone");
    return differences;
}

static bool of_slot(unsigned slot, uint64_t offset)
{
    uint64_t control = SLOT_CONTROL_OFF + (uint64_t)slot * SLOT_CONTROL_STRIDE;
    uint64_t memory = MONITOR_ZONE_BYTES + (uint64_t)slot * SLOT_STRIDE;

    return offset - control < SLOT_CONTROL_STRIDE || offset - memory < SLOT_STRIDE;
}

/* The store grows by whole pages, into pages that hold no snapshot yet. */
static bool may_take_a_snapshot(const struct page *page)
{
    return page->offset - STORE_OFF < STORE_MAX && page->zero;
}

void others_are_as_before(const struct pages *before, const struct pages *after, unsigned slot)
{
    struct known_list known;
    size_t differences = 0;

    known_list_for_s1(slot, &known);
    for (size_t i = 0; i < before->count; i++) {
        const struct page *page = &before->page[i];
        const struct page *later = pages_at(after, page->offset);

        if (of_slot(slot, page->offset) || may_take_a_snapshot(page))
            continue;
        assert_non_null(later);
        compare_page(page, later, &known, &differences);
    }
    assert_int_equal(differences, 0);
}

/* ---- secrets ------------------------------------------------------------------------ */

#define PLANTED_AT 0x100 /* of L0's stack, which grows down from its other end */

static const uint8_t *secret_of_l0(void)
{
    static uint8_t bytes[SECRET_BYTES];

    for (size_t i = 0; i < SECRET_BYTES; i++)
        bytes[i] = (uint8_t)~secret()[i];
    return bytes;
}

void plant_secret_of_l0(const struct border *border, unsigned slot)
{
    uint64_t offset = place_of_control(slot, PLACE_STACK).offset + PLANTED_AT;

    assert_int_equal(emu_poke(border->fd, offset, secret_of_l0(), SECRET_BYTES), ST_OK);
}

#define SECRETS 6
static void all_secrets(const struct pages *pages, unsigned attacked, unsigned holder,
                        const uint8_t *secrets[SECRETS])
{
    _Static_assert(GENERATOR_BYTES == SECRET_BYTES, "all secrets are equally long");
    secrets[0] = secret();
    secrets[1] = secret_of_l0();
    secrets[2] = generator_key(pages, attacked);
    secrets[3] = generator_value(pages, attacked);
    secrets[4] = generator_key(pages, holder);
    secrets[5] = generator_value(pages, holder);
}

static size_t find(const struct pages *pages, const uint8_t *bytes, uint64_t from, uint64_t size)
{
    struct needle needle = {.bytes = bytes, .size = SECRET_BYTES, .window = SECRET_WORD};

    return pages_find(pages, &needle, from, size, NULL, NULL);
}

bool secrets_in_place(const struct pages *pages, unsigned attacked, unsigned holder)
{
    struct place linear = place_of_region(holder, REGION_LINEAR);
    struct place stack = place_of_control(attacked, PLACE_STACK);
    const uint8_t *secrets[SECRETS];
    bool found = find(pages, secret(), linear.offset, linear.bytes) > 0 &&
                 find(pages, secret_of_l0(), stack.offset, stack.bytes) > 0;

    all_secrets(pages, attacked, holder, secrets);
    for (unsigned i = 2; i < SECRETS; i++) {
        struct place place = place_of_control(i < 4 ? attacked : holder, PLACE_SLOT);

        found = found && find(pages, secrets[i], place.offset, place.bytes) > 0;
    }
    return found;
}

size_t secrets_learnt(const struct pages *pages, unsigned attacked, unsigned holder)
{
    uint64_t from = MONITOR_ZONE_BYTES + attacked * SLOT_STRIDE;
    const uint8_t *secrets[SECRETS];
    size_t hits = 0;

    all_secrets(pages, attacked, holder, secrets);
    for (unsigned i = 0; i < SECRETS; i++)
        hits += find(pages, secrets[i], from, SLOT_CODE);
    if (hits)
        fprintf(stderr, "# LEARNT: %zu pieces of secrets are in the attacked slot\n", hits);
    return hits;
}

size_t secrets_in_bytes(const struct pages *pages, unsigned attacked, unsigned holder,
                        const void *bytes, size_t size)
{
    const uint8_t *secrets[SECRETS];
    size_t hits = 0;

    all_secrets(pages, attacked, holder, secrets);
    for (unsigned i = 0; i < SECRETS; i++)
        for (size_t at = 0; at + SECRET_WORD <= SECRET_BYTES; at++)
            hits += memmem(bytes, size, secrets[i] + at, SECRET_WORD) != NULL;
    if (hits)
        fprintf(stderr, "# LEARNT: %zu pieces of secrets were given to the host\n", hits);
    return hits;
}
