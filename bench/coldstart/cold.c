/* Cold starts: from nothing to a function that is ready, and to its first answer. */
#include "bench/coldstart/coldstart.h"

#include <stdlib.h>

#define WARM_UP 2 /* rewinds that are not counted */
#define BURST   7 /* whose median is one sample */

const struct variant_spec variant_specs[VARIANTS] = {
    [EAGER_16] = {"all pages measured, 16 MiB", "reclave-eager-16", "pseudonymise.rcl", true},
    [EAGER_64] = {"all pages measured, 64 MiB", "reclave-eager-64", "pseudonymise.rcl", true},
    [EAGER_256] = {"all pages measured, 256 MiB", "reclave-eager-256", "pseudonymise.rcl", true},
    [HEAP_16] = {"pages added lazily, 16 MiB heap", "reclave-lazy", "pseudonymise-heap-16.rcl",
                 false},
    [HEAP_64] = {"pages added lazily, 64 MiB heap", "reclave-lazy", "pseudonymise-heap-64.rcl",
                 false},
    [HEAP_256] = {"pages added lazily, 256 MiB heap", "reclave-lazy", "pseudonymise-heap-256.rcl",
                  false},
    [LAZY] = {"pages added lazily, as needed", "reclave-lazy", "pseudonymise.rcl", false},
};

void cold_set_up(struct run *run)
{
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        bench_image_open(variant_specs[variant].image, &run->cold[variant].image);
        run->cold[variant].bundle = bench_file_read(variant_specs[variant].bundle);
    }
}

/* The enclave has served once: rewind it, and then as often as it takes to be warm. */
static void measure_rewind(struct run *run, struct cold *cold, struct subject *subject)
{
    struct series call = {0}, inside = {0};
    struct subject_restore restore = subject_rewind(subject);

    for (unsigned i = 0; i < WARM_UP + BURST; i++) {
        subject_invoke(subject, &run->input);
        restore = subject_rewind(subject);
        if (i < WARM_UP)
            continue;
        series_add(&call, restore.call_us);
        series_add(&inside, restore.inside_cycles);
    }
    cold->rewind_pages = restore.pages;
    series_add(&cold->rewind, series_median(&call));
    series_add(&cold->rewind_inside, series_median(&inside));
    series_free(&call);
    series_free(&inside);
}

static void measure(struct run *run, struct cold *cold)
{
    struct subject subject;
    double create = subject_create(&subject, run->driver, &cold->image);
    double boot = subject_boot(&subject);
    double load = subject_load(&subject, &cold->bundle);

    series_add(&cold->create, create);
    series_add(&cold->boot, boot);
    series_add(&cold->load, load);
    series_add(&cold->enclave, create + boot);
    series_add(&cold->ready, create + boot + load);
    cold->counts = subject_counts(&subject);
    series_add(&cold->first, subject_invoke(&subject, &run->input));
    measure_rewind(run, cold, &subject);
    series_add(&cold->destroy, subject_destroy(&subject));
}

void cold_round(struct run *run, unsigned round)
{
    for (unsigned i = 0; i < VARIANTS; i++)
        measure(run, &run->cold[(i + round) % VARIANTS]);
}

void cold_tear_down(struct run *run)
{
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        struct cold *cold = &run->cold[variant];
        struct series *all[] = {&cold->create, &cold->boot,    &cold->load,
                                &cold->first,  &cold->destroy, &cold->enclave,
                                &cold->ready,  &cold->rewind,  &cold->rewind_inside};

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
            series_free(all[i]);
        image_close(&cold->image);
        free(cold->bundle.data);
    }
}
