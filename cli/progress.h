/* A line on the terminal while something takes long; nothing where stderr is no terminal. */
#ifndef RECLAVE_CLI_PROGRESS_H
#define RECLAVE_CLI_PROGRESS_H

#include <stdint.h>

void progress_show(const char *what);
/* engine_options.progress: "adding enclave pages: 40 %". */
void progress_pages(void *context, uint64_t done, uint64_t total);
/* Erases the line. */
void progress_clear(void);

#endif
