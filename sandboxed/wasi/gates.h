/* Layer 1's gates (abi/gates.h): l1.lds places these names in the gates page, unit tests mock them.
 */
#ifndef RECLAVE_WASI_GATES_H
#define RECLAVE_WASI_GATES_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Ends the invocation with the function's exit code. */
__attribute__((noreturn)) void gate1_exit(uint64_t code);

/* Ends the invocation with a trap; TRAP_OUTPUT_LIMIT only. */
__attribute__((noreturn)) void gate1_trap(uint64_t trap);

/* Makes the first `bytes` of REGION_STDOUT or REGION_STDERR usable: 1, or 0 without memory. */
uint64_t gate1_commit(uint64_t region, uint64_t bytes);

/* Fills [offset, offset + bytes) of layer 1's cage with random bytes; bytes <= 256. 1, or 0. */
uint64_t gate1_random(uint64_t offset, uint64_t bytes);

/* Copies [offset, offset + bytes) of layer 1's cage to `address` of linear memory. 1, or 0: not
 * within both. */
uint64_t gate1_write(uint64_t address, uint64_t offset, uint64_t bytes);

#pragma GCC visibility pop

#endif
