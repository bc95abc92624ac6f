#include "tests/border/rewind/stage.h"

#include "abi/sgx_arch.h"
#include "host/loader/internal.h"
#include "sgx/emu/instrument.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#define NEIGHBOUR 1

static void neighbour_serves(struct stage *stage)
{
    static struct border_call call;

    memset(&call, 0, sizeof(call));
    border_invoke(&stage->border, NEIGHBOUR, &call);
    assert_int_equal(call.result.outcome, OUTCOME_OK);
    assert_memory_equal(call.output, "Hello, ", 7);
    border_rewind(&stage->border, NEIGHBOUR);
}

/* ---- what must hold ------------------------------------------------------------------ */

/* What an interrupt adds; tail.c looks into the frame. */
static void allow(struct known_list *list, unsigned slot, enum control_place which)
{
    struct place place = place_of_control(slot, which);

    assert_true(list->count < KNOWN_MAX);
    list->entry[list->count++] =
        (struct known_difference){place.name, place.offset, place.bytes, "an interrupt's", false};
}

static void allow_all(struct known_list *list)
{
    struct known_list neighbour;

    allow(list, 0, PLACE_SSA0);
    allow(list, 0, PLACE_SSA1);
    allow(list, 0, PLACE_XSTACK);
    known_list_for(NEIGHBOUR, &neighbour);
    for (size_t i = 0; i < neighbour.count; i++) {
        assert_true(list->count < KNOWN_MAX);
        list->entry[list->count++] = neighbour.entry[i];
    }
}

static void compare(struct stage *stage, const struct pages *expected, struct known_list *known)
{
    pages_take(&stage->now, &stage->border);
    assert_int_equal(secret_remains(&stage->now), 0);
    assert_int_equal(compare_pages(expected, &stage->now, 0, known), 0);
}

static void must_equal(struct stage *stage, const struct pages *expected)
{
    struct known_list known;

    known_list_for_reset(0, &known);
    allow_all(&known);
    compare(stage, expected, &known);
}

static void must_equal_s1_anew(struct stage *stage)
{
    struct known_list known;

    known_list_for_s1(0, &known);
    allow_all(&known);
    compare(stage, &stage->ready, &known);
    assert_int_equal(store_taken(&stage->now), store_taken(&stage->ready));
}

/* ---- the subjects ---------------------------------------------------------------------- */

static void spread(struct stage *stage)
{
    secret_spread(&stage->call, 'f');
    border_invoke(&stage->border, 0, &stage->call);
    assert_int_equal(stage->call.result.outcome, OUTCOME_OK);
    assert_memory_equal(stage->call.output, secret(), SECRET_BYTES);
}

static void trim_all(struct stage *stage)
{
    uint64_t pages;

    assert_int_equal(slot_trim(stage->slot, &pages), ST_OK);
}

static void prepare_rewind(struct stage *stage, struct stepped_call *call)
{
    stage->rewind = (struct entry_rewind){0};
    call->call = ENTRY_REWIND;
    call->argument = &stage->rewind;
    call->bytes = sizeof(stage->rewind);
}

static void before_rewind(struct stage *stage, struct stepped_call *call)
{
    spread(stage);
    prepare_rewind(stage, call);
}

static void before_trimmed_rewind(struct stage *stage, struct stepped_call *call)
{
    spread(stage);
    trim_all(stage);
    prepare_rewind(stage, call);
}

static void after_rewind(struct stage *stage)
{
    must_equal(stage, &stage->ready);
}

static void restrict_code(struct stage *stage, const struct entry_load *load)
{
    struct sgx_enclave_restrict_permissions request = {
        .offset = load->restrict_offset,
        .length = load->restrict_bytes,
        .permissions = SECINFO_R | SECINFO_X,
    };

    assert_int_equal(stage->border.driver->ioctl(stage->border.fd,
                                                 SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &request),
                     0);
}

