#include "toolchain/bundle/read.h"

#include "abi/entry.h"
#include "abi/geometry.h"
#include "abi/sfi.h"
#include "toolchain/bundle/owner_key.h"

#include <string.h>

#define WASM_PAGE_BYTES 0x10000u
#define EXPORTS_KNOWN                                                                              \
    (BUNDLE_HAS_START | BUNDLE_HAS_INITIALIZE | BUNDLE_HAS_HANDLE | BUNDLE_HAS_AFTER_REWIND |      \
     BUNDLE_HAS_WIZER | BUNDLE_ALLOW_INIT_RANDOM)

/* ---- header ---------------------------------------------------------------------- */

static bool exports_valid(uint32_t exports)
{
    bool start = exports & BUNDLE_HAS_START, handle = exports & BUNDLE_HAS_HANDLE;

    return !(exports & ~EXPORTS_KNOWN) && start != handle &&
           !(start && (exports & BUNDLE_HAS_INITIALIZE));
}

static bool pages_valid(uint64_t bytes, uint64_t most)
{
    return bytes % PAGE_BYTES == 0 && bytes <= most;
}

static bool code_valid(const struct bundle_header *header)
{
    return header->code_bytes != 0 &&
           pages_valid(header->code_bytes, CODE_TEXT_MAX - GATE_PAGE_BYTES) &&
           pages_valid(header->rodata_bytes, CODE_RODATA_MAX) &&
           header->entry_offset % SFI_BUNDLE_BYTES == 0 &&
           header->entry_offset >= GATE_PAGE_BYTES &&
           header->entry_offset - GATE_PAGE_BYTES < header->code_bytes;
}

static bool memory_valid(const struct bundle_header *header)
{
    return header->memory_initial % WASM_PAGE_BYTES == 0 &&
           header->memory_max % WASM_PAGE_BYTES == 0 &&
           header->memory_initial <= header->memory_max && header->memory_max <= LINEAR_MAX &&
           pages_valid(header->tables_initial, header->tables_max) &&
           pages_valid(header->tables_max, L2_TABLES_MAX) && header->state_bytes != 0 &&
           pages_valid(header->state_bytes, L2_STATE_MAX) && header->stack_bytes != 0 &&
           pages_valid(header->stack_bytes, L2_STACK_MAX);
}

static bool all_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i])
            return false;
    return true;
}

static enum status check_header(const struct bundle_header *header)
{
    if (header->format_version != BUNDLE_FORMAT_VERSION)
        return ST_BUNDLE_FORMAT;
    if (header->abi_version != RECLAVE_ABI_VERSION)
        return ST_BUNDLE_ABI;
    if (header->sfi_version != SFI_POLICY_VERSION)
        return ST_BUNDLE_SFI;
    if (header->cpu_level < 2 || header->cpu_level > 4)
        return ST_BUNDLE_CPU;
    if (!exports_valid(header->exports) || header->tracking > BUNDLE_TRACK_MARK ||
        header->manifest_bytes % 8 != 0 || header->manifest_bytes > BUNDLE_MANIFEST_MAX ||
        !code_valid(header) || !memory_valid(header) ||
        !all_zero(header->reserved, sizeof(header->reserved)))
        return ST_BUNDLE_LAYOUT;
    return ST_OK;
}

/* ---- manifest -------------------------------------------------------------------- */

static bool printable(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return true;
}

bool bundle_name_valid(const char *text, size_t bytes)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    for (size_t i = 0; i < bytes; i++)
        if (!memchr(allowed, text[i], sizeof(allowed) - 1))
            return false;
    return bytes >= 1 && bytes <= BUNDLE_NAME_MAX;
}

bool bundle_version_valid(const char *text, size_t bytes)
{
    return bytes >= 1 && bytes <= BUNDLE_VERSION_MAX && printable(text, bytes);
}

bool bundle_env_name_valid(const char *text, size_t bytes)
{
    return bytes >= 1 && bytes <= BUNDLE_ENV_NAME_MAX && printable(text, bytes) &&
           !memchr(text, '=', bytes);
}

/* One step over the manifest. *kind = FIELD_END at its end. */
static bool next_record(const struct bundle_view *view, size_t *cursor, unsigned *kind,
                        const char **value, size_t *value_bytes)
{
    size_t left = view->header.manifest_bytes - *cursor;
    struct bundle_field field = {FIELD_END, 0};

    if (left >= sizeof(field))
        memcpy(&field, view->manifest + *cursor, sizeof(field));
    *kind = field.kind;
    if (field.kind == FIELD_END) /* only padding may follow */
        return left < 8 && all_zero(view->manifest + *cursor, left);
    left -= sizeof(field);
    if (field.bytes > left)
        return false;
    *value = (const char *)view->manifest + *cursor + sizeof(field);
    *value_bytes = field.bytes;
    *cursor += sizeof(field) + field.bytes;
    return memchr(*value, 0, field.bytes) == NULL;
}

