/* What happens in an enclave that stays: invocations, rewinds, and other functions. */
#include "bench/coldstart/coldstart.h"

#define BURST   31 /* calls whose median is one sample */
#define WARM_UP 10

static struct subject_counts difference(struct subject *subject, struct subject_counts before)
{
    struct subject_counts now = subject_counts(subject);

    now.transitions -= before.transitions + 1; /* the question itself */
    now.aex = now.aex < 0 ? -1 : now.aex - before.aex;
    return now;
}

/* Transitions and AEXs of one call of each kind. */
static void count(struct run *run, struct resident *resident)
{
    struct subject *subject = &resident->subject;
    struct subject_counts before = subject_counts(subject);

    subject_invoke(subject, &run->input);
    resident->invoke_counts = difference(subject, before);
    before = subject_counts(subject);
    resident->rewind_pages = subject_rewind(subject).pages;
    resident->rewind_counts = difference(subject, before);
    before = subject_counts(subject);
    resident->reset_pages = subject_reset(subject).pages;
    resident->reset_counts = difference(subject, before);
    before = subject_counts(subject);
    subject_load(subject, &run->function);
    resident->load_counts = difference(subject, before);
}

void resident_set_up(struct run *run, struct resident *resident, const char *image)
{
    struct subject *subject = &resident->subject;

    bench_image_open(image, &resident->image);
    subject_create(subject, run->driver, &resident->image);
    subject_boot(subject);
    subject_load(subject, &run->other);
    subject_invoke(subject, &run->input);
    subject_reset(subject);
    subject_load(subject, &run->function);
    for (unsigned i = 0; i < (run->options.quick ? 1 : WARM_UP); i++) {
        subject_invoke(subject, &run->input);
        subject_rewind(subject);
    }
    count(run, resident);
}

static void invoke_burst(struct run *run, struct resident *resident)
{
    struct series null = {0}, invoke = {0}, rewind = {0}, inside = {0};

    for (unsigned i = 0; i < (run->options.quick ? 3 : BURST); i++) {
        struct subject_restore restore;

        series_add(&invoke, subject_invoke(&resident->subject, &run->input));
        restore = subject_rewind(&resident->subject);
        series_add(&rewind, restore.call_us);
        series_add(&inside, restore.inside_cycles);
        series_add(&null, subject_null(&resident->subject));
    }
    series_add(&resident->null, series_median(&null));
    series_add(&resident->invoke, series_median(&invoke));
    series_add(&resident->rewind, series_median(&rewind));
    series_add(&resident->rewind_inside, series_median(&inside));
    series_free(&null);
    series_free(&invoke);
    series_free(&rewind);
    series_free(&inside);
}

/* Another function takes the slot, and gives it back. */
static void exchange(struct run *run, struct resident *resident)
{
    struct subject_restore reset;

    subject_reset(&resident->subject);
    subject_load(&resident->subject, &run->other);
    subject_invoke(&resident->subject, &run->input);
    reset = subject_reset(&resident->subject);
    series_add(&resident->reset, reset.call_us);
    series_add(&resident->reset_inside, reset.inside_cycles);
    series_add(&resident->load, subject_load(&resident->subject, &run->function));
}

void resident_round(struct run *run, struct resident *resident)
{
    invoke_burst(run, resident);
    exchange(run, resident);
}

void resident_tear_down(struct resident *resident)
{
    struct series *all[] = {&resident->null,          &resident->invoke, &resident->rewind,
                            &resident->rewind_inside, &resident->reset,  &resident->reset_inside,
                            &resident->load};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        series_free(all[i]);
    subject_destroy(&resident->subject);
    image_close(&resident->image);
}
