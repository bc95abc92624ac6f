/* The emulator as a driver. */
#ifndef RECLAVE_SGX_EMU_START_H
#define RECLAVE_SGX_EMU_START_H

#include "sgx/driver.h"

/* Works after emu_start only. */
extern const struct sgx_driver emu_driver;

/* ST_UNSUPPORTED with a line on stderr where the kernel lacks something. Call once. */
MUST_CHECK enum status emu_start(const struct sgx_cpu *cpu, const struct sgx_driver **out);

#endif
