/*
 * What layer 1 lives in, for its unit tests on the host: a cage of which only the
 * committed pages are accessible, linear memory with a guard behind it, and mock
 * gates. An access outside them ends the test program.
 */
#ifndef RECLAVE_TESTS_WASI_MACHINE_H
#define RECLAVE_TESTS_WASI_MACHINE_H

#include "sandboxed/wasi/calls.h"
#include "sandboxed/wasi/dispatch.h"
#include "sandboxed/wasi/state.h"

#include "abi/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MACHINE_LINEAR_BYTES 0x30000u /* three wasm pages */

enum ending {
    ENDED_RETURN, /* layer 1 returned to its caller */
    ENDED_EXIT,   /* GATE1_EXIT */
    ENDED_TRAP,   /* GATE1_TRAP */
};

struct machine {
    uint64_t commit_limit; /* bytes of a window beyond which GATE1_COMMIT refuses */
    unsigned commits;      /* calls of GATE1_COMMIT */
    unsigned random_left;  /* calls of GATE1_RANDOM until it refuses */
    unsigned random_calls;
    unsigned writes;     /* calls of GATE1_WRITE */
    bool refuse_writes;  /* ... are refused */
    uint8_t random_next; /* "random" bytes count up from here */
    uint64_t exit_code;
    uint64_t trap;
};

extern struct machine machine;

/* cmocka fixtures: a booted layer 1, no strings, no input, output limits of 1 MiB. */
int machine_setup(void **state);
int machine_teardown(void **state);

void machine_input(const void *data, size_t bytes);
/* Lays out count NUL-terminated strings of `bytes` bytes each kind, arguments first. */
void machine_strings(uint32_t arg_count, const char *args, uint32_t arg_bytes, uint32_t env_count,
                     const char *env, uint32_t env_bytes);

/* Enters layer 1 as L0 does; *result is what it returned. */
enum ending enter(uint64_t *result, uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* The errno of a call that must return; the test fails when it exits or traps. */
uint64_t wasi(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* Linear memory. */
uint8_t *guest(uint32_t at);
uint16_t get16(uint32_t at);
uint32_t get32(uint32_t at);
uint64_t get64(uint32_t at);
void put32(uint32_t at, uint32_t value);
void put64(uint32_t at, uint64_t value);
/* An iovec at `at`. */
void put_iovec(uint32_t at, uint32_t buffer, uint32_t bytes);
/* Are all bytes of linear memory still as machine_setup left them? */
void assert_guest_untouched(void);

#define RUN_GROUP(tests) cmocka_run_group_tests(tests, NULL, NULL)
#define CASE(name)       cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

#endif
