/* What the parts of bench/sfi share: programs, the forms that are compared, one timed run. */
#ifndef RECLAVE_BENCH_SFI_SFI_H
#define RECLAVE_BENCH_SFI_SFI_H

#include "bench/common/options.h"
#include "bench/common/series.h"
#include "bench/common/subject.h"
#include "toolchain/bundle/read.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define SFI_FOLDER "sfi-programs" /* next to this program: what build.mk makes of programs/ */

struct program {
    const char *name;
    const char *what;
    uint32_t scale; /* 20 to 60 ms natively on a machine of 2022 */
};

#define PROGRAM_COUNT 15
extern const struct program programs[PROGRAM_COUNT];

enum variant {
    NATIVE_CLANG,  /* clang -O2; what all are compared with */
    NATIVE_SCALAR, /* the same without vector code: what WebAssembly without SIMD can be */
    NATIVE_GCC,    /* gcc -O2 */
    WASM2C_GUARD,  /* stock wasm2c and its runtime, bounds by guard pages; gcc -O2 */
    WASM2C_CHECKS, /* the same, bounds by comparison */
    CONFINED,      /* the bundle of `reclave build`, outside of an enclave */
    MARKED,        /* the same with marks behind its stores (--tracking mark) */
    INSIDE,        /* CONFINED and inside one: input, output and transitions count as well */
    WASMTIME,
    VARIANT_COUNT
};

const char *variant_name(enum variant variant);

/* One call of a program. Times are of the thread's CPU time: what others do on the machine at
 * the same moment slows a call down, but is not counted as part of it. */
struct sample {
    double us;
    uint64_t checksum;
};

double cpu_us(void);

/* SFI_FOLDER/<name><suffix> in full. */
void sfi_path(const char *name, const char *suffix, char path[PATH_MAX]);

/* ---- how a variant runs a program ----------------------------------------------- */

/* Natively compiled, or translated by wasm2c. Opened once, open until the end. */
typedef uint64_t run_function(uint32_t scale);
run_function *shared_object_open(const struct program *program, enum variant variant);
struct sample shared_object_call(run_function *run, uint32_t scale);

/* A bundle's code in a slot's address space. */
struct confined {
    struct bench_file file;
    struct bundle_view view; /* of the file */
};
void confined_read(const struct program *program, enum variant variant, struct confined *out);
void confined_free(struct confined *confined);
/* In a new address space, because there is room for one at a time; a call before it, which
 * touches the pages, does not count. */
struct sample confined_call(const struct confined *confined, uint32_t scale);

/* The same program in an enclave of its own, which is made anew by each inside_open. */
void inside_set_up(const struct sgx_driver *driver);
void inside_tear_down(void);
void inside_open(const struct program *program);
struct sample inside_call(uint32_t scale);
void inside_close(void);

/* wasmtime is a process of its own that is told what to call and reports its CPU time. */
struct wasmtime;
/* Installs it first if need be. NULL: not available, and why. */
struct wasmtime *wasmtime_start(const struct bench_options *options, char reason[256],
                                char version[64]);
void wasmtime_open(struct wasmtime *wasmtime, const struct program *program);
struct sample wasmtime_call(struct wasmtime *wasmtime, uint32_t scale);
void wasmtime_stop(struct wasmtime *wasmtime);

/* ---- results ---------------------------------------------------------------------- */

struct sfi_results {
    struct bench_options options;
    bool present[VARIANT_COUNT];
    char absent_reason[256]; /* why WASMTIME is not present */
    char wasmtime_version[64];
    bool auto_marks[PROGRAM_COUNT]; /* what `reclave build` chooses for the program by itself */
    struct series us[PROGRAM_COUNT][VARIANT_COUNT]; /* samples i were taken next to each other */
};

/* Of program's time as `above` to its time as `below`. */
struct spread sfi_ratio(const struct sfi_results *results, unsigned program, enum variant above,
                        enum variant below);
/* Geometric mean over all programs of the median ratios. */
double sfi_mean(const struct sfi_results *results, enum variant above, enum variant below);
/* The same over the programs that are marked by default; there must be one. */
double sfi_mean_marked(const struct sfi_results *results, enum variant above, enum variant below);

void sfi_report(const struct sfi_results *results);
void sfi_plot(const struct sfi_results *results);

/* How fast the verifier is; prints its own table. */
void verification_report(const struct bench_options *options, const struct sgx_driver *driver);

#endif
