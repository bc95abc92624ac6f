#include "toolchain/bundle/contract.h"

#include "abi/bundle.h"
#include "abi/geometry.h"
#include "toolchain/bundle/preview1.h"

#include <inttypes.h>
#include <string.h>

#define WASM_PAGE_BYTES UINT64_C(65536)
#define MIB             (UINT64_C(1) << 20)

static const struct {
    const char *name, *results;
    const char *macro;
    uint32_t flag;
} known_exports[CONTRACT_EXPORTS] = {
    [EXPORT_START] = {"_start", "", "EXPORT_START", BUNDLE_HAS_START},
    [EXPORT_INITIALIZE] = {"_initialize", "", "EXPORT_INITIALIZE", BUNDLE_HAS_INITIALIZE},
    [EXPORT_HANDLE] = {"handle", "i", "EXPORT_HANDLE", BUNDLE_HAS_HANDLE},
    [EXPORT_AFTER_REWIND] = {"reclave_after_rewind", "", "EXPORT_AFTER_REWIND",
                             BUNDLE_HAS_AFTER_REWIND},
    [EXPORT_WIZER] = {"wizer.initialize", "", "EXPORT_WIZER", BUNDLE_HAS_WIZER},
};

static const struct {
    const char *name, *params, *results, *macro;
} buffer_exports[CONTRACT_BUFFER_EXPORTS] = {
    {"wasm_memory_buffer_allocate_space", "i", "", "BUFFER_ALLOCATE"},
    {"get_wasm_memory_buffer_pointer", "", "i", "BUFFER_POINTER"},
    {"get_wasm_memory_buffer_len", "", "i", "BUFFER_LENGTH"},
};

const char *contract_buffer_macro(unsigned which)
{
    return buffer_exports[which].macro;
}

const char *contract_export_macro(enum contract_export which)
{
    return known_exports[which].macro;
}

uint32_t contract_export_flag(enum contract_export which)
{
    return known_exports[which].flag;
}

static enum status check_import(const struct wasm_module *module, const struct wasm_import *import,
                                const struct complaint *complaint)
{
    static const char *const kinds[] = {"function", "table", "memory", "global", "tag"};
    const struct preview1_function *function;
    char from[WASM_NAME_TEXT], name[WASM_NAME_TEXT], type[WASM_TYPE_TEXT];

    wasm_name_text(import->module, from);
    wasm_name_text(import->field, name);
    if (import->kind != KIND_FUNCTION)
        return complain(complaint, ST_UNSUPPORTED,
                        "the module imports the %s %s.%s, but it must define its own: build "
                        "without --import-%s",
                        kinds[import->kind], from, name, kinds[import->kind]);
    if (wasm_name_is(import->module, "wasi_unstable"))
        return complain(complaint, ST_UNSUPPORTED,
                        "the module imports %s.%s of an outdated WASI: rebuild it for "
                        "wasi_snapshot_preview1 (wasm32-wasi of a current toolchain)",
                        from, name);
    function = wasm_name_is(import->module, PREVIEW1_MODULE) ? preview1_find(import->field) : NULL;
    if (!function)
        return complain(complaint, ST_UNSUPPORTED,
                        "the module imports %s.%s, which does not exist here: only functions of "
                        "WASI preview 1 (%s) can be imported; link the function into the module",
                        from, name, PREVIEW1_MODULE);
    if (!wasm_type_is(&module->types[import->type], function->params, function->results))
        return complain(complaint, ST_UNSUPPORTED,
                        "the module imports %s.%s with the type %s, which is not WASI's", from,
                        name, wasm_type_text(&module->types[import->type], type));
    return ST_OK;
}

static enum status find_export(const struct wasm_module *module, enum contract_export which,
                               struct contract *contract, const struct complaint *complaint)
{
    const char *name = known_exports[which].name;

    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct wasm_export *export = &module->exports[i];
        char type[WASM_TYPE_TEXT];

        if (!wasm_name_is(export->name, name))
            continue;
        if (export->kind != KIND_FUNCTION)
            return complain(complaint, ST_UNSUPPORTED, "the export %s must be a function", name);
        if (!wasm_type_is(&module->types[module->functions[export->index]], "",
                          known_exports[which].results))
            return complain(complaint, ST_UNSUPPORTED,
                            "the export %s must have the type () -> (%s), not %s", name,
                            known_exports[which].results[0] ? "i32" : "",
                            wasm_type_text(&module->types[module->functions[export->index]], type));
        contract->exports |= known_exports[which].flag;
        contract->export_index[which] = i;
        return ST_OK;
    }
    return ST_OK;
}

