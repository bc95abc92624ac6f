/*
 * What the hardware knows about this enclave: reports and sealing keys. The only place where L0
 * asks for either. Needs about 2 KiB of stack.
 */
#ifndef RECLAVE_TRUSTED_ATTEST_REPORT_H
#define RECLAVE_TRUSTED_ATTEST_REPORT_H

#include "abi/sgx_arch.h"
#include "abi/status.h"

/*
 * EREPORT: this enclave's identity and `data`, for the enclave that `target` describes (for a
 * quote: the quoting enclave), a struct sgx_targetinfo at any alignment. It comes from the host,
 * was copied in, and needs no check: a wrong one makes a report that nobody accepts.
 */
void report_create(const uint8_t target[512], const uint8_t data[64], struct sgx_report *out);

/*
 * Which sealing key: stored in the clear beside what was sealed. key_id separates keys; the
 * security versions are those at sealing, and a CPU refuses versions above its own, so old data
 * stay readable after an update and new data are not readable by what was updated.
 */
struct sealing_id {
    uint8_t key_id[32];
    uint8_t cpu_svn[16];
    uint16_t isv_svn;
};

/* An id for sealing now, at the current security versions. key_id: 32 fresh random bytes. */
void sealing_id_now(const uint8_t key_id[32], struct sealing_id *out);

/*
 * EGETKEY: the key for this id, of this very enclave (MRENCLAVE; DEBUG, all other attributes, XFRM
 * and MISCSELECT alike) on this machine. `id` may come from the host: another id gives another
 * key, with which nothing unseals. The caller wipes key.
 * ST_UNSUPPORTED: sealed at higher security versions than this machine has; key is zeroed.
 */
MUST_CHECK enum status sealing_key(const struct sealing_id *id, uint8_t key[16]);

#endif
