/*
 * A platform that does not exist, with a keeper and workers as structs in this process: the
 * keeper's code without an enclave around it. Quotes come from tests/client/forge; sealing keys
 * from a digest of the measurement.
 */
#ifndef RECLAVE_TESTS_KEEPER_WORLD_H
#define RECLAVE_TESTS_KEEPER_WORLD_H

#include "client/keeper/statement.h"
#include "tests/attest/support.h"
#include "tests/client/forge/forge.h"
#include "trusted/keeper/keeper.h"
#include "trusted/keeper/ring.h"

#define OWN_IMAGE   0x10 /* first byte of MRENCLAVE */
#define OTHER_IMAGE 0x20 /* named by the platform policy */
#define ALIEN_IMAGE 0x30 /* named by nobody */

struct node {
    struct test_random random;
    struct signing_key signing;
    struct receiving_key receiving;
    struct attested_identity identity;
    struct enclave_policy policy; /* of a worker */
    struct keeper_self self;
    struct keeper keeper;
    struct key_ring ring;
    union keeper_request request; /* scratch */
    union keeper_reply reply;
};

struct world {
    struct recipe recipe; /* of all platforms; change it to make a bad one */
    struct signing_key owner, tenant, stranger;
    struct platform_policy policy; /* signed */
    uint8_t image;                 /* of nodes to come */
};

void world_make(struct world *world);
void world_sign_policy(struct world *world);

/* Whose sealing key trusted/attest/report (mocked) gives. */
void mock_enclave_is(const uint8_t mrenclave[32]);

/* A keeper as after ENTRY_INIT; node_command(KEEPER_START) makes it ready. Its image: world->image.
 */
void keeper_node(const struct world *world, struct node *node, uint64_t seed);
void worker_node(const struct world *world, struct node *node, uint64_t seed,
                 const uint8_t keeper_id[32]);
enum status keeper_start(const struct world *world, struct node *node);

/* keeper_sizes and keeper_run; request may be NULL. */
enum status node_command(struct node *node, uint64_t command, const void *request, size_t bytes);

/* The node's quote for a challenge, on the recipe's platform. */
void quote_of(const struct world *world, const struct node *node,
              const uint8_t challenge[CHALLENGE_BYTES], struct quote_copy *out);

/* The messages of one exchange, as an honest host carries them. The asker has begun (its nonce). */
struct exchange {
    struct exchange_nonces nonces;
    struct keeper_admission admission; /* to the keeper */
    struct keeper_answer answer;       /* to the asker, without the grant */
};
void exchange_make(const struct world *world, struct node *asker, struct node *keeper,
                   const uint8_t asker_nonce[ADMISSION_NONCE_BYTES], struct exchange *out);

/* A whole admission. */
enum status admit(const struct world *world, struct node *worker, struct node *keeper);

/* A function key, value `byte` 32 times, for images[0..count) under the tenant's signature. */
struct key_release release_of(const struct world *world, const struct node *keeper, uint8_t byte,
                              uint64_t serial, const uint8_t *images, unsigned count);
void sign_statement(const struct signing_key *key, enum statement_kind kind, void *statement);

#endif
