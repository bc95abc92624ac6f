/*
 * Addresses and lengths of the host's: every pointer of every call, led into the enclave, across
 * its borders, around the end of the address space, off alignment; lengths that overflow or exceed
 * their limits; and a host that rewrites what it has handed over while L0 reads it.
 */
#include "tests/border/hostile/inside.h"
#include "tests/border/hostile/steer.h"

#include "abi/bundle.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- where a pointer may not lead --------------------------------------------- */

struct bad_address {
    const char *name;
    uint64_t from_base; /* added to the enclave's base ... */
    uint64_t from_end;  /* ... or, if not 0, subtracted from its end */
    uint64_t absolute;  /* ... or taken as it is */
};

static const struct bad_address bad_addresses[] = {
    {"the enclave's first byte", 0, 0, 0},
    {"the monitor", MON_IMAGE_OFF, 0, 0},
    {"the slot's control block", SLOT_CONTROL_OFF + CTL_SLOT, 0, 0},
    {"linear memory", MONITOR_ZONE_BYTES + SLOT_LINEAR, 0, 0},
    {"a guard", MONITOR_ZONE_BYTES + SLOT_GUARD, 0, 0},
    {"the enclave's last word", 0, 8, 0},
    {"across the lower border", (uint64_t)-8, 0, 0},
    {"the end of the address space", 0, 0, UINT64_MAX - 7},
    {"off alignment by 1", 0, 0, 0x10001},
    {"off alignment by 4", 0, 0, 0x10004},
};

static uint64_t address_of(const struct target *t, const struct bad_address *bad)
{
    if (bad->absolute)
        return bad->absolute;
    if (bad->from_end)
        return t->base + t->slot->enclave->bytes - bad->from_end;
    return t->base + bad->from_base;
}

/* All pages that belong to slots, and which there are: a call that is refused changes none. */
static uint64_t digest_of_slots(const struct target *t)
{
    uint64_t sum = 0xcbf29ce484222325u;
    uint64_t words[PAGE_BYTES / 8];
    struct emu_page page;

    for (uint64_t at = MONITOR_ZONE_BYTES; emu_next_page(t->fd, at, &page) == ST_OK;
         at = page.offset + PAGE_BYTES) {
        peek_page(t, page.offset, (uint8_t *)words);
        sum = (sum ^ page.offset ^ page.flags) * 0x100000001b3u;
        for (unsigned i = 0; i < COUNT(words); i++)
            sum = (sum ^ words[i]) * 0x100000001b3u;
    }
    return sum;
}

/* ---- the structs themselves ------------------------------------------------------ */

static const struct {
    uint64_t call;
    enum slot_state state;
    uint64_t bytes;
} structs[] = {
    {ENTRY_LOAD, SLOT_BOOTED, sizeof(struct entry_load)},
    {ENTRY_FINISH_LOAD, SLOT_LOADING, sizeof(struct entry_invocation)},
    {ENTRY_INVOKE, SLOT_READY, sizeof(struct entry_invocation)},
    {ENTRY_REWIND, SLOT_DIRTY, sizeof(struct entry_rewind)},
    {ENTRY_RESET, SLOT_DIRTY, sizeof(struct entry_rewind)},
    {ENTRY_STATS, SLOT_READY, sizeof(struct entry_stats)},
    {ENTRY_INIT, SLOT_READY, sizeof(struct entry_init)},
};

static enum status call_at(struct target *t, uint64_t number, uint64_t address, uint64_t bytes)
{
    return call(t, number, (void *)(uintptr_t)address, bytes);
}

