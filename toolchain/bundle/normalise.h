/*
 * The module as wasm2c gets it: no custom sections, and of the exports only
 * functions, renamed "x<index in the original>". Names of the module's author
 * therefore never reach the C text, and the result does not depend on them.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_NORMALISE_H
#define RECLAVE_TOOLCHAIN_BUNDLE_NORMALISE_H

#include "toolchain/bundle/text.h"
#include "toolchain/bundle/wasm.h"

/* Appends the normalised binary to *out; look at out->failed. */
void normalise_module(const struct wasm_module *module, struct text *out);

#endif
