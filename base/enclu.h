/*
 * ENCLU leaves that identify an enclave, for code inside one (SDM 3D 40.4). Only EREPORT and
 * EGETKEY: they need nothing but their operands. Operands must lie inside the enclave; the types'
 * alignments are the hardware's. A broken machine faults, nothing here can fail silently.
 */
#ifndef RECLAVE_BASE_ENCLU_H
#define RECLAVE_BASE_ENCLU_H

#include "abi/sgx_arch.h"

struct enclu_report_data {
    uint8_t bytes[64];
} __attribute__((aligned(128)));

struct enclu_report {
    struct sgx_report report;
} __attribute__((aligned(512)));

struct enclu_key {
    uint8_t bytes[16];
} __attribute__((aligned(16)));

/* A report about this enclave that only the enclave `target`, on this machine, can check. */
static inline void enclu_ereport(const struct sgx_targetinfo *target,
                                 const struct enclu_report_data *data, struct enclu_report *out)
{
    uint64_t leaf = ENCLU_EREPORT;

    __asm__ volatile("enclu" : "+a"(leaf) : "b"(target), "c"(data), "d"(out) : "memory", "cc");
}

/* 0, or SGX_INVALID_ATTRIBUTE, _CPUSVN, _ISVSVN, _KEYNAME: *out is then as it was. */
static inline uint64_t enclu_egetkey(const struct sgx_keyrequest *request, struct enclu_key *out)
{
    uint64_t leaf = ENCLU_EGETKEY;

    __asm__ volatile("enclu" : "+a"(leaf) : "b"(request), "c"(out) : "memory", "cc");
    return leaf;
}

#endif
