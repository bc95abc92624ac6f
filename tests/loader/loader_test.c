/* The loader against a scripted machine: creating, entering, interruptions, giving up. */
#include "host/loader/loader.h"
#include "tests/loader/mock_driver.h"
#include "tests/loader/sample_image.h"

#include "abi/sgx_arch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PLAY(...)                                                                                  \
    do {                                                                                           \
        static const struct mock_step script[] = {__VA_ARGS__};                                    \
        mock_play(script, COUNT(script));                                                          \
    } while (0)

#define ENTER(call, ...)                                                                           \
    {                                                                                              \
        ENCLU_EENTER, call, __VA_ARGS__                                                            \
    }
#define RESUME(...)                                                                                \
    {                                                                                              \
        ENCLU_ERESUME, 0, __VA_ARGS__                                                              \
    }
#define RESUMES_TOLERATED 64

static struct sample_image sample;
static struct message why;

static struct enclave *create(uint32_t flags, enum status expected)
{
    const struct enclave_options options = {.driver = &mock_driver};
    struct enclave *enclave;
    struct image image;

    sample_image_make(&sample, flags);
    assert_int_equal(image_check("sample", sample.bytes, SAMPLE_BYTES, &image, &why), ST_OK);
    assert_int_equal(enclave_create(&image, &options, &enclave, &why), expected);
    return enclave;
}

static int setup(void **state)
{
    mock_reset();
    *state = create(IMAGE_LAZY, ST_OK);
    mock.calls = 0;
    return 0;
}

static int teardown(void **state)
{
    enclave_destroy(*state);
    return mock.descriptors == 0 && mock.reserved_bytes == 0 ? 0 : -1;
}

static struct slot *slot_of(void **state)
{
    return enclave_slot(*state, 0);
}

/* ---- creating ---- */

static const struct mock_map *map_at(uint64_t offset)
{
    for (size_t i = 0; i < mock.map_count; i++)
        if (offset >= mock.maps[i].offset && offset < mock.maps[i].offset + mock.maps[i].bytes)
            return &mock.maps[i];
    return NULL;
}

static void creates_pages_and_maps_runs_with_their_permissions(void **state)
{
    (void)state;
    assert_int_equal(mock.pages_added, 8);
    assert_int_equal(mock.inits, 1);
    assert_int_equal(map_at(MON_IMAGE_OFF)->protection, PROT_READ | PROT_EXEC);
    assert_int_equal(map_at(SLOT_CONTROL_OFF + CTL_TCS)->protection, PROT_READ | PROT_WRITE);
    assert_null(map_at(SLOT_CONTROL_OFF + CTL_TLS));
}

static void maps_the_regions_of_a_lazy_image_but_not_the_guards(void **state)
{
    uint64_t slot = MONITOR_ZONE_BYTES;

    (void)state;
    assert_int_equal(map_at(slot + SLOT_LINEAR)->protection, PROT_READ | PROT_WRITE);
    assert_int_equal(map_at(slot + SLOT_LINEAR)->bytes, LINEAR_MAX);
    assert_int_equal(map_at(slot + SLOT_CODE + 3 * PAGE_BYTES)->protection,
                     PROT_READ | PROT_WRITE | PROT_EXEC);
    assert_int_equal(map_at(slot + SLOT_CODE + 3 * PAGE_BYTES)->bytes,
                     CODE_TEXT_MAX - 3 * PAGE_BYTES);
    assert_int_equal(map_at(slot + SLOT_CODE + CODE_RODATA_OFF)->protection,
                     PROT_READ | PROT_WRITE);
    assert_int_equal(map_at(slot + SLOT_CODE + CODE_RODATA_OFF)->bytes, CODE_RODATA_MAX);
    assert_null(map_at(slot + SLOT_CODE + CODE_RODATA_OFF + CODE_RODATA_MAX));
    assert_null(map_at(slot + SLOT_GUARD));
    assert_null(map_at(slot + SLOT_L1_CAGE));
    assert_null(map_at(slot + SLOT_L2_CAGE + L2_STACK_OFF - PAGE_BYTES));
    assert_int_equal(map_at(slot + SLOT_MARKS)->protection, PROT_READ | PROT_WRITE);
    assert_int_equal(map_at(slot + SLOT_MARKS)->bytes, MARKS_MAX);
    assert_null(map_at(slot + SLOT_MARKS + MARKS_MAX));
    assert_int_equal(map_at(STORE_OFF)->protection, PROT_READ | PROT_WRITE);
    assert_int_equal(map_at(STORE_OFF)->bytes, STORE_MAX);
    assert_null(map_at(STORE_OFF + STORE_MAX));
}

