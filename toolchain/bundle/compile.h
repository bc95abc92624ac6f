/*
 * From C to flat code, in named steps:
 *
 *   compile_to_assembly   gcc -S
 *   rewrite_assembly      toolchain/rewrite confines the code to the SFI policy
 *   assemble_and_link     clang (knows bundles), ld; checks relocations; cuts the sections out
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_COMPILE_H
#define RECLAVE_TOOLCHAIN_BUNDLE_COMPILE_H

#include "toolchain/bundle/text.h"
#include "toolchain/bundle/workdir.h"

#include <stdbool.h>
#include <stdint.h>

/* What a bundle contains behind its manifest, and where things are in it. */
struct flat_code {
    struct text code;      /* the text, whole pages; from GATE_PAGE_BYTES of the code zone on */
    struct text rodata;    /* whole pages; from CODE_RODATA_OFF of the code zone on */
    uint32_t entry_offset; /* from the code zone's base */
    uint64_t state_bytes;  /* what sandboxed/crt keeps in the cage; not rounded */
};

void flat_code_free(struct flat_code *flat);

struct compile_options {
    const char *sdk_dir; /* has abi/ and sandboxed/ */
    unsigned cpu_level;
    bool marks;      /* BUNDLE_TRACK_MARK */
    bool unconfined; /* for tests: not rewritten */
};

/* source: a translation unit of translate.h. On success the caller calls
 * flat_code_free. */
MUST_CHECK enum status compile_module(const struct workdir *dir, const struct text *source,
                                      const struct compile_options *options, struct flat_code *flat,
                                      const struct complaint *complaint);

/* "wabt 1.0.32; gcc 12.2.0; binutils 2.40": what FIELD_TOOLCHAIN says. */
MUST_CHECK enum status compile_toolchain(const struct workdir *dir, char *text, size_t text_bytes,
                                         const struct complaint *complaint);

#endif
