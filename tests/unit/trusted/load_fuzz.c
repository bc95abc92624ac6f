/*
 * libFuzzer target: L0's bundle loader. An input is struct plan, strings, and a bundle as a hostile
 * host would hand it over: in memory that changes as soon as it has been read.
 *
 * Whatever the bundle, a refusal leaves nothing of it in the slot; what is accepted is exactly the
 * bytes that were read first, with a signature that was checked and code that was verified.
 */
#include "abi/sfi.h"
#include "base/bytes.h"
#include "tests/unit/trusted/mock.h"
#include "trusted/monitor/strings.h"
#include "trusted/verify/verify.h"

#include <bearssl/bearssl_ec.h>
#include <bearssl/bearssl_hash.h>
#include <stdlib.h>
#include <string.h>

#define REGION_PAGES 32u /* of each region, at most */

struct plan {
    uint8_t flags;
    uint8_t limit; /* of linear memory, in pages of 64 KiB; 0: none */
    uint8_t arg_count, env_count;
    uint16_t string_bytes;
    uint16_t unused;
};

/* plan.flags */
#define PLAN_EAGER  1u /* an image whose pages are all there */
#define PLAN_SIGN   2u /* the harness signs what comes, with a key of its own */
#define PLAN_REFUSE 4u /* EACCEPT fails: the host plays with the address space */

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* gates.S is not part of the host's build; code.c only takes addresses. */
void gate2_wasi(void);
void gate2_trap(void);
void gate2_grow(void);
void gate2_return(void);
void gate2_data(void);
void gate2_wasi(void) {}
void gate2_trap(void) {}
void gate2_grow(void) {}
void gate2_return(void) {}
void gate2_data(void) {}

/* ---- the host's side ------------------------------------------------------------------ */

/* The linker puts this in border_copy_in's place: whoever reads a second time gets something else.
 */
void __real_border_copy_in(void *to, uint64_t from, uint64_t bytes);
void __wrap_border_copy_in(void *to, uint64_t from, uint64_t bytes);
void __wrap_border_copy_in(void *to, uint64_t from, uint64_t bytes)
{
    __real_border_copy_in(to, from, bytes);
    memset((void *)from, 0x5a, bytes);
}

struct file {
    const uint8_t *sent; /* as it was when the call began */
    uint8_t *host;       /* what L0 reads: as many bytes as it may touch and not one more */
    uint64_t bytes;
    bool is_signed; /* by the harness; inputs cannot forge a signature */
};

static void digest(const void *data, size_t bytes, uint8_t out[32])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, data, bytes);
    br_sha256_out(&hash, out);
}

/* abi/bundle.h; a manifest without version, or no bundle at all, gets some signature all the same.
 */
static void signed_digest(const uint8_t *body, size_t bytes, uint8_t out[32])
{
    const struct bundle_header *header = (const struct bundle_header *)(const void *)body;
    const uint8_t *version = NULL;
    uint16_t version_bytes = 0;
    br_sha256_context hash;

    digest(body, bytes, out);
    br_sha256_init(&hash);
    br_sha256_update(&hash, BUNDLE_SIGNATURE_DOMAIN, 28);
    br_sha256_update(&hash, out, 32);
    br_sha256_update(&hash, header->wasm_sha256, 32);
    if (header->manifest_bytes <= bytes - BUNDLE_HEADER_BYTES &&
        manifest_version(body + BUNDLE_HEADER_BYTES, header->manifest_bytes, &version,
                         &version_bytes))
        br_sha256_update(&hash, version, version_bytes);
    br_sha256_out(&hash, out);
}

static void sign(const uint8_t *body, size_t bytes, struct bundle_signature *signature)
{
    static const uint8_t secret[32] = {[31] = 7};
    br_ec_private_key key = {BR_EC_secp256r1, (uint8_t *)(uintptr_t)secret, sizeof(secret)};
    uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE], hash[32];

    memcpy(signature->magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature->magic));
    must(br_ec_compute_pub(&br_ec_p256_m31, NULL, point, &key) == 65);
    memcpy(signature->public_key, point + 1, 64);
    signed_digest(body, bytes, hash);
    must(br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, hash, &key,
                               signature->signature) == 64);
}

