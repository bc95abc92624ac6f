#include "trusted/attest/body.h"

#include "abi/gates.h"
#include "abi/geometry.h"
#include "base/padding.h"

#include <stdbool.h>
#include <string.h>

static bool all_zero(const uint8_t *data, size_t bytes)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < bytes; i++)
        seen |= data[i];
    return seen == 0;
}

enum status request_body_read(const uint8_t *plain, size_t bytes, struct request_view *out)
{
    struct request_body head;
    uint64_t unused;
    size_t used;

    if (bytes < sizeof(head))
        return ST_ENVELOPE_BODY;
    memcpy(&head, plain, sizeof(head));
    if (head.version != BODY_VERSION || padded_length(head.response_padding, 0, &unused) != ST_OK)
        return ST_ENVELOPE_BODY;
    if (head.strings_bytes > L1_STRINGS_MAX || head.input_bytes > STDIO_MAX)
        return ST_ENVELOPE_BODY;
    used = sizeof(head) + head.strings_bytes + head.input_bytes; /* both small: no overflow */
    if (used > bytes || !all_zero(plain + used, bytes - used))
        return ST_ENVELOPE_BODY;
    out->head = head;
    out->strings = plain + sizeof(head);
    out->input = out->strings + head.strings_bytes;
    return ST_OK;
}

enum status response_body_bytes(const struct response_body *head, uint32_t padding,
                                uint64_t *content_bytes, uint64_t *padded_bytes)
{
    if (head->output_bytes > STDIO_MAX || head->log_bytes > STDIO_MAX ||
        head->claims_bytes > EVIDENCE_CLAIMS_MAX)
        return ST_OUT_OF_RANGE;
    *content_bytes = sizeof(*head) + head->output_bytes + head->log_bytes + head->claims_bytes;
    return padded_length(padding, *content_bytes, padded_bytes);
}