static void maps_nothing_but_the_runs_of_an_eager_image(void **state)
{
    (void)state;
    mock_reset();
    enclave_destroy(create(0, ST_OK));
    assert_int_equal(mock.map_count, SAMPLE_RUNS);
}

static void base_is_aligned_to_the_size(void **state)
{
    assert_int_equal(enclave_base(*state) % enclave_bytes(*state), 0);
    assert_int_equal(mock.reserved_bytes, enclave_bytes(*state));
}

static void goes_on_after_a_partial_addition(void **state)
{
    (void)state;
    mock_reset();
    mock.add_limit = PAGE_BYTES;
    enclave_destroy(create(IMAGE_LAZY, ST_OK));
    assert_int_equal(mock.pages_added, 8);
}

static void releases_everything_whichever_call_fails(void **state)
{
    int total;

    (void)state;
    mock_reset();
    enclave_destroy(create(IMAGE_LAZY, ST_OK));
    total = mock.calls;
    assert_true(total > 10);
    for (int n = 1; n <= total; n++) {
        const struct enclave_options options = {.driver = &mock_driver};
        struct enclave *enclave;
        struct image image;

        mock_reset();
        mock.fail_at = n;
        mock.fail_errno = EPERM;
        sample_image_make(&sample, IMAGE_LAZY);
        assert_int_equal(image_check("sample", sample.bytes, SAMPLE_BYTES, &image, &why), ST_OK);
        assert_int_not_equal(enclave_create(&image, &options, &enclave, &why), ST_OK);
        assert_null(enclave);
        assert_int_equal(mock.descriptors, 0);
        assert_int_equal(mock.reserved_bytes, 0);
    }
}

static void a_cpu_without_sgx2_is_told_to_use_eager_pages(void **state)
{
    (void)state;
    mock_reset();
    mock.cpuid_eax = 1;
    create(IMAGE_LAZY, ST_UNSUPPORTED);
    assert_non_null(strstr(why.text, "--pages eager"));
    enclave_destroy(create(0, ST_OK));
}

static void a_cpu_with_small_elrange_is_refused_by_size(void **state)
{
    (void)state;
    mock_reset();
    mock.cpuid_edx = 34u << 8;
    create(IMAGE_LAZY, ST_UNSUPPORTED);
    assert_non_null(strstr(why.text, "2^35"));
}

static void a_full_epc_is_named(void **state)
{
    (void)state;
    mock_reset();
    mock.fail_at = 5; /* handler, open, reserve, ECREATE, first EADD */
    mock.fail_errno = ENOMEM;
    create(0, ST_NO_MEMORY);
    assert_non_null(strstr(why.text, "EPC"));
}

/* ---- entering ---- */

static void a_call_returns_what_the_enclave_left_in_rdi(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_EXIT, ST_OK), ENTER(ENTRY_BOOT, MOCK_EXIT, ST_SLOT_READY));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    assert_int_equal(slot_boot(slot_of(state)), ST_SLOT_READY);
    assert_int_equal(slot_counters(slot_of(state)).transitions, 2);
}

static void a_misaligned_argument_does_not_enter(void **state)
{
    char bytes[32];

    PLAY(ENTER(ENTRY_NULL, MOCK_EXIT, ST_OK));
    assert_int_equal(
        slot_call(slot_of(state), ENTRY_STATS, bytes + (((uintptr_t)bytes % 8) == 0 ? 1 : 0), 8, 0),
        ST_BAD_POINTER);
    assert_int_equal(mock.at, 0);
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
}

static void an_exception_is_told_to_the_enclave_and_resumed(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_FAULT, 0x1000), ENTER(ENTRY_EXCEPTION, MOCK_EXIT, ST_OK),
         RESUME(MOCK_EXIT, ST_OK));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    assert_true(mock_done());
    assert_int_equal(slot_counters(slot_of(state)).exceptions, 1);
    assert_false(slot_lost(slot_of(state)));
}

