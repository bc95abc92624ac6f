/* Why something of the machine failed, as a sentence for a person: what, where, what to do. */
#ifndef RECLAVE_SGX_PROBLEM_H
#define RECLAVE_SGX_PROBLEM_H

#include "abi/status.h"

struct sgx_problem {
    char text[512]; /* no full stop, no newline */
};

/* Notes the sentence and returns status, so that a check can end with `return sgx_problem(...)`. */
MUST_CHECK enum status sgx_problem(struct sgx_problem *p, enum status status, const char *format,
                                   ...) __attribute__((format(printf, 3, 4)));

#endif
