/*
 * A hostile owner: bundles whose machine code was not made by the rewriter, or was patched after
 * it. Each is refused when it is loaded, inside, with the offset and the reason that `reclave
 * inspect --verify` gives; nothing of it stays, and the slot serves the next function.
 */
#include "tests/border/hostile/host.h"
#include "tests/border/hostile/patches.h"

#include "base/verify_reason.h"
#include "toolchain/bundle/read.h"
#include "toolchain/verify/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNIPPET_OFF 0x40u /* in the page that is added to the text */
#define GUARD_BYTES 13u

static const uint8_t guard[GUARD_BYTES] = {0x41, 0x81, 0xe3, 0xe0, 0xff, 0xff, 0x0f,
                                           0x4d, 0x01, 0xf3, 0x41, 0xff, 0xe3};

/* ---- the bundle at hand: host->bundle ------------------------------------------- */

static struct bundle_header *header_of(struct host *host)
{
    return (struct bundle_header *)(void *)host->bundle;
}

static uint8_t *text_of(struct host *host)
{
    return host->bundle + BUNDLE_HEADER_BYTES + header_of(host)->manifest_bytes;
}

/* The witness with so many pages of HLT behind its text. */
static void take_longer_witness(struct host *host, unsigned pages)
{
    uint64_t added = (uint64_t)pages * PAGE_BYTES, before;
    uint8_t *longer;

    host_take_bundle(host, "witness");
    before = BUNDLE_HEADER_BYTES + header_of(host)->manifest_bytes + header_of(host)->code_bytes;
    longer = loader_buffer_alloc(host->bundle_bytes + added);
    assert_non_null(longer);
    memcpy(longer, host->bundle, before);
    memset(longer + before, SFI_PAD_BYTE, added);
    memcpy(longer + before + added, host->bundle + before, host->bundle_bytes - before);
    free(host->bundle);
    host->bundle = longer;
    host->bundle_bytes += added;
    header_of(host)->code_bytes += (uint32_t)added;
}

/* Offset in the text of the last page, where snippets go. */
static uint32_t added_page(struct host *host)
{
    return header_of(host)->code_bytes - PAGE_BYTES;
}

static void place(struct host *host, const struct snippet *snippet)
{
    take_longer_witness(host, 1);
    memcpy(text_of(host) + added_page(host) + SNIPPET_OFF, snippet->code, snippet->bytes);
}

/* Offset in the text of the first guarded jump that the rewriter made. */
static uint32_t first_guard(struct host *host)
{
    uint8_t *text = text_of(host);
    uint8_t *found = memmem(text, header_of(host)->code_bytes, guard, GUARD_BYTES);

    if (!found)
        fail_msg("the witness has no guarded jump");
    return (uint32_t)(found - text);
}

/* ---- what must hold ---------------------------------------------------------------- */

static struct verdict verdict_outside(struct host *host)
{
    struct bundle_view view;
    struct verdict verdict;

    assert_int_equal(bundle_read(host->bundle, host->bundle_bytes, &view), ST_OK);
    assert_int_equal(verdict_of_bundle(&view, &verdict), ST_OK);
    return verdict;
}

static bool is_zero(const uint8_t *bytes, size_t count)
{
    while (count && !bytes[count - 1])
        count--;
    return !count;
}

static void assert_nothing_left(struct target *t)
{
    static const unsigned regions[] = {REGION_CODE, REGION_RODATA};
    uint8_t page[PAGE_BYTES];

    for (unsigned i = 0; i < 2; i++)
        for (uint64_t n = 0; page_flags(t, region_page(t, regions[i], n)) && n < 64; n++) {
            peek_page(t, region_page(t, regions[i], n), page);
            if (!is_zero(page, PAGE_BYTES))
                fail_msg("page %u of region %u is not wiped", (unsigned)n, regions[i]);
        }
}

/* Refused at this offset of the text for this reason (VERIFY_OK: whatever the verdict outside
 * says), and the slot is as good as new. */
static void assert_refused(struct host *host, struct target *t, const char *name,
                           enum verify_reason reason, uint32_t offset)
{
    struct verdict outside = verdict_outside(host);
    enum status status = load_bundle(host, t);

    if (status != ST_BUNDLE_CODE)
        fail_msg("%s: status %d instead of a refusal", name, (int)status);
    if (t->loaded.verify_reason != outside.reason ||
        t->loaded.verify_offset != (uint64_t)outside.offset + SFI_TEXT_OFF)
        fail_msg("%s: reason %u at 0x%x inside, %u at 0x%x outside", name,
                 (unsigned)t->loaded.verify_reason, (unsigned)t->loaded.verify_offset,
                 (unsigned)outside.reason, outside.offset + SFI_TEXT_OFF);
    if (reason != VERIFY_OK && (outside.reason != reason || outside.offset != offset))
        fail_msg("%s: '%s' at 0x%x instead of '%s' at 0x%x", name,
                 verify_reason_text(outside.reason), outside.offset, verify_reason_text(reason),
                 offset);
    assert_int_equal(t->loaded.restrict_bytes, 0);
    assert_int_equal(state_of(t), SLOT_BOOTED);
    assert_int_equal(finish_load(t), ST_SLOT_BOOTED);
    assert_nothing_left(t);
    host_take_bundle(host, "witness");
    assert_serves(host, t);
    assert_int_equal(reset_slot(t), ST_OK);
}