static void a_fault_to_repair_is_resumed(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_FAULT, 0x1000), ENTER(ENTRY_EXCEPTION, MOCK_EXIT, ST_FAULT_RESUME),
         RESUME(MOCK_FAULT, 0x1000), ENTER(ENTRY_EXCEPTION, MOCK_EXIT, ST_IN_MONITOR),
         RESUME(MOCK_EXIT, ST_OK));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    assert_true(mock_done());
}

/* `faults` faults that the enclave answers with `answer`; the n-th at address n % addresses. */
static enum status call_with_faults(struct slot *slot, unsigned faults, unsigned addresses,
                                    enum status answer)
{
    static struct mock_step script[1000];
    size_t n = 0;

    for (unsigned i = 0; i < faults; i++) {
        script[n++] = (struct mock_step){i ? ENCLU_ERESUME : ENCLU_EENTER, ENTRY_NULL, MOCK_FAULT,
                                         (i % addresses) * PAGE_BYTES};
        script[n++] = (struct mock_step){ENCLU_EENTER, ENTRY_EXCEPTION, MOCK_EXIT, answer};
    }
    script[n++] = (struct mock_step){ENCLU_ERESUME, 0, MOCK_EXIT, ST_OK};
    mock_play(script, n);
    return slot_null(slot);
}

static void as_many_faults_as_tolerated_at_one_address_are_survived(void **state)
{
    assert_int_equal(call_with_faults(slot_of(state), RESUMES_TOLERATED, 1, ST_FAULT_RESUME),
                     ST_OK);
    assert_int_equal(call_with_faults(slot_of(state), RESUMES_TOLERATED, 1, ST_IN_MONITOR), ST_OK);
}

static void one_fault_more_loses_the_slot(void **state)
{
    assert_int_equal(call_with_faults(slot_of(state), RESUMES_TOLERATED + 1, 1, ST_FAULT_RESUME),
                     ST_SGX_ENTER);
    assert_true(slot_lost(slot_of(state)));
    assert_non_null(strstr(slot_fault(slot_of(state)), "page fault"));
}

static void one_fault_more_in_the_monitor_loses_the_slot(void **state)
{
    assert_int_equal(call_with_faults(slot_of(state), RESUMES_TOLERATED + 1, 1, ST_IN_MONITOR),
                     ST_SGX_ENTER);
    assert_true(slot_lost(slot_of(state)));
}

static void many_faults_at_changing_addresses_are_survived(void **state)
{
    assert_int_equal(call_with_faults(slot_of(state), 300, 2, ST_FAULT_RESUME), ST_OK);
}

static void a_lost_slot_is_not_entered_again(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_FAULT, 0), ENTER(ENTRY_EXCEPTION, MOCK_EXIT, ST_SLOT_POISONED));
    assert_int_equal(slot_null(slot_of(state)), ST_SGX_ENTER);
    assert_true(slot_lost(slot_of(state)));
    assert_int_equal(slot_null(slot_of(state)), ST_SGX_ENTER);
    assert_true(mock_done());
}

static void a_faulting_eenter_is_reported_and_not_repeated(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_REFUSE, 0), ENTER(ENTRY_NULL, MOCK_EXIT, ST_OK));
    assert_int_equal(slot_null(slot_of(state)), ST_SGX_ENTER);
    assert_false(slot_lost(slot_of(state)));
    assert_int_equal(slot_null(slot_of(state)), ST_OK); /* it was only busy */
}

static void a_fault_in_the_exception_entry_is_resumed(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_FAULT, 0x1000), ENTER(ENTRY_EXCEPTION, MOCK_FAULT, 0x2000),
         RESUME(MOCK_EXIT, ST_OK), RESUME(MOCK_EXIT, ST_OK));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    assert_true(mock_done());
}

static void an_exception_entry_that_cannot_be_entered_loses_the_slot(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_FAULT, 0x1000), ENTER(ENTRY_EXCEPTION, MOCK_REFUSE, 0));
    assert_int_equal(slot_null(slot_of(state)), ST_SGX_ENTER);
    assert_true(slot_lost(slot_of(state)));
}

