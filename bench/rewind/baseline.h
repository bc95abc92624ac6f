/*
 * What a rewind is held against: copying the same pages by this process, in
 * memory of the same kind as the emulator's EPC: a shared mapping of a memfd, in
 * pages of 4 KiB, populated.
 */
#ifndef RECLAVE_BENCH_REWIND_BASELINE_H
#define RECLAVE_BENCH_REWIND_BASELINE_H

#include <stdint.h>

struct baseline {
    char *from, *to; /* `pages` each, and then `others` each */
    uint32_t pages;  /* a power of two */
    uint32_t others;
};

/* others: pages besides those of the function's data that a rewind restores. */
struct baseline baseline_new(uint32_t pages, uint32_t others);
void baseline_free(struct baseline *baseline);

/* Cycles. Before it begins, a word of each of `dirty` scattered pages of the target is written,
 * as the function did before the rewind. */

/* The first `pages` pages, one behind the other. */
double baseline_contiguous(struct baseline *baseline, uint32_t dirty, uint32_t pages);
/* The dirty ones, in the order of their addresses. */
double baseline_scattered(struct baseline *baseline, uint32_t dirty);
/* The same and the others: what the rewind of marked pages must restore. */
double baseline_marked(struct baseline *baseline, uint32_t dirty);
/* All, dirty or not, and the others: what the rewind without marks must restore. */
double baseline_all(struct baseline *baseline, uint32_t dirty);

#endif