static void assert_accepted(struct host *host, struct target *t, const char *name)
{
    struct verdict outside = verdict_outside(host);

    if (outside.reason != VERIFY_OK)
        fail_msg("%s: %s at 0x%x", name, verify_reason_text(outside.reason), outside.offset);
    assert_serves(host, t);
    assert_int_equal(reset_slot(t), ST_OK);
}

/* ---- tests --------------------------------------------------------------------------- */

static void a_snippet(void **state)
{
    const struct snippet *snippet = *state;
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    bring_to(host, t, SLOT_BOOTED);
    place(host, snippet);
    if (snippet->reason == VERIFY_OK)
        assert_accepted(host, t, snippet->name);
    else
        assert_refused(host, t, snippet->name, snippet->reason,
                       added_page(host) + SNIPPET_OFF + snippet->bad);
    host_close(host);
}

/* The rewriter's own work, undone: the first guarded jump of the function. */
static void guards_taken_out(void **state)
{
    static const uint8_t nop7[] = {0x0f, 0x1f, 0x80, 0, 0, 0, 0};
    static const uint8_t nop3[] = {0x0f, 0x1f, 0x00};
    static const uint8_t ret[] = {0xc3, 0x90, 0x90};
    static const uint8_t jump_rax[] = {0xff, 0xe0, 0x90};
    static const struct {
        const char *name;
        uint32_t at;
        const uint8_t *code;
        uint32_t bytes;
        enum verify_reason reason;
        uint32_t bad;
    } patches[] = {
        {"the mask removed", 0, nop7, sizeof(nop7), VERIFY_UNMASKED, 10},
        {"the base removed", 7, nop3, sizeof(nop3), VERIFY_UNMASKED, 10},
        {"the jump made a return", 10, ret, sizeof(ret), VERIFY_RETURN, 10},
        {"the jump made unguarded", 10, jump_rax, sizeof(jump_rax), VERIFY_INDIRECT, 10},
    };
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    for (unsigned i = 0; i < sizeof(patches) / sizeof(patches[0]); i++) {
        uint32_t at = first_guard(host);

        memcpy(text_of(host) + at + patches[i].at, patches[i].code, patches[i].bytes);
        assert_refused(host, t, patches[i].name, patches[i].reason, at + patches[i].bad);
    }
    host_close(host);
}

/* The entry's call of its dispatcher, which ends its bundle, leads between mask and base. */
static void a_call_redirected_into_a_guard(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint32_t call, target;
    int32_t distance;

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    call = header_of(host)->entry_offset - SFI_TEXT_OFF + SFI_BUNDLE_BYTES - 5;
    assert_int_equal(text_of(host)[call], 0xe8);
    target = first_guard(host) + 7;
    distance = (int32_t)target - (int32_t)(call + 5);
    memcpy(text_of(host) + call + 1, &distance, sizeof(distance));
    assert_refused(host, t, "a call redirected", VERIFY_TARGET, call);
    host_close(host);
}

static void a_jump_to_a_gate(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    for (int gate = 0; gate <= GATE2_COUNT; gate++) {
        uint32_t at;
        int32_t distance;

        take_longer_witness(host, 1);
        at = added_page(host) + SNIPPET_OFF;
        distance = gate * GATE_ENTRY_BYTES - (int32_t)(SFI_TEXT_OFF + at + 5);
        text_of(host)[at] = 0xe9;
        memcpy(text_of(host) + at + 1, &distance, sizeof(distance));
        if (gate < GATE2_COUNT) {
            assert_accepted(host, t, "a gate");
            continue;
        }
        assert_refused(host, t, "beyond the last gate", VERIFY_TARGET_OUTSIDE, at);
        take_longer_witness(host, 1);
        distance += 4 - GATE_ENTRY_BYTES;
        text_of(host)[at] = 0xe9;
        memcpy(text_of(host) + at + 1, &distance, sizeof(distance));
        assert_refused(host, t, "into a gate", VERIFY_TARGET_OUTSIDE, at);
    }
    host_close(host);
}

