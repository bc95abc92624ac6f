/*
 * The enclave's keys lie in the monitor and nowhere else: in no snapshot, in no slot, and they are
 * never rewound. Looked for in every page, as only an emulator can.
 */
#include "tests/border/harness.h"
#include "tests/border/pages.h"
#include "tests/border/residue/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WINDOW 8 /* a piece of a key this long is noticed */

static void note_place(void *context, uint64_t offset)
{
    uint64_t *outside = context;
    uint64_t from, to;

    keys_home(&from, &to);
    if (offset >= from && offset < to)
        return;
    fprintf(stderr, "# REMAINS: a piece of a key at 0x%llx\n", (unsigned long long)offset);
    ++*outside;
}

static void expect_at_home(const struct pages *pages, uint64_t elrange, const uint8_t secret[32])
{
    const struct needle needle = {secret, 32, WINDOW};
    uint64_t outside = 0;

    assert_true(pages_find(pages, &needle, 0, elrange, note_place, &outside) > 0);
    assert_int_equal(outside, 0);
}

static void expect_keys(const struct border *border, struct pages *pages, const struct keys *first)
{
    struct keys now = keys_of(border->fd);

    assert_memory_equal(&now, first, sizeof(now));
    pages_take(pages, border);
    expect_at_home(pages, enclave_bytes(border->enclave), now.signing);
    expect_at_home(pages, enclave_bytes(border->enclave), now.receiving);
}

/* Evidence: the signing key is used, with its registers and stacks. */
static void invoke_and_sign(struct border *border)
{
    static struct border_call call;
    void *claims = loader_buffer_alloc(EVIDENCE_CLAIMS_MAX);
    void *root = loader_buffer_alloc(EVIDENCE_ROOT_MAX);
    uint64_t bytes, leaves;

    memset(&call, 0, sizeof(call));
    border_prepare(&call);
    call.result.claims = (uintptr_t)claims;
    assert_int_equal(slot_invoke(enclave_slot(border->enclave, 0), &call.result, 10000), ST_OK);
    assert_true(call.result.claims_bytes > 0);
    assert_int_equal(slot_sign(enclave_slot(border->enclave, 0), root, &bytes, &leaves), ST_OK);
    assert_int_equal(leaves, 1);
    free(claims);
    free(root);
}

static void keys_stay_in_the_monitor_whatever_happens(void **state)
{
    struct border_file bundle = border_guest("hello");
    struct pages pages = {0};
    struct border border;
    struct keys first;

    (void)state;
    border_open(&border, "reclave-lazy");
    first = keys_of(border.fd);
    border_boot(&border, 0);
    expect_keys(&border, &pages, &first);
    border_load(&border, 0, &bundle, NULL); /* two snapshots are stored now */
    expect_keys(&border, &pages, &first);
    for (unsigned i = 0; i < 3; i++) {
        invoke_and_sign(&border);
        expect_keys(&border, &pages, &first);
        border_rewind(&border, 0);
        expect_keys(&border, &pages, &first);
    }
    border_reset(&border, 0);
    expect_keys(&border, &pages, &first);
    pages_free(&pages);
    border_close(&border);
    border_file_free(&bundle);
}

static void each_enclave_has_keys_of_its_own(void **state)
{
    struct border border;
    struct keys first, second;

    (void)state;
    border_open(&border, "reclave-lazy");
    first = keys_of(border.fd);
    border_close(&border);
    border_open(&border, "reclave-lazy");
    second = keys_of(border.fd);
    border_close(&border);
    assert_memory_not_equal(first.signing, second.signing, 32);
    assert_memory_not_equal(first.receiving, second.receiving, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_stay_in_the_monitor_whatever_happens),
        cmocka_unit_test(each_enclave_has_keys_of_its_own),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
