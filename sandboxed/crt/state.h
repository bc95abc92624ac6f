/*
 * All that a function keeps outside linear memory, tables and stack: at
 * L2_STATE_OFF of its cage, zero before CRT_INSTANTIATE. Included after the
 * instance's definition, which wasm2c writes.
 */
#ifndef RECLAVE_SANDBOXED_CRT_STATE_H
#define RECLAVE_SANDBOXED_CRT_STATE_H

#include "abi/geometry.h"
#include "sandboxed/wasm/types.h"

struct cage_state {
    u64 next_table; /* where the next table goes; used during instantiation */
    Z_m_instance_t instance;
};

#define STATE    ((struct cage_state IN_CAGE *)L2_STATE_OFF)
#define INSTANCE (&STATE->instance)

_Static_assert(sizeof(struct cage_state) <= L2_STATE_MAX, "too many globals");

/* For the bundle's header; read by the toolchain and not part of the code. */
struct crt_info {
    u64 state_bytes;
};

static const struct crt_info crt_info
    __attribute__((used, section(".crt_info"))) = {sizeof(struct cage_state)};

#endif
