/* What wasm2c's output includes instead of its own preamble and wasm-rt.h. */
#ifndef RECLAVE_SANDBOXED_WASM_PREAMBLE_H
#define RECLAVE_SANDBOXED_WASM_PREAMBLE_H

#include "sandboxed/wasm/types.h"
#include "sandboxed/wasm/trap.h"
#include "sandboxed/wasm/numeric.h"
#include "sandboxed/wasm/memory.h"
#include "sandboxed/wasm/table.h"

#endif
