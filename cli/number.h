/* Numbers on the command line. */
#ifndef RECLAVE_CLI_NUMBER_H
#define RECLAVE_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number in [least, most], nothing before or after it. */
bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *value);

#endif
