/*
 * MRENCLAVE as the hardware computes it: SHA-256 over one 64-byte record per
 * ECREATE and EADD, and one of 64 bytes plus 256 bytes of contents per EEXTEND
 * (SDM 3D, pseudocode of these leaves). Calls must come in the order in which
 * the loader adds pages; order is part of the identity.
 */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_MEASURE_H
#define RECLAVE_TOOLCHAIN_IMAGE_MEASURE_H

#include "abi/geometry.h"
#include "abi/status.h"

#include <stdint.h>

#define MRENCLAVE_BYTES 32

struct measurement;

/* ECREATE. elrange_bytes: SECS.SIZE. The caller frees *out with measure_free.
 * ST_NO_MEMORY, or ST_INVALID_ARGUMENT for a size that is no power of two of at least two pages. */
MUST_CHECK enum status measure_create(uint32_t ssa_frame_pages, uint64_t elrange_bytes,
                                      struct measurement **out);

/* EADD of the page at offset (from the enclave's base, page aligned) with these SECINFO.FLAGS.
 * A TCS is measured without permissions, whatever flags say, as EADD does. */
MUST_CHECK enum status measure_add_page(struct measurement *m, uint64_t offset, uint64_t secinfo);

/* EEXTEND of all 16 chunks of the page, as the Linux driver does. */
MUST_CHECK enum status measure_extend_page(struct measurement *m, uint64_t offset,
                                           const uint8_t page[PAGE_BYTES]);

/* The digest so far; the measurement can only be freed afterwards. */
MUST_CHECK enum status measure_final(struct measurement *m, uint8_t mrenclave[MRENCLAVE_BYTES]);

void measure_free(struct measurement *m); /* NULL is allowed */

#endif
