/* Why a step failed, as a sentence for a person: what is wrong, where, and what to do. */
#ifndef RECLAVE_TOOLCHAIN_IMAGE_PROBLEM_H
#define RECLAVE_TOOLCHAIN_IMAGE_PROBLEM_H

#include "abi/status.h"

struct problem {
    char text[512]; /* no full stop, no newline */
};

/* Notes the sentence and returns status, so that a check can end with `return problem(...)`. */
MUST_CHECK enum status problem(struct problem *p, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
