/* Symbols of the kernel's vDSO. */
#ifndef RECLAVE_SGX_DRIVER_VDSO_H
#define RECLAVE_SGX_DRIVER_VDSO_H

#include <stdint.h>

/* Address of a function in the ELF image at `image` (as getauxval(AT_SYSINFO_EHDR) gives it),
 * or 0. The image is the kernel's and taken to be well-formed. */
uint64_t vdso_function(uint64_t image, const char *name);

#endif
