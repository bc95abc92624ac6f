#include "host/worker/frame.h"

#include "host/loader/loader.h"

#include <stdlib.h>
#include <string.h>

static uint32_t get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static void put_u32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

void frame_free(struct frame *frame)
{
    free(frame->head);
    free(frame->body);
    *frame = (struct frame){0};
}

static uint32_t body_limit(enum frame_source source, uint32_t type)
{
    if (source == FRAME_FROM_WORKER)
        return FRAME_OUTPUT_MAX;
    switch (type) {
    case FRAME_LOAD:
        return (uint32_t)FRAME_BUNDLE_MAX;
    case FRAME_INVOKE:
        return FRAME_INPUT_MAX;
    case FRAME_INVOKE_SEALED:
    case FRAME_SESSION_OPEN:
        return FRAME_ENVELOPE_MAX;
    default:
        return 0;
    }
}

static enum frame_progress parse_prefix(struct frame_reader *reader, struct message *why)
{
    struct frame *frame = &reader->frame;

    frame->type = get_u32(reader->prefix);
    frame->id = get_u32(reader->prefix + 4);
    frame->head_bytes = get_u32(reader->prefix + 8);
    frame->body_bytes = get_u32(reader->prefix + 12);
    if (reader->source == FRAME_FROM_CLIENT &&
        (frame->type == 0 || frame->type >= FRAME_REQUEST_COUNT)) {
        message_set(why, "type: %u is not a request", frame->type);
        return FRAME_BROKEN;
    }
    if (frame->head_bytes > FRAME_HEAD_MAX) {
        message_set(why, "head_bytes: %u, at most %u are allowed", frame->head_bytes,
                    FRAME_HEAD_MAX);
        return FRAME_BROKEN;
    }
    if (frame->body_bytes > body_limit(reader->source, frame->type)) {
        message_set(why, "body_bytes: %u, at most %u are allowed here", frame->body_bytes,
                    body_limit(reader->source, frame->type));
        return FRAME_BROKEN;
    }
    return FRAME_MORE;
}

static enum frame_progress take_memory(struct frame_reader *reader, struct message *why)
{
    struct frame *frame = &reader->frame;

    frame->head = malloc((size_t)frame->head_bytes + 1);
    if (frame->body_bytes)
        frame->body = loader_buffer_alloc(frame->body_bytes);
    if (!frame->head || (frame->body_bytes && !frame->body)) {
        message_set(why, "no memory for a frame of %u bytes", frame->body_bytes);
        return FRAME_BROKEN;
    }
    frame->head[frame->head_bytes] = 0;
    return FRAME_MORE;
}

void *frame_reader_space(struct frame_reader *reader, size_t *bytes)
{
    const struct frame *frame = &reader->frame;
    size_t at = reader->have;

    if (at < FRAME_PREFIX_BYTES) {
        *bytes = FRAME_PREFIX_BYTES - at;
        return reader->prefix + at;
    }
    at -= FRAME_PREFIX_BYTES;
    if (at < frame->head_bytes) {
        *bytes = frame->head_bytes - at;
        return frame->head + at;
    }
    at -= frame->head_bytes;
    *bytes = frame->body_bytes - at;
    return (uint8_t *)frame->body + at;
}

enum frame_progress frame_reader_advance(struct frame_reader *reader, size_t bytes,
                                         struct message *why)
{
    const struct frame *frame = &reader->frame;
    bool prefix_was_open = reader->have < FRAME_PREFIX_BYTES;

    reader->have += bytes;
    if (reader->have < FRAME_PREFIX_BYTES)
        return FRAME_MORE;
    if (prefix_was_open) {
        enum frame_progress progress = parse_prefix(reader, why);

        if (progress == FRAME_MORE)
            progress = take_memory(reader, why);
        if (progress != FRAME_MORE)
            return progress;
    }
    if (reader->have - FRAME_PREFIX_BYTES == (size_t)frame->head_bytes + frame->body_bytes)
        return FRAME_COMPLETE;
    return FRAME_MORE;
}

struct frame frame_reader_take(struct frame_reader *reader)
{
    struct frame frame = reader->frame;

    *reader = (struct frame_reader){.source = reader->source};
    return frame;
}

void frame_reader_free(struct frame_reader *reader)
{
    frame_free(&reader->frame);
    reader->have = 0;
}

uint8_t *frame_encode(uint32_t type, uint32_t id, const char *head, size_t head_bytes,
                      const void *body, size_t body_bytes, size_t *total)
{
    uint8_t *bytes = malloc(FRAME_PREFIX_BYTES + head_bytes + body_bytes);

    if (!bytes)
        return NULL;
    put_u32(bytes, type);
    put_u32(bytes + 4, id);
    put_u32(bytes + 8, (uint32_t)head_bytes);
    put_u32(bytes + 12, (uint32_t)body_bytes);
    if (head_bytes)
        memcpy(bytes + FRAME_PREFIX_BYTES, head, head_bytes);
    if (body_bytes)
        memcpy(bytes + FRAME_PREFIX_BYTES + head_bytes, body, body_bytes);
    *total = FRAME_PREFIX_BYTES + head_bytes + body_bytes;
    return bytes;
}
