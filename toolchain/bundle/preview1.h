/* The functions of WASI preview 1 (wasi_snapshot_preview1): names, signatures and
 * what Reclave's gate calls them (abi/gates.h). */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_PREVIEW1_H
#define RECLAVE_TOOLCHAIN_BUNDLE_PREVIEW1_H

#include "toolchain/bundle/wasm.h"

#define PREVIEW1_MODULE "wasi_snapshot_preview1"

struct preview1_function {
    const char *name;
    const char *params, *results; /* letters of wasm_type_is */
    unsigned call;                /* WASI_* of abi/gates.h */
};

/* NULL: not a function of preview 1. */
const struct preview1_function *preview1_find(struct wasm_name name);

#endif