static enum status check_exports(const struct wasm_module *module, struct contract *contract,
                                 const struct complaint *complaint)
{
    const uint32_t entries = BUNDLE_HAS_START | BUNDLE_HAS_HANDLE;

    for (int which = 0; which < CONTRACT_EXPORTS; which++) {
        enum status status = find_export(module, which, contract, complaint);

        if (status != ST_OK)
            return status;
    }
    if (!(contract->exports & entries))
        return complain(complaint, ST_UNSUPPORTED,
                        "the module exports neither _start (a command: link with crt1-command.o) "
                        "nor handle() -> i32 (a reactor: -mexec-model=reactor, export \"handle\")");
    if ((contract->exports & entries) == entries)
        return complain(complaint, ST_UNSUPPORTED,
                        "the module exports both _start and handle: make it a command or a "
                        "reactor, not both");
    if ((contract->exports & BUNDLE_HAS_START) && (contract->exports & BUNDLE_HAS_INITIALIZE))
        return complain(complaint, ST_UNSUPPORTED,
                        "the module exports both _start and _initialize: a command starts with "
                        "_start only");
    return ST_OK;
}

static bool find_buffer_export(const struct wasm_module *module, unsigned which, uint32_t *index)
{
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct wasm_export *export = &module->exports[i];

        if (!wasm_name_is(export->name, buffer_exports[which].name) ||
            export->kind != KIND_FUNCTION)
            continue;
        *index = i;
        return wasm_type_is(&module->types[module->functions[export->index]],
                            buffer_exports[which].params, buffer_exports[which].results);
    }
    return false;
}

/* Other modules may well have functions of these names: nothing to complain about. */
static void find_buffer(const struct wasm_module *module, struct contract *contract)
{
    bool all = (contract->exports & BUNDLE_HAS_START) && module->memory_count == 1;

    for (unsigned i = 0; i < CONTRACT_BUFFER_EXPORTS && all; i++)
        all = find_buffer_export(module, i, &contract->buffer_index[i]);
    contract->has_buffer = all;
}

static enum status check_memory(const struct wasm_module *module, uint64_t memory_cap,
                                struct contract *contract, const struct complaint *complaint)
{
    const struct wasm_limits *limits = module->memories;

    if (module->memory_count > 1)
        return complain(complaint, ST_UNSUPPORTED,
                        "the module has %u memories, but only one is supported",
                        module->memory_count);
    if (module->memory_count == 0)
        return ST_OK;
    contract->memory_initial = limits->min * WASM_PAGE_BYTES;
    contract->memory_max = limits->max * WASM_PAGE_BYTES;
    if (contract->memory_max > memory_cap)
        contract->memory_max = memory_cap;
    if (contract->memory_initial > memory_cap)
        return complain(complaint, ST_UNSUPPORTED,
                        "the module starts with %" PRIu64 " MiB of memory, above the limit of "
                        "%" PRIu64 " MiB: raise it with --memory or link with a smaller "
                        "--initial-memory",
                        (contract->memory_initial + MIB - 1) / MIB, memory_cap / MIB);
    return ST_OK;
}

/* The layout of sandboxed/wasm/table.h: tables one behind the other, each with room for what it
 * may grow to, each starting on a page. */
static enum status check_tables(const struct wasm_module *module, struct contract *contract,
                                const struct complaint *complaint)
{
    uint64_t next = 0;

    for (uint32_t i = 0; i < module->table_count; i++) {
        const struct wasm_table *table = &module->tables[i];
        uint64_t element = table->element == VALUE_FUNCREF ? 8 : 4;
        uint64_t limit =
            table->limits.min > CONTRACT_TABLE_GROWTH ? table->limits.min : CONTRACT_TABLE_GROWTH;
        uint64_t most = table->limits.max < limit ? table->limits.max : limit;

        if (most > L2_TABLES_MAX / element)
            return complain(complaint, ST_UNSUPPORTED, "table %u has too many elements", i);
        if (table->limits.min)
            contract->tables_initial =
                (next + table->limits.min * element + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        next = (next + most * element + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        if (next > L2_TABLES_MAX)
            return complain(complaint, ST_UNSUPPORTED,
                            "the module's tables take more than %u MiB: give them a maximum",
                            (unsigned)(L2_TABLES_MAX / MIB));
    }
    contract->tables_max = next;
    return ST_OK;
}

enum status contract_check(const struct wasm_module *module, uint64_t memory_cap,
                           struct contract *contract, const struct complaint *complaint)
{
    enum status status = ST_OK;

    memset(contract, 0, sizeof(*contract));
    if (module->type_count > CONTRACT_TYPES_MAX)
        return complain(complaint, ST_UNSUPPORTED, "the module has %u types, more than %u",
                        module->type_count, CONTRACT_TYPES_MAX);
    if (module->import_count > CONTRACT_IMPORTS_MAX)
        return complain(complaint, ST_UNSUPPORTED, "the module has %u imports, more than %u",
                        module->import_count, CONTRACT_IMPORTS_MAX);
    for (uint32_t i = 0; i < module->import_count && status == ST_OK; i++)
        status = check_import(module, &module->imports[i], complaint);
    if (status == ST_OK)
        status = check_exports(module, contract, complaint);
    if (status == ST_OK)
        find_buffer(module, contract);
    if (status == ST_OK)
        status = check_memory(module, memory_cap, contract, complaint);
    if (status == ST_OK)
        status = check_tables(module, contract, complaint);
    return status;
}
