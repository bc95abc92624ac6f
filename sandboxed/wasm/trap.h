/* Traps leave through L0's gate; whoever includes this provides gate2_trap. */
#ifndef RECLAVE_SANDBOXED_WASM_TRAP_H
#define RECLAVE_SANDBOXED_WASM_TRAP_H

#include "abi/status.h"
#include "sandboxed/wasm/types.h"

__attribute__((noreturn, cold, visibility("hidden"))) void gate2_trap(u64 trap);

/* wasm2c names its traps itself; OOB is used for memory only, tables have their own. */
#define TRAP_NAMED_OOB                TRAP_MEMORY_OUT_OF_BOUNDS
#define TRAP_NAMED_INT_OVERFLOW       TRAP_INTEGER_OVERFLOW
#define TRAP_NAMED_DIV_BY_ZERO        TRAP_INTEGER_DIVIDE_BY_ZERO
#define TRAP_NAMED_INVALID_CONVERSION TRAP_INVALID_CONVERSION
#define TRAP_NAMED_UNREACHABLE        TRAP_UNREACHABLE
#define TRAP_NAMED_CALL_INDIRECT      TRAP_INDIRECT_CALL

/* An expression of type int. */
#define TRAP(x)     (gate2_trap(TRAP_NAMED_##x), 0)
#define UNREACHABLE TRAP(UNREACHABLE)

/* The native stack ends at a guard page: L0 turns the fault into a trap. */
#define FUNC_PROLOGUE
#define FUNC_EPILOGUE

#endif