/* ---- deadlines and aborts ---- */

static void an_abort_breaks_out_and_is_told_to_the_enclave(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_TICK, ST_OK), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_OK),
         RESUME(MOCK_EXIT, ST_OK));
    slot_abort(slot_of(state));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    slot_clear_abort(slot_of(state));
    assert_true(mock_done());
    assert_int_equal(mock.breakouts, 1);
    assert_int_equal(slot_counters(slot_of(state)).kicks, 1);
}

static void an_abort_is_repeated_while_the_monitor_is_at_work(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_TICK, ST_OK), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_IN_MONITOR),
         RESUME(MOCK_TICK, ST_OK), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_IN_MONITOR),
         RESUME(MOCK_TICK, ST_OK), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_OK), RESUME(MOCK_EXIT, ST_OK));
    slot_abort(slot_of(state));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    slot_clear_abort(slot_of(state));
    assert_true(mock_done());
}

static void a_deadline_ends_an_endless_call(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_RUN, 0), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_OK),
         RESUME(MOCK_EXIT, ST_OK));
    assert_int_equal(slot_call(slot_of(state), ENTRY_NULL, NULL, 0, 1), ST_OK);
    assert_true(mock_done());
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void call_that_ends_in_time(void **state, uint64_t limit_ms)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_EXIT, ST_OK));
    assert_int_equal(slot_call(slot_of(state), ENTRY_NULL, NULL, 0, limit_ms), ST_OK);
}

static void endless_call_lasts(void **state, uint64_t limit_ms)
{
    uint64_t began = now_ns();

    PLAY(ENTER(ENTRY_NULL, MOCK_RUN_TIMED, 0), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_OK),
         RESUME(MOCK_EXIT, ST_OK));
    assert_int_equal(slot_call(slot_of(state), ENTRY_NULL, NULL, 0, limit_ms), ST_OK);
    assert_true(now_ns() - began >= limit_ms * 1000000);
    assert_true(mock_done());
}

/* The timer is left as it was set for them. */
static void deadlines_of_earlier_calls_neither_end_nor_prolong_one(void **state)
{
    uint64_t past;

    call_that_ends_in_time(state, 1u << 30);
    endless_call_lasts(state, 1);
    call_that_ends_in_time(state, 5);
    endless_call_lasts(state, 40); /* the signal comes while it runs */
    call_that_ends_in_time(state, 1);
    for (past = now_ns() + 3000000; now_ns() < past;)
        ; /* and here between calls */
    endless_call_lasts(state, 2);
    call_that_ends_in_time(state, 0);
    endless_call_lasts(state, 1);
}

static void a_tick_before_the_deadline_does_nothing(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_TICK, ST_OK));
    assert_int_equal(slot_call(slot_of(state), ENTRY_NULL, NULL, 0, 1u << 30), ST_OK);
    assert_int_equal(mock.breakouts, 0);
}

static void a_tick_after_the_abort_was_cleared_does_nothing(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_TICK, ST_OK));
    slot_abort(slot_of(state));
    slot_clear_abort(slot_of(state));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    assert_int_equal(mock.breakouts, 0);
}

static void a_tick_outside_the_enclave_does_nothing(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_TICK_ELSEWHERE, ST_OK));
    slot_abort(slot_of(state));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    slot_clear_abort(slot_of(state));
    assert_int_equal(mock.breakouts, 0);
}

static void a_tick_in_the_exception_entry_does_not_break_out(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_FAULT, 0x1000), ENTER(ENTRY_EXCEPTION, MOCK_TICK, ST_OK),
         RESUME(MOCK_EXIT, ST_OK));
    slot_abort(slot_of(state));
    assert_int_equal(slot_null(slot_of(state)), ST_OK);
    slot_clear_abort(slot_of(state));
    assert_int_equal(mock.breakouts, 0);
    assert_true(mock_done());
}

static void a_refused_abort_loses_the_slot(void **state)
{
    PLAY(ENTER(ENTRY_NULL, MOCK_TICK, ST_OK), ENTER(ENTRY_ABORT, MOCK_EXIT, ST_WRONG_CSSA));
    slot_abort(slot_of(state));
    assert_int_equal(slot_null(slot_of(state)), ST_SGX_ENTER);
    assert_true(slot_lost(slot_of(state)));
}

