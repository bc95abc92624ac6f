/* An enclave of 15 slots and the functions that share it. Failures end the benchmark. */
#ifndef RECLAVE_BENCH_DENSITY_ENCLAVE15_H
#define RECLAVE_BENCH_DENSITY_ENCLAVE15_H

#include "bench/common/subject.h"

#include <stdint.h>

#define SLOTS 15u

struct enclave15 {
    struct enclave *enclave;
    struct bench_file bundle; /* of the function that was loaded last */
    uint64_t identity_at;     /* where in it */
    struct bench_file input;
    void *output;
};

/* All slots are booted. */
void enclave15_open(struct enclave15 *enclave, const struct sgx_driver *driver);
void enclave15_close(struct enclave15 *enclave);

/* Function number `identity` into a slot that holds none. */
void enclave15_load(struct enclave15 *enclave, unsigned slot, uint64_t identity);
/* Invokes it, checks its answer, rewinds. */
void enclave15_use(struct enclave15 *enclave, unsigned slot, uint64_t identity);
/* Resets the slot and gives back what it has beyond the runtime's pages. */
void enclave15_unload(struct enclave15 *enclave, unsigned slot);
struct entry_stats enclave15_stats(struct enclave15 *enclave);

#endif