static void before_s1(struct stage *stage, struct stepped_call *call)
{
    struct entry_load load = {.bundle = (uintptr_t)stage->guest.bytes,
                              .bundle_bytes = stage->guest.size};

    border_reset(&stage->border, 0);
    assert_int_equal(slot_call(stage->slot, ENTRY_LOAD, &load, sizeof(load), 0), ST_OK);
    if (load.restrict_bytes)
        restrict_code(stage, &load);
    stage->loading = (struct entry_invocation){0};
    call->call = ENTRY_FINISH_LOAD;
    call->argument = &stage->loading;
    call->bytes = sizeof(stage->loading);
}

static void after_s1(struct stage *stage)
{
    assert_memory_equal(stage->loading.snapshot_sha256, stage->digest, 32);
    spread(stage);
    border_rewind(&stage->border, 0);
    must_equal_s1_anew(stage);
}

static void before_reset(struct stage *stage, struct stepped_call *call)
{
    spread(stage);
    prepare_rewind(stage, call);
    call->call = ENTRY_RESET;
}

static void after_reset(struct stage *stage)
{
    must_equal(stage, &stage->booted);
    border_load(&stage->border, 0, &stage->guest, stage->digest);
}

static void before_growth(struct stage *stage, struct stepped_call *call)
{
    secret_spread(&stage->call, 'f');
    border_prepare(&stage->call);
    call->call = ENTRY_INVOKE;
    call->argument = &stage->call.result;
    call->bytes = sizeof(stage->call.result);
}

static void after_growth(struct stage *stage)
{
    assert_int_equal(stage->call.result.outcome, OUTCOME_OK);
    assert_memory_equal(stage->call.output, secret(), SECRET_BYTES);
    border_rewind(&stage->border, 0);
    must_equal(stage, &stage->ready);
}

static void before_trim(struct stage *stage, struct stepped_call *call)
{
    struct sgx_enclave_modify_types types = {.page_type = PT_TRIM};

    spread(stage);
    stage->trim = (struct entry_trim){0};
    assert_int_equal(slot_call(stage->slot, ENTRY_TRIM, &stage->trim, sizeof(stage->trim), 0),
                     ST_OK);
    types.offset = stage->trim.offset;
    types.length = stage->trim.bytes;
    assert_true(types.length > 0);
    assert_int_equal(
        stage->border.driver->ioctl(stage->border.fd, SGX_IOC_ENCLAVE_MODIFY_TYPES, &types), 0);
    stage->loading.input = types.offset; /* for after_trim() */
    stage->trim = (struct entry_trim){0};
    call->call = ENTRY_TRIM_ACCEPT;
    call->argument = &stage->trim;
    call->bytes = sizeof(stage->trim);
}

static void after_trim(struct stage *stage)
{
    struct sgx_enclave_remove_pages request = {.offset = stage->loading.input,
                                               .length = stage->trim.bytes};

    assert_true(request.length > 0);
    assert_int_equal(
        stage->border.driver->ioctl(stage->border.fd, SGX_IOC_ENCLAVE_REMOVE_PAGES, &request), 0);
    trim_all(stage);
    border_rewind(&stage->border, 0);
    must_equal(stage, &stage->ready);
    assert_int_equal(stage->now.count, stage->ready.count);
}

const struct subject subjects[SUBJECT_COUNT] = {
    {"rewind by copying", "secret_spreader", "rewind_slot", before_rewind, after_rewind},
    {"rewind by marks", "secret_spreader_marked", "snapshot_restore_marked", before_trimmed_rewind,
     after_rewind},
    {"rewind of a marked function that moved", "secret_spreader_marked", "rewind_slot",
     before_rewind, after_rewind},
    {"creation of S1", "secret_spreader_marked", "snapshot_capture", before_s1, after_s1},
    {"creation of S1, its pages", "secret_spreader_marked", "index_entry", before_s1, after_s1},
    {"reset", "secret_spreader_marked", "reset_slot", before_reset, after_reset},
    {"growth", "secret_spreader_marked", "serve_grow", before_growth, after_growth},
    {"trimming", "secret_spreader_marked", "trim_accept", before_trim, after_trim},
};

