/*
 * Frames of the worker protocol (docs/worker.md): a fixed prefix, a JSON head,
 * raw bytes. Both sides use this reader; every length is checked against its
 * limit before memory is taken for it.
 */
#ifndef RECLAVE_HOST_WORKER_FRAME_H
#define RECLAVE_HOST_WORKER_FRAME_H

#include "abi/bundle.h"
#include "abi/entry.h"
#include "abi/geometry.h"
#include "abi/sealed.h"
#include "abi/status.h"
#include "host/loader/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_PROTOCOL     1
#define FRAME_PREFIX_BYTES 16u
#define FRAME_HEAD_MAX     0x20000u /* 128 KiB: 60 KiB of strings, escaped as JSON */

/* Largest bodies: a bundle, sealed in the smallest chunks; an input; an encrypted message; output,
 * log and evidence of one invocation. */
#define FRAME_BUNDLE_MAX                                                                           \
    (BUNDLE_BYTES_MAX + sizeof(struct sealed_header) + sizeof(struct wrapped_key) +                \
     (BUNDLE_BYTES_MAX / SEALED_CHUNK_MIN + 1) * AEAD_TAG_BYTES)
#define FRAME_INPUT_MAX    STDIO_MAX
#define FRAME_ENVELOPE_MAX ENVELOPE_BYTES_MAX
#define FRAME_OUTPUT_MAX   (2u * STDIO_MAX + EVIDENCE_FILE_MAX)

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_LOAD = 2,
    FRAME_INVOKE = 3,
    FRAME_RESET = 4,
    FRAME_ABORT = 5,
    FRAME_STATS = 6,
    FRAME_SHUTDOWN = 7,
    FRAME_QUOTE = 8,
    FRAME_INVOKE_SEALED = 9,
    FRAME_SESSION_OPEN = 10,
    FRAME_REQUEST_COUNT,
    FRAME_REPLY = 0x100, /* added to the request's type */
    FRAME_ERROR = 0x1ff, /* answer to a frame that could not be read; the connection ends */
};

struct frame {
    uint32_t type;
    uint32_t id; /* chosen by the client, repeated in the answer */
    uint32_t head_bytes;
    uint32_t body_bytes;
    char *head; /* malloc; NUL-terminated for convenience */
    void *body; /* loader_buffer_alloc; NULL if empty */
};

void frame_free(struct frame *frame);

/* Who sends what this reader reads. */
enum frame_source {
    FRAME_FROM_CLIENT,
    FRAME_FROM_WORKER,
};

/* Reads a stream piece by piece. Zeroed with `source` set: at the start of a frame. */
struct frame_reader {
    enum frame_source source;
    uint8_t prefix[FRAME_PREFIX_BYTES];
    size_t have; /* of prefix, head and body together */
    struct frame frame;
};

/* Where the next bytes go: at most *bytes of them, at least 1. */
void *frame_reader_space(struct frame_reader *reader, size_t *bytes);

enum frame_progress {
    FRAME_MORE,
    FRAME_COMPLETE, /* frame_reader_take it */
    FRAME_BROKEN,   /* why says what; frame.type and frame.id are as received */
};

/* `bytes` were written to frame_reader_space. */
enum frame_progress frame_reader_advance(struct frame_reader *reader, size_t bytes,
                                         struct message *why);
/* The complete frame, now the caller's; the reader starts anew. */
struct frame frame_reader_take(struct frame_reader *reader);
void frame_reader_free(struct frame_reader *reader);

/* One malloc with prefix, head and body; NULL: no memory. head_bytes and body_bytes must be
 * within the limits above. */
uint8_t *frame_encode(uint32_t type, uint32_t id, const char *head, size_t head_bytes,
                      const void *body, size_t body_bytes, size_t *total);

#endif
