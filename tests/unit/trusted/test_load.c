/* ENTRY_LOAD: one sound bundle, and what each single defect must be called. */
#include "abi/sfi.h"
#include "tests/unit/trusted/mock.h"

#include <bearssl/bearssl_ec.h>
#include <bearssl/bearssl_hash.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANIFEST_BYTES 24u
#define CODE_BYTES     8192u
#define RODATA_BYTES   4096u
#define CODE_AT        (BUNDLE_HEADER_BYTES + MANIFEST_BYTES)
#define BODY_BYTES     (CODE_AT + CODE_BYTES + RODATA_BYTES)
#define HLT            0xf4

static struct slot *slot;
static union {
    uint8_t bytes[BODY_BYTES + BUNDLE_SIGNATURE_BYTES];
    uint64_t aligned;
} file;
static struct bundle_header *header = (struct bundle_header *)(void *)file.bytes;
static struct entry_load request;

/* gates.S is not part of the host's build; code.c only takes addresses. */
void gate2_wasi(void);
void gate2_trap(void);
void gate2_grow(void);
void gate2_return(void);
void gate2_data(void);
void gate2_data(void) {}
void gate2_wasi(void) {}
void gate2_trap(void) {}
void gate2_grow(void) {}
void gate2_return(void) {}

static void make_bundle(void)
{
    static const uint8_t manifest[MANIFEST_BYTES] = {FIELD_NAME, 0, 1, 0,   'f', FIELD_VERSION,
                                                     0,          3, 0, '1', '.', '0'};

    memset(file.bytes, 0, sizeof(file.bytes));
    memcpy(header->magic, BUNDLE_MAGIC, 8);
    header->format_version = BUNDLE_FORMAT_VERSION;
    header->abi_version = RECLAVE_ABI_VERSION;
    header->sfi_version = SFI_POLICY_VERSION;
    header->cpu_level = 2;
    header->exports = BUNDLE_HAS_START;
    header->manifest_bytes = MANIFEST_BYTES;
    header->code_bytes = CODE_BYTES;
    header->rodata_bytes = RODATA_BYTES;
    header->entry_offset = GATE_PAGE_BYTES;
    header->state_bytes = 4096;
    header->stack_bytes = 8192;
    header->memory_initial = 65536;
    header->memory_max = 131072;
    memcpy(file.bytes + BUNDLE_HEADER_BYTES, manifest, sizeof(manifest));
    memset(file.bytes + CODE_AT, HLT, CODE_BYTES);
    memset(file.bytes + CODE_AT + CODE_BYTES, 0x77, RODATA_BYTES);
}

