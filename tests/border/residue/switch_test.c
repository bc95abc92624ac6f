/*
 * Switching functions: after a reset nothing of the function before is left in the enclave, not
 * its code, data, manifest, digests or snapshot, and the slot is as it was when it had just
 * booted. Before the reset the same search finds all of them.
 */
#include "abi/bundle.h"
#include "abi/sfi.h"
#include "tests/border/residue/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What identifies a bundle's function. */
enum trace {
    TRACE_ENVIRONMENT, /* a name in its manifest */
    TRACE_DATA,        /* its data segment */
    TRACE_CODE,        /* any 32 bytes of its text */
    TRACE_BUNDLE,      /* digests */
    TRACE_SNAPSHOT,
    TRACE_SECRET,
    TRACE_COUNT
};

static const char data_segment[] = "initialised data that a secret will overwrite";

#define LONG_RUN 32

struct tenant {
    struct border border;
    struct slot *slot;
    struct border_file bundle;
    struct slot_load load;
    struct pages booted, now;
    struct border_call call;
};

/* Text up to the HLTs behind it, which the gates page has too. */
static size_t text_without_padding(const struct tenant *tenant)
{
    const struct bundle_header *header = (const void *)tenant->bundle.bytes;
    const uint8_t *text = tenant->bundle.bytes + BUNDLE_HEADER_BYTES + header->manifest_bytes;
    size_t bytes = header->code_bytes;

    while (bytes && text[bytes - 1] == SFI_PAD_BYTE)
        bytes--;
    return bytes;
}

static struct needle needle_for(const struct tenant *tenant, enum trace trace)
{
    const struct bundle_header *header = (const void *)tenant->bundle.bytes;

    switch (trace) {
    case TRACE_ENVIRONMENT:
        return (struct needle){(const uint8_t *)secret_name(), strlen(secret_name()),
                               strlen(secret_name())};
    case TRACE_DATA:
        return (struct needle){(const uint8_t *)data_segment, sizeof(data_segment) - 1, LONG_RUN};
    case TRACE_CODE:
        return (struct needle){tenant->bundle.bytes + BUNDLE_HEADER_BYTES + header->manifest_bytes,
                               text_without_padding(tenant), LONG_RUN};
    case TRACE_BUNDLE:
        return (struct needle){tenant->load.bundle_sha256, 32, SECRET_WORD};
    case TRACE_SNAPSHOT:
        return (struct needle){tenant->load.initial.snapshot_sha256, 32, SECRET_WORD};
    default:
        return (struct needle){secret(), SECRET_BYTES, SECRET_WORD};
    }
}

/* In the last picture, beyond what was there when the slot had just booted: padding and the like
 * may occur in L0's and layer 1's own code. */
static size_t count(const struct tenant *tenant, enum trace trace)
{
    const struct needle needle = needle_for(tenant, trace);
    size_t before = pages_find(&tenant->booted, &needle, 0, UINT64_MAX, NULL, NULL);
    size_t now = pages_find(&tenant->now, &needle, 0, UINT64_MAX, NULL, NULL);

    assert_true(now >= before);
    return now - before;
}

static void tenant_arrives(struct tenant *tenant, const struct story_variant *variant)
{
    memset(tenant, 0, sizeof(*tenant));
    tenant->bundle = border_guest(variant->spreader);
    border_open(&tenant->border, variant->image);
    tenant->slot = enclave_slot(tenant->border.enclave, 0);
    border_boot(&tenant->border, 0);
    pages_take(&tenant->booted, &tenant->border);
    tenant->load =
        (struct slot_load){.bundle = tenant->bundle.bytes, .bundle_bytes = tenant->bundle.size};
}

static void tenant_leaves(struct tenant *tenant)
{
    border_close(&tenant->border);
    border_file_free(&tenant->bundle);
    pages_free(&tenant->booted);
    pages_free(&tenant->now);
}

static void must_be_seen(struct tenant *tenant, enum trace last)
{
    pages_take(&tenant->now, &tenant->border);
    for (enum trace trace = 0; trace <= last; trace++)
        assert_true(count(tenant, trace) > 0);
}

static void must_be_as_booted(struct tenant *tenant)
{
    struct known_list known;

    known_list_for_reset(0, &known);
    pages_take(&tenant->now, &tenant->border);
    for (enum trace trace = 0; trace < TRACE_COUNT; trace++) {
        if (count(tenant, trace) != 0)
            fprintf(stderr, "# REMAINS: trace %d of the function before\n", (int)trace);
        assert_int_equal(count(tenant, trace), 0);
    }
    assert_int_equal(compare_pages(&tenant->booted, &tenant->now, 0, &known), 0);
}

/* Another tenant's function works in the slot. */
static void next_tenant_must_work(struct tenant *tenant)
{
    struct border_file hello = border_guest("hello");

    border_load(&tenant->border, 0, &hello, NULL);
    memset(&tenant->call, 0, sizeof(tenant->call));
    border_invoke(&tenant->border, 0, &tenant->call);
    assert_int_equal(tenant->call.result.outcome, OUTCOME_OK);
    assert_true(tenant->call.result.output_bytes > 0);
    border_file_free(&hello);
}

