/*
 * What a module must be to become a function (docs/functions.md): which imports
 * and exports it may and must have, and how large its parts may be. Decides, and
 * refuses with a sentence that says what to do.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_CONTRACT_H
#define RECLAVE_TOOLCHAIN_BUNDLE_CONTRACT_H

#include "toolchain/bundle/wasm.h"

/* Elements that a table may grow to, unless it starts larger or declares less. */
#define CONTRACT_TABLE_GROWTH 65536u

/* Far above what compilers make; they bound the work of translation. */
#define CONTRACT_TYPES_MAX   16384u
#define CONTRACT_IMPORTS_MAX 1024u

/* Exports that mean something, in the order of contract.exports[]. */
enum contract_export {
    EXPORT_START,
    EXPORT_INITIALIZE,
    EXPORT_HANDLE,
    EXPORT_AFTER_REWIND,
    EXPORT_WIZER,
    CONTRACT_EXPORTS
};

#define CONTRACT_BUFFER_EXPORTS 3u

/* For the bundle's header, in its units. */
struct contract {
    uint32_t exports;                        /* BUNDLE_HAS_* */
    uint32_t export_index[CONTRACT_EXPORTS]; /* into module->exports, if present */
    /* A command with the three exports of sandboxed/crt/buffer.h, in its order. */
    bool has_buffer;
    uint32_t buffer_index[CONTRACT_BUFFER_EXPORTS];
    uint64_t memory_initial, memory_max;
    uint64_t tables_initial, tables_max;
};

/* memory_cap: most bytes of linear memory, a multiple of 64 KiB. ST_UNSUPPORTED with a complaint.
 */
MUST_CHECK enum status contract_check(const struct wasm_module *module, uint64_t memory_cap,
                                      struct contract *contract, const struct complaint *complaint);

/* The crt's macro for an export: "EXPORT_START" .. */
const char *contract_export_macro(enum contract_export which);
/* "BUFFER_ALLOCATE" ... */
const char *contract_buffer_macro(unsigned which);
/* Its BUNDLE_HAS_* flag. */
uint32_t contract_export_flag(enum contract_export which);

#endif