/* ---- the hosts ------------------------------------------------------------------------------- */

static unsigned resume(struct stage *stage)
{
    return steps_enter(stage->slot, ENCLU_ERESUME, 0, NULL, 0);
}

static void must_answer(struct stage *stage, enum entry_call call, enum status expected)
{
    assert_int_equal(steps_enter(stage->slot, ENCLU_EENTER, call, NULL, 0), ENCLU_EEXIT);
    assert_int_equal(stage->slot->exit_status, expected);
}

static unsigned ask(void *context)
{
    must_answer(context, ENTRY_EXCEPTION, ST_IN_MONITOR);
    must_answer(context, ENTRY_REWIND, ST_WRONG_CSSA);
    must_answer(context, ENTRY_INVOKE, ST_WRONG_CSSA);
    must_answer(context, ENTRY_RESET, ST_WRONG_CSSA);
    must_answer(context, ENTRY_TRIM_ACCEPT, ST_WRONG_CSSA);
    return resume(context);
}

static unsigned serve_others(void *context)
{
    neighbour_serves(context);
    return resume(context);
}

static bool of_slot_or_store(uint64_t offset)
{
    return offset - STORE_OFF < STORE_MAX || offset - MONITOR_ZONE_BYTES < SLOT_STRIDE;
}

static void map_pages(struct stage *stage, int unmapped)
{
    struct emu_page page = {0};

    for (uint64_t at = STORE_OFF; emu_next_page(stage->border.fd, at, &page) == ST_OK;
         at = page.offset + PAGE_BYTES)
        if (of_slot_or_store(page.offset))
            assert_int_equal(emu_hostile_unmap(stage->border.fd, page.offset, unmapped), ST_OK);
}

static unsigned withdraw_pages(void *context)
{
    unsigned leaf;

    map_pages(context, 1);
    leaf = resume(context);
    map_pages(context, 0);
    return leaf == ENCLU_ERESUME ? resume(context) : leaf; /* it missed one */
}

void stage_interrupt(struct stage *stage, size_t step, enum hostile_host host)
{
    static const steps_host hosts[HARMLESS_HOSTS] = {NULL, ask, serve_others, withdraw_pages};
    struct stepped_call call = {.border = &stage->border, .slot = stage->slot};
    unsigned leaf;

    stage->subject->before(stage, &call);
    leaf = steps_interrupt(&stage->steps, &call, step, hosts[host], stage);
    if (leaf != ENCLU_EEXIT || stage->slot->exit_status != ST_OK)
        fail_msg("step %zu of %zu: leaf %u, status %u", step, stage->steps.count, leaf,
                 stage->slot->exit_status);
    stage->subject->after(stage);
}

/* ---- hosts that break the slot --------------------------------------------------------------- */

struct swap {
    struct stage *stage;
    unsigned seed;
    uint64_t offset;
};

static unsigned swap_page(void *context)
{
    struct swap *swap = context;
    int fd = swap->stage->border.fd;
    struct emu_page page = {0};
    unsigned count = 0, chosen;
    unsigned leaf;

    for (int pass = 0; pass < 2; pass++) {
        chosen = count ? (unsigned)rand_r(&swap->seed) % count : 0;
        count = 0;
        for (uint64_t at = STORE_OFF; emu_next_page(fd, at, &page) == ST_OK;
             at = page.offset + PAGE_BYTES)
            if (of_slot_or_store(page.offset) && count++ == chosen)
                swap->offset = page.offset;
    }
    assert_int_equal(emu_hostile_remove(fd, swap->offset), ST_OK);
    assert_int_equal(emu_hostile_augment(fd, swap->offset), ST_OK);
    leaf = resume(swap->stage);
    for (unsigned i = 0; leaf == ENCLU_ERESUME && i < 3; i++)
        leaf = resume(swap->stage);
    return leaf;
}

