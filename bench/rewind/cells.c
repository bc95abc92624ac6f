#include "bench/rewind/rewind.h"

#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/rewind/baseline.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGES_PER_MIB 256u
#define WARM_UP       2 /* the first rewinds meet pages that were never copied to */
#define INPUT_BYTES   16u

static const unsigned mib_of_sizes[SIZES] = {1, 4, 16, 64, 256};
static const unsigned samples_of_sizes[SIZES] = {20, 20, 10, 6, 2};
static const uint32_t dirty_counts[DIRTY_COUNTS - 1] = {1, 16, 64, 256, 1024}; /* and all */

/* What lives during a visit to a size. */
struct visit {
    struct run *run;
    struct size *size;
    struct subject subjects[SCHEMES];
    struct baseline baseline;
    struct bench_file input; /* how many pages to dirty */
};

void cells_set_up(struct run *run)
{
    for (unsigned i = 0; i < SIZES; i++) {
        struct size *size = &run->sizes[i];

        size->mib = mib_of_sizes[i];
        size->pages = size->mib * PAGES_PER_MIB;
        size->samples = samples_of_sizes[i];
        for (unsigned j = 0; j < DIRTY_COUNTS - 1; j++)
            size->cells[j].dirty = dirty_counts[j] < size->pages ? dirty_counts[j] : 0;
        size->cells[DIRTY_COUNTS - 1].dirty = size->pages;
    }
}

/* ---- a visit ------------------------------------------------------------------------ */

static double make_enclave(struct visit *visit, enum scheme scheme)
{
    struct subject *subject = &visit->subjects[scheme];
    struct bench_file bundle;
    char name[64];
    double us;

    snprintf(name, sizeof(name), "dirty_pages_%u.%s.rcl", visit->size->mib,
             scheme == COPY ? "copy" : "mark");
    bundle = bench_file_read(name);
    us = subject_create(subject, visit->run->driver, &visit->run->image);
    us += subject_boot(subject);
    us += subject_load(subject, &bundle);
    free(bundle.data);
    return us;
}

static struct subject_restore invoke_and_rewind(struct visit *visit, enum scheme scheme,
                                                uint32_t dirty)
{
    visit->input.bytes = (size_t)snprintf(visit->input.data, INPUT_BYTES, "%u", dirty);
    subject_invoke(&visit->subjects[scheme], &visit->input);
    return subject_rewind(&visit->subjects[scheme]);
}

static void open_visit(struct visit *visit, struct run *run, struct size *size)
{
    struct subject_restore restore = {0};

    *visit = (struct visit){.run = run, .size = size};
    visit->input.data = loader_buffer_alloc(INPUT_BYTES);
    if (!visit->input.data)
        bench_fail("out of memory");
    series_add(&size->fresh, make_enclave(visit, COPY));
    make_enclave(visit, MARK);
    for (unsigned i = 0; i < WARM_UP; i++) {
        invoke_and_rewind(visit, COPY, size->pages);
        restore = invoke_and_rewind(visit, MARK, size->pages);
    }
    visit->baseline = baseline_new(size->pages, (uint32_t)restore.pages - size->pages);
    helper_open(&run->forked, size->pages);
    if (run->has_instance)
        helper_open(&run->instance, size->pages);
}

static void close_visit(struct visit *visit)
{
    baseline_free(&visit->baseline);
    for (unsigned scheme = 0; scheme < SCHEMES; scheme++)
        subject_destroy(&visit->subjects[scheme]);
    free(visit->input.data);
}

/* ---- a sample ------------------------------------------------------------------------ */

static void add_cycles(struct cell *cell, enum timing timing, double cycles)
{
    series_add(&cell->us[timing], cycles / clock_cycles_per_us());
}

static void sample_scheme(struct visit *visit, struct cell *cell, enum scheme scheme)
{
    struct subject_restore restore = invoke_and_rewind(visit, scheme, cell->dirty);

    add_cycles(cell, scheme == COPY ? REWIND_COPY : REWIND_MARK, restore.inside_cycles);
    cell->restored[scheme] = restore.pages;
    if (scheme == COPY)
        add_cycles(cell, COPY_ALL, baseline_all(&visit->baseline, cell->dirty));
    else
        add_cycles(cell, COPY_MARKED, baseline_marked(&visit->baseline, cell->dirty));
}

/* The copies of everything, just before, have left nothing in the caches: once for each side. */
static void warm_up(struct visit *visit, uint32_t dirty)
{
    for (unsigned i = 0; i < WARM_UP; i++) {
        invoke_and_rewind(visit, MARK, dirty);
        baseline_marked(&visit->baseline, dirty);
    }
}

static void sample(struct visit *visit, struct cell *cell)
{
    struct run *run = visit->run;

    sample_scheme(visit, cell, COPY);
    warm_up(visit, cell->dirty);
    sample_scheme(visit, cell, MARK);
    invoke_and_rewind(visit, MARK, cell->dirty); /* the same neighbour for the next two */
    add_cycles(cell, COPY_SCATTERED, baseline_scattered(&visit->baseline, cell->dirty));
    invoke_and_rewind(visit, MARK, cell->dirty);
    add_cycles(cell, COPY_CONTIGUOUS,
               baseline_contiguous(&visit->baseline, cell->dirty, cell->dirty));
    series_add(&cell->us[FORK], helper_cycle(&run->forked, cell->dirty));
    if (run->has_instance)
        series_add(&cell->us[INSTANCE], helper_cycle(&run->instance, cell->dirty));
}

static void measure_size(struct run *run, struct size *size)
{
    unsigned samples = run->options.quick ? 1 : size->samples;
    struct visit visit;

    open_visit(&visit, run, size);
    for (unsigned i = 0; i < samples; i++)
        for (unsigned j = 0; j < DIRTY_COUNTS; j++)
            if (size->cells[j].dirty)
                sample(&visit, &size->cells[j]);
    close_visit(&visit);
}

void cells_round(struct run *run, unsigned round)
{
    for (unsigned i = 0; i < SIZES; i++)
        measure_size(run, &run->sizes[(i + round) % SIZES]);
}

void cells_tear_down(struct run *run)
{
    for (unsigned i = 0; i < SIZES; i++) {
        series_free(&run->sizes[i].fresh);
        for (unsigned j = 0; j < DIRTY_COUNTS; j++)
            for (unsigned timing = 0; timing < TIMINGS; timing++)
                series_free(&run->sizes[i].cells[j].us[timing]);
    }
}