static int set_up(void **state)
{
    (void)state;
    slot = mock_enclave(1, IMAGE_LAZY);
    for (unsigned region = 0; region < REGION_COUNT; region++)
        mock_region(region, 0, 1024);
    make_bundle();
    request = (struct entry_load){
        .bundle = (uint64_t)file.bytes,
        .bundle_bytes = BODY_BYTES,
    };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static void assert_refused(enum status expected)
{
    const uint8_t *code = region_start(slot, REGION_CODE);

    assert_int_equal(load_bundle(slot, &request), expected);
    assert_int_equal(slot->state, SLOT_BOOTED);
    assert_int_equal(slot->function.exports, 0);
    for (size_t i = 0; i < GATE_PAGE_BYTES + CODE_BYTES; i++)
        assert_int_equal(code[i], 0);
    for (size_t i = 0; i < RODATA_BYTES; i++)
        assert_int_equal(region_start(slot, REGION_RODATA)[i], 0);
}

static void a_sound_bundle_is_loaded(void **state)
{
    uint8_t digest[32];
    br_sha256_context hash;

    (void)state;
    assert_int_equal(load_bundle(slot, &request), ST_OK);
    assert_int_equal(slot->state, SLOT_LOADING);
    assert_int_equal(slot->linear.pages, 16);
    assert_int_equal(region_start(slot, REGION_CODE)[GATE_PAGE_BYTES + CODE_BYTES - 1], HLT);
    assert_int_equal(region_start(slot, REGION_RODATA)[RODATA_BYTES - 1], 0x77);
    br_sha256_init(&hash);
    br_sha256_update(&hash, file.bytes, BODY_BYTES);
    br_sha256_out(&hash, digest);
    assert_memory_equal(request.bundle_sha256, digest, 32);
    assert_int_equal(request.restrict_bytes, GATE_PAGE_BYTES + CODE_BYTES);
}

static void what_lies_behind_the_text_cannot_be_executed(void **state)
{
    const uint8_t *code = region_start(slot, REGION_CODE);

    (void)state;
    assert_int_equal(commit_region(slot, REGION_CODE, 8), ST_OK); /* a longer one was here before */
    assert_int_equal(load_bundle(slot, &request), ST_OK);
    for (size_t i = GATE_PAGE_BYTES + CODE_BYTES; i < 8 * PAGE_BYTES; i++)
        assert_int_equal(code[i], HLT);
    for (size_t i = (size_t)GATE2_COUNT * GATE_ENTRY_BYTES; i < GATE_PAGE_BYTES; i++)
        assert_int_equal(code[i], HLT);
}

static void the_memory_limit_lowers_the_maximum(void **state)
{
    (void)state;
    request.memory_limit = 65536 + 100;
    assert_int_equal(load_bundle(slot, &request), ST_OK);
    assert_int_equal(slot->function.memory_max, 65536);
}

/* ---- each defect ---------------------------------------------------------- */

struct defect {
    const char *name;
    size_t offset;
    uint64_t value;
    unsigned bytes;
    enum status status;
};
#define FIELD(field, value, status)                                                                \
    {                                                                                              \
#field " = " #value, offsetof(struct bundle_header, field), (value),                       \
            sizeof(((struct bundle_header *)0)->field), (status)                                   \
    }

static const struct defect defects[] = {
    {"magic", 0, 'X', 1, ST_BUNDLE_MAGIC},
    FIELD(format_version, 0, ST_BUNDLE_FORMAT),
    FIELD(format_version, BUNDLE_FORMAT_VERSION + 1, ST_BUNDLE_FORMAT),
    FIELD(abi_version, RECLAVE_ABI_VERSION + 1, ST_BUNDLE_ABI),
    FIELD(sfi_version, 0, ST_BUNDLE_SFI),
    FIELD(sfi_version, SFI_POLICY_VERSION + 1, ST_BUNDLE_SFI),
    FIELD(cpu_level, 3, ST_BUNDLE_CPU),
    FIELD(cpu_level, 1, ST_BUNDLE_CPU),
    FIELD(exports, 0, ST_BUNDLE_LAYOUT),
    FIELD(exports, BUNDLE_HAS_START | BUNDLE_HAS_HANDLE, ST_BUNDLE_LAYOUT),
    FIELD(exports, BUNDLE_HAS_START | 0x200, ST_BUNDLE_LAYOUT),
    FIELD(tracking, BUNDLE_TRACK_MARK + 1, ST_BUNDLE_LAYOUT),
    FIELD(manifest_bytes, MANIFEST_BYTES + 8, ST_BUNDLE_LAYOUT),
    FIELD(manifest_bytes, MANIFEST_BYTES - 4, ST_BUNDLE_LAYOUT),
    FIELD(manifest_bytes, 0xfffffff8, ST_BUNDLE_LAYOUT),
    FIELD(code_bytes, CODE_BYTES - 4096, ST_BUNDLE_LAYOUT),
    FIELD(code_bytes, CODE_BYTES + 1, ST_BUNDLE_LAYOUT),
    FIELD(code_bytes, 0xfffff000, ST_BUNDLE_LAYOUT),
    FIELD(code_bytes, 0, ST_BUNDLE_LAYOUT),
    FIELD(rodata_bytes, RODATA_BYTES + 4096, ST_BUNDLE_LAYOUT),
    FIELD(rodata_bytes, RODATA_BYTES - 1, ST_BUNDLE_LAYOUT),
    FIELD(rodata_bytes, 0xfffff000, ST_BUNDLE_LAYOUT),
    FIELD(entry_offset, GATE_PAGE_BYTES - 32, ST_BUNDLE_LAYOUT),
    FIELD(entry_offset, GATE_PAGE_BYTES + CODE_BYTES, ST_BUNDLE_LAYOUT),
    FIELD(entry_offset, GATE_PAGE_BYTES + 16, ST_BUNDLE_LAYOUT),
    FIELD(state_bytes, 0, ST_BUNDLE_LAYOUT),
    FIELD(state_bytes, 4095, ST_BUNDLE_LAYOUT),
    FIELD(state_bytes, L2_STATE_MAX + 4096, ST_BUNDLE_LAYOUT),
    FIELD(stack_bytes, 0, ST_BUNDLE_LAYOUT),
    FIELD(stack_bytes, L2_STACK_MAX + 4096, ST_BUNDLE_LAYOUT),
    FIELD(memory_initial, 131072 + 65536, ST_BUNDLE_LAYOUT),
    FIELD(memory_initial, 1, ST_BUNDLE_LAYOUT),
    FIELD(memory_max, LINEAR_MAX + 65536, ST_BUNDLE_LAYOUT),
    FIELD(memory_max, UINT64_MAX - 65535, ST_BUNDLE_LAYOUT),
    FIELD(tables_initial, 4096, ST_BUNDLE_LAYOUT),
    FIELD(tables_max, L2_TABLES_MAX + 4096, ST_BUNDLE_LAYOUT),
    FIELD(tables_max, 1, ST_BUNDLE_LAYOUT),
    {"first reserved byte", offsetof(struct bundle_header, reserved), 1, 1, ST_BUNDLE_LAYOUT},
    {"last reserved byte", BUNDLE_HEADER_BYTES - 1, 1, 1, ST_BUNDLE_LAYOUT},
    {"manifest: unknown field", BUNDLE_HEADER_BYTES, 0x7fff, 2, ST_BUNDLE_MANIFEST},
    {"manifest: length", BUNDLE_HEADER_BYTES + 2, 0xffff, 2, ST_BUNDLE_MANIFEST},
};

static void every_defect_has_its_name(void **state)
{
    for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
        (void)tear_down(state);
        (void)set_up(state);
        print_message("# %s\n", defects[i].name);
        memcpy(file.bytes + defects[i].offset, &defects[i].value, defects[i].bytes);
        assert_refused(defects[i].status);
    }
}

