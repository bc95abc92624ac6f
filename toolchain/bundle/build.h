/*
 * From a WebAssembly module to a function bundle (abi/bundle.h): what
 * `reclave build` does, callable by anybody on the developer's side.
 *
 *   check the module -> normalise -> wasm2c -> gcc -S -> [rewrite] -> as, ld
 *   -> flat code -> bundle (-> signature)
 *
 * Starts wasm-validate, wasm2c, gcc, as and ld from /usr/bin or /bin in a temporary
 * directory that is gone on return. The result depends on the module, the
 * options, the sandboxed headers and these tools' versions only: not on paths,
 * user, time or working directory.
 */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_BUILD_H
#define RECLAVE_TOOLCHAIN_BUNDLE_BUILD_H

#include "abi/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUNDLE_WASM_LIMIT         0x2000000u /* 32 MiB: largest module accepted */
#define BUNDLE_DEFAULT_MEMORY_MIB 256u
#define BUNDLE_DEFAULT_STACK_KIB  256u
#define BUNDLE_DEFAULT_CPU_LEVEL  2u
#define BUNDLE_DEFAULT_VERSION    "0"
#define BUNDLE_ERROR_BYTES        4096u /* enough for any message of bundle_build */

/* How a rewind finds out what to restore of linear memory (header.tracking). */
enum bundle_tracking {
    BUNDLE_TRACKING_AUTO = 0, /* marks from BUNDLE_MARKS_FROM bytes of initial memory on */
    BUNDLE_TRACKING_COPY,
    BUNDLE_TRACKING_MARK,
};

/* Below it, copying all of linear memory back costs less than marking what is written:
 * docs/functions.md. */
#define BUNDLE_MARKS_FROM 0x1000000u

/* Zero, then set what differs from the defaults. All pointers are borrowed for the call. */
struct bundle_build_options {
    const uint8_t *wasm; /* the module; required */
    size_t wasm_bytes;
    const char *sdk_dir;          /* contains abi/ and sandboxed/; required */
    const char *name;             /* FIELD_NAME; required */
    const char *version;          /* FIELD_VERSION; NULL: BUNDLE_DEFAULT_VERSION */
    const char *const *env_allow; /* names, or "*" */
    size_t env_allow_count;
    const char *sign_key; /* PEM file of the owner's key; NULL: unsigned */
    unsigned cpu_level;   /* 2, 3, 4; 0: BUNDLE_DEFAULT_CPU_LEVEL */
    bool unconfined;      /* for tests: not rewritten; no enclave accepts the result */
    enum bundle_tracking tracking;
    uint64_t memory_mib;    /* cap of linear memory; 0: BUNDLE_DEFAULT_MEMORY_MIB */
    uint64_t stack_kib;     /* native stack; 0: BUNDLE_DEFAULT_STACK_KIB */
    bool allow_init_random; /* BUNDLE_ALLOW_INIT_RANDOM */
    bool encrypted_input;   /* FIELD_INPUT "encrypted": needs sign_key */
    const char *logs;       /* FIELD_LOGS; "clear" not with encrypted_input. NULL: no field */
};

/* A whole .rcl file in memory. */
struct bundle_buffer {
    uint8_t *data; /* malloc */
    size_t bytes;
};

/* Builds into *out, which the caller releases with bundle_buffer_free. On
 * failure *out is empty and error holds a message ready to print: one sentence
 * that says what is wrong and what to do, then perhaps lines of a tool's own
 * output. ST_UNSUPPORTED: the module; ST_INVALID_ARGUMENT: an option;
 * ST_IO, ST_NO_MEMORY, ST_NOT_FOUND: the machine. */
MUST_CHECK enum status bundle_build(const struct bundle_build_options *options,
                                    struct bundle_buffer *out, char *error, size_t error_bytes);

void bundle_buffer_free(struct bundle_buffer *buffer);

/* A FIELD_NAME made of a path: its last component without ".wasm", unsuitable
 * characters replaced by '-'. name holds at least 129 bytes. */
void bundle_name_from_path(const char *path, char *name, size_t name_bytes);

#endif
