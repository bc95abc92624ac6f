/*
 * The quoting enclave's stand-in: takes a local report made for it, checks the report's MAC with
 * its own report key and signs the report with its attestation key. A small enclave of its own,
 * freestanding; it stands where Intel's QE stands and is no part of Reclave's promise.
 */
#ifndef RECLAVE_SGX_QUOTING_ENCLAVE_QE_H
#define RECLAVE_SGX_QUOTING_ENCLAVE_QE_H

#include "abi/status.h"
#include "sgx/quoting/calls.h"

#include <stdbool.h>
#include <stddef.h>

/* entry.S calls it, one thread at a time: there is one TCS. */
uint64_t qe_dispatch(uint64_t call, uint64_t request, uint64_t bytes);

/* border.c: host memory, whole aligned words only. */
bool border_outside(uint64_t address, uint64_t bytes);
void border_copy_in(void *to, uint64_t from, uint64_t bytes);
void border_copy_out(uint64_t to, const void *from, uint64_t bytes);

/* cmac.c: AES-128-CMAC (RFC 4493) of whole blocks; bytes is a positive multiple of 16. */
void cmac(const uint8_t key[16], const void *message, size_t bytes, uint8_t mac[16]);

/* report.c. A report about this enclave with this REPORTDATA, which nobody can check locally. */
void report_self(const uint8_t data[64], struct sgx_report *out);
/* Was it made by EREPORT on this machine, for this enclave? */
bool report_is_for_us(const struct sgx_report *report);

/* key.c: the attestation key, a function of the CPU's key and MRENCLAVE, so that it needs no
 * storage and ends with this version of the enclave. */
MUST_CHECK bool key_create(void);
const uint8_t *key_public(void); /* 64 bytes */
MUST_CHECK bool key_sign(const void *message, size_t bytes, uint8_t signature[64]);

#endif