static void truncation_at_every_length_is_refused(void **state)
{
    (void)state;
    for (request.bundle_bytes = 0; request.bundle_bytes < BODY_BYTES;
         request.bundle_bytes += request.bundle_bytes < 400 ? 1 : 512)
        assert_int_not_equal(load_bundle(slot, &request), ST_OK);
    assert_int_equal(slot->state, SLOT_BOOTED);
}

static void trailing_bytes_are_refused(void **state)
{
    (void)state;
    request.bundle_bytes = BODY_BYTES + 8;
    assert_refused(ST_BUNDLE_LAYOUT);
}

static void code_that_breaks_the_policy_is_refused_with_its_place(void **state)
{
    (void)state;
    file.bytes[CODE_AT + 64] = 0x0f; /* syscall */
    file.bytes[CODE_AT + 65] = 0x05;
    assert_refused(ST_BUNDLE_CODE);
    assert_int_equal(request.verify_reason, VERIFY_KERNEL);
    assert_int_equal(request.verify_offset, GATE_PAGE_BYTES + 64);
}

static void a_reserved_field_must_be_zero(void **state)
{
    (void)state;
    request.reserved = 1;
    assert_refused(ST_INVALID_ARGUMENT);
}

static void a_bundle_inside_the_enclave_is_refused(void **state)
{
    (void)state;
    request.bundle = (uint64_t)enclave_base() + 4096;
    assert_refused(ST_BAD_POINTER);
    request.bundle = (uint64_t)enclave_base() - 8;
    assert_refused(ST_BAD_POINTER);
    request.bundle = UINT64_MAX - 7;
    assert_refused(ST_BAD_POINTER);
    request.bundle = (uint64_t)file.bytes + 1;
    assert_refused(ST_BAD_POINTER);
}