static void text_that_runs_off_its_end(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint32_t last;

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    take_longer_witness(host, 1);
    last = header_of(host)->code_bytes - 1;
    text_of(host)[last] = 0x90;
    assert_refused(host, t, "nop at the end", VERIFY_FALLS_OFF, last);
    take_longer_witness(host, 1);
    text_of(host)[last] = 0xb8;
    assert_refused(host, t, "half an instruction at the end", VERIFY_TRUNCATED, last);
    host_close(host);
}

/* What gcc made of the same module, without the rewriter. */
static void code_that_the_rewriter_never_saw(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    host_take_bundle(host, "native");
    assert_int_equal(header_of(host)->sfi_version, SFI_POLICY_VERSION);
    assert_refused(host, t, "native code", VERIFY_OK, 0);
    host_close(host);
}

/* A policy is no promise: the version alone decides nothing, and another one is refused. */
static void another_policy(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    for (uint32_t version = 0; version <= SFI_POLICY_VERSION + 1; version++) {
        host_take_bundle(host, "witness");
        header_of(host)->sfi_version = version;
        if (version == SFI_POLICY_VERSION)
            assert_accepted(host, t, "our policy");
        else
            assert_int_equal(load_bundle(host, t), ST_BUNDLE_SFI);
        assert_int_equal(state_of(t), SLOT_BOOTED);
    }
    host_close(host);
}

/*
 * Code that keeps to the policy and jumps behind its own text, where a longer function was before
 * it (or, on SGX1, pages have always been): it must stop at the first instruction there. RAX is an
 * address that may be written, so that zeros (add %al,(%rax)) would not stop it.
 */
static void a_jump_behind_the_text(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint8_t code[] = {0x48, 0x8d, 0x04, 0x24,                   /* leaq (%rsp), %rax */
                      0x41, 0xbb, 0x00, 0x00, 0x00, 0x00,       /* movl $behind, %r11d */
                      0x41, 0x81, 0xe3, 0xe0, 0xff, 0xff, 0x0f, /* guard */
                      0x4d, 0x01, 0xf3, 0x41, 0xff, 0xe3};
    uint32_t at, behind;

    (void)state;
    bring_to(host, t, SLOT_BOOTED);
    take_longer_witness(host, 3);
    assert_accepted(host, t, "a longer function");
    take_longer_witness(host, 1);
    at = added_page(host) + SNIPPET_OFF;
    behind = SFI_TEXT_OFF + header_of(host)->code_bytes;
    memcpy(code + 6, &behind, sizeof(behind));
    memcpy(text_of(host) + at, code, sizeof(code));
    header_of(host)->entry_offset = SFI_TEXT_OFF + at;
    assert_int_equal(verdict_outside(host).reason, VERIFY_OK);
    assert_int_equal(load_bundle(host, t), ST_OK);
    restrict_code(t);
    t->invocation = (struct entry_invocation){.log = (uintptr_t)t->log};
    call_interrupted(t, ENTRY_FINISH_LOAD, &t->invocation, sizeof(t->invocation));
    assert_int_equal(t->run.exception_vector, VECTOR_GP); /* by HLT: no page fault further on */
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_OK);
    assert_int_equal(resume(t), ST_BUNDLE_INIT);
    assert_int_equal(t->invocation.outcome, OUTCOME_TRAP);
    assert_int_equal(t->invocation.trap, TRAP_MACHINE_FAULT);
    host_take_bundle(host, "witness");
    assert_serves(host, t);
    host_close(host);
}

/* One test for each snippet, then the others. */
static void list_snippets(struct CMUnitTest *tests)
{
    for (unsigned i = 0; i < snippet_count; i++) {
        char *name;

        if (asprintf(&name, "%s: %s", snippets[i].name,
                     snippets[i].reason ? "refused" : "accepted") < 0)
            abort();
        tests[i] = (struct CMUnitTest){
            .name = name,
            .test_func = a_snippet,
            .initial_state = (void *)(uintptr_t)&snippets[i],
        };
    }
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(guards_taken_out),
        cmocka_unit_test(a_call_redirected_into_a_guard),
        cmocka_unit_test(a_jump_to_a_gate),
        cmocka_unit_test(text_that_runs_off_its_end),
        cmocka_unit_test(code_that_the_rewriter_never_saw),
        cmocka_unit_test(another_policy),
        cmocka_unit_test(a_jump_behind_the_text),
    };
    struct CMUnitTest *tests = calloc(snippet_count + 7, sizeof(*tests));
    int failed;

    if (!tests)
        return 1;
    list_snippets(tests);
    memcpy(tests + snippet_count, others, sizeof(others));
    select_tests(argc, argv);
    failed = _cmocka_run_group_tests(
        "hostile bundles", tests, snippet_count + sizeof(others) / sizeof(others[0]), NULL, NULL);
    for (unsigned i = 0; i < snippet_count; i++)
        free((void *)(uintptr_t)tests[i].name);
    free(tests);
    return failed;
}
