/*
 * A WebAssembly binary's outline: types, imports, functions, tables, memories,
 * exports, start (core specification 2.0, section 5.5). Bodies are not looked
 * into; wasm-validate does that. Everything is bounds-checked: any bytes may be
 * given.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_WASM_H
#define RECLAVE_TOOLCHAIN_BUNDLE_WASM_H

#include "toolchain/bundle/complaint.h"

#include <stdbool.h>
#include <stdint.h>

enum wasm_section_id {
    SECTION_CUSTOM = 0,
    SECTION_TYPE = 1,
    SECTION_IMPORT = 2,
    SECTION_FUNCTION = 3,
    SECTION_TABLE = 4,
    SECTION_MEMORY = 5,
    SECTION_GLOBAL = 6,
    SECTION_EXPORT = 7,
    SECTION_START = 8,
    SECTION_ELEMENT = 9,
    SECTION_CODE = 10,
    SECTION_DATA = 11,
    SECTION_DATA_COUNT = 12,
    SECTION_TAG = 13,
};

enum wasm_kind {
    KIND_FUNCTION = 0,
    KIND_TABLE = 1,
    KIND_MEMORY = 2,
    KIND_GLOBAL = 3,
    KIND_TAG = 4
};

#define VALUE_I32       0x7f
#define VALUE_I64       0x7e
#define VALUE_F32       0x7d
#define VALUE_F64       0x7c
#define VALUE_V128      0x7b
#define VALUE_FUNCREF   0x70
#define VALUE_EXTERNREF 0x6f

/* All pointers below lead into the caller's module bytes. */
struct wasm_name {
    const uint8_t *text; /* not NUL-terminated, any bytes */
    uint32_t bytes;
};

struct wasm_type {
    const uint8_t *params;
    const uint8_t *results;
    uint32_t param_count, result_count;
};

struct wasm_limits {
    uint64_t min, max;
    bool has_max;
};

struct wasm_import {
    struct wasm_name module, field;
    enum wasm_kind kind;
    uint32_t type; /* KIND_FUNCTION: index into types */
};

struct wasm_export {
    struct wasm_name name;
    enum wasm_kind kind;
    uint32_t index;
};

struct wasm_table {
    uint8_t element; /* VALUE_FUNCREF or VALUE_EXTERNREF */
    struct wasm_limits limits;
};

struct wasm_section {
    enum wasm_section_id id;
    const uint8_t *body;
    uint32_t bytes;
};

struct wasm_module {
    struct wasm_section *sections;
    struct wasm_type *types;
    struct wasm_import *imports;
    uint32_t *functions; /* type index of each, imported ones first */
    struct wasm_table *tables;
    struct wasm_limits *memories; /* in pages of 64 KiB */
    struct wasm_export *exports;
    uint32_t section_count, type_count, import_count, function_count, table_count, memory_count,
        export_count;
};

/* ST_UNSUPPORTED with a complaint that names what and where; ST_NO_MEMORY. On
 * success release with wasm_free. `bytes` must be at most UINT32_MAX. */
MUST_CHECK enum status wasm_parse(const uint8_t *data, size_t bytes, struct wasm_module *module,
                                  const struct complaint *complaint);

void wasm_free(struct wasm_module *module);

/* Does the name equal this C string? */
bool wasm_name_is(struct wasm_name name, const char *text);

/* A name as text for a message: unprintable bytes become '?', long ones are cut. */
#define WASM_NAME_TEXT 80
const char *wasm_name_text(struct wasm_name name, char text[WASM_NAME_TEXT]);

/* Is the type exactly this? One letter a value: i I f F v r e as i32 i64 f32 f64 v128 funcref
 * externref. */
bool wasm_type_is(const struct wasm_type *type, const char *params, const char *results);

/* "(i32, i64) -> i32" for a message. */
#define WASM_TYPE_TEXT 160
const char *wasm_type_text(const struct wasm_type *type, char text[WASM_TYPE_TEXT]);

#endif