/* ---- loading a function ---- */

static void ask_to_restrict(uint64_t rdi, uint64_t rsi)
{
    struct entry_load *load = (struct entry_load *)(uintptr_t)rsi;

    if (rdi != ENTRY_LOAD)
        return;
    assert_int_equal(load->reserved, 0);
    load->restrict_offset = 0x10000;
    load->restrict_bytes = 5 * PAGE_BYTES;
    memset(load->wasm_sha256, 7, sizeof(load->wasm_sha256));
}

static void load_restricts_the_code_to_read_and_execute(void **state)
{
    struct slot_load load = {0};

    PLAY(ENTER(ENTRY_LOAD, MOCK_EXIT, ST_OK), ENTER(ENTRY_FINISH_LOAD, MOCK_EXIT, ST_OK));
    mock.on_enter = ask_to_restrict;
    mock.restrict_limit = 2 * PAGE_BYTES; /* the driver stops early, twice */
    assert_int_equal(slot_load(slot_of(state), &load), ST_OK);
    assert_true(mock_done());
    assert_int_equal(mock.restrict_calls, 3);
    assert_int_equal(mock.restricted_offset, 0x10000);
    assert_int_equal(mock.restricted_bytes, 5 * PAGE_BYTES);
    assert_int_equal(mock.restricted_permissions, SECINFO_R | SECINFO_X);
    assert_int_equal(load.wasm_sha256[0], 7);
}

/* Each way in which a page ioctl may misbehave, and whether the loader may go on. */
static const struct {
    enum mock_odd odd;
    bool goes_on;
} oddities[] = {
    {MOCK_ODD_EINTR, true},    {MOCK_ODD_EAGAIN, false},   {MOCK_ODD_EBUSY, false},
    {MOCK_ODD_NOTHING, false}, {MOCK_ODD_TOO_MUCH, false},
};

static void load_with(struct slot *slot, int early_errno, size_t i, unsigned at)
{
    struct slot_load load = {0};
    enum status expected = oddities[i].goes_on ? ST_OK : ST_SGX_REFUSED;

    mock.restrict_limit = 2 * PAGE_BYTES;
    mock.early_errno = early_errno;
    mock.odd = oddities[i].odd;
    mock.odd_at = at;
    mock.page_ioctls = 0;
    mock.restrict_calls = mock.restricted_bytes = 0;
    PLAY(ENTER(ENTRY_LOAD, MOCK_EXIT, ST_OK), ENTER(ENTRY_FINISH_LOAD, MOCK_EXIT, ST_OK));
    mock.on_enter = ask_to_restrict;
    assert_int_equal(slot_load(slot, &load), expected);
    assert_int_equal(mock_done(), oddities[i].goes_on);
    if (oddities[i].goes_on)
        assert_int_equal(mock.restricted_bytes, 5 * PAGE_BYTES); /* all of it, each page once */
}

static void load_repeats_what_the_driver_may_be_asked_again(void **state)
{
    for (size_t i = 0; i < COUNT(oddities); i++) {
        for (unsigned at = 1; at <= 3; at++) {
            load_with(slot_of(state), EAGAIN, i, at);
            load_with(slot_of(state), EINTR, i, at);
        }
    }
}

static void load_without_a_range_restricts_nothing(void **state)
{
    struct slot_load load = {0};

    PLAY(ENTER(ENTRY_LOAD, MOCK_EXIT, ST_OK), ENTER(ENTRY_FINISH_LOAD, MOCK_EXIT, ST_BUNDLE_INIT));
    assert_int_equal(slot_load(slot_of(state), &load), ST_BUNDLE_INIT);
    assert_int_equal(mock.restrict_calls, 0);
}

static void load_does_not_finish_when_the_driver_refuses(void **state)
{
    struct slot_load load = {0};

    PLAY(ENTER(ENTRY_LOAD, MOCK_EXIT, ST_OK));
    mock.on_enter = ask_to_restrict;
    mock.fail_at = 1;
    mock.fail_errno = EINVAL;
    assert_int_equal(slot_load(slot_of(state), &load), ST_SGX_REFUSED);
    assert_true(mock_done());
}

