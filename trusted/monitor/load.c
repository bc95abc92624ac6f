/*
 * ENTRY_LOAD: a bundle goes from the host's memory into the slot. Each byte is
 * read once, into the enclave, and hashed there. All of the header is decoded
 * and checked before anything is changed.
 */
#include "abi/sfi.h"
#include "base/bytes.h"
#include "trusted/monitor/bundle_reader.h"
#include "trusted/monitor/monitor.h"

#include <string.h>

#define WASM_PAGE 65536u

static bool multiple(uint64_t value, uint64_t unit)
{
    return value % unit == 0;
}

static enum status check_versions(const struct bundle_header *h)
{
    if (memcmp(h->magic, BUNDLE_MAGIC, sizeof(h->magic)) != 0)
        return ST_BUNDLE_MAGIC;
    if (h->format_version != BUNDLE_FORMAT_VERSION)
        return ST_BUNDLE_FORMAT;
    if (h->abi_version != RECLAVE_ABI_VERSION)
        return ST_BUNDLE_ABI;
    if (h->sfi_version != SFI_POLICY_VERSION)
        return ST_BUNDLE_SFI;
    if (h->cpu_level < 2 || h->cpu_level > enclave.cpu_level)
        return ST_BUNDLE_CPU;
    return ST_OK;
}

static bool exports_are_sound(uint32_t exports)
{
    uint32_t known = BUNDLE_HAS_START | BUNDLE_HAS_INITIALIZE | BUNDLE_HAS_HANDLE |
                     BUNDLE_HAS_AFTER_REWIND | BUNDLE_HAS_WIZER | BUNDLE_ALLOW_INIT_RANDOM;
    bool start = (exports & BUNDLE_HAS_START) != 0;
    bool handle = (exports & BUNDLE_HAS_HANDLE) != 0;

    return !(exports & ~known) && start != handle;
}

/* Everything but the signature; the fields may not be checked yet, but no sum of theirs overflows.
 */
static uint64_t body_bytes(const struct bundle_header *h)
{
    return (uint64_t)BUNDLE_HEADER_BYTES + h->manifest_bytes + h->code_bytes + h->rodata_bytes;
}

static enum status check_sizes(const struct bundle_header *h, uint64_t bundle_bytes)
{
    uint64_t body = body_bytes(h);

    if (h->manifest_bytes > BUNDLE_MANIFEST_MAX || !multiple(h->manifest_bytes, 8) ||
        !h->code_bytes || h->code_bytes > CODE_TEXT_MAX - GATE_PAGE_BYTES ||
        !multiple(h->code_bytes, PAGE_BYTES) || h->rodata_bytes > CODE_RODATA_MAX ||
        !multiple(h->rodata_bytes, PAGE_BYTES) ||
        (bundle_bytes != body && bundle_bytes != body + BUNDLE_SIGNATURE_BYTES))
        return ST_BUNDLE_LAYOUT;
    if (h->entry_offset < GATE_PAGE_BYTES || h->entry_offset - GATE_PAGE_BYTES >= h->code_bytes ||
        !multiple(h->entry_offset, SFI_BUNDLE_BYTES))
        return ST_BUNDLE_LAYOUT;
    if (!h->state_bytes || h->state_bytes > L2_STATE_MAX || !multiple(h->state_bytes, PAGE_BYTES))
        return ST_BUNDLE_LAYOUT;
    if (!h->stack_bytes || h->stack_bytes > L2_STACK_MAX || !multiple(h->stack_bytes, PAGE_BYTES))
        return ST_BUNDLE_LAYOUT;
    if (h->memory_max > LINEAR_MAX || h->memory_initial > h->memory_max ||
        !multiple(h->memory_initial, WASM_PAGE) || !multiple(h->memory_max, WASM_PAGE))
        return ST_BUNDLE_LAYOUT;
    if (h->tables_max > L2_TABLES_MAX || h->tables_initial > h->tables_max ||
        !multiple(h->tables_initial, PAGE_BYTES) || !multiple(h->tables_max, PAGE_BYTES))
        return ST_BUNDLE_LAYOUT;
    for (unsigned i = 0; i < sizeof(h->reserved); i++)
        if (h->reserved[i])
            return ST_BUNDLE_LAYOUT;
    if (h->tracking > BUNDLE_TRACK_MARK || !exports_are_sound(h->exports))
        return ST_BUNDLE_LAYOUT;
    return ST_OK;
}

static enum status check_header(const struct bundle_header *h, uint64_t bundle_bytes)
{
    enum status status = check_versions(h);

    return status == ST_OK ? check_sizes(h, bundle_bytes) : status;
}

static uint64_t memory_limit(const struct bundle_header *h, const struct entry_load *request)
{
    uint64_t limit = request->memory_limit - request->memory_limit % WASM_PAGE;

    return request->memory_limit && limit < h->memory_max ? limit : h->memory_max;
}

/* What is committed stays so when a later region does not fit: it is zero, and the next
 * bundle may use it. */
static enum status commit_for(struct slot *slot, const struct bundle_header *h,
                              struct entry_load *request)
{
    const struct {
        unsigned region;
        uint64_t pages;
    } needs[] = {
        {REGION_L2_STATE, h->state_bytes / PAGE_BYTES},
        {REGION_L2_TABLES, h->tables_initial / PAGE_BYTES},
        {REGION_L2_STACK, h->stack_bytes / PAGE_BYTES},
        {REGION_LINEAR, h->memory_initial / PAGE_BYTES},
        {REGION_CODE, 1 + h->code_bytes / PAGE_BYTES},
        {REGION_RODATA, h->rodata_bytes / PAGE_BYTES},
    };

