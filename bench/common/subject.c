#include "bench/common/subject.h"

#include "base/status.h"
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "cli/data_dir.h"
#include "sgx/emu/instrument.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_LIMIT (UINT64_C(1) << 20)
#define LOG_LIMIT    UINT64_C(0x10000)
#define TIMEOUT_MS   60000u

/* ---- files --------------------------------------------------------------- */

static void program_folder(char folder[PATH_MAX])
{
    ssize_t bytes = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (bytes < 0)
        bench_fail("/proc/self/exe: cannot read it");
    folder[bytes] = '\0';
    *strrchr(folder, '/') = '\0';
}

struct bench_file bench_file_read(const char *name)
{
    char folder[PATH_MAX], path[2 * PATH_MAX];
    struct bench_file result;
    FILE *file;
    long bytes;

    program_folder(folder);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "re");
    if (!file || fseek(file, 0, SEEK_END) != 0 || (bytes = ftell(file)) < 0)
        bench_fail("%s: cannot read it; `make bench` builds it", path);
    rewind(file);
    result.bytes = (size_t)bytes;
    result.data = loader_buffer_alloc(result.bytes);
    if (!result.data || fread(result.data, 1, result.bytes, file) != result.bytes)
        bench_fail("%s: cannot read it", path);
    fclose(file);
    return result;
}

void bench_image_open(const char *name, struct image *out)
{
    char relative[128], path[PATH_MAX];
    struct message why;

    snprintf(relative, sizeof(relative), "images/%s.rci", name);
    if (data_dir_path(relative, path, sizeof(path)) != ST_OK)
        bench_fail("enclave image %s is not built", relative);
    if (image_open(path, out, &why) != ST_OK)
        bench_fail("%s", why.text);
}

/* ---- steps --------------------------------------------------------------- */

static double us_since(uint64_t start_ns)
{
    return (double)(clock_ns() - start_ns) / 1000;
}

static void must(const struct subject *subject, enum status status, const char *step)
{
    if (status == ST_OK)
        return;
    if (slot_lost(subject->slot))
        bench_fail("%s: the slot is lost: %s", step, slot_fault(subject->slot));
    bench_fail("%s: %s", step, status_text(status));
}

double subject_create(struct subject *subject, const struct sgx_driver *driver,
                      const struct image *image)
{
    struct enclave_options options = {.driver = driver};
    struct message why;
    uint64_t start;
    double us;

    *subject = (struct subject){
        .driver = driver,
        .image_pages = image->pages,
        .output = loader_buffer_alloc(OUTPUT_LIMIT),
        .log = loader_buffer_alloc(LOG_LIMIT),
    };
    if (!subject->output || !subject->log)
        bench_fail("out of memory");
    start = clock_ns();
    if (enclave_create(image, &options, &subject->enclave, &why) != ST_OK)
        bench_fail("%s", why.text);
    us = us_since(start);
    subject->slot = enclave_slot(subject->enclave, 0);
    if (!enclave_can_rdtsc(subject->enclave))
        bench_fail("this CPU has no SGX2: nothing inside an enclave can be timed");
    return us;
}

double subject_boot(struct subject *subject)
{
    uint64_t start = clock_ns();

    must(subject, enclave_init(subject->enclave, &(struct enclave_terms){0}), "initialise");
    must(subject, slot_boot(subject->slot), "boot");
    return us_since(start);
}

double subject_load(struct subject *subject, const struct bench_file *bundle)
{
    struct slot_load load = {
        .bundle = bundle->data,
        .bundle_bytes = bundle->bytes,
        .timeout_ms = TIMEOUT_MS,
        .log = subject->log,
        .log_limit = LOG_LIMIT,
    };
    uint64_t start = clock_ns();

    must(subject, slot_load(subject->slot, &load), "load");
    return us_since(start);
}

double subject_invoke(struct subject *subject, const struct bench_file *input)
{
    struct entry_invocation invocation = {
        .input = (uintptr_t)input->data,
        .input_bytes = input->bytes,
        .output = (uintptr_t)subject->output,
        .output_limit = OUTPUT_LIMIT,
        .log = (uintptr_t)subject->log,
        .log_limit = LOG_LIMIT,
    };
    uint64_t start = clock_ns();
    double us;

    must(subject, slot_invoke(subject->slot, &invocation, TIMEOUT_MS), "invoke");
    us = us_since(start);
    if (invocation.outcome != OUTCOME_OK)
        bench_fail("the function ended with %s, %s, exit code %lld",
                   outcome_name((enum outcome)invocation.outcome),
                   trap_text((enum trap)invocation.trap), (long long)invocation.exit_code);
    return us;
}

static struct subject_restore restore(struct subject *subject, const char *step,
                                      enum status (*call)(struct slot *, struct entry_rewind *))
{
    struct entry_rewind result;
    uint64_t start = clock_ns();

    must(subject, call(subject->slot, &result), step);
    return (struct subject_restore){us_since(start), (double)result.cycles, result.pages_restored};
}

struct subject_restore subject_rewind(struct subject *subject)
{
    return restore(subject, "rewind", slot_rewind);
}

struct subject_restore subject_reset(struct subject *subject)
{
    return restore(subject, "reset", slot_reset);
}

double subject_null(struct subject *subject)
{
    uint64_t start = clock_ns();

    must(subject, slot_null(subject->slot), "empty call");
    return us_since(start);
}

double subject_destroy(struct subject *subject)
{
    uint64_t start = clock_ns();
    double us;

    enclave_destroy(subject->enclave);
    us = us_since(start);
    free(subject->output);
    free(subject->log);
    return us;
}

struct subject_counts subject_counts(struct subject *subject)
{
    struct subject_counts counts = {
        .image_pages = subject->image_pages,
        .transitions = slot_counters(subject->slot).transitions,
        .aex = -1,
    };
    struct emu_counters emulator;
    struct entry_stats stats;

    if (emu_counters(enclave_fd(subject->enclave), &emulator) == ST_OK)
        counts.aex = (int64_t)emulator.aex;
    must(subject, slot_stats(subject->slot, &stats), "statistics");
    counts.lazy_pages = stats.committed_pages - subject->image_pages;
    counts.snapshot_pages = stats.snapshot_pages;
    return counts;
}
