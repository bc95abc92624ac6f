/*
 * From wasm2c's C to ours. wasm2c 1.0.32 writes a header and a source file:
 * a fixed preamble, then the module's own code. The preamble is replaced by
 * sandboxed/wasm/preamble.h, the instance pointer that every function carries
 * by the one instance at a fixed place in the cage (INSTANCE), run-time
 * registration of function types by constants (FUNC_TYPE_N), and element
 * segments by what the table's elements will hold (sandboxed/wasm/table.h). The
 * result is one translation unit with the crt included.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_TRANSLATE_H
#define RECLAVE_TOOLCHAIN_BUNDLE_TRANSLATE_H

#include "toolchain/bundle/contract.h"
#include "toolchain/bundle/text.h"

#define TRANSLATE_MODULE_NAME "m" /* what wasm2c must be told as --module-name */

/* ST_UNSUPPORTED: this is not what wasm2c 1.0.32 writes. */
MUST_CHECK enum status translate(const struct wasm_module *module, const struct contract *contract,
                                 const struct text *header, const struct text *source,
                                 struct text *out, const struct complaint *complaint);

#endif
