#include "host/keeper/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct sizes {
    uint32_t command;
    size_t request, answer;
} commands[] = {
    {KEEPER_STATUS, 0, sizeof(struct keeper_status)},
    {KEEPER_CHALLENGE, sizeof(struct keeper_challenge), ADMISSION_NONCE_BYTES},
    {KEEPER_ADMIT, sizeof(struct keeper_admission), sizeof(struct keeper_admitted)},
    {KEEPER_ROTATE, 0, 0},
    {KEEPER_RELEASE, sizeof(struct key_release), 0},
    {KEEPER_REVOKE, sizeof(struct revocation), 0},
    {KEEPER_SET_POLICY, sizeof(struct platform_policy), 0},
    {KEEPER_HAND_OVER, sizeof(struct keeper_handover), sizeof(struct handover_grant)},
    {KEEPER_TAKE_OVER_BEGIN, 0, ADMISSION_NONCE_BYTES},
    {KEEPER_TAKE_OVER, sizeof(struct keeper_take_over), 0},
};

enum status wire_command_sizes(uint32_t command, size_t *request, size_t *answer)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (commands[i].command != command)
            continue;
        *request = commands[i].request;
        *answer = commands[i].answer;
        return ST_OK;
    }
    return ST_INVALID_ARGUMENT;
}

static enum status send_all(int fd, const uint8_t *from, size_t bytes)
{
    while (bytes) {
        ssize_t sent = send(fd, from, bytes, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return ST_IO;
        from += sent;
        bytes -= (size_t)sent;
    }
    return ST_OK;
}

static enum status receive_all(int fd, uint8_t *to, size_t bytes)
{
    size_t done = 0;

    while (done < bytes) {
        ssize_t got = recv(fd, to + done, bytes - done, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 && done == 0 ? ST_NOT_FOUND : ST_IO;
        done += (size_t)got;
    }
    return ST_OK;
}

enum status wire_send(int fd, uint32_t type, uint32_t status, const void *a, size_t a_bytes,
                      const void *b, size_t b_bytes)
{
    const struct wire_prefix prefix = {
        .type = type, .status = status, .body_bytes = (uint32_t)(a_bytes + b_bytes)};
    enum status result;

    if (a_bytes > WIRE_BODY_MAX || b_bytes > WIRE_BODY_MAX - a_bytes)
        return ST_OUT_OF_RANGE;
    result = send_all(fd, (const uint8_t *)&prefix, sizeof(prefix));
    if (result == ST_OK)
        result = send_all(fd, a, a_bytes);
    if (result == ST_OK)
        result = send_all(fd, b, b_bytes);
    return result;
}

enum status wire_receive(int fd, struct wire_prefix *prefix, uint8_t **body)
{
    enum status status = receive_all(fd, (uint8_t *)prefix, sizeof(*prefix));

    *body = NULL;
    if (status != ST_OK)
        return status;
    if (prefix->body_bytes > WIRE_BODY_MAX || prefix->reserved != 0)
        return ST_CORRUPT;
    if (!prefix->body_bytes)
        return ST_OK;
    *body = malloc(prefix->body_bytes);
    if (!*body)
        return ST_NO_MEMORY;
    status = receive_all(fd, *body, prefix->body_bytes);
    if (status == ST_OK)
        return ST_OK;
    free(*body);
    *body = NULL;
    return ST_IO;
}