/* All but the swapped page, which still waits for an EACCEPT that never comes. */
static void must_equal_but(struct stage *stage, uint64_t offset)
{
    const struct page *swapped;
    struct known_list known;

    known_list_for_reset(0, &known);
    allow_all(&known);
    assert_true(known.count < KNOWN_MAX);
    known.entry[known.count++] =
        (struct known_difference){"the swapped page", offset, PAGE_BYTES, "of no use", false};
    pages_take(&stage->now, &stage->border);
    swapped = pages_at(&stage->now, offset);
    assert_non_null(swapped);
    assert_true(swapped->flags & SECINFO_PENDING);
    assert_int_equal(secret_remains(&stage->now), 0);
    /* Its flags are what they are; linear memory is compared from where it starts. */
    for (size_t i = 0; i < stage->now.count; i++) {
        struct page *page = &stage->now.page[i];
        const struct page *ready = pages_at(&stage->ready, offset);

        if (page->offset != offset)
            continue;
        page->flags &= ~(uint64_t)SECINFO_PENDING;
        if (ready && offset - place_of_region(0, REGION_LINEAR).offset >= LINEAR_MAX)
            page->flags = ready->flags;
    }
    assert_int_equal(compare_pages(&stage->ready, &stage->now, 0, &known), 0);
}

static void open_again(struct stage *stage, const char *image)
{
    struct stage old = *stage;

    stage_close(stage);
    stage_open(stage, old.subject, image, old.most, old.iterations);
}

void stage_swap_page(struct stage *stage, size_t step, unsigned seed, const char *image)
{
    struct stepped_call call = {.border = &stage->border, .slot = stage->slot};
    struct swap swap = {.stage = stage, .seed = seed};
    unsigned leaf;

    stage->subject->before(stage, &call);
    leaf = steps_interrupt(&stage->steps, &call, step, swap_page, &swap);
    if (leaf == ENCLU_EEXIT && stage->slot->exit_status == ST_OK)
        must_equal_but(stage, swap.offset);
    open_again(stage, image);
}

static unsigned leave_it(void *context)
{
    (void)context;
    return ENCLU_ERESUME;
}

void stage_kill(struct stage *stage, size_t step, const char *image)
{
    struct stepped_call call = {.border = &stage->border, .slot = stage->slot};

    stage->subject->before(stage, &call);
    assert_int_equal(steps_interrupt(&stage->steps, &call, step, leave_it, NULL), ENCLU_ERESUME);
    open_again(stage, image);
}

/* ---- the stage ---------------------------------------------------------------------------------
 */

void stage_open(struct stage *stage, const struct subject *subject, const char *image, size_t most,
                unsigned iterations)
{
    struct stepped_call call;

    memset(stage, 0, sizeof(*stage));
    stage->subject = subject;
    stage->most = most;
    stage->iterations = iterations;
    stage->guest = border_guest(subject->guest);
    stage->neighbour = border_guest("hello");
    border_open(&stage->border, image);
    stage->slot = enclave_slot(stage->border.enclave, 0);
    border_boot(&stage->border, NEIGHBOUR);
    border_load(&stage->border, NEIGHBOUR, &stage->neighbour, NULL);
    neighbour_serves(stage);
    border_boot(&stage->border, 0);
    pages_take(&stage->booted, &stage->border);
    border_load(&stage->border, 0, &stage->guest, stage->digest);
    pages_take(&stage->ready, &stage->border);
    for (unsigned i = 0; i < 2; i++) { /* the first grows upwards, those after it move */
        call = (struct stepped_call){.border = &stage->border, .slot = stage->slot};
        subject->before(stage, &call);
        if (i == 0) {
            assert_int_equal(slot_call(stage->slot, call.call, call.argument, call.bytes, 0),
                             ST_OK);
        } else {
            steps_record(&stage->steps, &call, subject->from, stage->most, stage->iterations);
        }
        subject->after(stage);
    }
}

void stage_close(struct stage *stage)
{
    border_close(&stage->border);
    border_file_free(&stage->guest);
    border_file_free(&stage->neighbour);
    pages_free(&stage->booted);
    pages_free(&stage->ready);
    pages_free(&stage->now);
    steps_free(&stage->steps);
}
