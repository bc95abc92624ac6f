/*
 * A real enclave under test, in the strict emulator: opened from the images of this build,
 * booted, loaded with guests, invoked and rewound through the loader. Whatever must succeed
 * is asserted here (cmocka), so a test reads as the story that it tells.
 *
 * The build under test is the folder that holds lib/reclave/images and trusted/: the one above
 * this program's folder, or RECLAVE_DATA_DIR/../.. where that is set.
 */
#ifndef RECLAVE_TESTS_BORDER_HARNESS_H
#define RECLAVE_TESTS_BORDER_HARNESS_H

#include "host/loader/loader.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/* ---- files of the build ---------------------------------------------------- */

/* "lib/reclave/images/reclave-lazy.rci" and the like, in the build under test. */
void border_path(const char *relative, char path[PATH_MAX]);

struct border_file { /* as the loader wants buffers; freed by border_file_free */
    uint8_t *bytes;
    size_t size;
};
/* guests/NAME.rcl of this program's own build. */
struct border_file border_guest(const char *name);
void border_file_free(struct border_file *file);

/* ---- enclaves ---------------------------------------------------------------- */

struct border {
    const struct sgx_driver *driver;
    struct enclave *enclave;
    int fd;
    uint64_t base;
};

/* image: "reclave-lazy", ...; the enclave is initialised, its slots are EMPTY. */
void border_open(struct border *border, const char *image);
void border_close(struct border *border);

/* ---- a slot -------------------------------------------------------------------- */

/* Room for what functions print; enough for the guests. */
#define BORDER_OUTPUT_BYTES 0x20000u

/* One invocation's buffers and its result. Zero it, fill what is wanted, border_invoke. */
struct border_call {
    const void *input;
    size_t input_bytes;
    const char *strings; /* as entry_invocation; may be NULL */
    size_t strings_bytes;
    unsigned arg_count, env_count;
    uint64_t timeout_ms;
    /* OUT */
    struct entry_invocation result;
    uint8_t output[BORDER_OUTPUT_BYTES] __attribute__((aligned(64)));
    uint8_t log[BORDER_OUTPUT_BYTES] __attribute__((aligned(64)));
};

void border_boot(struct border *border, unsigned slot);
/* The slot is BOOTED; READY afterwards. digest: S1's, may be NULL. */
void border_load(struct border *border, unsigned slot, const struct border_file *bundle,
                 uint8_t digest[32]);
/* ENTRY_INVOKE must answer ST_OK; the outcome is the caller's to judge. */
void border_invoke(struct border *border, unsigned slot, struct border_call *call);
/* The struct that border_invoke would pass; buffers stay valid until the next call here. */
void border_prepare(struct border_call *call);
void border_rewind(struct border *border, unsigned slot);
void border_reset(struct border *border, unsigned slot);

#endif