static void a_struct_must_lie_outside(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(structs); i++) {
        struct host *host = host_open_initialised();
        struct target *t = &host->target[0];
        uint64_t digest;

        bring_to(host, t, structs[i].state);
        digest = digest_of_slots(t);
        for (unsigned j = 0; j < COUNT(bad_addresses); j++) {
            enum status status =
                call_at(t, structs[i].call, address_of(t, &bad_addresses[j]), structs[i].bytes);

            if (status != ST_BAD_POINTER)
                fail_msg("call %u, struct at %s: status %d", (unsigned)structs[i].call,
                         bad_addresses[j].name, (int)status);
        }
        assert_true(digest == digest_of_slots(t));
        assert_int_equal(state_of(t), structs[i].state);
        assert_serves(host, t);
        host_close(host);
    }
}

static void a_struct_has_one_size(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(structs); i++) {
        struct host *host = host_open_initialised();
        struct target *t = &host->target[0];
        uint64_t sizes[] = {0,
                            8,
                            structs[i].bytes - 8,
                            structs[i].bytes + 8,
                            1ull << 32 | structs[i].bytes,
                            1ull << 63,
                            UINT64_MAX};

        bring_to(host, t, structs[i].state);
        invocation_of(t, "e");
        for (unsigned j = 0; j < COUNT(sizes); j++)
            assert_int_equal(call_at(t, structs[i].call, (uintptr_t)&t->invocation, sizes[j]),
                             ST_BAD_LENGTH);
        assert_int_equal(state_of(t), structs[i].state);
        assert_serves(host, t);
        host_close(host);
    }
}

static void calls_without_a_struct_take_none(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t word = 0x5a5a5a5a5a5a5a5au;

    (void)state;
    assert_int_equal(call(t, ENTRY_NULL, &word, sizeof(word)), ST_BAD_LENGTH);
    assert_int_equal(call(t, ENTRY_BOOT, &word, sizeof(word)), ST_BAD_LENGTH);
    assert_int_equal(call_at(t, ENTRY_NULL, t->base, UINT64_MAX), ST_BAD_LENGTH);
    assert_int_equal(call_at(t, ENTRY_NULL, t->base + 3, 0), ST_OK); /* nothing is read there */
    assert_int_equal(word, 0x5a5a5a5a5a5a5a5au);
    assert_int_equal(state_of(t), SLOT_EMPTY);
    assert_serves(host, t);
    host_close(host);
}

static void reserved_fields_and_flags_are_zero(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    struct entry_rewind rewind = {.reserved = 1};
    struct entry_stats stats = {.reserved = 1ull << 63};

    (void)state;
    assert_int_equal(boot(t), ST_OK);
    for (unsigned bit = 0; bit < 64; bit++) {
        t->loaded = (struct entry_load){.bundle = (uintptr_t)host->bundle,
                                        .bundle_bytes = host->bundle_bytes,
                                        .reserved = 1ull << bit};
        assert_int_equal(call(t, ENTRY_LOAD, &t->loaded, sizeof(t->loaded)), ST_INVALID_ARGUMENT);
    }
    make_ready(host, t);
    assert_int_equal(call(t, ENTRY_STATS, &stats, sizeof(stats)), ST_INVALID_ARGUMENT);
    assert_int_equal(stats.slots, 0);
    assert_int_equal(call(t, ENTRY_RESET, &rewind, sizeof(rewind)), ST_INVALID_ARGUMENT);
    assert_int_equal(state_of(t), SLOT_READY);
    assert_int_equal(invoke(t, "e"), ST_OK);
    assert_int_equal(call(t, ENTRY_REWIND, &rewind, sizeof(rewind)), ST_INVALID_ARGUMENT);
    assert_int_equal(state_of(t), SLOT_DIRTY);
    assert_serves(host, t);
    host_close(host);
}

/* ---- what the structs point to ---------------------------------------------------- */

static const struct field {
    const char *name;
    size_t address, bytes; /* offsets in struct entry_invocation */
    uint64_t limit;
    enum status beyond_limit;
} fields[] = {
#define FIELD(address, bytes, ...)                                                                 \
    {                                                                                              \
#address, offsetof(struct entry_invocation, address),                                      \
            offsetof(struct entry_invocation, bytes), __VA_ARGS__                                  \
    }
    FIELD(input, input_bytes, STDIO_MAX, ST_INPUT_TOO_LARGE),
    FIELD(strings, strings_bytes, 0xf000, ST_BAD_LENGTH),
    FIELD(output, output_limit, STDIO_MAX, ST_BAD_LENGTH),
    FIELD(log, log_limit, STDIO_MAX, ST_BAD_LENGTH),
#undef FIELD
};

