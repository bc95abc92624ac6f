/*
 * The bytes a client may send: frames, read in pieces whose size the first
 * byte says, and the requests in them. What decodes must keep its promises.
 */
#include "host/worker/frame.h"
#include "host/worker/request.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void decode(struct frame frame)
{
    struct message why = {""};
    struct request request;
    enum status status = request_decode(&frame, SLOTS, &request, &why);

    require(frame.head == NULL && frame.body == NULL);
    if (status != ST_OK) {
        require(why.text[0] != 0);
        return;
    }
    require(request.slot < SLOTS);
    require(request.output_limit <= STDIO_MAX && request.log_limit <= STDIO_MAX);
    require(request.memory_limit <= LINEAR_MAX);
    require(request.nonce_bytes == 0 ||
            (request.nonce_bytes >= NONCE_MIN && request.nonce_bytes <= NONCE_MAX));
    require(request.strings.bytes == 0 || request.strings.block[request.strings.bytes - 1] == 0);
    request_free(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_reader reader = {.source = FRAME_FROM_CLIENT};
    size_t piece = size ? (size_t)data[0] + 1 : 1;
    size_t used = size ? 1 : 0;
    struct message why = {""};

    while (used < size) {
        size_t space, n;
        void *to = frame_reader_space(&reader, &space);
        enum frame_progress progress;

        require(space > 0);
        n = space < piece ? space : piece;
        n = n < size - used ? n : size - used;
        memcpy(to, data + used, n);
        used += n;
        progress = frame_reader_advance(&reader, n, &why);
        if (progress == FRAME_COMPLETE)
            decode(frame_reader_take(&reader));
        if (progress == FRAME_BROKEN)
            break;
    }
    frame_reader_free(&reader);
    return 0;
}
