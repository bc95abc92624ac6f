/* Random programs that the verifier accepts. */
#ifndef RECLAVE_TESTS_VERIFY_RUN_GENERATE_H
#define RECLAVE_TESTS_VERIFY_RUN_GENERATE_H

#include "trusted/verify/verify.h"

#include <stdbool.h>
#include <stdint.h>

#define PROGRAM_MAX    512
#define PROGRAM_GATES  4
#define PROGRAM_RODATA 4096

struct program {
    uint8_t text[PROGRAM_MAX];
    uint32_t bytes;
    bool marked; /* VERIFY_LINEAR_MARKED, else VERIFY_LINEAR_FREE */
    struct verify_bundle map[PROGRAM_MAX / SFI_BUNDLE_BYTES];
};

/* xorshift64*; the state must not be 0. */
uint64_t random_next(uint64_t *state);
/* 0 .. below - 1 */
uint32_t random_below(uint64_t *state, uint32_t below);

/* 32 bytes that begin like an instruction often enough. */
void random_instruction(uint64_t *state, uint8_t *code);

/* Fills *program; the verifier has accepted it. */
void generate_program(uint64_t *state, bool marked, struct program *program);

enum verify_reason verify_program(struct program *program, struct verify_result *result);

#endif
