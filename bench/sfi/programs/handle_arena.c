/*
 * Makes a reactor of a program, for tests/wasm/arena.h: sched_yield asks for the scale, and the
 * result of handle is the address of the checksum.
 */
#include "program.h"

__attribute__((import_module("wasi_snapshot_preview1"), import_name("sched_yield"))) int32_t
ask_scale(void);

static uint64_t checksum;

__attribute__((export_name("handle"))) int32_t handle(void)
{
    checksum = run((uint32_t)ask_scale());
    return (int32_t)(uintptr_t)&checksum;
}
