/*
 * The real machine code of layer 1 (build/sandboxed/l1.bin), run in this process with real
 * segment bases: a cage, linear memory and a code zone as in a slot, and gates that lead to
 * the functions below.
 */
#ifndef RECLAVE_TESTS_WASI_NATIVE_H
#define RECLAVE_TESTS_WASI_NATIVE_H

#include <stdint.h>

/* How a call of layer 1 ended: the gate that it left by. */
enum native_end {
    NATIVE_RETURN,
    NATIVE_EXIT,
    NATIVE_TRAP,
};

struct native_world {
    uint64_t entry;  /* of layer 1's code */
    uint64_t stack;  /* its stack pointer at entry */
    uint64_t cage;   /* GS base */
    uint64_t linear; /* FS base */
    uint64_t end;    /* OUT: enum native_end */
};

/* Enters layer 1; returns what it passed to the gate that it left by. The world must
 * stay as it is during the call. */
uint64_t native_enter(struct native_world *world, uint64_t call, const uint64_t arguments[5]);

/* Where gates lead: not to be called from C. */
void native_gate_return(void);
void native_gate_exit(void);
void native_gate_trap(void);
void native_gate_commit(void);
void native_gate_random(void);
void native_gate_write(void);

/* What native_gate_commit, native_gate_random and native_gate_write call, with the host's
 * segments. */
uint64_t native_commit(uint64_t region, uint64_t bytes);
uint64_t native_random(uint64_t offset, uint64_t bytes);
uint64_t native_write(uint64_t address, uint64_t offset, uint64_t bytes);

#endif
