/* Linux's SGX driver on SGX hardware. */
#ifndef RECLAVE_SGX_DRIVER_HARDWARE_H
#define RECLAVE_SGX_DRIVER_HARDWARE_H

#include "sgx/driver.h"

/* ST_SGX_NO_DEVICE: /dev/sgx_enclave can't be opened, or the vDSO can't enter enclaves. */
MUST_CHECK enum status sgx_hardware(const struct sgx_driver **out);

/* The vDSO's function, made safe to call from C (enter.S). sgx_vdso_enter: its address. */
extern uint64_t sgx_vdso_enter;
int sgx_hardware_enter(unsigned long rdi, unsigned long rsi, unsigned long rdx,
                       unsigned int function, unsigned long r8, unsigned long r9,
                       struct sgx_enclave_run *run);

#endif
