/*
 * How fast is the verifier? Its object files are those of the enclave image,
 * linked into this program: an enclave runs them at the same speed.
 */
#include "trusted/verify/verify.h"

#include "bench/common/fail.h"
#include "bench/common/subject.h"
#include "bench/common/table.h"
#include "bench/sfi/sfi.h"
#include "toolchain/bundle/read.h"

#include <stdio.h>
#include <stdlib.h>

#define EXPECTED_MB_PER_S 80
#define SAMPLES           15
#define SAMPLE_BYTES      (16u << 20) /* verified for one sample, text by text */

struct text {
    struct bench_file file;
    struct bundle_view view;
    struct verify_bundle *scratch;
    struct verify_result result;
};

static void read_text(const struct program *program, struct text *out)
{
    uint64_t count;
    char name[64];

    snprintf(name, sizeof(name), SFI_FOLDER "/%s.rcl", program->name);
    out->file = bench_file_read(name);
    if (bundle_read(out->file.data, out->file.bytes, &out->view) != ST_OK)
        bench_fail("%s is not a bundle of this version", name);
    count = VERIFY_SCRATCH_COUNT(out->view.header.code_bytes);
    out->scratch = calloc(count, sizeof(*out->scratch));
    if (!out->scratch)
        bench_fail("out of memory");
}

static bool verify(struct text *text)
{
    const struct bundle_header *header = &text->view.header;
    const struct verify_request request = {
        .text = text->view.code,
        .text_bytes = header->code_bytes,
        .text_offset = GATE_PAGE_BYTES,
        .rodata_bytes = header->rodata_bytes,
        .gate_count = GATE2_COUNT,
        .scratch = text->scratch,
        .scratch_count = VERIFY_SCRATCH_COUNT(header->code_bytes),
    };

    return verify_text(&request, &text->result) == VERIFY_OK;
}

static bool all_accepted(struct text texts[PROGRAM_COUNT])
{
    for (unsigned i = 0; i < PROGRAM_COUNT; i++)
        if (!verify(&texts[i])) {
            printf("\nVerification: %s is refused at offset 0x%x: %s. Its speed is not "
                   "measured.\n",
                   programs[i].name, texts[i].result.offset,
                   verify_reason_text(texts[i].result.reason));
            return false;
        }
    return true;
}

static double all_bytes(const struct text texts[PROGRAM_COUNT])
{
    double bytes = 0;

    for (unsigned i = 0; i < PROGRAM_COUNT; i++)
        bytes += texts[i].view.header.code_bytes;
    return bytes;
}

static struct spread measure(const struct bench_options *options, struct text texts[PROGRAM_COUNT])
{
    unsigned samples = options->quick ? 1 : SAMPLES;
    unsigned times = options->quick ? 1 : (unsigned)(SAMPLE_BYTES / all_bytes(texts)) + 1;
    struct series speeds = {0};
    struct spread spread;

    for (unsigned sample = 0; sample < samples; sample++) {
        double start = cpu_us();

        for (unsigned i = 0; i < times * PROGRAM_COUNT; i++)
            if (!verify(&texts[i % PROGRAM_COUNT]))
                bench_fail("the verifier changes its mind");
        series_add(&speeds, all_bytes(texts) * times / (cpu_us() - start));
    }
    spread = series_spread(&speeds);
    series_free(&speeds);
    return spread;
}

static void print_table(const struct bench_options *options, const struct text texts[PROGRAM_COUNT],
                        struct spread speed)
{
    struct table *table = table_new("sfi-verification",
                                    "The verifier on the text of all programs\nmedian (quartiles)");
    uint64_t instructions = 0;

    for (unsigned i = 0; i < PROGRAM_COUNT; i++)
        instructions += texts[i].result.instructions;
    table_column(table, "text", "KiB");
    table_column(table, "instructions", "");
    table_column_spread(table, "speed", "MB/s");
    table_number(table, all_bytes(texts) / 1024);
    table_count(table, instructions);
    table_spread(table, speed);
    table_finish(table, options->results);
    printf("\nVerification: %.0f MB/s, expected at least %d: %s\n", speed.median, EXPECTED_MB_PER_S,
           speed.median >= EXPECTED_MB_PER_S ? "met" : "NOT MET");
}

void verification_report(const struct bench_options *options)
{
    static struct text texts[PROGRAM_COUNT];

    for (unsigned i = 0; i < PROGRAM_COUNT; i++)
        read_text(&programs[i], &texts[i]);
    if (all_accepted(texts))
        print_table(options, texts, measure(options, texts));
    for (unsigned i = 0; i < PROGRAM_COUNT; i++) {
        free(texts[i].scratch);
        free(texts[i].file.data);
    }
}
