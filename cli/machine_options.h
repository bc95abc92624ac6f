/* Options of every subcommand that opens an enclave: --pages, --enclave-size, --backend,
 * --emulate. */
#ifndef RECLAVE_CLI_MACHINE_OPTIONS_H
#define RECLAVE_CLI_MACHINE_OPTIONS_H

#include "host/worker/engine.h"

#include <argp.h>
#include <limits.h>

struct machine_options {
    struct engine_options engine; /* filled by parsing; images_folder by machine_options_finish */
    struct sgx_cpu cpu;
    bool cpu_given;
    char images_folder[PATH_MAX];
};

/* An argp child; its input is a zeroed struct machine_options. */
extern const struct argp machine_argp;

/* After parsing: finds the images. On failure a message is on stderr. */
MUST_CHECK enum status machine_options_finish(struct machine_options *options);

/* `text` as a decimal number in [low, high]; otherwise argp_error, which ends the program
 * with exit code 2. */
uint64_t parse_number(struct argp_state *state, const char *option, const char *text, uint64_t low,
                      uint64_t high);

#endif
