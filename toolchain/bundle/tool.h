/* Runs the external programs of the toolchain: in the work directory, with a
 * small fixed environment, their output captured. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_TOOL_H
#define RECLAVE_TOOLCHAIN_BUNDLE_TOOL_H

#include "toolchain/bundle/workdir.h"

/* Runs argv (NULL-terminated; argv[0] is looked up in /usr/bin and /bin, whatever PATH says) and
 * appends its stdout and stderr to *output. *exit_status is what waitpid says. ST_NOT_FOUND with a
 * complaint that names the package; ST_IO. */
MUST_CHECK enum status tool_try(const struct workdir *dir, const char *const argv[],
                                struct text *output, int *exit_status,
                                const struct complaint *complaint);

/* The same, but anything else than exit status 0 is a failure (ST_UNSUPPORTED) whose complaint
 * starts with `what`, then names the command and ends with its output. */
MUST_CHECK enum status tool_run(const struct workdir *dir, const char *const argv[],
                                const char *what, const struct complaint *complaint);

/* The first line that `argv` prints, without newline: for version numbers. */
MUST_CHECK enum status tool_first_line(const struct workdir *dir, const char *const argv[],
                                       char *line, size_t line_bytes,
                                       const struct complaint *complaint);

#endif
