/* The hostile runtime's assembly (attacks.S), called by its C. `out` is an address in linear
 * memory, where a struct order_result goes. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_ATTACKS_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_ATTACKS_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

void attack_access(uint64_t form, uint64_t first, uint64_t second, uint32_t out);
void attack_gate(uint64_t offset, uint64_t a, uint64_t b, uint64_t c, uint32_t out);
__attribute__((noreturn)) void attack_jump(uint64_t offset, uint64_t value);
__attribute__((noreturn)) void attack_return(uint64_t offset, uint64_t a, uint64_t b,
                                             uint64_t address, uint64_t rbx);
__attribute__((noreturn)) void attack_stack(uint64_t move, uint64_t count, uint64_t offset,
                                            uint64_t a, uint64_t b, uint64_t pushes);
/* Instructions that the policy does not know hide in an immediate at this offset of the code zone:
 * movq (%rbx), %rax. An aligned return address never leads there. */
uint64_t attack_hidden(void);

/* Layer 1's entry in C. */
uint64_t hostile_dispatch(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                          uint64_t e);

#pragma GCC visibility pop

#endif
