/* The bundle reader: a valid file, and each way of being invalid. */
#include "abi/entry.h"
#include "abi/geometry.h"
#include "abi/sfi.h"
#include "toolchain/bundle/owner_key.h"
#include "toolchain/bundle/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MANIFEST_BYTES 48u
#define CODE_BYTES     8192u
#define RODATA_BYTES   4096u
#define UNSIGNED_BYTES (BUNDLE_HEADER_BYTES + MANIFEST_BYTES + CODE_BYTES + RODATA_BYTES)
#define SIGNED_BYTES   (UNSIGNED_BYTES + BUNDLE_SIGNATURE_BYTES)

/* name "fn", version "1", env "A" and "*", an unknown harmless field, padding */
static const char manifest[MANIFEST_BYTES + 1] = "\1\0\2\0fn"
                                                 "\2\0\1\0"
                                                 "1"
                                                 "\3\0\1\0A"
                                                 "\3\0\1\0*"
                                                 "\4\0\6\0_start"
                                                 "\0\x80\3\0xyz"
                                                 "\5\0\0\0";

static char key_folder[64], key_path[96];

static struct bundle_header valid_header(void)
{
    struct bundle_header header = {
        .format_version = BUNDLE_FORMAT_VERSION,
        .abi_version = RECLAVE_ABI_VERSION,
        .sfi_version = SFI_POLICY_VERSION,
        .cpu_level = 2,
        .exports = BUNDLE_HAS_START,
        .manifest_bytes = MANIFEST_BYTES,
        .code_bytes = CODE_BYTES,
        .rodata_bytes = RODATA_BYTES,
        .entry_offset = GATE_PAGE_BYTES,
        .state_bytes = 4096,
        .stack_bytes = 65536,
        .memory_initial = 65536,
        .memory_max = 131072,
        .tables_initial = 4096,
        .tables_max = 8192,
    };

    memcpy(header.magic, BUNDLE_MAGIC, sizeof(header.magic));
    return header;
}

static void write_file(uint8_t file[SIGNED_BYTES], const struct bundle_header *header,
                       const char *fields)
{
    memset(file, 0, SIGNED_BYTES);
    memcpy(file, header, sizeof(*header));
    memcpy(file + BUNDLE_HEADER_BYTES, fields, MANIFEST_BYTES);
    memset(file + BUNDLE_HEADER_BYTES + MANIFEST_BYTES, 0x90, CODE_BYTES);
    memset(file + BUNDLE_HEADER_BYTES + MANIFEST_BYTES + CODE_BYTES, 0x55, RODATA_BYTES);
}

/* From a buffer of exactly this size, for the sanitizer. */
static enum status read_exact(const uint8_t *file, size_t bytes)
{
    uint8_t *copy = malloc(bytes ? bytes : 1);
    struct bundle_view view;
    enum status status;

    assert_non_null(copy);
    memcpy(copy, file, bytes);
    status = bundle_read(copy, bytes, &view);
    free(copy);
    return status;
}

static enum status read_header(struct bundle_header header)
{
    uint8_t file[SIGNED_BYTES];

    write_file(file, &header, manifest);
    return read_exact(file, UNSIGNED_BYTES);
}

static void a_valid_file_is_read(void **state)
{
    struct bundle_header header = valid_header();
    uint8_t file[SIGNED_BYTES], digest[SHA256_BYTES];
    struct bundle_view view;
    const char *value;
    size_t cursor = 0, bytes;

    (void)state;
    write_file(file, &header, manifest);
    assert_int_equal(bundle_read(file, UNSIGNED_BYTES, &view), ST_OK);
    assert_string_equal(view.name, "fn");
    assert_string_equal(view.version, "1");
    assert_false(view.is_signed);
    assert_true(view.code[0] == 0x90 && view.code[CODE_BYTES - 1] == 0x90);
    assert_true(view.rodata[0] == 0x55 && view.rodata + RODATA_BYTES == file + UNSIGNED_BYTES);
    sha256(file, UNSIGNED_BYTES, digest);
    assert_memory_equal(view.sha256, digest, sizeof(digest));
    assert_true(bundle_next_field(&view, FIELD_ENV_ALLOW, &cursor, &value, &bytes));
    assert_true(bytes == 1 && value[0] == 'A');
    assert_true(bundle_next_field(&view, FIELD_ENV_ALLOW, &cursor, &value, &bytes));
    assert_true(bytes == 1 && value[0] == '*');
    assert_false(bundle_next_field(&view, FIELD_ENV_ALLOW, &cursor, &value, &bytes));
}