    for (unsigned i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        enum status status = commit_region(slot, needs[i].region, needs[i].pages);

        if (status == ST_NO_MEMORY) {
            request->needed_pages = needs[i].pages - slot->committed[needs[i].region];
            return ST_BUNDLE_MEMORY;
        }
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

static void adopt_header(struct function *function, const struct bundle_header *h,
                         uint64_t memory_max)
{
    function->exports = h->exports;
    function->entry_offset = h->entry_offset;
    function->code_pages = 1 + h->code_bytes / PAGE_BYTES;
    function->rodata_bytes = h->rodata_bytes;
    function->stack_bytes = h->stack_bytes;
    function->tracking = h->tracking;
    function->memory_max = memory_max;
    function->tables_max = h->tables_max;
    function->manifest_bytes = h->manifest_bytes;
    memcpy(function->wasm_sha256, h->wasm_sha256, 32);
}

/* Manifest, code and signature; the slot's function and code zone are written. */
static enum status read_code(struct slot *slot, const struct bundle_header *h,
                             struct bundle_reader *reader)
{
    struct function *function = &slot->function;
    enum status status = bundle_take_hashed(reader, function->manifest, h->manifest_bytes);

    if (status == ST_OK)
        status = manifest_check(function->manifest, h->manifest_bytes);
    if (status == ST_OK)
        status = code_open(slot, function->code_pages);
    if (status == ST_OK)
        status = bundle_take_hashed(reader, region_start(slot, REGION_CODE) + GATE_PAGE_BYTES,
                                    h->code_bytes);
    if (status == ST_OK)
        status = bundle_take_hashed(reader, region_start(slot, REGION_RODATA), h->rodata_bytes);
    if (status == ST_OK)
        br_sha256_out(&reader->hash, function->bundle_sha256);
    return status;
}

/* Without a signature the tenant stays zero: the development tenant. What demands encrypted input
 * is its owner's, not compiled by whoever runs it. */
static enum status read_signature(struct slot *slot, struct bundle_reader *reader,
                                  bool has_signature)
{
    struct bundle_signature signature;
    enum status status;

    if (!has_signature)
        return manifest_demands_sealed(&slot->function) ? ST_BUNDLE_UNSIGNED : ST_OK;
    status = bundle_take(reader, &signature, sizeof(signature));
    return status == ST_OK ? signature_check(&signature, &slot->function, slot->function.tenant)
                           : status;
}

static enum status read_body(struct slot *slot, const struct bundle_header *h,
                             struct bundle_reader *reader, bool has_signature)
{
    enum status status = read_code(slot, h, reader);

    if (status == ST_OK)
        status = read_signature(slot, reader, has_signature);
    if (status == ST_OK)
        status = bundle_reader_finish(reader, slot->function.bundle_sha256, slot->function.tenant);
    return status;
}

static void forget_function(struct slot *slot)
{
    code_wipe(slot);
    tenant_leave(slot);
    bytes_wipe(&slot->function, sizeof(slot->function));
}

static void report(const struct slot *slot, struct entry_load *request)
{
    memcpy(request->bundle_sha256, slot->function.bundle_sha256, 32);
    memcpy(request->wasm_sha256, slot->function.wasm_sha256, 32);
    memcpy(request->tenant, slot->function.tenant, 32);
    if (image_layout.flags & IMAGE_LAZY) {
        request->restrict_offset = (uint64_t)(region_start(slot, REGION_CODE) - enclave_base());
        request->restrict_bytes = (uint64_t)slot->committed[REGION_CODE] * PAGE_BYTES;
    }
}

static enum status load_from(struct slot *slot, struct bundle_reader *reader,
                             struct entry_load *request)
{
    struct bundle_header header;
    enum status status;

    if (reader->bundle_bytes < BUNDLE_HEADER_BYTES)
        return ST_BUNDLE_MAGIC;
    status = bundle_take_hashed(reader, &header, sizeof(header));
    if (status == ST_OK)
        status = check_header(&header, reader->bundle_bytes);
    if (status != ST_OK)
        return status;
    if (header.memory_initial > memory_limit(&header, request))
        return ST_BUNDLE_MEMORY;
    status = commit_for(slot, &header, request);
    if (status != ST_OK)
        return status;
    adopt_header(&slot->function, &header, memory_limit(&header, request));
    status = read_body(slot, &header, reader, reader->bundle_bytes != body_bytes(&header));
    if (status == ST_OK)
        status = tenant_enter(slot);
    if (status == ST_OK)
        status = verify_function(slot, request);
    if (status == ST_OK)
        status = linear_place(slot, header.memory_initial / PAGE_BYTES);
    if (status != ST_OK)
        forget_function(slot);
    return status;
}

enum status load_bundle(struct slot *slot, struct entry_load *request)
{
    struct bundle_reader reader;
    enum status status;

    if (request->reserved)
        return ST_INVALID_ARGUMENT;
    status = bundle_reader_open(&reader, slot, request);
    if (status == ST_OK)
        status = load_from(slot, &reader, request);
    bundle_reader_close(&reader);
    if (status != ST_OK)
        return status;
    code_write_gates(slot);
    slot_set_state(slot, SLOT_LOADING);
    report(slot, request);
    return ST_OK;
}
