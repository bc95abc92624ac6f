/* A worker, a relying party that has verified it, and functions: the scene of these tests. */
#ifndef RECLAVE_TESTS_SERVED_WORLD_H
#define RECLAVE_TESTS_SERVED_WORLD_H

#include "abi/attest.h"
#include "abi/envelope.h"
#include "client/reclave_invoke.h"
#include "tests/worker/process.h"

#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data; /* malloc */
    size_t count;
};

struct world {
    struct process process;
    struct client *client;
    struct bytes quote, identity, collateral, root;
    struct reclave_verifier *verifier;
    struct reclave_enclave *enclave; /* verified */
};

/* Starts a worker with more arguments (NULL-terminated), asks for a quote and verifies it. Workers
 * that live in one folder share the platform: `like` NULL, or whose folder to use. */
void world_open(struct world *world, const struct world *like, const char *const *arguments);
void world_close(struct world *world);
/* A quote of now, for this challenge; `world` keeps its own. */
struct bytes world_quote(struct world *world, const uint8_t challenge[32]);

struct function {
    struct bytes file;
    uint8_t sha256[32];
};

/* build/guests/GUEST.wasm with these options of `reclave build` ("$KEY" names a fresh owner's key).
 */
struct function function_build(const struct world *world, const char *guest, const char *options);
void function_free(struct function *function);
/* LOAD into a slot, which is RESET before. The worker's status. */
enum status world_load(struct world *world, unsigned slot, const struct function *function);

/* ---- encrypted ---- */

/* A request for the function on this text, with a nonce of 16 bytes made of `seed`. */
struct reclave_request *request_of(struct world *world, const struct function *function,
                                   const char *input, uint8_t seed);
/* Sends the message as it is. The worker's status; the reply is the caller's. */
enum status send_sealed(struct world *world, unsigned slot, const void *message, size_t bytes,
                        bool evidence, struct client_reply *reply);
/* The envelope in the reply. */
struct bytes reply_answer(const struct client_reply *reply);
struct bytes reply_evidence(const struct client_reply *reply);

/* ---- in the clear ---- */

struct plain {
    struct bytes output, evidence;
};

/* INVOKE with evidence; it must succeed. */
struct plain world_invoke(struct world *world, unsigned slot, const char *input, uint8_t seed);
void plain_free(struct plain *plain);

void nonce_of(uint8_t seed, uint8_t nonce[16]);

#endif
