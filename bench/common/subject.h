/* The enclave under measurement: each step of its life, timed. Failures end the benchmark. */
#ifndef RECLAVE_BENCH_COMMON_SUBJECT_H
#define RECLAVE_BENCH_COMMON_SUBJECT_H

#include "host/loader/image.h"
#include "host/loader/loader.h"
#include "sgx/driver.h"

#include <stddef.h>
#include <stdint.h>

/* A file next to the program: build/bench/<name>. */
struct bench_file {
    void *data; /* loader_buffer_alloc */
    size_t bytes;
};
struct bench_file bench_file_read(const char *name);

/* Image <name>.rci of the build (RECLAVE_DATA_DIR), opened once, outside of any timing. */
void bench_image_open(const char *name, struct image *out);

struct subject {
    const struct sgx_driver *driver;
    uint64_t image_pages;
    struct enclave *enclave;
    struct slot *slot; /* slot 0 */
    void *output, *log;
};

/* Times in microseconds of the host's clock, transitions included. */

/* Adds and measures all pages of the image, EINIT, maps it. */
double subject_create(struct subject *subject, const struct sgx_driver *driver,
                      const struct image *image);
/* ENTRY_INIT and ENTRY_BOOT: S0 exists. */
double subject_boot(struct subject *subject);
/* ENTRY_LOAD, restricting the code, ENTRY_FINISH_LOAD: S1 exists, the slot is READY. */
double subject_load(struct subject *subject, const struct bench_file *bundle);
/* Must end with OUTCOME_OK. `input` is a multiple of 8 bytes long in memory. */
double subject_invoke(struct subject *subject, const struct bench_file *input);

struct subject_restore {
    double call_us;       /* of the host's clock, transitions included */
    double inside_cycles; /* TSC, in L0, without the transitions */
    uint64_t pages;       /* copied or zeroed */
};
struct subject_restore subject_rewind(struct subject *subject);
struct subject_restore subject_reset(struct subject *subject);
/* An empty call: what the transitions cost. */
double subject_null(struct subject *subject);
double subject_destroy(struct subject *subject);

struct subject_counts {
    uint64_t image_pages;    /* added and measured before EINIT */
    uint64_t lazy_pages;     /* accepted since (EAUG and EACCEPT) */
    uint64_t snapshot_pages; /* stored, of S0 and S1 */
    uint64_t transitions;    /* EENTER and ERESUME by the loader; each comes out again */
    int64_t aex;             /* -1: hardware does not count them */
};
struct subject_counts subject_counts(struct subject *subject);

#endif
