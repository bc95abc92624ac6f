/*
 * What a rewind is held against: copying or zeroing the same number of bytes,
 * by this process, in memory of the same kind as the emulator's EPC: a shared
 * mapping of a memfd, in pages of 4 KiB, populated.
 */
#ifndef RECLAVE_BENCH_REWIND_BASELINE_H
#define RECLAVE_BENCH_REWIND_BASELINE_H

#include <stddef.h>

struct baseline {
    char *from, *to; /* `bytes` each */
    size_t bytes;
};

struct baseline baseline_new(size_t bytes);
void baseline_free(struct baseline *baseline);

/* Cycles for the first `bytes`, after a word of each page of the target was written, as the
 * function did to its memory before the rewind. */
double baseline_copy(struct baseline *baseline, size_t bytes);
double baseline_rep_movsb(struct baseline *baseline, size_t bytes);
double baseline_zero(struct baseline *baseline, size_t bytes);

#endif
