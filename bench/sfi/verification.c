/*
 * How fast is the verifier? Outside of an enclave its object files, those of the
 * enclave image, are linked into this program. Inside, two loads that are refused
 * are compared: one for its first instruction, one for a branch in its last bytes.
 * All else that they do is the same.
 */
#include "trusted/verify/verify.h"

#include "bench/common/fail.h"
#include "bench/common/machine.h"
#include "bench/common/subject.h"
#include "bench/common/table.h"
#include "bench/sfi/long_text.h"
#include "bench/sfi/sfi.h"

#include <stdio.h>
#include <stdlib.h>

#define EXPECTED_MB_PER_S 80
#define SAMPLES           15
#define TEXT_BYTES        (4u << 20)
#define TEXT_BYTES_QUICK  (1u << 18)

struct verification {
    struct long_text text;
    struct verify_bundle *scratch;
    struct verify_result result;
    struct series outside, inside; /* bytes per microsecond */
};

/* ---- outside ----------------------------------------------------------------- */

static void measure_outside(struct verification *v)
{
    const struct verify_request request = {
        .text = v->text.text,
        .text_bytes = v->text.bytes,
        .text_offset = GATE_PAGE_BYTES,
        .rodata_bytes = v->text.rodata_bytes,
        .gate_count = GATE2_COUNT,
        .linear = VERIFY_LINEAR_FREE,
        .scratch = v->scratch,
        .scratch_count = VERIFY_SCRATCH_COUNT(v->text.bytes),
    };
    double start = cpu_us();

    if (verify_text(&request, &v->result) != VERIFY_OK)
        bench_fail("the text of all programs is refused at 0x%x: %s", v->result.offset,
                   verify_reason_text(v->result.reason));
    series_add(&v->outside, v->text.bytes / (cpu_us() - start));
}

/* ---- inside ------------------------------------------------------------------ */

/* Microseconds until the load is refused; the slot is as before. */
static double refused_load(struct subject *subject, const struct long_text *text,
                           enum verify_reason expected)
{
    struct slot_load load = {.bundle = text->bundle.data, .bundle_bytes = text->bundle.bytes};
    double start = cpu_us(), us;
    enum status status = slot_load(subject->slot, &load);

    us = cpu_us() - start;
    if (status != ST_BUNDLE_CODE || load.verify_reason != expected)
        bench_fail("a bad text is not refused as it should be: status %d, reason %u", status,
                   (unsigned)load.verify_reason);
    return us;
}

static void measure_inside(struct verification *v, struct subject *subject, bool keep)
{
    double first, last;

    long_text_break_first(&v->text);
    first = refused_load(subject, &v->text, VERIFY_KERNEL);
    long_text_mend(&v->text);
    long_text_break_last(&v->text);
    last = refused_load(subject, &v->text, VERIFY_TARGET);
    long_text_mend(&v->text);
    if (!keep)
        return;
    if (last <= first)
        bench_fail("verification takes no time");
    series_add(&v->inside, v->text.bytes / (last - first));
}

/* ---- report ------------------------------------------------------------------ */

static void print_expectation(const char *where, double speed)
{
    printf("  %s: %.0f MB/s, expected at least %d: %s\n", where, speed, EXPECTED_MB_PER_S,
           speed >= EXPECTED_MB_PER_S ? "met" : "NOT MET");
}

static void print_results(const struct bench_options *options, const struct verification *v)
{
    struct table *table =
        table_new("sfi-verification", "The verifier, on the programs' texts one behind the other, "
                                      "repeated\nmedian (quartiles)");

    table_column(table, "text", "KiB");
    table_column(table, "instructions", "");
    table_column_spread(table, "outside", "MB/s");
    table_column_spread(table, "inside the enclave", "MB/s");
    table_count(table, v->text.bytes / 1024);
    table_count(table, v->result.instructions);
    table_spread(table, series_spread(&v->outside));
    table_spread(table, series_spread(&v->inside));
    table_finish(table, options->results);
    puts(
        "\nMB: a million bytes. outside: the enclave image's object files in this process. inside: "
        "from the\ndifference of two loads, one refused for its first instruction, one for its "
        "last bytes.");
    print_expectation("outside", series_median(&v->outside));
    print_expectation("inside", series_median(&v->inside));
}

void verification_report(const struct bench_options *options, const struct sgx_driver *driver)
{
    static struct verification v;
    struct subject subject;
    struct image image;

    long_text_make(options->quick ? TEXT_BYTES_QUICK : TEXT_BYTES, &v.text);
    v.scratch = calloc(VERIFY_SCRATCH_COUNT(v.text.bytes), sizeof(*v.scratch));
    if (!v.scratch)
        bench_fail("out of memory");
    bench_image_open("reclave-lazy", &image);
    subject_create(&subject, driver, &image);
    subject_boot(&subject);
    measure_inside(&v, &subject, false); /* commits the pages */
    for (unsigned i = 0; i < (options->quick ? 1 : SAMPLES); i++) {
        measure_outside(&v);
        measure_inside(&v, &subject, true);
    }
    print_results(options, &v);
    subject_destroy(&subject);
    image_close(&image);
    series_free(&v.outside);
    series_free(&v.inside);
    free(v.scratch);
    long_text_free(&v.text);
}