static void make_file(const uint8_t *data, size_t size, bool with_signature, struct file *file)
{
    uint8_t *sent = malloc(size + BUNDLE_SIGNATURE_BYTES);

    must(sent != NULL);
    memcpy(sent, data, size);
    file->bytes = size;
    if (with_signature && size >= BUNDLE_HEADER_BYTES) {
        struct bundle_signature signature;

        sign(sent, size, &signature);
        memcpy(sent + size, &signature, sizeof(signature));
        file->bytes += sizeof(signature);
        file->is_signed = true;
    }
    file->sent = sent;
    file->host = calloc(1, file->bytes ? round_up(file->bytes, 8) : 8);
    must(file->host != NULL);
    memcpy(file->host, sent, file->bytes);
}

/* ---- what must hold -------------------------------------------------------------------- */

/* Not of interest to the fuzzer, which would spend most of its time watching this. */
__attribute__((no_sanitize("coverage", "address", "undefined"))) static bool
all_are(const uint8_t *bytes, size_t count, uint8_t value)
{
    uint8_t others = 0;

    for (size_t i = 0; i < count; i++)
        others |= bytes[i] ^ value;
    return !others;
}

static size_t committed_bytes(const struct slot *slot, unsigned region)
{
    return (size_t)slot->committed[region] * PAGE_BYTES;
}

static void nothing_is_left(const struct slot *slot)
{
    const uint8_t *function = (const uint8_t *)&slot->function;

    must(all_are(function, sizeof(slot->function), 0));
    must(slot->linear.pages == 0);
    for (unsigned region = 0; region < REGION_COUNT; region++)
        must(all_are(region_start(slot, region), committed_bytes(slot, region), 0));
}

static void refusal_is_clean(const struct slot *slot, const struct entry_load *request,
                             enum status status, bool accepts_fail)
{
    bool poisoned = status == ST_POISONED_NOW;

    must(poisoned ? accepts_fail : slot->state == SLOT_BOOTED);
    must((status == ST_BUNDLE_CODE) == (request->verify_reason != VERIFY_OK));
    must(all_are(request->tenant, sizeof(request->tenant), 0));
    must(all_are(request->bundle_sha256, sizeof(request->bundle_sha256), 0));
    nothing_is_left(slot);
}

static void is_verified(const struct slot *slot, const struct bundle_header *header)
{
    uint64_t count = VERIFY_SCRATCH_COUNT(header->code_bytes);
    struct verify_bundle *scratch = calloc(count, sizeof(*scratch));
    struct verify_request request = {
        .text = region_start(slot, REGION_CODE) + GATE_PAGE_BYTES,
        .text_bytes = header->code_bytes,
        .text_offset = GATE_PAGE_BYTES,
        .rodata_bytes = header->rodata_bytes,
        .gate_count = GATE2_COUNT,
        .scratch = scratch,
        .scratch_count = count,
    };
    struct verify_result result;

    must(scratch != NULL);
    must(verify_text(&request, &result) == VERIFY_OK);
    free(scratch);
}

static void code_is_what_was_sent(const struct slot *slot, const struct file *file,
                                  const struct bundle_header *header)
{
    const uint8_t *code = region_start(slot, REGION_CODE);
    const uint8_t *sent = file->sent + BUNDLE_HEADER_BYTES + header->manifest_bytes;
    size_t end = GATE_PAGE_BYTES + header->code_bytes;

    must(committed_bytes(slot, REGION_CODE) >= end);
    must(committed_bytes(slot, REGION_RODATA) >= header->rodata_bytes);
    must(memcmp(code + GATE_PAGE_BYTES, sent, header->code_bytes) == 0);
    must(memcmp(region_start(slot, REGION_RODATA), sent + header->code_bytes,
                header->rodata_bytes) == 0);
    must(all_are(code + end, committed_bytes(slot, REGION_CODE) - end, SFI_PAD_BYTE));
    must(header->entry_offset >= GATE_PAGE_BYTES && header->entry_offset < end);
    is_verified(slot, header);
}

static void identity_is_true(const struct file *file, const struct bundle_header *header,
                             const struct entry_load *request)
{
    uint64_t body = (uint64_t)BUNDLE_HEADER_BYTES + header->manifest_bytes + header->code_bytes +
                    header->rodata_bytes;
    const struct bundle_signature *signature = (const void *)(file->sent + body);
    uint8_t expected[32];

    must(file->bytes == body + (file->is_signed ? BUNDLE_SIGNATURE_BYTES : 0));
    digest(file->sent, body, expected);
    must(memcmp(request->bundle_sha256, expected, 32) == 0);
    must(memcmp(request->wasm_sha256, header->wasm_sha256, 32) == 0);
    memset(expected, 0, sizeof(expected));
    if (file->is_signed)
        digest(signature->public_key, sizeof(signature->public_key), expected);
    must(memcmp(request->tenant, expected, 32) == 0);
}

