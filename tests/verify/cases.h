/* The verifier's cases as cases.inc lays them down. */
#ifndef RECLAVE_TESTS_VERIFY_CASES_H
#define RECLAVE_TESTS_VERIFY_CASES_H

#define CASE_GATES  4
#define CASE_RODATA 4096

/* enum verify_linear, for assembly: cases_test.c compares */
#define CASE_READ_ONLY 0
#define CASE_FREE      1
#define CASE_MARKED    2

#ifndef __ASSEMBLER__

#include <stdint.h>

struct verify_case {
    const char *name;
    const char *reason; /* name of an enum verify_reason */
    const uint8_t *code;
    uint32_t bytes;
    uint32_t offset; /* of the instruction to refuse */
    uint32_t linear; /* CASE_* */
    uint32_t padding;
};

#endif
#endif
