/*
 * Text of a size at which a verifier's speed can be measured, from the texts of
 * all programs: one behind the other, again and again. What is moved stays right:
 * calls of gates, which are relative, then lead to the start of some bundle, and
 * constants to another place in the read-only data, which is as large as the text.
 */
#ifndef RECLAVE_BENCH_SFI_LONG_TEXT_H
#define RECLAVE_BENCH_SFI_LONG_TEXT_H

#include "bench/common/subject.h"

#include "abi/bundle.h"

struct long_text {
    struct bench_file bundle; /* a whole one, unsigned */
    uint8_t *text;            /* in the bundle */
    uint32_t bytes, rodata_bytes;
};

/* At least `bytes` of text. */
void long_text_make(size_t bytes, struct long_text *out);
void long_text_free(struct long_text *long_text);

/* Breaks a rule in the text's first instruction, or by a branch in its last bytes which is
 * found out only when everything else has been checked. Both are undone by long_text_mend. */
void long_text_break_first(struct long_text *long_text);
void long_text_break_last(struct long_text *long_text);
void long_text_mend(struct long_text *long_text);

#endif
