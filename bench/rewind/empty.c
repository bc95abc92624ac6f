/*
 * An empty invocation and its rewind, transitions excluded. L0 times its rewind itself; for the
 * invocation, which it does not, an empty call next to it stands for the transitions.
 */
#include "bench/common/clock.h"
#include "bench/rewind/rewind.h"

#include <stdlib.h>

#define SAMPLES 400
#define WARM_UP 20

static void sample(struct empty *empty, struct subject *subject, const struct bench_file *input)
{
    double null = subject_null(subject);
    double invoke = subject_invoke(subject, input);
    struct subject_restore restore = subject_rewind(subject);
    double rewind = restore.inside_cycles / clock_cycles_per_us();

    series_add(&empty->null, null);
    series_add(&empty->invoke, invoke);
    series_add(&empty->rewind, rewind);
    series_add(&empty->inside, invoke - null + rewind);
    empty->pages = restore.pages;
}

void empty_round(struct run *run)
{
    struct bench_file bundle = bench_file_read("empty.rcl");
    struct bench_file input = {.data = loader_buffer_alloc(8)};
    struct subject subject;

    subject_create(&subject, run->driver, &run->image);
    subject_boot(&subject);
    subject_load(&subject, &bundle);
    for (unsigned i = 0; i < WARM_UP; i++) {
        subject_invoke(&subject, &input);
        subject_rewind(&subject);
    }
    for (unsigned i = 0; i < (run->options.quick ? 3 : SAMPLES); i++)
        sample(&run->empty, &subject, &input);
    subject_destroy(&subject);
    free(input.data);
    free(bundle.data);
}
