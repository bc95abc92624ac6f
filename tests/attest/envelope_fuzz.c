/* Any bytes as a message that the host hands to an enclave, as the plaintext that a hostile caller
 * sent, and as the answer that a hostile host returns to a caller. The first byte chooses. */
#include "client/envelope/message.h"
#include "client/envelope/session.h"
#include "trusted/attest/body.h"
#include "trusted/attest/session.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void fill(void *context, void *to, size_t bytes)
{
    (void)context;
    memset(to, 0x5a, bytes);
}

static const struct random_source random_source = {.fill = fill};

/* All zero: the target that a corpus of zeroes names. */
static const struct envelope_target *target(void)
{
    static struct receiving_key key;
    static struct envelope_target fixed;

    if (!fixed.key) {
        if (receiving_key_make(&random_source, &key) != ST_OK)
            abort();
        fixed.key = &key;
    }
    return &fixed;
}

static void as_request(const uint8_t *data, size_t bytes)
{
    struct envelope_request header;
    struct reply_key reply;
    size_t plain_bytes;
    uint8_t *cipher;

    if (bytes < sizeof(header))
        return;
    memcpy(&header, data, sizeof(header));
    bytes -= sizeof(header);
    cipher = malloc(bytes + 1);
    memcpy(cipher, data + sizeof(header), bytes);
    if (request_open(target(), &header, cipher, bytes, &plain_bytes, &reply) == ST_OK &&
        plain_bytes > bytes)
        abort();
    free(cipher);
}

static void as_session(const uint8_t *data, size_t bytes)
{
    static struct session_table table;
    struct envelope_session_request header;
    struct session *session;
    size_t plain_bytes;
    uint8_t *cipher;

    if (bytes < sizeof(header))
        return;
    /* one session, with the ID of zeroes */
    table.sessions[0] = (struct session){.open = 1, .next = 1};
    memcpy(&header, data, sizeof(header));
    bytes -= sizeof(header);
    cipher = malloc(bytes + 1);
    memcpy(cipher, data + sizeof(header), bytes);
    if (session_request_open(&table, target(), &header, cipher, bytes, &plain_bytes, &session) ==
            ST_OK &&
        !session->answering)
        abort();
    free(cipher);
}

static void as_opening(const uint8_t *data, size_t bytes)
{
    static struct session_table table;
    static const struct opened_body self;
    struct envelope_request header;
    struct envelope_opened opened;
    uint8_t cipher[AEAD_TAG_BYTES], answer[sizeof(self) + AEAD_TAG_BYTES];

    if (bytes != sizeof(header) + sizeof(cipher))
        return;
    memcpy(&header, data, sizeof(header));
    memcpy(cipher, data + sizeof(header), sizeof(cipher));
    (void)!session_open(&table, target(), &random_source, &self, &header, cipher, sizeof(cipher),
                        &opened, answer);
}

static void as_request_body(const uint8_t *data, size_t bytes)
{
    struct request_view view;

    if (request_body_read(data, bytes, &view) == ST_OK &&
        (view.strings < data || view.input < view.strings ||
         view.head.input_bytes > (size_t)(data + bytes - view.input)))
        abort();
}

static void as_response_body(const uint8_t *data, size_t bytes)
{
    struct caller_response response;
    uint8_t *plain = malloc(bytes + 1);

    memcpy(plain, data, bytes);
    if (caller_response_read(plain, bytes, &response) == ST_OK &&
        response.head.claims_bytes > (size_t)(plain + bytes - response.claims))
        abort();
    caller_response_free(&response);
}

static void as_response(const uint8_t *data, size_t bytes)
{
    struct caller_pending pending = {.usable = 1};
    struct caller_session session = {.open = 1, .waiting = 1, .sequence = 1}, opening = {.open = 0};
    struct caller_response response;
    struct opened_body who;

    if (caller_response_open(&pending, data, bytes, &response) == ST_OK)
        caller_response_free(&response);
    if (caller_session_open(&session, data, bytes, &response) == ST_OK)
        caller_response_free(&response);
    (void)!caller_session_finish(&opening, data, bytes, &who);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static void (*const readers[])(const uint8_t *, size_t) = {
        as_request, as_session, as_opening, as_request_body, as_response_body, as_response};

    if (bytes > 0)
        readers[data[0] % (sizeof(readers) / sizeof(readers[0]))](data + 1, bytes - 1);
    return 0;
}
