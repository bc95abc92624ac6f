/* The message of a failure, on its way to the person who typed the command. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_COMPLAINT_H
#define RECLAVE_TOOLCHAIN_BUNDLE_COMPLAINT_H

#include "abi/status.h"

#include <stddef.h>

/* Borrowed buffer; always a C string. */
struct complaint {
    char *text;
    size_t bytes;
};

/* Writes the message and returns status: `return complain(...)`. */
__attribute__((format(printf, 3, 4))) enum status
complain(const struct complaint *complaint, enum status status, const char *format, ...);

/* The same for a host call that failed: appends errno's text; ST_IO. */
enum status complain_errno(const struct complaint *complaint, const char *what, const char *path);

/* A complaint that nobody reads. */
extern const struct complaint complaint_none;

#endif
