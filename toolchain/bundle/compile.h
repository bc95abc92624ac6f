/*
 * From C to flat code, in named steps:
 *
 *   compile_to_assembly   gcc -S
 *   rewrite_assembly      the seam for the assembly rewriter: passes through
 *   assemble_and_link     as, ld; checks relocations; cuts the sections out
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_COMPILE_H
#define RECLAVE_TOOLCHAIN_BUNDLE_COMPILE_H

#include "toolchain/bundle/text.h"
#include "toolchain/bundle/workdir.h"

#include <stdint.h>

/* What a bundle contains behind its manifest, and where things are in it. */
struct flat_code {
    struct text code;      /* text padded to a page, then read-only data padded to a page */
    uint32_t text_bytes;   /* multiple of 4096 */
    uint32_t entry_offset; /* from the code zone's base */
    uint64_t state_bytes;  /* what sandboxed/crt keeps in the cage; not rounded */
};

/* source: a translation unit of translate.h. sdk_dir has abi/ and sandboxed/. On success release
 * flat->code with text_free. */
MUST_CHECK enum status compile_module(const struct workdir *dir, const struct text *source,
                                      const char *sdk_dir, unsigned cpu_level,
                                      struct flat_code *flat, const struct complaint *complaint);

/* "wabt 1.0.32; gcc 12.2.0; binutils 2.40": what FIELD_TOOLCHAIN says. */
MUST_CHECK enum status compile_toolchain(const struct workdir *dir, char *text, size_t text_bytes,
                                         const struct complaint *complaint);

#endif