static void set_field(struct target *t, const struct field *field, uint64_t address, uint64_t bytes)
{
    memcpy((char *)&t->invocation + field->address, &address, sizeof(address));
    memcpy((char *)&t->invocation + field->bytes, &bytes, sizeof(bytes));
}

static void assert_invoke_refused(struct target *t, const char *what, enum status expected)
{
    enum status status = call(t, ENTRY_INVOKE, &t->invocation, sizeof(t->invocation));

    if (status != expected)
        fail_msg("%s: status %d instead of %d", what, (int)status, (int)expected);
    assert_int_equal(t->invocation.output_bytes, 0);
    assert_int_equal(t->invocation.outcome, OUTCOME_NONE);
    assert_no_output(t);
}

static void buffers_must_lie_outside(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t digest;

    (void)state;
    bring_to(host, t, SLOT_READY);
    assert_invokes(t);
    digest = digest_of_slots(t);
    for (unsigned i = 0; i < COUNT(fields); i++)
        for (unsigned j = 0; j < COUNT(bad_addresses); j++)
            for (uint64_t bytes = 1; bytes <= 16; bytes += 15) {
                uint64_t address = address_of(t, &bad_addresses[j]);

                if (bytes == 1 && address == t->base - 8)
                    continue; /* ends right at the border: legal */
                invocation_of(t, "e");
                set_field(t, &fields[i], address, bytes);
                assert_invoke_refused(t, bad_addresses[j].name, ST_BAD_POINTER);
            }
    assert_true(digest == digest_of_slots(t));
    assert_int_equal(stats_of(t).invocations, 1);
    assert_serves(host, t);
    host_close(host);
}

static void lengths_have_limits(void **state)
{
    static const uint64_t lengths[] = {1ull << 32, 1ull << 63, UINT64_MAX - 7, UINT64_MAX};
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t digest;

    (void)state;
    bring_to(host, t, SLOT_READY);
    digest = digest_of_slots(t);
    for (unsigned i = 0; i < COUNT(fields); i++) {
        invocation_of(t, "e");
        set_field(t, &fields[i], (uintptr_t)t->input, fields[i].limit + 1);
        assert_invoke_refused(t, fields[i].name, fields[i].beyond_limit);
        for (unsigned j = 0; j < COUNT(lengths); j++) {
            invocation_of(t, "e");
            set_field(t, &fields[i], (uintptr_t)t->input, lengths[j]);
            assert_invoke_refused(t, fields[i].name, fields[i].beyond_limit);
        }
    }
    assert_true(digest == digest_of_slots(t));
    assert_serves(host, t);
    host_close(host);
}

static void strings_must_match_their_counts(void **state)
{
    static const struct {
        uint64_t bytes, arguments, variables;
        enum status status;
    } cases[] = {
        {4, 1, 0, ST_BAD_LENGTH},  /* no NUL */
        {5, 2, 0, ST_BAD_LENGTH},  /* one string too few */
        {10, 1, 0, ST_BAD_LENGTH}, /* one too many */
        {5, UINT64_MAX, 0, ST_BAD_LENGTH},
        {5, 1, UINT64_MAX, ST_BAD_LENGTH},
        {0, 1, 0, ST_BAD_LENGTH},
        {5, 0, 1, ST_ENVIRONMENT_REFUSED}, /* "abcd" is no NAME=VALUE */
    };
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t strings[2] = {0};

    (void)state;
    memcpy(strings, "abcd\0efgh", 10);
    bring_to(host, t, SLOT_READY);
    for (unsigned i = 0; i < COUNT(cases); i++) {
        invocation_of(t, "e");
        t->invocation.strings = (uintptr_t)strings;
        t->invocation.strings_bytes = cases[i].bytes;
        t->invocation.arg_count = cases[i].arguments;
        t->invocation.env_count = cases[i].variables;
        assert_int_equal(call(t, ENTRY_INVOKE, &t->invocation, sizeof(t->invocation)),
                         cases[i].status);
        assert_no_output(t);
        assert_int_equal(t->invocation.outcome, OUTCOME_REFUSED);
        assert_int_equal(state_of(t), SLOT_DIRTY); /* layer 1's page holds the strings */
        assert_serves(host, t);
    }
    assert_int_equal(stats_of(t).invocations, 3 * COUNT(cases));
    host_close(host);
}

