/* Reading a bundle: everything that docs/formats.md demands is checked, the
 * owner's signature, too. Any bytes may be given. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_READ_H
#define RECLAVE_TOOLCHAIN_BUNDLE_READ_H

#include "abi/bundle.h"
#include "abi/status.h"
#include "toolchain/bundle/digest.h"

#include <stdbool.h>
#include <stddef.h>

#define BUNDLE_NAME_MAX      128
#define BUNDLE_VERSION_MAX   64
#define BUNDLE_ENV_NAME_MAX  256
#define BUNDLE_TOOLCHAIN_MAX 256

struct bundle_view {
    struct bundle_header header;
    const uint8_t *manifest; /* header.manifest_bytes, in the caller's file */
    const uint8_t *code;     /* header.code_bytes, in the caller's file */
    const uint8_t *rodata;   /* header.rodata_bytes, in the caller's file */
    bool is_signed;
    struct bundle_signature signature; /* valid, if is_signed */
    uint8_t sha256[SHA256_BYTES];      /* bundle_sha256 */
    uint8_t tenant[SHA256_BYTES];      /* zero when not signed: the development tenant */
    char name[BUNDLE_NAME_MAX + 1];
    char version[BUNDLE_VERSION_MAX + 1];
    char input[sizeof("encrypted")]; /* empty: the manifest does not say */
    char logs[sizeof("encrypted")];
};

/* ST_OK or one of ST_BUNDLE_*. The view points into `file`. */
MUST_CHECK enum status bundle_read(const uint8_t *file, size_t bytes, struct bundle_view *view);

/* The manifest's fields of one kind, in order: start with *cursor = 0. False: no more. The value
 * is not NUL-terminated. Only for a view that bundle_read has filled. */
bool bundle_next_field(const struct bundle_view *view, unsigned kind, size_t *cursor,
                       const char **value, size_t *value_bytes);

/* What the names in a bundle may be; used when one is made, too. */
bool bundle_name_valid(const char *text, size_t bytes);
bool bundle_version_valid(const char *text, size_t bytes);
bool bundle_env_name_valid(const char *text, size_t bytes); /* or "*" */
bool bundle_input_valid(const char *text, size_t bytes);    /* FIELD_INPUT */
bool bundle_logs_valid(const char *text, size_t bytes);     /* FIELD_LOGS */

/* What the manifest says, or its default. Only for a view that bundle_read has filled. */
bool bundle_demands_encryption(const struct bundle_view *view);
const char *bundle_logs(const struct bundle_view *view); /* "encrypted", "none" or "clear" */

#endif