static void load(struct tenant *tenant)
{
    assert_int_equal(slot_load(tenant->slot, &tenant->load), ST_OK);
}

static void from_dirty(void **state)
{
    static struct tenant tenant;

    tenant_arrives(&tenant, *state);
    load(&tenant);
    secret_spread(&tenant.call, 't');
    border_invoke(&tenant.border, 0, &tenant.call);
    assert_int_equal(tenant.call.result.outcome, OUTCOME_TRAP);
    must_be_seen(&tenant, TRACE_SECRET);
    border_reset(&tenant.border, 0);
    must_be_as_booted(&tenant);
    next_tenant_must_work(&tenant);
    tenant_leaves(&tenant);
}

static void from_ready(void **state)
{
    static struct tenant tenant;

    tenant_arrives(&tenant, *state);
    load(&tenant);
    must_be_seen(&tenant, TRACE_SNAPSHOT);
    border_reset(&tenant.border, 0);
    must_be_as_booted(&tenant);
    next_tenant_must_work(&tenant);
    tenant_leaves(&tenant);
}

/* The bundle is in, but has not been initialised. */
static void from_loading(void **state)
{
    static struct tenant tenant;
    struct entry_load entry = {0};

    tenant_arrives(&tenant, *state);
    entry.bundle = (uintptr_t)tenant.bundle.bytes;
    entry.bundle_bytes = tenant.bundle.size;
    assert_int_equal(slot_call(tenant.slot, ENTRY_LOAD, &entry, sizeof(entry), 0), ST_OK);
    memcpy(tenant.load.bundle_sha256, entry.bundle_sha256, 32);
    memset(tenant.load.initial.snapshot_sha256, 0xa5, 32); /* there is none */
    must_be_seen(&tenant, TRACE_BUNDLE);
    border_reset(&tenant.border, 0);
    must_be_as_booted(&tenant);
    next_tenant_must_work(&tenant);
    tenant_leaves(&tenant);
}

/* Initialisation traps: there is no snapshot, only the way back. */
static void from_a_failed_initialisation(void **state)
{
    static struct tenant tenant;

    tenant_arrives(&tenant, *state);
    border_file_free(&tenant.bundle);
    tenant.bundle = border_guest("init_trap");
    tenant.load.bundle = tenant.bundle.bytes;
    tenant.load.bundle_bytes = tenant.bundle.size;
    assert_int_equal(slot_load(tenant.slot, &tenant.load), ST_BUNDLE_INIT);
    memset(tenant.load.initial.snapshot_sha256, 0xa5, 32);
    pages_take(&tenant.now, &tenant.border);
    assert_true(count(&tenant, TRACE_CODE) > 0);
    assert_true(count(&tenant, TRACE_BUNDLE) > 0);
    border_reset(&tenant.border, 0);
    must_be_as_booted(&tenant);
    next_tenant_must_work(&tenant);
    tenant_leaves(&tenant);
}

/* With a signature that is wrong: refused after all of it has been read. The call leaves by the
 * ordinary exit, so what L0's own stack still holds is wiped by the next scrubbing exit. */
static void from_a_refused_load(void **state)
{
    static struct tenant tenant;
    struct entry_load entry = {0};
    uint8_t *signed_bundle;

    tenant_arrives(&tenant, *state);
    signed_bundle = loader_buffer_alloc(tenant.bundle.size + BUNDLE_SIGNATURE_BYTES);
    assert_non_null(signed_bundle);
    memcpy(signed_bundle, tenant.bundle.bytes, tenant.bundle.size);
    memcpy(signed_bundle + tenant.bundle.size, BUNDLE_SIGNATURE_MAGIC, 8);
    entry.bundle = (uintptr_t)signed_bundle;
    entry.bundle_bytes = tenant.bundle.size + BUNDLE_SIGNATURE_BYTES;
    assert_int_equal(slot_call(tenant.slot, ENTRY_LOAD, &entry, sizeof(entry), 0),
                     ST_BUNDLE_SIGNATURE);
    pages_take(&tenant.now, &tenant.border);
    for (enum trace trace = 0; trace <= TRACE_CODE; trace++) {
        if (count(&tenant, trace) != 0)
            fprintf(stderr, "# REMAINS: trace %d of the refused bundle\n", (int)trace);
        assert_int_equal(count(&tenant, trace), 0);
    }
    next_tenant_must_work(&tenant);
    border_reset(&tenant.border, 0);
    memset(tenant.load.bundle_sha256, 0xa5, 32); /* of no interest: not known to the host */
    memset(tenant.load.initial.snapshot_sha256, 0xa5, 32);
    must_be_as_booted(&tenant);
    free(signed_bundle);
    tenant_leaves(&tenant);
}

static const struct story_case cases[] = {
    {"reset after an invocation leaves nothing", from_dirty, 0, false},
    {"reset of a slot that is ready leaves nothing", from_ready, 0, false},
    {"reset between load and initialisation leaves nothing", from_loading, 0, false},
    {"reset after a failed initialisation leaves nothing", from_a_failed_initialisation, 0, false},
    {"a refused bundle leaves nothing", from_a_refused_load, 0, false},
};

int main(void)
{
    return story_run("border-switch", cases, sizeof(cases) / sizeof(cases[0]));
}