/* Buffers that touch the enclave's borders from outside are the host's own business. */
static void buffers_may_lie_right_at_the_borders(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t borders[2] = {t->base - PAGE_BYTES, t->base + t->slot->enclave->bytes};

    (void)state;
    bring_to(host, t, SLOT_READY);
    for (unsigned i = 0; i < COUNT(borders); i++) {
        void *page = mmap((void *)borders[i], PAGE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

        if (page == MAP_FAILED) /* something else lies there: then it is mapped and not ours */
            continue;
        invocation_of(t, "e: border");
        memcpy(page, "e: border", 9);
        t->invocation.input = (uintptr_t)page;
        t->invocation.output = (uintptr_t)page;
        t->invocation.output_limit = PAGE_BYTES;
        assert_int_equal(call(t, ENTRY_INVOKE, &t->invocation, sizeof(t->invocation)), ST_OK);
        memcpy(t->output, page, t->invocation.output_bytes);
        assert_answered(t, "e: border");
        assert_int_equal(rewind_slot(t), ST_OK);
        munmap(page, PAGE_BYTES);
    }
    host_close(host);
}

/* ---- how much is written ------------------------------------------------------------- */

/* The answer to this, as the witness gives it, fits exactly or misses by one byte. */
static void output_is_written_up_to_its_limit(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t bytes;

    (void)state;
    bring_to(host, t, SLOT_READY);
    assert_int_equal(invoke(t, "e: exactly so long"), ST_OK);
    bytes = t->invocation.output_bytes;
    assert_int_equal(rewind_slot(t), ST_OK);
    for (uint64_t limit = 0; limit <= bytes + 1; limit++) {
        invocation_of(t, "e: exactly so long");
        t->invocation.output_limit = limit;
        assert_int_equal(call(t, ENTRY_INVOKE, &t->invocation, sizeof(t->invocation)), ST_OK);
        assert_int_equal(t->invocation.outcome, limit < bytes ? OUTCOME_TRAP : OUTCOME_OK);
        assert_int_equal(t->invocation.trap, limit < bytes ? TRAP_OUTPUT_LIMIT : TRAP_NONE);
        assert_true(t->invocation.output_bytes <= limit);
        /* Whole words, padded with zeros; beyond them nothing. */
        for (uint64_t i = t->invocation.output_bytes; i < BUFFER_ROOM; i++)
            assert_int_equal(t->output[i],
                             i < ((t->invocation.output_bytes + 7) & ~7ull) ? 0 : 0xa5);
        assert_canaries(t);
        assert_int_equal(rewind_slot(t), ST_OK);
    }
    host_close(host);
}

static void out_fields_are_written_and_nothing_else(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    struct {
        uint64_t before[8];
        struct entry_stats stats;
        uint64_t after[8];
    } framed;

    (void)state;
    memset(&framed, 0xa5, sizeof(framed));
    framed.stats.reserved = 0;
    assert_int_equal(call(t, ENTRY_STATS, &framed.stats, sizeof(framed.stats)), ST_OK);
    assert_int_equal(framed.stats.slots, HOST_SLOTS);
    assert_int_equal(framed.stats.reserved, 0);
    for (unsigned i = 0; i < 8; i++) {
        assert_true(framed.before[i] == 0xa5a5a5a5a5a5a5a5u);
        assert_true(framed.after[i] == 0xa5a5a5a5a5a5a5a5u);
    }
    host_close(host);
}

/* ---- ENTRY_LOAD ------------------------------------------------------------------------- */

static void a_bundle_must_lie_outside(void **state)
{
    static const uint64_t lengths[] = {BUNDLE_HEADER_BYTES, 1 << 20, 1ull << 63, UINT64_MAX - 7,
                                       UINT64_MAX};
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t digest;

    (void)state;
    assert_int_equal(boot(t), ST_OK);
    digest = digest_of_slots(t);
    for (unsigned i = 0; i < COUNT(bad_addresses); i++)
        for (unsigned j = 0; j < COUNT(lengths); j++) {
            t->loaded = (struct entry_load){.bundle = address_of(t, &bad_addresses[i]),
                                            .bundle_bytes = lengths[j]};
            assert_int_equal(call(t, ENTRY_LOAD, &t->loaded, sizeof(t->loaded)), ST_BAD_POINTER);
            assert_int_equal(t->loaded.restrict_bytes, 0);
        }
    assert_true(digest == digest_of_slots(t));
    assert_int_equal(state_of(t), SLOT_BOOTED);
    assert_serves(host, t);
    host_close(host);
}

struct defect {
    size_t offset;
    uint32_t value;
    enum status status;
};

static const struct defect defects[] = {
#define HEADER(field) offsetof(struct bundle_header, field)
    {HEADER(magic), 0, ST_BUNDLE_MAGIC},
    {HEADER(format_version), 2, ST_BUNDLE_FORMAT},
    {HEADER(abi_version), 0, ST_BUNDLE_ABI},
    {HEADER(sfi_version), 0, ST_BUNDLE_SFI},
    {HEADER(cpu_level), 4, ST_BUNDLE_CPU},
    {HEADER(exports), 0, ST_BUNDLE_LAYOUT},
    {HEADER(tracking), BUNDLE_TRACK_MARK + 1, ST_BUNDLE_LAYOUT},
    /* The witness does not mark what it writes. */
    {HEADER(tracking), BUNDLE_TRACK_MARK, ST_BUNDLE_CODE},
    {HEADER(manifest_bytes), 0xfffffff8, ST_BUNDLE_LAYOUT},
    {HEADER(code_bytes), 0xfffff000, ST_BUNDLE_LAYOUT},
    {HEADER(rodata_bytes), 0xfffff000, ST_BUNDLE_LAYOUT},
    {HEADER(entry_offset), 0, ST_BUNDLE_LAYOUT},
    {HEADER(entry_offset), 0xffffffff, ST_BUNDLE_LAYOUT},
    {HEADER(state_bytes), 0xfffff000, ST_BUNDLE_LAYOUT},
    {HEADER(stack_bytes), 0, ST_BUNDLE_LAYOUT},
    {HEADER(memory_initial) + 4, 1, ST_BUNDLE_LAYOUT},
    {HEADER(memory_max) + 4, 0xffff, ST_BUNDLE_LAYOUT},
    {HEADER(tables_max) + 4, 1, ST_BUNDLE_LAYOUT},
    {HEADER(reserved), 1, ST_BUNDLE_LAYOUT},
    {BUNDLE_HEADER_BYTES, 0x0004fffe, ST_BUNDLE_MANIFEST},
#undef HEADER
};

static void a_bundle_with_a_defect_is_refused(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    assert_int_equal(boot(t), ST_OK);
    for (unsigned i = 0; i < COUNT(defects); i++) {
        uint32_t proper;

        memcpy(&proper, host->bundle + defects[i].offset, 4);
        memcpy(host->bundle + defects[i].offset, &defects[i].value, 4);
        if (load_bundle(host, t) != defects[i].status)
            fail_msg("defect %u", i);
        memcpy(host->bundle + defects[i].offset, &proper, 4);
        assert_int_equal(state_of(t), SLOT_BOOTED);
        assert_int_equal(look_inside(t->fd, 0).code_pages, 0);
    }
    for (uint64_t bytes = 0; bytes < host->bundle_bytes; bytes += 509) {
        uint64_t whole = host->bundle_bytes;

        host->bundle_bytes = bytes;
        assert_int_equal(load_bundle(host, t),
                         bytes < BUNDLE_HEADER_BYTES ? ST_BUNDLE_MAGIC : ST_BUNDLE_LAYOUT);
        host->bundle_bytes = whole;
    }
    assert_serves(host, t);
    host_close(host);
}

/* ---- a host that changes its mind --------------------------------------------------------- */

/* The digest that L0 must report for what it holds: header, manifest (which is all L0 has of
 * them) and the code as it lies in the enclave. */
static void digest_inside(struct host *host, const struct target *t, const uint8_t *head,
                          uint8_t digest[32])
{
    const struct bundle_header *header = (const struct bundle_header *)(const void *)head;
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    uint8_t page[PAGE_BYTES];

    (void)host;
    assert_int_equal(EVP_DigestInit_ex(hash, EVP_sha256(), NULL), 1);
    assert_int_equal(EVP_DigestUpdate(hash, head, BUNDLE_HEADER_BYTES + header->manifest_bytes), 1);
    for (uint64_t i = 0; i < header->code_bytes / PAGE_BYTES; i++) {
        peek_page(t, region_page(t, REGION_CODE, 1 + i), page);
        assert_int_equal(EVP_DigestUpdate(hash, page, PAGE_BYTES), 1);
    }
    for (uint64_t i = 0; i < header->rodata_bytes / PAGE_BYTES; i++) {
        peek_page(t, region_page(t, REGION_RODATA, i), page);
        assert_int_equal(EVP_DigestUpdate(hash, page, PAGE_BYTES), 1);
    }
    assert_int_equal(EVP_DigestFinal_ex(hash, digest, NULL), 1);
    EVP_MD_CTX_free(hash);
}

/* The host closes the bundle's last page, with read-only data on both sides of its start, so that
 * L0 stops there, and changes a byte in front of it and one behind. What L0 reports must be what it
 * holds. */
static void a_bundle_is_read_once(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    uint64_t closed = host->bundle_bytes / PAGE_BYTES;
    uint64_t room = (host->bundle_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    uint8_t *pages = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t head[BUNDLE_HEADER_BYTES + BUNDLE_MANIFEST_MAX];
    uint8_t digest[32];

    (void)state;
    assert_true(pages != MAP_FAILED);
    memcpy(pages, host->bundle, host->bundle_bytes);
    memcpy(head, pages, PAGE_BYTES);
    t->loaded = (struct entry_load){.bundle = (uintptr_t)pages, .bundle_bytes = host->bundle_bytes};
    assert_int_equal(boot(t), ST_OK);
    mprotect(pages + closed * PAGE_BYTES, PAGE_BYTES, PROT_NONE);
    call_interrupted(t, ENTRY_LOAD, &t->loaded, sizeof(t->loaded));
    assert_int_equal(t->run.exception_addr, (uintptr_t)pages + closed * PAGE_BYTES);
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
    mprotect(pages + closed * PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE);
    pages[offsetof(struct bundle_header, memory_max) + 2] ^= 0x40; /* all read by now */
    pages[offsetof(struct bundle_header, wasm_sha256)] ^= 1;
    pages[closed * PAGE_BYTES - 1] ^= 1;
    pages[closed * PAGE_BYTES + 64] ^= 1;       /* not read yet */
    t->loaded.bundle = t->base + MON_IMAGE_OFF; /* the struct was copied long ago */
    t->loaded.bundle_bytes = 1;
    assert_int_equal(resume(t), ST_OK);
    digest_inside(host, t, head, digest);
    assert_memory_equal(t->loaded.bundle_sha256, digest, 32);
    assert_memory_equal(t->loaded.wasm_sha256, head + offsetof(struct bundle_header, wasm_sha256),
                        32);
    assert_memory_equal(look_inside(t->fd, 0).bundle_sha256, digest, 32);
    munmap(pages, room);
    assert_int_equal(reset_slot(t), ST_OK);
    assert_serves(host, t);
    host_close(host);
}

/* The struct of an invocation is rewritten while the function runs. */
static void a_struct_is_read_once(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    struct entry_invocation proper;
    uint64_t page;

    (void)state;
    bring_to(host, t, SLOT_READY);
    page = region_page(t, REGION_L2_STATE, 0);
    call_until_page(t, ENTRY_INVOKE, invocation_of(t, "e: once"), sizeof(t->invocation), page);
    give_page(t, page);
    proper = t->invocation;
    t->invocation.output = t->base + MONITOR_ZONE_BYTES + SLOT_LINEAR;
    t->invocation.output_limit = UINT64_MAX;
    t->invocation.log = t->base + SLOT_CONTROL_OFF + CTL_SLOT;
    t->invocation.log_limit = UINT64_MAX;
    memset(t->input, 'X', 64);
    assert_int_equal(resume(t), ST_OK);
    assert_int_equal(proper.output, (uintptr_t)t->output);
    assert_answered(t, "e: once");
    assert_serves(host, t);
    host_close(host);
}

/* Memory that the host has not mapped: L0 waits, and is not confused about whose fault it is. */
static void a_buffer_that_is_not_there_yet(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];
    void *page = mmap(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(page != MAP_FAILED);
    bring_to(host, t, SLOT_READY);
    invocation_of(t, "e: late");
    t->invocation.input = (uintptr_t)page;
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            call_interrupted(t, ENTRY_INVOKE, &t->invocation, sizeof(t->invocation));
        assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
        assert_int_equal(call(t, ENTRY_ABORT, NULL, 0), ST_IN_MONITOR);
    }
    mprotect(page, PAGE_BYTES, PROT_READ | PROT_WRITE);
    memcpy(page, "e: late", 7);
    assert_int_equal(resume(t), ST_OK);
    assert_answered(t, "e: late");
    munmap(page, PAGE_BYTES);
    assert_serves(host, t);
    host_close(host);
}

/* NULL with a length is outside the enclave; only the host suffers from it. */
static void null_hurts_the_host_only(void **state)
{
    struct host *host = host_open_initialised();
    struct target *t = &host->target[0];

    (void)state;
    bring_to(host, t, SLOT_READY);
    invocation_of(t, "e");
    t->invocation.input = 0;
    call_interrupted(t, ENTRY_INVOKE, &t->invocation, sizeof(t->invocation));
    assert_int_equal(call(t, ENTRY_EXCEPTION, NULL, 0), ST_IN_MONITOR);
    assert_no_output(t);
    assert_serves(host, &host->target[1]);
    host_close(host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_struct_must_lie_outside),
        cmocka_unit_test(a_struct_has_one_size),
        cmocka_unit_test(calls_without_a_struct_take_none),
        cmocka_unit_test(reserved_fields_and_flags_are_zero),
        cmocka_unit_test(buffers_must_lie_outside),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(strings_must_match_their_counts),
        cmocka_unit_test(buffers_may_lie_right_at_the_borders),
        cmocka_unit_test(output_is_written_up_to_its_limit),
        cmocka_unit_test(out_fields_are_written_and_nothing_else),
        cmocka_unit_test(a_bundle_must_lie_outside),
        cmocka_unit_test(a_bundle_with_a_defect_is_refused),
        cmocka_unit_test(a_bundle_is_read_once),
        cmocka_unit_test(a_struct_is_read_once),
        cmocka_unit_test(a_buffer_that_is_not_there_yet),
        cmocka_unit_test(null_hurts_the_host_only),
    };

    select_tests(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