static void complain_of_the_code(uint64_t rdi, uint64_t rsi)
{
    struct entry_load *load = (struct entry_load *)(uintptr_t)rsi;

    assert_int_equal(rdi, ENTRY_LOAD);
    load->verify_reason = 41;
    load->verify_offset = 0x1040;
}

static void a_refused_bundle_is_not_finished(void **state)
{
    struct slot_load load = {0};

    PLAY(ENTER(ENTRY_LOAD, MOCK_EXIT, ST_BUNDLE_CODE));
    mock.on_enter = complain_of_the_code;
    assert_int_equal(slot_load(slot_of(state), &load), ST_BUNDLE_CODE);
    assert_int_equal(load.verify_reason, 41);
    assert_int_equal(load.verify_offset, 0x1040);
    assert_true(mock_done());
}

/* ---- trimming ---- */

#define TRIM_OFFSET 0x40000u
#define TRIM_PAGES  5u

static unsigned trims_left;

/* L0: one range, then nothing more. */
static void name_one_range(uint64_t rdi, uint64_t rsi)
{
    struct entry_trim *trim = (struct entry_trim *)(uintptr_t)rsi;

    assert_int_equal(trim->reserved, 0);
    if (rdi == ENTRY_TRIM && trims_left) {
        trims_left--;
        trim->offset = mock.typed_to = mock.removed_to = TRIM_OFFSET;
        trim->bytes = TRIM_PAGES * PAGE_BYTES;
        mock.trim_end = TRIM_OFFSET + trim->bytes;
    }
    if (rdi == ENTRY_TRIM_ACCEPT)
        trim->bytes = TRIM_PAGES * PAGE_BYTES;
}

static void a_trim_types_accepts_and_removes_until_nothing_is_left(void **state)
{
    uint64_t pages = 77;

    PLAY(ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK), ENTER(ENTRY_TRIM_ACCEPT, MOCK_EXIT, ST_OK),
         ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK), ENTER(ENTRY_TRIM_ACCEPT, MOCK_EXIT, ST_OK),
         ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK));
    mock.on_enter = name_one_range;
    mock.trim_limit = 2 * PAGE_BYTES; /* the driver stops early, twice */
    trims_left = 2;
    assert_int_equal(slot_trim(slot_of(state), &pages), ST_OK);
    assert_true(mock_done());
    assert_int_equal(pages, 2 * TRIM_PAGES);
    assert_int_equal(mock.removed_to, mock.trim_end);
    assert_int_equal(mock.trim_calls, 2 * (3 + 3));
}

static void trim_with(struct slot *slot, int early_errno, size_t i, unsigned at)
{
    bool removing = at > 3; /* three ioctls change the pages' types, then three remove them */
    uint64_t pages = 0;

    mock.trim_limit = 2 * PAGE_BYTES;
    mock.early_errno = early_errno;
    mock.odd = oddities[i].odd;
    mock.odd_at = at;
    mock.page_ioctls = 0;
    trims_left = 1;
    PLAY(ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK), ENTER(ENTRY_TRIM_ACCEPT, MOCK_EXIT, ST_OK),
         ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK));
    mock.on_enter = name_one_range;
    assert_int_equal(slot_trim(slot, &pages), oddities[i].goes_on ? ST_OK : ST_SGX_REFUSED);
    assert_int_equal(mock.at, oddities[i].goes_on ? 3 : removing ? 2 : 1);
    if (oddities[i].goes_on)
        assert_int_equal(mock.removed_to, mock.trim_end);
}

static void a_trim_repeats_what_the_driver_may_be_asked_again(void **state)
{
    for (size_t i = 0; i < COUNT(oddities); i++) {
        for (unsigned at = 1; at <= 6; at++) {
            trim_with(slot_of(state), EAGAIN, i, at);
            trim_with(slot_of(state), EINTR, i, at);
        }
    }
}

static void nothing_to_trim_asks_the_driver_for_nothing(void **state)
{
    uint64_t pages = 77;

    PLAY(ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK));
    assert_int_equal(slot_trim(slot_of(state), &pages), ST_OK);
    assert_true(mock_done());
    assert_int_equal(pages, 0);
    assert_int_equal(mock.trim_calls, 0);
}

