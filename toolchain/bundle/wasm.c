#include "toolchain/bundle/wasm.h"

#include "toolchain/bundle/wasm_cursor.h"

#include <stdlib.h>
#include <string.h>

#define WASM_MAGIC_BYTES 8

static const uint8_t magic[WASM_MAGIC_BYTES] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static const char *const section_names[] = {"custom", "type",   "import",     "function", "table",
                                            "memory", "global", "export",     "start",    "element",
                                            "code",   "data",   "data count", "tag"};

/* Sections but custom ones come in this order, each at most once. */
static const uint8_t section_rank[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};

/* An array of `count` elements whose encoding takes at least one byte each: count cannot be
 * larger than what is left of the section. */
static void *read_vector(struct cursor *in, uint32_t *count, size_t element_bytes)
{
    uint32_t n = cursor_u32(in);
    void *items;

    *count = 0;
    if (n > cursor_left(in))
        cursor_fail(in, "%u items do not fit", n);
    if (in->failed || n == 0)
        return NULL;
    items = calloc(n, element_bytes);
    if (!items)
        cursor_no_memory(in);
    else
        *count = n;
    return items;
}

static struct wasm_name read_name(struct cursor *in)
{
    struct wasm_name name;

    name.bytes = cursor_u32(in);
    name.text = cursor_bytes(in, name.bytes);
    return name;
}

static struct wasm_limits read_limits(struct cursor *in)
{
    struct wasm_limits limits = {0, 0, false};
    uint8_t flags = cursor_u8(in);

    if (flags & 2u)
        cursor_fail(in, "shared memory (threads) is not supported: build without -pthread");
    else if (flags & 4u)
        cursor_fail(in, "64-bit memory is not supported: build for wasm32");
    else if (flags > 1u)
        cursor_fail(in, "unknown limits flags 0x%02x", flags);
    limits.has_max = flags & 1u;
    limits.min = cursor_u32(in);
    limits.max = limits.has_max ? cursor_u32(in) : UINT32_MAX;
    if (limits.max < limits.min)
        cursor_fail(in, "the maximum is below the minimum");
    return limits;
}

static uint8_t read_value_type(struct cursor *in)
{
    uint8_t type = cursor_u8(in);

    if (type == VALUE_V128)
        cursor_fail(in, "SIMD (v128) is not supported: build with -mno-simd128");
    else if (type != VALUE_FUNCREF && type != VALUE_EXTERNREF &&
             (type < VALUE_F64 || type > VALUE_I32))
        cursor_fail(in, "unknown value type 0x%02x", type);
    return type;
}

static const uint8_t *read_value_types(struct cursor *in, uint32_t *count)
{
    const uint8_t *first;

    *count = cursor_u32(in);
    first = cursor_here(in);
    if (*count > cursor_left(in))
        cursor_fail(in, "%u value types do not fit", *count);
    for (uint32_t i = 0; i < *count && !in->failed; i++)
        read_value_type(in);
    return first;
}

static void parse_types(struct cursor *in, struct wasm_module *module)
{
    module->types = read_vector(in, &module->type_count, sizeof(*module->types));
    for (uint32_t i = 0; i < module->type_count && !in->failed; i++) {
        struct wasm_type *type = &module->types[i];
        uint8_t form = cursor_u8(in);

        if (form != 0x60)
            cursor_fail(in, "type %u has the unknown form 0x%02x", i, form);
        type->params = read_value_types(in, &type->param_count);
        type->results = read_value_types(in, &type->result_count);
    }
}

static uint32_t read_type_index(struct cursor *in, const struct wasm_module *module)
{
    uint32_t type = cursor_u32(in);

    if (!in->failed && type >= module->type_count)
        cursor_fail(in, "type %u does not exist", type);
    return type;
}

static void read_table_type(struct cursor *in, struct wasm_table *table)
{
    table->element = cursor_u8(in);
    if (table->element != VALUE_FUNCREF && table->element != VALUE_EXTERNREF)
        cursor_fail(in, "unknown table element type 0x%02x", table->element);
    table->limits = read_limits(in);
}

static void parse_imports(struct cursor *in, struct wasm_module *module)
{
    struct wasm_table table;

    module->imports = read_vector(in, &module->import_count, sizeof(*module->imports));
    for (uint32_t i = 0; i < module->import_count && !in->failed; i++) {
        struct wasm_import *import = &module->imports[i];
        uint8_t kind;

        import->module = read_name(in);
        import->field = read_name(in);
        kind = cursor_u8(in);
        import->kind = kind;
        switch (kind) {
        case KIND_FUNCTION:
            import->type = read_type_index(in, module);
            break;
        case KIND_TABLE:
            read_table_type(in, &table);
            break;
        case KIND_MEMORY:
            read_limits(in);
            break;
        case KIND_GLOBAL:
            read_value_type(in);
            cursor_u8(in);
            break;
        default:
            cursor_fail(in, "import %u has the unknown kind 0x%02x", i, kind);
        }
    }
}

static void parse_functions(struct cursor *in, struct wasm_module *module)
{
    uint32_t count = cursor_u32(in);
    uint32_t imported = module->function_count;

    if (count > cursor_left(in))
        cursor_fail(in, "%u functions do not fit", count);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        module->functions[imported + i] = read_type_index(in, module);
        module->function_count++;
    }
}

static void parse_tables(struct cursor *in, struct wasm_module *module)
{
    module->tables = read_vector(in, &module->table_count, sizeof(*module->tables));
    for (uint32_t i = 0; i < module->table_count && !in->failed; i++)
        read_table_type(in, &module->tables[i]);
}

