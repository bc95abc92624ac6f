#include "host/keeper/client.h"

#include "base/status.h"
#include "host/keeper/quotes.h"
#include "host/keeper/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void keeper_client_close(struct keeper_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

/* The keeper's sentence, if it sent one. */
static enum status refusal(const struct wire_prefix *prefix, const uint8_t *body,
                           struct message *why)
{
    message_set(why, "%.*s", body ? (int)prefix->body_bytes : 0, body ? (const char *)body : "");
    if (!why->text[0])
        message_set(why, "the keeper refuses: %s", status_text((enum status)prefix->status));
    return (enum status)prefix->status;
}

/* The answer's body, malloc'd. */
static enum status call(struct keeper_client *client, uint32_t type, const void *a, size_t a_bytes,
                        const void *b, size_t b_bytes, uint8_t **answer, size_t *answer_bytes,
                        struct message *why)
{
    struct wire_prefix prefix;
    enum status status = wire_send(client->fd, type, 0, a, a_bytes, b, b_bytes);

    *answer = NULL;
    if (status == ST_OK)
        status = wire_receive(client->fd, &prefix, answer);
    if (status == ST_OK && prefix.type != type + WIRE_REPLY)
        status = ST_CORRUPT;
    if (status != ST_OK) {
        message_set(why, "the keeper does not answer: %s",
                    status == ST_NOT_FOUND ? "it closed the connection" : status_text(status));
    } else if (prefix.status != ST_OK) {
        status = refusal(&prefix, *answer, why);
    } else {
        *answer_bytes = prefix.body_bytes;
        return ST_OK;
    }
    free(*answer);
    *answer = NULL;
    return status;
}

/* ... of exactly this size. */
static enum status call_exactly(struct keeper_client *client, uint32_t type, const void *a,
                                size_t a_bytes, const void *b, size_t b_bytes, void *out,
                                size_t out_bytes, struct message *why)
{
    uint8_t *answer;
    size_t bytes;
    enum status status = call(client, type, a, a_bytes, b, b_bytes, &answer, &bytes, why);

    if (status != ST_OK)
        return status;
    if (bytes != out_bytes) {
        message_set(why,
                    "the keeper answers with %zu bytes instead of %zu: is it of another "
                    "version?",
                    bytes, out_bytes);
        status = ST_CORRUPT;
    } else if (bytes) {
        memcpy(out, answer, bytes);
    }
    free(answer);
    return status;
}

static enum status take_quote(const uint8_t *answer, size_t bytes, struct keeper_quote *out)
{
    struct wire_quote head;

    if (bytes < sizeof(head))
        return ST_CORRUPT;
    memcpy(&head, answer, sizeof(head));
    bytes -= sizeof(head);
    if (head.quote_bytes > bytes || head.collateral_bytes != bytes - head.quote_bytes)
        return ST_CORRUPT;
    out->identity = head.identity;
    out->quote_bytes = head.quote_bytes;
    out->quote = malloc(head.quote_bytes + 1);
    if (head.collateral_bytes)
        out->collateral =
            strndup((const char *)answer + sizeof(head) + head.quote_bytes, head.collateral_bytes);
    if (!out->quote || (head.collateral_bytes && !out->collateral))
        return ST_NO_MEMORY;
    memcpy(out->quote, answer + sizeof(head), head.quote_bytes);
    return ST_OK;
}

enum status keeper_client_quote(struct keeper_client *client,
                                const uint8_t challenge[CHALLENGE_BYTES], struct keeper_quote *out,
                                struct message *why)
{
    uint8_t *answer;
    size_t bytes;
    enum status status =
        call(client, WIRE_QUOTE, challenge, CHALLENGE_BYTES, "", 0, &answer, &bytes, why);

    *out = (struct keeper_quote){0};
    if (status != ST_OK)
        return status;
    status = take_quote(answer, bytes, out);
    free(answer);
    if (status != ST_OK)
        message_set(why, "the keeper's quote: %s", status_text(status));
    return status;
}

enum status keeper_client_ask(struct keeper_client *client,
                              const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                              const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                              struct keeper_admission *out, struct message *why)
{
    return call_exactly(client, WIRE_ASK, asker_nonce, ADMISSION_NONCE_BYTES, keeper_nonce,
                        ADMISSION_NONCE_BYTES, out, sizeof(*out), why);
}

enum status keeper_client_command(struct keeper_client *client, enum keeper_command command,
                                  const void *request, size_t request_bytes, void *answer,
                                  size_t answer_bytes, struct message *why)
{
    const struct wire_command head = {.command = command};

    return call_exactly(client, WIRE_COMMAND, &head, sizeof(head), request, request_bytes, answer,
                        answer_bytes, why);
}

static enum status peer_challenge(void *context, const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                  struct keeper_answer *out, struct message *why)
{
    return call_exactly(context, WIRE_CHALLENGE, asker_nonce, ADMISSION_NONCE_BYTES, "", 0, out,
                        sizeof(*out), why);
}

static enum status peer_command(void *context, enum keeper_command command, const void *request,
                                size_t request_bytes, void *answer, size_t answer_bytes,
                                struct message *why)
{
    return keeper_client_command(context, command, request, request_bytes, answer, answer_bytes,
                                 why);
}

struct keeper_peer keeper_client_peer(struct keeper_client *client)
{
    return (struct keeper_peer){client, peer_challenge, peer_command};
}

/* ---- handover ------------------------------------------------------------------------- */

struct handover {
    struct keeper_handover request;
    struct keeper_take_over result;
};

static enum status hand_over(struct handover *exchange, struct keeper_client *from,
                             struct keeper_client *to, struct message *why)
{
    struct keeper_answer *answer = &exchange->result.answer;
    struct keeper_admission *asked = &exchange->request.admission;
    uint8_t nonce[ADMISSION_NONCE_BYTES];
    enum status status =
        keeper_client_command(to, KEEPER_TAKE_OVER_BEGIN, NULL, 0, nonce, sizeof(nonce), why);

    if (status == ST_OK)
        status = peer_challenge(from, nonce, answer, why);
    if (status == ST_OK)
        status = keeper_client_ask(to, nonce, answer->keeper_nonce, asked, why);
    if (status == ST_OK)
        status = quote_copy_sha256(&answer->quote, asked->own_quote_sha256);
    if (status == ST_OK)
        status = quote_copy_sha256(&asked->quote, answer->own_quote_sha256);
    if (status == ST_OK)
        status = keeper_client_command(from, KEEPER_HAND_OVER, &exchange->request,
                                       sizeof(exchange->request), &exchange->result.grant,
                                       sizeof(exchange->result.grant), why);
    if (status != ST_OK)
        return status;
    return keeper_client_command(to, KEEPER_TAKE_OVER, &exchange->result, sizeof(exchange->result),
                                 NULL, 0, why);
}

enum status keeper_client_handover(struct keeper_client *from, struct keeper_client *to,
                                   const struct handover_policy *policy, struct message *why)
{
    struct handover *exchange = calloc(1, sizeof(*exchange));
    enum status status;

    if (!exchange)
        return ST_NO_MEMORY;
    exchange->request.policy = *policy;
    exchange->result.handover = *policy;
    status = hand_over(exchange, from, to, why);
    free(exchange);
    return status;
}
