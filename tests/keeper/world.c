#include "tests/keeper/world.h"

#include "abi/quote.h"
#include "abi/sgx_arch.h"
#include "trusted/attest/digest.h"
#include "trusted/attest/report.h"

#include <stddef.h>

/* ---- the hardware ------------------------------------------------------------------ */

static uint8_t measured[32];

void mock_enclave_is(const uint8_t mrenclave[32])
{
    memcpy(measured, mrenclave, sizeof(measured));
}

void sealing_id_now(const uint8_t key_id[32], struct sealing_id *out)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->key_id, key_id, sizeof(out->key_id));
    out->cpu_svn[0] = 5;
    out->isv_svn = 2;
}

enum status sealing_key(const struct sealing_id *id, uint8_t key[16])
{
    const struct piece pieces[] = {{measured, sizeof(measured)},
                                   {id->key_id, sizeof(id->key_id)},
                                   {id->cpu_svn, sizeof(id->cpu_svn)},
                                   {&id->isv_svn, sizeof(id->isv_svn)}};
    uint8_t digest[32];

    memset(key, 0, 16);
    if (id->isv_svn > 2)
        return ST_UNSUPPORTED;
    sha256_pieces(pieces, 4, digest);
    memcpy(key, digest, 16);
    return ST_OK;
}

/* ---- the world ----------------------------------------------------------------------- */

void sign_statement(const struct signing_key *key, enum statement_kind kind, void *statement)
{
    uint8_t message[STATEMENT_MESSAGE_MAX];
    uint8_t digest[32];
    size_t bytes = statement_message(kind, statement, message);

    sha256_pieces(&(struct piece){message, bytes}, 1, digest);
    assert_good(signing_key_sign(key, digest, statement_signature(kind, statement)));
}

void world_sign_policy(struct world *world)
{
    sign_statement(&world->owner, STATEMENT_PLATFORM, &world->policy);
}

static void make_key(uint64_t seed, struct signing_key *key)
{
    struct test_random random = {.seed = seed};
    const struct random_source source = test_random_source(&random);

    assert_good(signing_key_make(&source, key));
}

void world_make(struct world *world)
{
    struct forgery forgery;

    memset(world, 0, sizeof(*world));
    world->recipe = recipe_good();
    world->image = OWN_IMAGE;
    make_key(1001, &world->owner);
    make_key(1002, &world->tenant);
    make_key(1003, &world->stranger);
    forge(&world->recipe, &forgery);
    platform_policy_begin(&world->policy, 1, 100);
    assert_good(platform_policy_add(&world->policy, forgery.quote, forgery.quote_bytes, true));
    forgery_free(&forgery);
    memset(world->policy.images[0], OTHER_IMAGE, 32);
    memset(world->policy.images[1], OWN_IMAGE, 32); /* for workers of the other image */
    world->policy.image_count = 2;
    world_sign_policy(world);
}

/* ---- nodes ------------------------------------------------------------------------------ */

static void make_node(const struct world *world, struct node *node, uint64_t seed,
                      enum attest_role role)
{
    uint8_t boot_id[BOOT_ID_BYTES], policy_sha256[32];

    memset(node, 0, sizeof(*node));
    node->random.seed = seed;
    node->self.random = test_random_source(&node->random);
    node->self.signing = &node->signing;
    node->self.receiving = &node->receiving;
    node->self.identity = &node->identity;
    memset(node->self.mrenclave, world->image, sizeof(node->self.mrenclave));
    assert_good(signing_key_make(&node->self.random, &node->signing));
    assert_good(receiving_key_make(&node->self.random, &node->receiving));
    node->self.random.fill(node->self.random.context, boot_id, sizeof(boot_id));
    policy_digest(&node->policy, policy_sha256);
    identity_fill(&node->identity, role, &node->signing, &node->receiving, boot_id, policy_sha256);
}

void keeper_node(const struct world *world, struct node *node, uint64_t seed)
{
    make_node(world, node, seed, ROLE_KEEPER);
}

void worker_node(const struct world *world, struct node *node, uint64_t seed,
                 const uint8_t keeper_id[32])
{
    make_node(world, node, seed, ROLE_WORKER);
    node->policy = (struct enclave_policy){
        .version = POLICY_VERSION, .role = ROLE_WORKER, .tenancy = TENANCY_SEQUENTIAL};
    memcpy(node->policy.keeper, keeper_id, 32);
    policy_digest(&node->policy, node->identity.policy_sha256);
}

enum status node_command(struct node *node, uint64_t command, const void *request, size_t bytes)
{
    struct keeper_sizes sizes;
    enum status status = keeper_sizes(&node->keeper, command, &sizes);

    if (status != ST_OK)
        return status;
    assert_int_equal(bytes, sizes.request);
    memset(&node->request, 0, sizeof(node->request));
    memset(&node->reply, 0, sizeof(node->reply));
    if (bytes)
        memcpy(&node->request, request, bytes);
    mock_enclave_is(node->self.mrenclave);
    return keeper_run(&node->keeper, &node->self, command, &node->request, &node->reply);
}