static void sizes_are_within(const struct slot *slot, const struct bundle_header *header,
                             const struct entry_load *request)
{
    const struct function *function = &slot->function;

    must(function->memory_max <= LINEAR_MAX && function->memory_max <= header->memory_max);
    must(!request->memory_limit || function->memory_max <= request->memory_limit);
    must(slot->linear.pages * PAGE_BYTES == header->memory_initial);
    must(header->memory_initial <= function->memory_max);
    must(function->tables_max <= L2_TABLES_MAX);
    must(committed_bytes(slot, REGION_L2_STACK) >= function->stack_bytes && function->stack_bytes);
    for (unsigned region = 0; region < REGION_COUNT; region++)
        must(slot->committed[region] <= REGION_PAGES);
}

static void acceptance_is_right(const struct slot *slot, const struct file *file,
                                const struct entry_load *request)
{
    struct bundle_header header;

    must(slot->state == SLOT_LOADING);
    must(file->bytes > sizeof(header));
    memcpy(&header, file->sent, sizeof(header));
    identity_is_true(file, &header, request);
    code_is_what_was_sent(slot, file, &header);
    sizes_are_within(slot, &header, request);
}

/* ---- arguments and environment ---------------------------------------------------------- */

static void check_strings(const struct function *function, const struct plan *plan,
                          const uint8_t *data)
{
    char *strings = malloc(plan->string_bytes ? plan->string_bytes : 1);
    uint32_t arg_bytes = 0, nuls = 0;

    must(strings != NULL);
    memcpy(strings, data, plan->string_bytes);
    if (strings_check(function, strings, plan->string_bytes, plan->arg_count, plan->env_count,
                      &arg_bytes) == ST_OK) {
        for (uint32_t i = 0; i < plan->string_bytes; i++)
            nuls += !strings[i];
        must(nuls == (uint32_t)plan->arg_count + plan->env_count);
        must(!plan->string_bytes || !strings[plan->string_bytes - 1]);
        must(arg_bytes <= plan->string_bytes);
        for (uint32_t at = arg_bytes; at < plan->string_bytes;
             at += (uint32_t)strlen(strings + at) + 1) {
            const char *equals = strchr(strings + at, '=');

            must(equals && equals != strings + at);
            must(manifest_allows_environment(function, strings + at,
                                             (uint32_t)(equals - (strings + at))));
        }
    }
    free(strings);
}

/* ---- one input ---------------------------------------------------------------------------- */

static struct slot *open_slot(const struct plan *plan)
{
    bool eager = plan->flags & PLAN_EAGER;
    struct slot *slot = mock_enclave(1, eager ? 0 : IMAGE_LAZY);

    for (unsigned region = 0; region < REGION_COUNT; region++)
        mock_region(region, eager ? REGION_PAGES : 0, REGION_PAGES);
    commit_at_boot(slot);
    mock_eaccept_result = plan->flags & PLAN_REFUSE ? 1 : 0;
    return slot;
}

static void load(const struct plan *plan, const uint8_t *strings, const struct file *file)
{
    struct entry_load request = {
        .bundle = (uint64_t)file->host,
        .bundle_bytes = file->bytes,
        .memory_limit = (uint64_t)plan->limit << 16,
    };
    struct slot *slot = open_slot(plan);
    enum status status = load_bundle(slot, &request);

    if (status == ST_OK) {
        acceptance_is_right(slot, file, &request);
        check_strings(&slot->function, plan, strings);
    } else {
        refusal_is_clean(slot, &request, status, mock_eaccept_result != 0);
    }
    mock_release();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan plan;
    struct file file = {0};

    if (size < sizeof(plan))
        return 0;
    memcpy(&plan, data, sizeof(plan));
    if (plan.string_bytes > size - sizeof(plan))
        return 0;
    make_file(data + sizeof(plan) + plan.string_bytes, size - sizeof(plan) - plan.string_bytes,
              plan.flags & PLAN_SIGN, &file);
    load(&plan, data + sizeof(plan), &file);
    free((void *)(uintptr_t)file.sent);
    free(file.host);
    return 0;
}
