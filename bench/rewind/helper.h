/*
 * Alternatives to a rewind, each in a process of its own that is started before
 * the benchmark has any memory: a fork of the benchmark itself would copy the
 * page tables of its enclaves.
 */
#ifndef RECLAVE_BENCH_REWIND_HELPER_H
#define RECLAVE_BENCH_REWIND_HELPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct helper {
    const char *name;
    pid_t child;
    int to, from;
};

/* In the child. open: a memory of that many pages, full of data, in place of the one before.
 * cycle: from that state to that state again, with `dirty` scattered pages written in between;
 * microseconds. Both may bench_fail. */
struct helper_work {
    void (*open)(uint32_t pages);
    double (*cycle)(uint32_t dirty);
};

struct helper helper_start(const char *name, const struct helper_work *work);
void helper_open(struct helper *helper, uint32_t pages);
double helper_cycle(struct helper *helper, uint32_t dirty);
void helper_stop(struct helper *helper);

/* A warm process forks; the child writes and exits, the parent waits for it. */
extern const struct helper_work forked_work;

/* A wasm instance from wasmtime's pooling allocator: instantiated, called, dropped. */
extern const struct helper_work instance_work;
/* Fetches wasmtime unless it is there; -1 with the reason in `why`. Before helper_start. */
int instance_prepare(char why[256]);

/* A module whose memory of that many pages of 4 KiB is full of data and whose export "t" takes a
 * number and writes a word to that many scattered pages. Freed by the caller. */
uint8_t *module_make(uint32_t pages, size_t *bytes);

#endif