/* A field that must come exactly once; text has room for its longest valid value. */
static bool take_once(char *text, const char *value, size_t bytes)
{
    if (text[0])
        return false;
    memcpy(text, value, bytes);
    text[bytes] = '\0';
    return true;
}

static bool is_word(const char *text, size_t bytes, const char *word)
{
    return bytes == strlen(word) && memcmp(text, word, bytes) == 0;
}

bool bundle_input_valid(const char *text, size_t bytes)
{
    return is_word(text, bytes, "any") || is_word(text, bytes, "encrypted");
}

bool bundle_logs_valid(const char *text, size_t bytes)
{
    return is_word(text, bytes, "encrypted") || is_word(text, bytes, "none") ||
           is_word(text, bytes, "clear");
}

bool bundle_demands_encryption(const struct bundle_view *view)
{
    return strcmp(view->input, "encrypted") == 0;
}

const char *bundle_logs(const struct bundle_view *view)
{
    return view->logs[0] ? view->logs : "encrypted";
}

static bool field_valid(struct bundle_view *view, unsigned kind, const char *value, size_t bytes)
{
    switch (kind) {
    case FIELD_NAME:
        return bundle_name_valid(value, bytes) && take_once(view->name, value, bytes);
    case FIELD_VERSION:
        return bundle_version_valid(value, bytes) && take_once(view->version, value, bytes);
    case FIELD_ENV_ALLOW:
        return bundle_env_name_valid(value, bytes);
    case FIELD_EXPORT:
        return true;
    case FIELD_TOOLCHAIN:
        return bytes <= BUNDLE_TOOLCHAIN_MAX && printable(value, bytes);
    case FIELD_INPUT:
        return bundle_input_valid(value, bytes) && take_once(view->input, value, bytes);
    case FIELD_LOGS:
        return bundle_logs_valid(value, bytes) && take_once(view->logs, value, bytes);
    default:
        return kind >= 0x8000;
    }
}

static enum status check_manifest(struct bundle_view *view)
{
    const char *value;
    size_t cursor = 0, bytes;
    unsigned kind;

    for (;;) {
        if (!next_record(view, &cursor, &kind, &value, &bytes))
            return ST_BUNDLE_MANIFEST;
        if (kind == FIELD_END)
            break;
        if (!field_valid(view, kind, value, bytes))
            return ST_BUNDLE_MANIFEST;
    }
    if (bundle_demands_encryption(view) && strcmp(view->logs, "clear") == 0)
        return ST_BUNDLE_MANIFEST;
    return view->name[0] && view->version[0] ? ST_OK : ST_BUNDLE_MANIFEST;
}

bool bundle_next_field(const struct bundle_view *view, unsigned kind, size_t *cursor,
                       const char **value, size_t *value_bytes)
{
    unsigned found;

    while (next_record(view, cursor, &found, value, value_bytes) && found != FIELD_END)
        if (found == kind)
            return true;
    return false;
}

/* ---- signature ------------------------------------------------------------------- */

static enum status check_signature(struct bundle_view *view, const uint8_t *at)
{
    struct signed_content content = {view->sha256, view->header.wasm_sha256, view->version};

    memcpy(&view->signature, at, sizeof(view->signature));
    if (!owner_signature_valid(&view->signature, &content))
        return ST_BUNDLE_SIGNATURE;
    view->is_signed = true;
    sha256(view->signature.public_key, sizeof(view->signature.public_key), view->tenant);
    return ST_OK;
}

enum status bundle_read(const uint8_t *file, size_t bytes, struct bundle_view *view)
{
    size_t content;
    enum status status;

    memset(view, 0, sizeof(*view));
    if (bytes < sizeof(view->header.magic) || memcmp(file, BUNDLE_MAGIC, 8) != 0)
        return ST_BUNDLE_MAGIC;
    if (bytes < BUNDLE_HEADER_BYTES)
        return ST_BUNDLE_LAYOUT;
    memcpy(&view->header, file, sizeof(view->header));
    status = check_header(&view->header);
    if (status != ST_OK)
        return status;
    /* Cannot overflow: the parts are bounded by check_header. */
    content = BUNDLE_HEADER_BYTES + (size_t)view->header.manifest_bytes + view->header.code_bytes +
              view->header.rodata_bytes;
    if (bytes != content && bytes != content + BUNDLE_SIGNATURE_BYTES)
        return ST_BUNDLE_LAYOUT;
    view->manifest = file + BUNDLE_HEADER_BYTES;
    view->code = view->manifest + view->header.manifest_bytes;
    view->rodata = view->code + view->header.code_bytes;
    status = check_manifest(view);
    if (status != ST_OK)
        return status;
    sha256(file, content, view->sha256);
    return bytes == content ? ST_OK : check_signature(view, file + content);
}