static void parse_memories(struct cursor *in, struct wasm_module *module)
{
    module->memories = read_vector(in, &module->memory_count, sizeof(*module->memories));
    for (uint32_t i = 0; i < module->memory_count && !in->failed; i++) {
        module->memories[i] = read_limits(in);
        if (module->memories[i].min > 65536)
            cursor_fail(in, "memory %u starts with more than 4 GiB", i);
    }
}

static void parse_exports(struct cursor *in, struct wasm_module *module)
{
    module->exports = read_vector(in, &module->export_count, sizeof(*module->exports));
    for (uint32_t i = 0; i < module->export_count && !in->failed; i++) {
        struct wasm_export *export = &module->exports[i];
        uint8_t kind;

        export->name = read_name(in);
        kind = cursor_u8(in);
        if (kind > KIND_GLOBAL)
            cursor_fail(in, "export %u has the unknown kind 0x%02x", i, kind);
        export->kind = kind;
        export->index = cursor_u32(in);
        if (!in->failed && kind == KIND_FUNCTION && export->index >= module->function_count)
            cursor_fail(in, "export %u names function %u, which does not exist", i, export->index);
    }
}

/* Imported functions first in functions[]; room for all that the module may define. */
static void collect_imported_functions(struct cursor *in, struct wasm_module *module)
{
    uint32_t room = module->import_count;

    for (uint32_t i = 0; i < module->section_count; i++)
        if (module->sections[i].id == SECTION_FUNCTION)
            room += module->sections[i].bytes;
    module->functions = calloc((size_t)room + 1, sizeof(*module->functions));
    if (!module->functions) {
        cursor_no_memory(in);
        return;
    }
    for (uint32_t i = 0; i < module->import_count; i++)
        if (module->imports[i].kind == KIND_FUNCTION)
            module->functions[module->function_count++] = module->imports[i].type;
}

static void parse_section(struct cursor *in, struct wasm_module *module, uint32_t id)
{
    switch (id) {
    case SECTION_TYPE:
        parse_types(in, module);
        break;
    case SECTION_IMPORT:
        parse_imports(in, module);
        break;
    case SECTION_FUNCTION:
        parse_functions(in, module);
        break;
    case SECTION_TABLE:
        parse_tables(in, module);
        break;
    case SECTION_MEMORY:
        parse_memories(in, module);
        break;
    case SECTION_EXPORT:
        parse_exports(in, module);
        break;
    default: /* for wasm-validate */
        cursor_bytes(in, cursor_left(in));
    }
    if (!in->failed && cursor_left(in))
        cursor_fail(in, "%u bytes too many", cursor_left(in));
}

/* Cuts the file into sections; checks their order. */
static void split_sections(struct cursor *in, struct wasm_module *module)
{
    uint8_t last_rank = 0;
    uint32_t room = 0;

    while (!in->failed && cursor_left(in)) {
        struct wasm_section section;
        uint8_t id = cursor_u8(in);

        if (id > SECTION_TAG)
            cursor_fail(in, "unknown section %u", id);
        if (in->failed)
            return;
        section.id = id;
        section.bytes = cursor_u32(in);
        section.body = cursor_bytes(in, section.bytes);
        if (id != SECTION_CUSTOM && section_rank[id] <= last_rank)
            cursor_fail(in, "the %s section is repeated or out of order", section_names[id]);
        if (in->failed)
            return;
        if (id != SECTION_CUSTOM)
            last_rank = section_rank[id];
        if (module->section_count == room) {
            struct wasm_section *larger;

            room = room ? 2 * room : 16;
            larger = realloc(module->sections, room * sizeof(*larger));
            if (!larger) {
                cursor_no_memory(in);
                return;
            }
            module->sections = larger;
        }
        module->sections[module->section_count++] = section;
    }
}

/* Imports come before everything that counts functions, in file order or absent. */
static void parse_sections(struct cursor *file, struct wasm_module *module)
{
    bool collected = false;

    for (uint32_t i = 0; i < module->section_count && !file->failed; i++) {
        const struct wasm_section *section = &module->sections[i];
        struct cursor in;

        if (section->id == SECTION_CUSTOM)
            continue;
        if (section->id > SECTION_IMPORT && !collected) {
            collect_imported_functions(file, module);
            collected = true;
        }
        if (file->failed)
            return;
        in = cursor_within(file, section->body, section->bytes, section_names[section->id]);
        parse_section(&in, module, section->id);
        cursor_inherit(file, &in);
    }
}

enum status wasm_parse(const uint8_t *data, size_t bytes, struct wasm_module *module,
                       const struct complaint *complaint)
{
    struct cursor file = cursor_over(data, bytes, "module", complaint);
    const uint8_t *start;

    memset(module, 0, sizeof(*module));
    if (bytes >= 4 && memcmp(data, magic, 4) != 0)
        return complain(complaint, ST_UNSUPPORTED,
                        "this is not a WebAssembly binary: it does not start with \\0asm");
    start = cursor_bytes(&file, WASM_MAGIC_BYTES);
    if (!file.failed && memcmp(start, magic, WASM_MAGIC_BYTES) != 0)
        cursor_fail(&file, "only core modules of version 1 are supported, no components");
    if (!file.failed)
        split_sections(&file, module);
    if (!file.failed)
        parse_sections(&file, module);
    if (file.failed)
        wasm_free(module);
    return file.status;
}

void wasm_free(struct wasm_module *module)
{
    free(module->sections);
    free(module->types);
    free(module->imports);
    free(module->functions);
    free(module->tables);
    free(module->memories);
    free(module->exports);
    memset(module, 0, sizeof(*module));
}