static void each_tracking_is_read(void **state)
{
    struct bundle_header header = valid_header();

    (void)state;
    header.tracking = BUNDLE_TRACK_COPY;
    assert_int_equal(read_header(header), ST_OK);
    header.tracking = BUNDLE_TRACK_MARK;
    assert_int_equal(read_header(header), ST_OK);
}

#define REFUSED(field, wrong, expected)                                                            \
    do {                                                                                           \
        struct bundle_header header_ = valid_header();                                             \
        header_.field = (wrong);                                                                   \
        if (read_header(header_) != (expected))                                                    \
            fail_msg("%s = %s: status %d", #field, #wrong, read_header(header_));                  \
    } while (0)

static void versions_are_checked(void **state)
{
    (void)state;
    REFUSED(magic[0], 'X', ST_BUNDLE_MAGIC);
    REFUSED(magic[7], 'X', ST_BUNDLE_MAGIC);
    REFUSED(format_version, 0, ST_BUNDLE_FORMAT);
    REFUSED(format_version, BUNDLE_FORMAT_VERSION + 1, ST_BUNDLE_FORMAT);
    REFUSED(abi_version, RECLAVE_ABI_VERSION + 1, ST_BUNDLE_ABI);
    REFUSED(sfi_version, 0, ST_BUNDLE_SFI);
    REFUSED(sfi_version, SFI_POLICY_VERSION + 1, ST_BUNDLE_SFI);
    REFUSED(cpu_level, 1, ST_BUNDLE_CPU);
    REFUSED(cpu_level, 5, ST_BUNDLE_CPU);
}

static void exports_are_checked(void **state)
{
    (void)state;
    REFUSED(exports, BUNDLE_HAS_HANDLE, ST_OK);
    REFUSED(exports, BUNDLE_HAS_HANDLE | BUNDLE_HAS_INITIALIZE | BUNDLE_HAS_WIZER, ST_OK);
    REFUSED(exports, BUNDLE_HAS_START | BUNDLE_ALLOW_INIT_RANDOM, ST_OK);
    REFUSED(exports, 0, ST_BUNDLE_LAYOUT);
    REFUSED(exports, BUNDLE_HAS_START | BUNDLE_HAS_HANDLE, ST_BUNDLE_LAYOUT);
    REFUSED(exports, BUNDLE_HAS_START | BUNDLE_HAS_INITIALIZE, ST_BUNDLE_LAYOUT);
    REFUSED(exports, BUNDLE_HAS_START | 0x20, ST_BUNDLE_LAYOUT);
    REFUSED(exports, BUNDLE_HAS_START | 0x80000000, ST_BUNDLE_LAYOUT);
    REFUSED(tracking, BUNDLE_TRACK_MARK + 1, ST_BUNDLE_LAYOUT);
}

static void sizes_are_checked(void **state)
{
    (void)state;
    REFUSED(manifest_bytes, MANIFEST_BYTES + 4, ST_BUNDLE_LAYOUT);
    REFUSED(manifest_bytes, MANIFEST_BYTES + 8, ST_BUNDLE_LAYOUT);
    REFUSED(manifest_bytes, BUNDLE_MANIFEST_MAX + 8, ST_BUNDLE_LAYOUT);
    REFUSED(manifest_bytes, 0xfffffff8, ST_BUNDLE_LAYOUT);
    REFUSED(code_bytes, 0, ST_BUNDLE_LAYOUT);
    REFUSED(code_bytes, CODE_BYTES + 1, ST_BUNDLE_LAYOUT);
    REFUSED(code_bytes, CODE_BYTES + 4096, ST_BUNDLE_LAYOUT);
    REFUSED(code_bytes, 0xfffff000, ST_BUNDLE_LAYOUT);
    REFUSED(code_bytes, CODE_TEXT_MAX, ST_BUNDLE_LAYOUT);
    REFUSED(rodata_bytes, 0, ST_BUNDLE_LAYOUT); /* the file is longer */
    REFUSED(rodata_bytes, RODATA_BYTES + 1, ST_BUNDLE_LAYOUT);
    REFUSED(rodata_bytes, RODATA_BYTES + 4096, ST_BUNDLE_LAYOUT);
    REFUSED(rodata_bytes, CODE_RODATA_MAX, ST_BUNDLE_LAYOUT);
    REFUSED(rodata_bytes, 0xfffff000, ST_BUNDLE_LAYOUT);
    REFUSED(entry_offset, GATE_PAGE_BYTES - 32, ST_BUNDLE_LAYOUT);
    REFUSED(entry_offset, GATE_PAGE_BYTES + 16, ST_BUNDLE_LAYOUT);
    REFUSED(entry_offset, GATE_PAGE_BYTES + CODE_BYTES - 32, ST_OK);
    REFUSED(entry_offset, GATE_PAGE_BYTES + CODE_BYTES, ST_BUNDLE_LAYOUT);
    REFUSED(entry_offset, CODE_RODATA_OFF, ST_BUNDLE_LAYOUT);
    REFUSED(entry_offset, 0, ST_BUNDLE_LAYOUT);
    REFUSED(state_bytes, 0, ST_BUNDLE_LAYOUT);
    REFUSED(state_bytes, 4097, ST_BUNDLE_LAYOUT);
    REFUSED(state_bytes, L2_STATE_MAX, ST_OK);
    REFUSED(state_bytes, L2_STATE_MAX + 4096, ST_BUNDLE_LAYOUT);
    REFUSED(stack_bytes, 0, ST_BUNDLE_LAYOUT);
    REFUSED(stack_bytes, 100, ST_BUNDLE_LAYOUT);
    REFUSED(stack_bytes, L2_STACK_MAX + 4096, ST_BUNDLE_LAYOUT);
    REFUSED(memory_initial, 4096, ST_BUNDLE_LAYOUT);
    REFUSED(memory_initial, 131072 + 65536, ST_BUNDLE_LAYOUT);
    REFUSED(memory_initial, 131072, ST_OK);
    REFUSED(memory_max, 131072 + 4096, ST_BUNDLE_LAYOUT);
    REFUSED(memory_max, LINEAR_MAX, ST_OK);
    REFUSED(memory_max, LINEAR_MAX + 65536, ST_BUNDLE_LAYOUT);
    REFUSED(memory_max, UINT64_MAX - 65535, ST_BUNDLE_LAYOUT);
    REFUSED(tables_initial, 12288, ST_BUNDLE_LAYOUT);
    REFUSED(tables_initial, 8, ST_BUNDLE_LAYOUT);
    REFUSED(tables_max, 8200, ST_BUNDLE_LAYOUT);
    REFUSED(tables_max, L2_TABLES_MAX + 4096, ST_BUNDLE_LAYOUT);
    REFUSED(reserved[0], 1, ST_BUNDLE_LAYOUT);
    REFUSED(reserved[135], 1, ST_BUNDLE_LAYOUT);
}

static void there_may_be_no_read_only_data(void **state)
{
    struct bundle_header header = valid_header();
    uint8_t file[SIGNED_BYTES];
    struct bundle_view view;

    (void)state;
    header.rodata_bytes = 0;
    write_file(file, &header, manifest);
    assert_int_equal(bundle_read(file, UNSIGNED_BYTES - RODATA_BYTES, &view), ST_OK);
    assert_ptr_equal(view.rodata, view.code + CODE_BYTES);
}

static void every_other_length_is_refused(void **state)
{
    struct bundle_header header = valid_header();
    uint8_t file[SIGNED_BYTES + 1] = {0};

    (void)state;
    write_file(file, &header, manifest);
    for (size_t bytes = 0; bytes < UNSIGNED_BYTES; bytes++)
        assert_int_not_equal(read_exact(file, bytes), ST_OK);
    for (size_t bytes = UNSIGNED_BYTES + 1; bytes < SIGNED_BYTES; bytes++)
        assert_int_equal(read_exact(file, bytes), ST_BUNDLE_LAYOUT);
    assert_int_equal(read_exact(file, SIGNED_BYTES), ST_BUNDLE_SIGNATURE); /* zeros */
    assert_int_equal(read_exact(file, SIGNED_BYTES + 1), ST_BUNDLE_LAYOUT);
}

/* clang-format off */
static const struct {
    const char *name;
    char fields[MANIFEST_BYTES + 1];
    bool valid;
} manifests[] = {
    {"name and version", "\1\0\1\0f" "\2\0\1\0v", false /* too much padding */},
    {"exact end", "\1\0\1\0f" "\2\0\1\0v" "\5\0\x22\0" "0123456789012345678901234567890123", true},
    {"four bytes of padding", "\1\0\1\0f" "\2\0\1\0v" "\5\0\x1e\0" "012345678901234567890123456789",
     true},
    {"dirty padding", "\1\0\1\0f" "\2\0\1\0v" "\5\0\x1e\0" "012345678901234567890123456789\0\0\0\1",
     false},
    {"no name", "\2\0\1\0v" "\5\0\x27\0" "012345678901234567890123456789012345678", false},
    {"no version", "\1\0\1\0f" "\5\0\x27\0" "012345678901234567890123456789012345678", false},
    {"two names", "\1\0\1\0f" "\1\0\1\0g" "\2\0\1\0v" "\5\0\x1d\0" "01234567890123456789012345678",
     false},
    {"two versions", "\1\0\1\0f" "\2\0\1\0g" "\2\0\1\0v" "\5\0\x1d\0"
     "01234567890123456789012345678", false},
    {"bad name", "\1\0\1\0/" "\2\0\1\0v" "\5\0\x22\0" "0123456789012345678901234567890123", false},
    {"empty name", "\1\0\0\0" "\2\0\1\0v" "\5\0\x23\0" "01234567890123456789012345678901234", false},
    {"unprintable version", "\1\0\1\0f" "\2\0\1\0\n" "\5\0\x22\0"
     "0123456789012345678901234567890123", false},
    {"environment name with =", "\1\0\1\0f" "\2\0\1\0v" "\3\0\2\0A=" "\5\0\x1c\0"
     "0123456789012345678901234567", false},
    {"NUL in a value", "\1\0\1\0f" "\2\0\1\0v" "\5\0\x22\0" "012345678901234\0" "678901234567890123",
     false},
    {"unknown field below 0x8000", "\1\0\1\0f" "\2\0\1\0v" "\x8\0\x22\0"
     "0123456789012345678901234567890123", false},
    {"encrypted input", "\1\0\1\0f" "\2\0\1\0v" "\6\0\x9\0" "encrypted" "\5\0\x15\0"
     "012345678901234567890", true},
    {"another kind of input", "\1\0\1\0f" "\2\0\1\0v" "\6\0\x9\0" "encrypteD" "\5\0\x15\0"
     "012345678901234567890", false},
    {"clear logs", "\1\0\1\0f" "\2\0\1\0v" "\7\0\5\0" "clear" "\5\0\x19\0"
     "0123456789012345678901234", true},
    {"clear logs of any input", "\1\0\1\0f" "\2\0\1\0v" "\6\0\3\0" "any" "\7\0\5\0" "clear" "\5\0\x12\0"
     "012345678901234567", true},
    {"encrypted input, logs nowhere", "\1\0\1\0f" "\2\0\1\0v" "\6\0\x9\0" "encrypted" "\7\0\4\0" "none"
     "\5\0\xd\0" "0123456789012", true},
    {"encrypted input, clear logs", "\1\0\1\0f" "\2\0\1\0v" "\6\0\x9\0" "encrypted" "\7\0\5\0" "clear"
     "\5\0\xc\0" "012345678901", false},
    {"clear logs, encrypted input", "\1\0\1\0f" "\2\0\1\0v" "\7\0\5\0" "clear" "\6\0\x9\0" "encrypted"
     "\5\0\xc\0" "012345678901", false},
    {"another kind of logs", "\1\0\1\0f" "\2\0\1\0v" "\7\0\5\0" "cleaR" "\5\0\x19\0"
     "0123456789012345678901234", false},
    {"logs twice", "\1\0\1\0f" "\2\0\1\0v" "\7\0\5\0" "clear" "\7\0\4\0" "none" "\5\0\x11\0"
     "01234567890123456", false},
    {"unknown field above", "\1\0\1\0f" "\2\0\1\0v" "\6\x80\x22\0"
     "0123456789012345678901234567890123", true},
    {"field beyond the manifest", "\1\0\1\0f" "\2\0\1\0v" "\5\0\x23\0"
     "0123456789012345678901234567890123", false},
};
/* clang-format on */

static void manifests_are_checked(void **state)
{
    struct bundle_header header = valid_header();
    uint8_t file[SIGNED_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
        enum status expected = manifests[i].valid ? ST_OK : ST_BUNDLE_MANIFEST, status;

        write_file(file, &header, manifests[i].fields);
        status = read_exact(file, UNSIGNED_BYTES);
        if (status != expected)
            fail_msg("%s: status %d", manifests[i].name, status);
    }
}

static void sign(uint8_t file[SIGNED_BYTES])
{
    struct bundle_header header = valid_header();
    struct bundle_signature signature;
    uint8_t digest[SHA256_BYTES];
    struct signed_content content = {digest, header.wasm_sha256, "1"};

    write_file(file, &header, manifest);
    sha256(file, UNSIGNED_BYTES, digest);
    assert_int_equal(owner_key_sign(key_path, &content, &signature, &complaint_none), ST_OK);
    memcpy(file + UNSIGNED_BYTES, &signature, sizeof(signature));
}

static void a_signed_file_names_its_tenant(void **state)
{
    uint8_t file[SIGNED_BYTES], tenant[SHA256_BYTES];
    struct bundle_view view;

    (void)state;
    sign(file);
    assert_int_equal(bundle_read(file, SIGNED_BYTES, &view), ST_OK);
    assert_true(view.is_signed);
    assert_int_equal(owner_key_tenant(key_path, tenant, &complaint_none), ST_OK);
    assert_memory_equal(view.tenant, tenant, sizeof(tenant));
}

static void every_flipped_byte_of_a_signature_is_refused(void **state)
{
    uint8_t file[SIGNED_BYTES];

    (void)state;
    sign(file);
    for (size_t at = UNSIGNED_BYTES; at < SIGNED_BYTES; at++) {
        file[at] ^= 1;
        assert_int_equal(read_exact(file, SIGNED_BYTES), ST_BUNDLE_SIGNATURE);
        file[at] ^= 1;
    }
    assert_int_equal(read_exact(file, SIGNED_BYTES), ST_OK);
}

static void the_signature_covers_code_manifest_and_digest(void **state)
{
    static const size_t places[] = {offsetof(struct bundle_header, wasm_sha256),
                                    BUNDLE_HEADER_BYTES + 4 /* name */,
                                    BUNDLE_HEADER_BYTES + 10 /* version */,
                                    BUNDLE_HEADER_BYTES + MANIFEST_BYTES,
                                    UNSIGNED_BYTES - RODATA_BYTES,
                                    UNSIGNED_BYTES - 1};
    uint8_t file[SIGNED_BYTES];

    (void)state;
    sign(file);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        file[places[i]] ^= 1;
        assert_int_equal(read_exact(file, SIGNED_BYTES), ST_BUNDLE_SIGNATURE);
        file[places[i]] ^= 1;
    }
}

static int make_key(void **state)
{
    (void)state;
    snprintf(key_folder, sizeof(key_folder), "/tmp/reclave-reader-test-XXXXXX");
    if (!mkdtemp(key_folder))
        return -1;
    snprintf(key_path, sizeof(key_path), "%s/owner.pem", key_folder);
    return owner_key_create(key_path, &complaint_none) == ST_OK ? 0 : -1;
}

static int remove_key(void **state)
{
    (void)state;
    return unlink(key_path) | rmdir(key_folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_file_is_read),
        cmocka_unit_test(each_tracking_is_read),
        cmocka_unit_test(versions_are_checked),
        cmocka_unit_test(exports_are_checked),
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(there_may_be_no_read_only_data),
        cmocka_unit_test(every_other_length_is_refused),
        cmocka_unit_test(manifests_are_checked),
        cmocka_unit_test(a_signed_file_names_its_tenant),
        cmocka_unit_test(every_flipped_byte_of_a_signature_is_refused),
        cmocka_unit_test(the_signature_covers_code_manifest_and_digest),
    };

    return cmocka_run_group_tests(tests, make_key, remove_key);
}
