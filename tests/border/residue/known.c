#include "tests/border/residue/known.h"

#include "tests/border/places.h"
#include "tests/border/symbols.h"
#include "trusted/monitor/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The list. Offsets are within the struct that the section's name says. */

#define FIELD(type, field, why)                                                                    \
    {                                                                                              \
#type "." #field, offsetof(struct type, field), sizeof(((struct type *)0)->field), why,    \
            false                                                                                  \
    }

static const struct known_difference in_slot[] = {
    FIELD(slot, invocations, "a counter of the host's calls"),
    FIELD(slot, rewinds, "a counter of the host's calls"),
    FIELD(slot, last_monotonic_ns,
          "the host's own clock: kept so that time never runs backwards, no layer writes it"),
    FIELD(slot, output_limit, "the host's own limit; set anew before each invocation"),
    FIELD(slot, log_limit, "the host's own limit; set anew before each invocation"),
    FIELD(
        slot, committed,
        "how much memory L0 has accepted: pages are not given back, and those beyond S1 are zero"),
    FIELD(slot, linear.low, "where linear memory begins among the accepted pages"),
    FIELD(slot, linear.ready_start, "the same, for the next rewind"),
    FIELD(
        slot, random,
        "the generator: fed by RDRAND alone, and moved on by how often it is asked; never rewound"),
};

static const struct known_difference in_thread_block[] = {
    FIELD(thread_block, host_rsp, "the host's own stack pointer at its last entry"),
    FIELD(thread_block, host_rbp, "the host's own register at its last entry"),
    FIELD(thread_block, xhost_rsp, "the host's own stack pointer at its last entry at CSSA 1"),
    FIELD(thread_block, xhost_rbp, "the host's own register at its last entry at CSSA 1"),
    FIELD(thread_block, xhost_return, "the host's own return address of its last entry at CSSA 1"),
};

static const struct known_difference in_first_frame[] = {
    {"GPRSGX.URSP, URBP", SSA_FRAME_PAGES *PAGE_BYTES - GPRSGX_BYTES + GPRSGX_URSP, 16,
     "the host's own stack pointers at its last entry: an AEX gives them back", false},
};

static const struct known_difference in_enclave[] = {
    FIELD(enclave_state, committed_pages, "the sum of all slots' counts of accepted pages"),
};

static const struct known_difference in_store[] = {
    FIELD(enclave_state, store_pages, "how much memory L0 has accepted for snapshots"),
    FIELD(enclave_state, snapshots.store.reached, "how many of its pages were ever taken"),
    FIELD(enclave_state, snapshots.store.free, "the first of the wiped pages"),
};

static void add_all(struct known_list *list, uint64_t base, const struct known_difference *entries,
                    size_t count)
{
    assert_true(list->count + count <= KNOWN_MAX);
    for (size_t i = 0; i < count; i++) {
        list->entry[list->count] = entries[i];
        list->entry[list->count].offset += base;
        list->count++;
    }
}

#define ADD_ALL(list, base, entries)                                                               \
    add_all(list, base, entries, sizeof(entries) / sizeof((entries)[0]))

void known_list_for(unsigned number, struct known_list *list)
{
    *list = (struct known_list){0};
    ADD_ALL(list, place_of_control(number, PLACE_SLOT).offset, in_slot);
    ADD_ALL(list, place_of_control(number, PLACE_THREAD).offset, in_thread_block);
    ADD_ALL(list, place_of_control(number, PLACE_SSA0).offset, in_first_frame);
    ADD_ALL(list, monitor_symbol("enclave"), in_enclave);
}

void known_list_for_reset(unsigned number, struct known_list *list)
{
    known_list_for(number, list);
    ADD_ALL(list, monitor_symbol("enclave"), in_store);
}

void known_list_for_s1(unsigned number, struct known_list *list)
{
    static const struct known_difference slot[] = {
        FIELD(slot, at_ready, "how much memory L0 had accepted when S1 was taken"),
    };
    static const struct known_difference snapshots[] = {
        FIELD(enclave_state, snapshots, "where snapshots lie in the store"),
    };
    static const struct known_difference store[] = {
        {"the store", 0, STORE_MAX, "the order of its pages", false},
    };

    known_list_for_reset(number, list);
    ADD_ALL(list, place_of_control(number, PLACE_SLOT).offset, slot);
    ADD_ALL(list, monitor_symbol("enclave"), snapshots);
    ADD_ALL(list, STORE_OFF, store);
}

/* It may reach over a page's end: its pages are adjacent. */
static const struct enclave_state *enclave_in(const struct pages *pages)
{
    uint64_t offset = monitor_symbol("enclave");
    const struct page *page = pages_at(pages, offset - offset % PAGE_BYTES);

    assert_non_null(page);
    return (const struct enclave_state *)(const void *)(page->bytes + offset % PAGE_BYTES);
}

uint32_t store_free_pages(const struct pages *pages, uint32_t *numbers, uint32_t room)
{
    uint32_t count = 0;

    for (uint32_t number = enclave_in(pages)->snapshots.store.free; number && count < room;) {
        const struct page *page = pages_at(pages, STORE_OFF + (uint64_t)(number - 1) * PAGE_BYTES);

        assert_non_null(page);
        numbers[count++] = number;
        number = *(const uint32_t *)(const void *)page->bytes;
    }
    return count;
}

uint32_t store_taken(const struct pages *pages)
{
    return enclave_in(pages)->snapshots.store.taken;
}

static const struct slot *slot_in(const struct pages *pages, unsigned number)
{
    const struct page *page = pages_at(pages, place_of_control(number, PLACE_SLOT).offset);

    assert_non_null(page);
    return (const struct slot *)(const void *)page->bytes; /* its pages are adjacent */
}

uint32_t slot_committed(const struct pages *pages, unsigned number, unsigned region)
{
    return slot_in(pages, number)->committed[region];
}

uint64_t slot_linear_pages(const struct pages *pages, unsigned number)
{
    return slot_in(pages, number)->linear.pages;
}

uint32_t slot_state(const struct pages *pages, unsigned number)
{
    return slot_in(pages, number)->state;
}
