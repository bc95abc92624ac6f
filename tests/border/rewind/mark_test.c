/*
 * A function is stopped between a store and its mark: the rewind must not believe the marks. The
 * slot is trimmed before it, so that memory lies where it did at S1, and marks would be all that a
 * rewind looks at.
 */
#include "tests/border/rewind/steps.h"

#include "abi/sfi.h"
#include "abi/sgx_arch.h"
#include "host/loader/internal.h"
#include "sgx/emu/instrument.h"
#include "tests/border/breakpoint.h"
#include "tests/border/residue/story.h"
#include "tests/border/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOMENTS 24

/* shrl $12, %r11d: the store before it is done, the mark behind it is not. */
static const uint8_t page_of_address[4] = {0x41, 0xc1, 0xeb, SFI_MARK_SHIFT};

struct wait {
    int fd;
    uint64_t base, code, marks;
    unsigned skip; /* so many moments are let pass */
    bool stopped;
    uint64_t page; /* of linear memory: written, not marked */
};

/* Signal context. */
static enum emu_step await_store_without_mark(const ucontext_t *enclave, void *context)
{
    struct wait *wait = context;
    uint64_t offset = (uint64_t)enclave->uc_mcontext.gregs[REG_RIP] - wait->base;
    uint64_t page = ((uint64_t)enclave->uc_mcontext.gregs[REG_R11] & 0xffffffff) >> SFI_MARK_SHIFT;
    uint8_t code[sizeof(page_of_address)], mark = 1;

    if (offset - wait->code >= CODE_TEXT_MAX ||
        emu_peek(wait->fd, offset, code, sizeof(code)) != ST_OK ||
        memcmp(code, page_of_address, sizeof(code)) != 0 ||
        emu_peek(wait->fd, wait->marks + page, &mark, 1) != ST_OK || mark)
        return EMU_STEP_ON;
    if (wait->skip-- > 0)
        return EMU_STEP_ON;
    wait->stopped = true;
    wait->page = page;
    return EMU_STEP_OUT;
}

static enum breakpoint_answer start_stepping(void *context)
{
    emu_set_step_hook(await_store_without_mark, context);
    return BREAKPOINT_RESUME;
}

/* False: the function has fewer such moments; it came to its end. */
static bool stop_at(struct story *story, struct wait *wait, unsigned skip)
{
    struct border_call *call = &story->call;
    unsigned leaf;

    *wait = (struct wait){.fd = story->border.fd,
                          .base = story->border.base,
                          .code = place_of_region(0, REGION_CODE).offset,
                          .marks = place_of_region(0, REGION_MARKS).offset,
                          .skip = skip};
    secret_spread(call, 'f');
    border_prepare(call);
    breakpoint_set(&story->border, 0, 0, monitor_symbol("layer_enter"), start_stepping, wait);
    leaf =
        steps_enter(story->slot, ENCLU_EENTER, ENTRY_INVOKE, &call->result, sizeof(call->result));
    emu_set_step_hook(NULL, NULL);
    assert_true(breakpoint_clear());
    if (!wait->stopped) {
        assert_int_equal(leaf, ENCLU_EEXIT);
        return false;
    }
    assert_int_equal(leaf, ENCLU_ERESUME);
    assert_int_equal(steps_enter(story->slot, ENCLU_EENTER, ENTRY_ABORT, NULL, 0), ENCLU_EEXIT);
    assert_int_equal(story->slot->exit_status, ST_OK);
    assert_int_equal(steps_enter(story->slot, ENCLU_ERESUME, 0, NULL, 0), ENCLU_EEXIT);
    assert_int_equal(story->slot->exit_status, ST_OK);
    assert_int_equal(call->result.outcome, OUTCOME_ABORTED_BY_HOST);
    return true;
}

/* Linear memory begins where it did at S1 as long as it has not moved down: it grows upwards. */
static bool page_has_changed(struct story *story, const struct wait *wait)
{
    uint64_t offset = place_of_region(0, REGION_LINEAR).offset + wait->page * PAGE_BYTES;
    const struct page *before = pages_at(&story->reference, offset);
    const struct page *now;
    uint8_t mark = 1;

    pages_take(&story->now, &story->border);
    now = pages_at(&story->now, offset);
    assert_int_equal(emu_peek(wait->fd, wait->marks + wait->page, &mark, 1), ST_OK);
    assert_int_equal(mark, 0);
    return before && now && memcmp(before->bytes, now->bytes, PAGE_BYTES) != 0;
}

static void a_stop_between_store_and_mark_leaves_nothing(void **state)
{
    static struct story story;
    unsigned changed = 0, stops = 0;
    struct wait wait;
    bool more = true;

    (void)state;
    story_begin(&story, "reclave-lazy", "secret_spreader_marked");
    assert_int_equal(slot_committed(&story.reference, 0, REGION_LINEAR),
                     slot_linear_pages(&story.reference, 0));
    for (unsigned i = 0; i < MOMENTS && more; i++) {
        uint64_t trimmed;

        more = stop_at(&story, &wait, i);
        if (more) {
            stops++;
            changed += page_has_changed(&story, &wait);
        }
        assert_int_equal(slot_trim(story.slot, &trimmed), ST_OK);
        border_rewind(&story.border, 0);
        story_must_be_clean(&story);
    }
    fprintf(stderr, "# %u stops, %u pages written and not marked\n", stops, changed);
    assert_true(changed > 0);
    story_end(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_between_store_and_mark_leaves_nothing),
    };

    return cmocka_run_group_tests_name("border-mark", tests, NULL, NULL);
}
