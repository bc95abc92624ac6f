/*
 * A keeper's socket (docs/keeper.md): request and answer, one behind the other. Little-endian.
 * Nothing here is trusted; whoever may open the socket may ask for all of it.
 */
#ifndef RECLAVE_HOST_KEEPER_WIRE_H
#define RECLAVE_HOST_KEEPER_WIRE_H

#include "abi/keeper.h"
#include "abi/status.h"
#include "host/loader/message.h"

#include <stddef.h>
#include <stdint.h>

enum wire_type {
    WIRE_QUOTE = 1,     /* challenge                  -> struct wire_quote, quote, collateral */
    WIRE_CHALLENGE = 2, /* asker_nonce                -> struct keeper_answer */
    WIRE_COMMAND = 3,   /* struct wire_command, request -> answer, as in abi/keeper.h */
    WIRE_ASK = 4,       /* asker_nonce, keeper_nonce  -> struct keeper_admission */
    WIRE_REPLY = 0x100, /* added to the request's type */
};

struct wire_prefix {
    uint32_t type;
    uint32_t status; /* enum status; of a request 0. Otherwise the body is a sentence in UTF-8 */
    uint32_t body_bytes;
    uint32_t reserved; /* 0 */
};

struct wire_command {
    uint32_t command;  /* enum keeper_command, but for START and RESTORE */
    uint32_t reserved; /* 0 */
};

struct wire_quote {
    struct attested_identity identity;
    uint8_t reserved[3]; /* zero */
    uint32_t quote_bytes;
    uint32_t collateral_bytes; /* JSON; 0: the platform's vendor has it */
};

#define WIRE_BODY_MAX 0x20000u
_Static_assert(sizeof(struct keeper_take_over) + sizeof(struct wire_command) <= WIRE_BODY_MAX,
               "the largest request");

/* What a command takes and gives; ST_INVALID_ARGUMENT: not one of those that a socket takes. */
MUST_CHECK enum status wire_command_sizes(uint32_t command, size_t *request, size_t *answer);

/* Writes all. ST_IO: the peer is gone. */
MUST_CHECK enum status wire_send(int fd, uint32_t type, uint32_t status, const void *a,
                                 size_t a_bytes, const void *b, size_t b_bytes);
/* Reads one; *body is malloc'd (NULL: empty). ST_NOT_FOUND: the peer closed before it; ST_IO;
 * ST_CORRUPT: too long. */
MUST_CHECK enum status wire_receive(int fd, struct wire_prefix *prefix, uint8_t **body);

#endif
