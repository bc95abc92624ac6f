#include "tests/served/world.h"

#include "toolchain/bundle/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct bytes copy_of(const void *data, size_t count)
{
    struct bytes bytes = {malloc(count + 1), count};

    assert_non_null(bytes.data);
    if (count)
        memcpy(bytes.data, data, count);
    bytes.data[count] = 0;
    return bytes;
}

static struct bytes part(const struct client_reply *reply, const char *key, size_t *at)
{
    size_t count = (size_t)reply_number(reply, key);

    assert_true(count <= reply->body_bytes - *at);
    *at += count;
    return copy_of(reply->body + *at - count, count);
}

/* ---- workers ---- */

static void ask_quote(struct world *world, const uint8_t challenge[32], struct client_reply *reply)
{
    char hex[65];

    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", challenge[i]);
    assert_int_equal(
        ask(world->client, FRAME_QUOTE, json_pack("{s:s}", "challenge", hex), NULL, 0, reply),
        ST_OK);
}

struct bytes world_quote(struct world *world, const uint8_t challenge[32])
{
    struct client_reply reply;
    struct bytes quote;
    size_t at = 0;

    ask_quote(world, challenge, &reply);
    quote = part(&reply, "quote_bytes", &at);
    client_reply_free(&reply);
    return quote;
}

static void learn(struct world *world)
{
    static const uint8_t nobody[32];
    struct client_reply reply;
    size_t at = 0;

    ask_quote(world, nobody, &reply);
    world->quote = part(&reply, "quote_bytes", &at);
    world->identity = part(&reply, "identity_bytes", &at);
    world->collateral = part(&reply, "collateral_bytes", &at);
    world->root = part(&reply, "root_bytes", &at);
    assert_int_equal(at, reply.body_bytes);
    client_reply_free(&reply);
}

static void verify(struct world *world)
{
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_verdict verdict;

    world->verifier = reclave_verifier_new();
    assert_non_null(world->verifier);
    assert_true(
        reclave_verifier_set_root(world->verifier, world->root.data, world->root.count, error));
    assert_true(reclave_verifier_set_collateral(world->verifier, world->collateral.data,
                                                world->collateral.count));
    if (!reclave_enclave_verify(world->verifier, world->quote.data, world->quote.count,
                                world->identity.data, world->identity.count, &verdict,
                                &world->enclave))
        fail_msg("rejected at %s: %s", reclave_step_name(verdict.failed_step), verdict.reason);
}

void world_open(struct world *world, const struct world *like, const char *const *arguments)
{
    struct message why;
    char state[128];

    *world = (struct world){0};
    process_folder(&world->process);
    snprintf(state, sizeof(state), "%s/state", like ? like->process.folder : world->process.folder);
    assert_int_equal(setenv("RECLAVE_STATE_DIR", state, 1), 0);
    process_start(&world->process, arguments);
    assert_int_equal(client_open(world->process.socket, &world->client, &why), ST_OK);
    learn(world);
    verify(world);
}

void world_close(struct world *world)
{
    char command[160];
    struct client_reply reply;

    assert_int_equal(ask(world->client, FRAME_SHUTDOWN, NULL, NULL, 0, &reply), ST_OK);
    client_reply_free(&reply);
    client_close(world->client);
    assert_int_equal(process_wait(&world->process), 0);
    snprintf(command, sizeof(command), "rm -r %s/state 2>/dev/null", world->process.folder);
    (void)!system(command);
    process_remove_folder(&world->process);
    reclave_enclave_free(world->enclave);
    reclave_verifier_free(world->verifier);
    free(world->quote.data);
    free(world->identity.data);
    free(world->collateral.data);
    free(world->root.data);
}

/* ---- functions ---- */

struct function function_build(const struct world *world, const char *guest, const char *options)
{
    struct function function;
    struct bundle_view view;

    function.file.data = build_guest_with(&world->process, guest, options, &function.file.count);
    assert_int_equal(bundle_read(function.file.data, function.file.count, &view), ST_OK);
    memcpy(function.sha256, view.sha256, 32);
    return function;
}

void function_free(struct function *function)
{
    free(function->file.data);
}

enum status world_load(struct world *world, unsigned slot, const struct function *function)
{
    struct client_reply reply;
    enum status status;

    assert_int_equal(
        ask(world->client, FRAME_RESET, json_pack("{s:i}", "slot", (int)slot), NULL, 0, &reply),
        ST_OK);
    client_reply_free(&reply);
    status = ask(world->client, FRAME_LOAD, json_pack("{s:i}", "slot", (int)slot),
                 function->file.data, function->file.count, &reply);
    client_reply_free(&reply);
    return status;
}

/* ---- invocations ---- */

void nonce_of(uint8_t seed, uint8_t nonce[16])
{
    memset(nonce, seed, 16);
}

struct reclave_request *request_of(struct world *world, const struct function *function,
                                   const char *input, uint8_t seed)
{
    static const char *const args[] = {"function"};
    char error[RECLAVE_ERROR_BYTES];
    uint8_t nonce[16];
    struct reclave_invocation invocation = {.input = input,
                                            .input_bytes = strlen(input),
                                            .nonce = nonce,
                                            .nonce_bytes = sizeof(nonce),
                                            .args = args,
                                            .arg_count = 1};
    struct reclave_request *request;

    nonce_of(seed, nonce);
    if (!reclave_request_new(world->enclave, function->sha256, &invocation, &request, error))
        fail_msg("%s", error);
    return request;
}

enum status send_sealed(struct world *world, unsigned slot, const void *message, size_t bytes,
                        bool evidence, struct client_reply *reply)
{
    return ask(world->client, FRAME_INVOKE_SEALED,
               json_pack("{s:i, s:b}", "slot", (int)slot, "evidence", evidence), message, bytes,
               reply);
}

struct bytes reply_answer(const struct client_reply *reply)
{
    return (struct bytes){reply->body, (size_t)reply_number(reply, "answer_bytes")};
}

struct bytes reply_evidence(const struct client_reply *reply)
{
    size_t count = (size_t)reply_number(reply, "evidence_bytes");

    return (struct bytes){reply->body + reply->body_bytes - count, count};
}

struct plain world_invoke(struct world *world, unsigned slot, const char *input, uint8_t seed)
{
    struct client_reply reply;
    struct plain plain;
    char hex[33];
    size_t at = 0;

    for (unsigned i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", seed);
    assert_int_equal(
        ask(world->client, FRAME_INVOKE,
            json_pack("{s:i, s:b, s:s}", "slot", (int)slot, "evidence", 1, "nonce", hex), input,
            strlen(input), &reply),
        ST_OK);
    plain.output = part(&reply, "output_bytes", &at);
    at += (size_t)reply_number(&reply, "log_bytes");
    plain.evidence = part(&reply, "evidence_bytes", &at);
    client_reply_free(&reply);
    return plain;
}

void plain_free(struct plain *plain)
{
    free(plain->output.data);
    free(plain->evidence.data);
}
