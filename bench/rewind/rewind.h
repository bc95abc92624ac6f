/*
 * The parts of bench/rewind.
 *
 * A cell is a snapshot size and a number of dirty pages. A round visits each size: it builds one
 * enclave for each scheme, new buffers to copy between, and the alternatives' memories, and takes
 * samples of all of the size's cells. In a sample a rewind is followed by the copy that it is
 * held against, so that both meet caches in the same state; sample i of all series of a cell
 * comes from the same moment.
 */
#ifndef RECLAVE_BENCH_REWIND_REWIND_H
#define RECLAVE_BENCH_REWIND_REWIND_H

#include "bench/common/options.h"
#include "bench/common/series.h"
#include "bench/common/subject.h"
#include "bench/rewind/helper.h"

#include <stdbool.h>
#include <stdint.h>

enum { SIZES = 5, DIRTY_COUNTS = 6 };

enum scheme { COPY, MARK, SCHEMES };

/* What has a time in each sample of a cell; all in microseconds. */
enum timing {
    REWIND_COPY,     /* inside, without transitions */
    REWIND_MARK,     /* the same */
    COPY_ALL,        /* of what REWIND_COPY must restore */
    COPY_MARKED,     /* of what REWIND_MARK must restore */
    COPY_SCATTERED,  /* of the dirty pages where they are */
    COPY_CONTIGUOUS, /* of as many pages, one behind the other */
    FORK,
    INSTANCE, /* has no samples if wasmtime is absent */
    TIMINGS
};

struct cell {
    uint32_t dirty; /* pages; 0: this size does not have so many, or "all" is the same */
    struct series us[TIMINGS];
    uint64_t restored[SCHEMES]; /* pages */
};

struct size {
    unsigned mib;
    uint32_t pages;
    unsigned samples; /* of each cell in a round */
    struct cell cells[DIRTY_COUNTS];
    struct series fresh; /* an enclave made, booted and loaded with the function; us */
};

struct empty {                  /* a function that does nothing */
    struct series null, invoke; /* us of the host's clock */
    struct series inside;       /* us: invoke less null, and the rewind inside */
    struct series rewind;       /* us, inside */
    uint64_t pages;
};

struct run {
    struct bench_options options;
    const struct sgx_driver *driver;
    struct image image;
    struct helper forked, instance;
    bool has_instance;
    char absent_reason[256];
    struct size sizes[SIZES];
    struct empty empty;
};

void cells_set_up(struct run *run);
/* All sizes once, beginning with another one in each round. */
void cells_round(struct run *run, unsigned round);
void cells_tear_down(struct run *run);

void empty_round(struct run *run);

void rewind_report(const struct run *run);
void rewind_plot(const struct run *run);

#endif