enum status keeper_start(const struct world *world, struct node *node)
{
    struct keeper_start request = {.policy = world->policy};

    memcpy(request.owner, world->owner.public_key, sizeof(request.owner));
    return node_command(node, KEEPER_START, &request, sizeof(request));
}

/* ---- quotes ------------------------------------------------------------------------------- */

static uint16_t der_of(X509 *certificate, uint8_t *to, size_t room)
{
    int bytes = i2d_X509(certificate, NULL);

    assert_true(bytes > 0 && (size_t)bytes <= room);
    assert_int_equal(i2d_X509(certificate, &to), bytes);
    X509_free(certificate);
    return (uint16_t)bytes;
}

void quote_of(const struct world *world, const struct node *node,
              const uint8_t challenge[CHALLENGE_BYTES], struct quote_copy *out)
{
    struct recipe recipe = world->recipe;
    size_t bytes;
    const uint8_t *at;
    uint8_t *quote;

    recipe.version = QUOTE_VERSION; /* others lie differently: only the number is changed */
    quote = forge_quote(&recipe, &bytes);
    at = quote;

    memset(out, 0, sizeof(*out));
    memcpy(&out->body, at, sizeof(out->body));
    at += sizeof(out->body) + 4;
    memcpy(&out->signature, at, sizeof(out->signature));
    at += sizeof(out->signature);
    memcpy(&out->auth_bytes, at, 2);
    memcpy(out->auth, at + 2, out->auth_bytes);
    free(quote);
    out->body.header.version = (uint16_t)world->recipe.version;
    memcpy(out->body.report + offsetof(struct sgx_report, mrenclave), node->self.mrenclave, 32);
    report_data(&node->identity, challenge,
                out->body.report + offsetof(struct sgx_report, reportdata));
    forge_sign(world->recipe.quote_signer ? world->recipe.quote_signer : LABEL_QE, &out->body,
               sizeof(out->body), out->signature.signature);
    out->pck_bytes = der_of(forge_leaf(&world->recipe), out->pck, sizeof(out->pck));
    out->issuer_bytes = der_of(forge_issuer(&world->recipe), out->issuer, sizeof(out->issuer));
}

void exchange_make(const struct world *world, struct node *asker, struct node *keeper,
                   const uint8_t asker_nonce[ADMISSION_NONCE_BYTES], struct exchange *out)
{
    uint8_t challenge[CHALLENGE_BYTES];

    memset(out, 0, sizeof(*out));
    memcpy(out->nonces.asker, asker_nonce, ADMISSION_NONCE_BYTES);
    assert_good(
        node_command(keeper, KEEPER_CHALLENGE, asker_nonce, sizeof(struct keeper_challenge)));
    memcpy(out->nonces.keeper, keeper->reply.nonce, ADMISSION_NONCE_BYTES);

    asker_challenge(&out->nonces, challenge);
    quote_of(world, asker, challenge, &out->admission.quote);
    out->admission.identity = asker->identity;
    out->admission.policy = asker->policy;
    memcpy(out->admission.keeper_nonce, out->nonces.keeper, ADMISSION_NONCE_BYTES);

    keeper_challenge(&out->nonces, challenge);
    quote_of(world, keeper, challenge, &out->answer.quote);
    out->answer.identity = keeper->identity;
    memcpy(out->answer.keeper_nonce, out->nonces.keeper, ADMISSION_NONCE_BYTES);
    memcpy(out->answer.owner, keeper->keeper.state.owner, sizeof(out->answer.owner));
    out->answer.policy = keeper->keeper.state.policy;

    quote_digest(&out->answer.quote, out->admission.own_quote_sha256);
    quote_digest(&out->admission.quote, out->answer.own_quote_sha256);
}

enum status admit(const struct world *world, struct node *worker, struct node *keeper)
{
    struct worker_granted granted;
    struct exchange exchange;
    uint8_t nonce[ADMISSION_NONCE_BYTES];
    enum status status;

    ring_begin(&worker->ring, &worker->self.random, nonce);
    exchange_make(world, worker, keeper, nonce, &exchange);
    status = node_command(keeper, KEEPER_ADMIT, &exchange.admission, sizeof(exchange.admission));
    if (status != ST_OK)
        return status;
    granted.answer = exchange.answer;
    granted.grant = keeper->reply.admitted.grant;
    return ring_install(&worker->ring, &worker->self, worker->policy.keeper, &granted);
}

struct key_release release_of(const struct world *world, const struct node *keeper, uint8_t byte,
                              uint64_t serial, const uint8_t *images, unsigned count)
{
    struct function_policy policy = {.serial = serial, .measured_count = count};
    struct key_release release;
    uint8_t key[32];

    memset(key, byte, sizeof(key));
    for (unsigned i = 0; i < count; i++)
        memset(policy.measured[i], images[i], 32);
    assert_good(
        key_release_make(key, world->tenant.public_key, &policy, &keeper->identity, &release));
    sign_statement(&world->tenant, STATEMENT_RELEASE, &release);
    return release;
}