static void too_little_memory_is_named(void **state)
{
    (void)state;
    mock_region(REGION_LINEAR, 0, 15);
    assert_refused(ST_BUNDLE_MEMORY);
    assert_int_equal(request.needed_pages, 16);
}

static void a_limit_below_the_initial_memory_is_refused(void **state)
{
    (void)state;
    request.memory_limit = 65535;
    assert_refused(ST_BUNDLE_MEMORY);
}

/* ---- signatures ------------------------------------------------------------- */

static void sign_bundle(void)
{
    static const uint8_t secret[32] = {[31] = 7};
    struct bundle_signature *signature =
        (struct bundle_signature *)(void *)(file.bytes + BODY_BYTES);
    br_ec_private_key key = {BR_EC_secp256r1, (uint8_t *)(uintptr_t)secret, sizeof(secret)};
    uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];
    uint8_t digest[32];
    br_sha256_context hash;

    memcpy(signature->magic, BUNDLE_SIGNATURE_MAGIC, 8);
    assert_int_equal(br_ec_compute_pub(&br_ec_p256_m31, NULL, point, &key), 65);
    memcpy(signature->public_key, point + 1, 64);
    br_sha256_init(&hash);
    br_sha256_update(&hash, file.bytes, BODY_BYTES);
    br_sha256_out(&hash, digest);
    br_sha256_init(&hash);
    br_sha256_update(&hash, BUNDLE_SIGNATURE_DOMAIN, 28);
    br_sha256_update(&hash, digest, 32);
    br_sha256_update(&hash, header->wasm_sha256, 32);
    br_sha256_update(&hash, "1.0", 3);
    br_sha256_out(&hash, digest);
    assert_int_equal(br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, digest, &key,
                                           signature->signature),
                     64);
    request.bundle_bytes = BODY_BYTES + BUNDLE_SIGNATURE_BYTES;
}

static void a_signature_gives_the_tenant(void **state)
{
    static const uint8_t none[32];

    (void)state;
    sign_bundle();
    assert_int_equal(load_bundle(slot, &request), ST_OK);
    assert_memory_not_equal(request.tenant, none, 32);
}

static void an_unsigned_bundle_belongs_to_the_development_tenant(void **state)
{
    static const uint8_t none[32];

    (void)state;
    assert_int_equal(load_bundle(slot, &request), ST_OK);
    assert_memory_equal(request.tenant, none, 32);
}

static void any_flipped_bit_breaks_the_signature(void **state)
{
    static const size_t places[] = {
        offsetof(struct bundle_header, wasm_sha256),
        BUNDLE_HEADER_BYTES + 9,
        BUNDLE_HEADER_BYTES + MANIFEST_BYTES,
        BODY_BYTES - 1,
        BODY_BYTES,
        BODY_BYTES + 8,
        BODY_BYTES + 71,
        BODY_BYTES + 72,
        BODY_BYTES + 135,
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)tear_down(state);
        (void)set_up(state);
        sign_bundle();
        file.bytes[places[i]] ^= 1;
        assert_refused(ST_BUNDLE_SIGNATURE);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_bundle_is_loaded),
        TEST(what_lies_behind_the_text_cannot_be_executed),
        TEST(the_memory_limit_lowers_the_maximum),
        TEST(every_defect_has_its_name),
        TEST(truncation_at_every_length_is_refused),
        TEST(trailing_bytes_are_refused),
        TEST(code_that_breaks_the_policy_is_refused_with_its_place),
        TEST(a_reserved_field_must_be_zero),
        TEST(a_bundle_inside_the_enclave_is_refused),
        TEST(too_little_memory_is_named),
        TEST(a_limit_below_the_initial_memory_is_refused),
        TEST(a_signature_gives_the_tenant),
        TEST(an_unsigned_bundle_belongs_to_the_development_tenant),
        TEST(any_flipped_bit_breaks_the_signature),
    };

    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
