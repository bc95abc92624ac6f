/*
 * Function bundle (.rcl), version 1. Little-endian; docs/formats.md is the
 * prose. Layout of the file, without gaps:
 *
 *   struct bundle_header     BUNDLE_HEADER_BYTES
 *   manifest                 header.manifest_bytes: struct bundle_field records,
 *                            padded with zeros to 8 bytes
 *   code                     header.code_bytes, a multiple of 4096; placed at
 *                            code zone + GATE_PAGE_BYTES: text that satisfies
 *                            docs/sfi-policy.md, padded with HLT
 *   read-only data           header.rodata_bytes, a multiple of 4096; placed at
 *                            code zone + CODE_RODATA_OFF
 *   struct bundle_signature  BUNDLE_SIGNATURE_BYTES, or absent (unsigned)
 *
 * bundle_sha256 = SHA-256 of everything before the signature. The signature is
 * ECDSA P-256 over SHA-256 of
 *   "reclave bundle signature v1\0" (28 bytes) || bundle_sha256 || wasm_sha256
 *   || version field's bytes
 */
#ifndef RECLAVE_ABI_BUNDLE_H
#define RECLAVE_ABI_BUNDLE_H

#include "abi/geometry.h"

#include <stdint.h>

#define BUNDLE_MAGIC          "RCLVBNDL" /* 8 bytes, no NUL in the file */
#define BUNDLE_FORMAT_VERSION 1u

#define BUNDLE_MANIFEST_MAX 0x10000u

/* header.exports */
#define BUNDLE_HAS_START         0x01u /* command */
#define BUNDLE_HAS_INITIALIZE    0x02u
#define BUNDLE_HAS_HANDLE        0x04u /* reactor */
#define BUNDLE_HAS_AFTER_REWIND  0x08u
#define BUNDLE_HAS_WIZER         0x10u
#define BUNDLE_ALLOW_INIT_RANDOM 0x100u /* may draw random bytes before S1 without AFTER_REWIND */

/* header.tracking */
#define BUNDLE_TRACK_COPY 0u /* a rewind copies all of linear memory */
#define BUNDLE_TRACK_MARK 1u /* ... the pages that are marked: policy section 4.2 */

struct bundle_header {
    char magic[8];
    uint32_t format_version;
    uint32_t abi_version; /* RECLAVE_ABI_VERSION */
    uint32_t sfi_version;
    uint32_t cpu_level;      /* 2, 3 or 4: x86-64-vN */
    uint32_t exports;        /* BUNDLE_HAS_*; exactly one of START, HANDLE */
    uint32_t tracking;       /* BUNDLE_TRACK_* */
    uint32_t manifest_bytes; /* multiple of 8, <= BUNDLE_MANIFEST_MAX */
    uint32_t code_bytes;     /* multiple of 4096, not 0, <= CODE_TEXT_MAX - GATE_PAGE_BYTES */
    uint32_t rodata_bytes;   /* multiple of 4096, <= CODE_RODATA_MAX */
    uint32_t entry_offset;   /* from the code zone's base: a multiple of 32 in the text */
    uint32_t state_bytes;    /* REGION_L2_STATE, multiple of 4096 */
    uint32_t stack_bytes;    /* REGION_L2_STACK, multiple of 4096 */
    uint64_t memory_initial; /* bytes of linear memory, multiple of 64 KiB */
    uint64_t memory_max;     /* <= LINEAR_MAX; multiple of 64 KiB */
    uint64_t tables_initial; /* bytes of REGION_L2_TABLES, multiple of 4096 */
    uint64_t tables_max;     /* <= L2_TABLES_MAX; multiple of 4096 */
    uint8_t wasm_sha256[32];
    uint8_t reserved[136]; /* zero */
};

#define BUNDLE_HEADER_BYTES 256u

/* Manifest record: kind, length of value in bytes, value (no NUL), no padding
 * between records. Unknown kinds below 0x8000 are refused, others skipped. */
struct bundle_field {
    uint16_t kind;
    uint16_t bytes;
};

#define FIELD_END       0u /* only as zero padding at the end */
#define FIELD_NAME      1u /* [A-Za-z0-9._-]{1,128} */
#define FIELD_VERSION   2u /* 1..64 printable ASCII */
#define FIELD_ENV_ALLOW 3u /* one environment name, or "*": all; may repeat */
#define FIELD_EXPORT    4u /* one wasm export name; may repeat; information only */
#define FIELD_TOOLCHAIN 5u /* what built it; information only */
#define FIELD_INPUT     6u /* "any" or "encrypted"; absent: any */
/* What becomes of stderr of encrypted invocations; "clear" not beside FIELD_INPUT "encrypted". */
#define FIELD_LOGS 7u /* "encrypted", "none", "clear"; absent: encrypted */

struct bundle_signature {
    char magic[8];          /* "RCLVSIG1" */
    uint8_t public_key[64]; /* P-256 point, X || Y big-endian */
    uint8_t signature[64];  /* r || s big-endian */
};

#define BUNDLE_SIGNATURE_MAGIC  "RCLVSIG1"
#define BUNDLE_SIGNATURE_BYTES  136u
#define BUNDLE_SIGNATURE_DOMAIN "reclave bundle signature v1" /* with its NUL: 28 bytes */

/* The largest file there can be. */
#define BUNDLE_BYTES_MAX                                                                           \
    (BUNDLE_HEADER_BYTES + BUNDLE_MANIFEST_MAX + (CODE_TEXT_MAX - GATE_PAGE_BYTES) +               \
     CODE_RODATA_MAX + BUNDLE_SIGNATURE_BYTES)

_Static_assert(sizeof(struct bundle_header) == BUNDLE_HEADER_BYTES, "bundle header");
_Static_assert(sizeof(struct bundle_signature) == BUNDLE_SIGNATURE_BYTES, "bundle signature");

#endif
