/*
 * The parts of bench/coldstart.
 *
 * A round builds one enclave per variant, rewinds it a few times and destroys it;
 * then, in enclaves that live through the whole run, it invokes, rewinds and
 * exchanges functions. Sample i of every series is from round i: ratios compare
 * neighbours.
 */
#ifndef RECLAVE_BENCH_COLDSTART_COLDSTART_H
#define RECLAVE_BENCH_COLDSTART_COLDSTART_H

#include "bench/common/machine.h"
#include "bench/common/options.h"
#include "bench/common/series.h"
#include "bench/common/subject.h"

#include <stdbool.h>

/* ---- cold starts ------------------------------------------------------------ */

enum variant { EAGER_16, EAGER_64, EAGER_256, HEAP_16, HEAP_64, HEAP_256, LAZY, VARIANTS };

struct variant_spec {
    const char *label;
    const char *image;
    const char *bundle;
    bool eager;
};
extern const struct variant_spec variant_specs[VARIANTS];

struct cold {
    struct image image;
    struct bench_file bundle;
    struct subject_counts counts;                     /* when READY */
    struct series create, boot, load, first, destroy; /* us */
    struct series enclave;                            /* create + boot */
    struct series ready;                              /* create + boot + load */
    uint64_t rewind_pages;
    struct series rewind, rewind_inside; /* us; cycles: of that enclave, once warm */
};

/* ---- a live enclave ----------------------------------------------------------- */

struct resident {
    struct image image;
    struct subject subject;
    uint64_t rewind_pages, reset_pages;
    struct subject_counts invoke_counts, rewind_counts, reset_counts, load_counts; /* of one each */
    /* us, except inside_*: cycles. Each sample is the median of a burst. */
    struct series null, invoke, rewind, rewind_inside;
    struct series reset, reset_inside, load;
};

struct run {
    struct bench_options options;
    const struct sgx_driver *driver;
    struct bench_file input;    /* one record */
    struct bench_file function; /* the function of all measurements */
    struct bench_file other;    /* the function that takes turns with it */
    struct cold cold[VARIANTS];
    struct resident lazy, eager;
};

void cold_set_up(struct run *run);
void cold_round(struct run *run, unsigned round);
void cold_tear_down(struct run *run);

void resident_set_up(struct run *run, struct resident *resident, const char *image);
void resident_round(struct run *run, struct resident *resident);
void resident_tear_down(struct resident *resident);

void report(const struct run *run);
void report_projection(const struct run *run);

#endif
