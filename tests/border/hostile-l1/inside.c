#include "tests/border/hostile-l1/inside.h"

#include "tests/border/places.h"
#include "trusted/monitor/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct slot *slot_in(const struct pages *pages, unsigned slot)
{
    const struct page *page = pages_at(pages, place_of_control(slot, PLACE_SLOT).offset);

    assert_non_null(page);
    return (const struct slot *)(const void *)page->bytes; /* its pages are adjacent */
}

const uint8_t *generator_key(const struct pages *pages, unsigned slot)
{
    return slot_in(pages, slot)->random.K;
}

const uint8_t *generator_value(const struct pages *pages, unsigned slot)
{
    return slot_in(pages, slot)->random.V;
}

uint64_t generator_offset(unsigned slot)
{
    return place_of_control(slot, PLACE_SLOT).offset + offsetof(struct slot, random);
}

void known_list_with_evidence(unsigned slot, struct known_list *list)
{
    known_list_for(slot, list);
    assert_true(list->count < KNOWN_MAX);
    list->entry[list->count++] = (struct known_difference){
        .name = "slot.batch",
        .offset = place_of_control(slot, PLACE_SLOT).offset + offsetof(struct slot, batch),
        .bytes = sizeof(struct evidence_batch),
        .why = "hashes of claims: L0's own, never rewound",
    };
}

void known_list_before_rewind(unsigned slot, struct known_list *list)
{
    known_list_with_evidence(slot, list);
    assert_true(list->count + 2 <= KNOWN_MAX);
    list->entry[list->count++] = (struct known_difference){
        .name = "slot.state",
        .offset = place_of_control(slot, PLACE_SLOT).offset + offsetof(struct slot, state),
        .bytes = sizeof(uint32_t),
        .why = "READY before, DIRTY after",
    };
    list->entry[list->count++] = (struct known_difference){
        .name = "slot.linear.unmarked",
        .offset =
            place_of_control(slot, PLACE_SLOT).offset + offsetof(struct slot, linear.unmarked),
        .bytes = sizeof(bool),
        .why = "L0's own note of how the run ended",
    };
}
