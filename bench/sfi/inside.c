#include "bench/common/fail.h"
#include "bench/common/subject.h"
#include "bench/sfi/sfi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One enclave at a time, with one function. */
static struct {
    struct image image;
    const struct sgx_driver *driver;
    struct subject subject;
    struct bench_file input; /* the scale */
} inside;

void inside_set_up(const struct sgx_driver *driver)
{
    inside.driver = driver;
    inside.input.bytes = sizeof(uint32_t);
    inside.input.data = loader_buffer_alloc(inside.input.bytes);
    if (!inside.input.data)
        bench_fail("out of memory");
    bench_image_open("reclave-lazy", &inside.image);
}

void inside_tear_down(void)
{
    image_close(&inside.image);
    free(inside.input.data);
}

void inside_open(const struct program *program)
{
    struct bench_file bundle;
    char name[64];

    snprintf(name, sizeof(name), SFI_FOLDER "/%s.stdio.rcl", program->name);
    bundle = bench_file_read(name);
    subject_create(&inside.subject, inside.driver, &inside.image);
    subject_boot(&inside.subject);
    subject_load(&inside.subject, &bundle);
    free(bundle.data);
}

/* programs/handle_stdio.c. The rewind is not part of the time. */
struct sample inside_call(uint32_t scale)
{
    struct sample sample;
    double start;

    memcpy(inside.input.data, &scale, sizeof(scale));
    start = cpu_us();
    subject_invoke(&inside.subject, &inside.input);
    sample.us = cpu_us() - start;
    memcpy(&sample.checksum, inside.subject.output, sizeof(sample.checksum));
    subject_rewind(&inside.subject);
    return sample;
}

void inside_close(void)
{
    subject_destroy(&inside.subject);
}