static void a_trim_that_is_not_accepted_removes_nothing(void **state)
{
    uint64_t pages;

    PLAY(ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK),
         ENTER(ENTRY_TRIM_ACCEPT, MOCK_EXIT, ST_TRIM_PERMISSIONS));
    mock.on_enter = name_one_range;
    trims_left = 1;
    assert_int_equal(slot_trim(slot_of(state), &pages), ST_TRIM_PERMISSIONS);
    assert_true(mock_done());
    assert_int_equal(mock.removed_to, TRIM_OFFSET);
}

static void a_driver_that_does_not_trim_is_named(void **state)
{
    uint64_t pages;

    PLAY(ENTER(ENTRY_TRIM, MOCK_EXIT, ST_OK));
    mock.on_enter = name_one_range;
    mock.fail_at = 1;
    mock.fail_errno = EINVAL;
    trims_left = 1;
    assert_int_equal(slot_trim(slot_of(state), &pages), ST_SGX_REFUSED);
    assert_true(mock_done());
    assert_int_equal(pages, 0);
}

#define SLOT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SLOT_TEST(creates_pages_and_maps_runs_with_their_permissions),
        SLOT_TEST(maps_the_regions_of_a_lazy_image_but_not_the_guards),
        cmocka_unit_test(maps_nothing_but_the_runs_of_an_eager_image),
        SLOT_TEST(base_is_aligned_to_the_size),
        cmocka_unit_test(goes_on_after_a_partial_addition),
        cmocka_unit_test(releases_everything_whichever_call_fails),
        cmocka_unit_test(a_cpu_without_sgx2_is_told_to_use_eager_pages),
        cmocka_unit_test(a_cpu_with_small_elrange_is_refused_by_size),
        cmocka_unit_test(a_full_epc_is_named),
        SLOT_TEST(a_call_returns_what_the_enclave_left_in_rdi),
        SLOT_TEST(a_misaligned_argument_does_not_enter),
        SLOT_TEST(an_exception_is_told_to_the_enclave_and_resumed),
        SLOT_TEST(a_fault_to_repair_is_resumed),
        SLOT_TEST(as_many_faults_as_tolerated_at_one_address_are_survived),
        SLOT_TEST(one_fault_more_loses_the_slot),
        SLOT_TEST(one_fault_more_in_the_monitor_loses_the_slot),
        SLOT_TEST(many_faults_at_changing_addresses_are_survived),
        SLOT_TEST(a_lost_slot_is_not_entered_again),
        SLOT_TEST(a_faulting_eenter_is_reported_and_not_repeated),
        SLOT_TEST(a_fault_in_the_exception_entry_is_resumed),
        SLOT_TEST(an_exception_entry_that_cannot_be_entered_loses_the_slot),
        SLOT_TEST(an_abort_breaks_out_and_is_told_to_the_enclave),
        SLOT_TEST(an_abort_is_repeated_while_the_monitor_is_at_work),
        SLOT_TEST(a_deadline_ends_an_endless_call),
        SLOT_TEST(deadlines_of_earlier_calls_neither_end_nor_prolong_one),
        SLOT_TEST(a_tick_before_the_deadline_does_nothing),
        SLOT_TEST(a_tick_after_the_abort_was_cleared_does_nothing),
        SLOT_TEST(a_tick_outside_the_enclave_does_nothing),
        SLOT_TEST(a_tick_in_the_exception_entry_does_not_break_out),
        SLOT_TEST(a_refused_abort_loses_the_slot),
        SLOT_TEST(load_restricts_the_code_to_read_and_execute),
        SLOT_TEST(load_repeats_what_the_driver_may_be_asked_again),
        SLOT_TEST(load_without_a_range_restricts_nothing),
        SLOT_TEST(load_does_not_finish_when_the_driver_refuses),
        SLOT_TEST(a_refused_bundle_is_not_finished),
        SLOT_TEST(a_trim_types_accepts_and_removes_until_nothing_is_left),
        SLOT_TEST(a_trim_repeats_what_the_driver_may_be_asked_again),
        SLOT_TEST(nothing_to_trim_asks_the_driver_for_nothing),
        SLOT_TEST(a_trim_that_is_not_accepted_removes_nothing),
        SLOT_TEST(a_driver_that_does_not_trim_is_named),
    };

    return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
