/* The test enclave, a quoting service in a folder of its own, and reports from one to the other. */
#ifndef RECLAVE_TESTS_QUOTING_SUPPORT_H
#define RECLAVE_TESTS_QUOTING_SUPPORT_H

#include "abi/quote.h"
#include "sgx/quoting/plain.h"
#include "sgx/quoting/quote.h"
#include "tests/quoting/reporter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

/* A file of the build tree; valid until the next call. */
const char *build_path(const char *relative);

/* The process's emulator; its CPU is support_cpu, set before the first call. */
extern struct sgx_cpu support_cpu;
const struct sgx_driver *support_driver(void);

/* A new folder under /tmp, and its removal with all files in it. */
void folder_make(char path[64]);
void folder_remove(const char *path);

/* Must succeed. */
struct quoting *quoting_in(const char *folder);
struct plain_enclave reporter_open(void);
struct sgx_report reporter_report(const struct plain_enclave *reporter,
                                  const struct sgx_targetinfo *target, const uint8_t data[64]);

#endif
