#include "cli/file.h"
#include "cli/keeper.h"
#include "cli/hex.h"
#include "host/worker/socket.h"
#include "toolchain/bundle/owner_key.h"

#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FILE_BYTES_MAX (1u << 20)

int keeper_failed(const char *verb, const char *about, const char *why)
{
    fprintf(stderr, "%s: %s%s%s\n", verb, about, *about ? ": " : "", why);
    return 1;
}

/* ---- files ------------------------------------------------------------------------- */

static bool read_file(const char *verb, const char *path, uint8_t **data, size_t *bytes)
{
    enum status status = file_read(path, FILE_BYTES_MAX, data, bytes);

    if (status != ST_OK)
        keeper_failed(verb, path, status == ST_IO ? strerror(errno) : status_text(status));
    return status == ST_OK;
}

bool keeper_read_exactly(const char *verb, const char *path, void *to, size_t bytes,
                         const char *what)
{
    char why[128];
    uint8_t *data;
    size_t got;
    bool good;

    if (!read_file(verb, path, &data, &got))
        return false;
    good = got == bytes;
    if (good) {
        memcpy(to, data, bytes);
    } else {
        snprintf(why, sizeof(why), "%s: has %zu bytes, this file has %zu", what, bytes, got);
        keeper_failed(verb, path, why);
    }
    free(data);
    return good;
}

bool keeper_sign(const char *verb, const char *key, enum statement_kind kind, void *statement)
{
    char why[512] = "";
    const struct complaint complaint = {why, sizeof(why)};
    uint8_t message[STATEMENT_MESSAGE_MAX], public_key[SIGNING_KEY_BYTES];
    size_t bytes = statement_message(kind, statement, message);

    if (owner_key_sign_message(key, message, bytes, public_key,
                               statement_signature(kind, statement), &complaint) == ST_OK)
        return true;
    keeper_failed(verb, "", why);
    return false;
}

bool keeper_function_key(const char *verb, const char *path, uint8_t key[FUNCTION_KEY_BYTES])
{
    char text[2 * FUNCTION_KEY_BYTES + 2] = "";
    uint8_t *data;
    size_t bytes;
    enum status status = file_read(path, sizeof(text) - 1, &data, &bytes);
    bool good = false;

    if (status == ST_OK) {
        memcpy(text, data, bytes);
        text[strcspn(text, "\n")] = 0;
        good = hex_parse(text, key, FUNCTION_KEY_BYTES);
        bytes_wipe(data, bytes);
        free(data);
    }
    bytes_wipe(text, sizeof(text));
    if (!good)
        keeper_failed(verb, path, "a function key's file has 64 hexadecimal digits");
    return good;
}

bool keeper_public_key(const char *verb, const char *key, uint8_t public_key[SIGNING_KEY_BYTES])
{
    char why[512] = "";
    const struct complaint complaint = {why, sizeof(why)};

    if (owner_key_public(key, public_key, &complaint) == ST_OK)
        return true;
    keeper_failed(verb, "", why);
    return false;
}

void keeper_parse_hex(struct argp_state *state, const char *option, const char *text, uint8_t *to,
                      size_t bytes)
{
    if (!hex_parse(text, to, bytes))
        argp_error(state, "%s needs %zu hexadecimal digits, not \"%s\"", option, 2 * bytes, text);
}

/* ---- whom to believe ------------------------------------------------------------------ */

enum key { KEY_VERIFY = 0x300 };

static const struct argp_option options[] = {
    {"verify", KEY_VERIFY, "POLICY", 0, "What the keeper must be (docs/verify.md)", 20}, {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct trust_options *trust = state->input;

    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = trust;
    else if (key == KEY_VERIFY)
        trust->policy = argument;
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp_child children[] = {{&trust_argp, 0, NULL, 20}, {0}};
const struct argp keeper_trust_argp = {.options = options, .parser = parse, .children = children};

/* ---- a keeper --------------------------------------------------------------------------- */

bool keeper_connect(const char *verb, const char *socket, struct keeper_client *client)
{
    struct message why = {""};

    if (socket_connect(socket, &client->fd, &why) == ST_OK)
        return true;
    keeper_failed(verb, "", why.text);
    return false;
}

static bool put_hex(json_t *object, const char *name, const void *data, size_t bytes)
{
    char *text = malloc(2 * bytes + 1);
    bool good =
        text && json_object_set_new(object, name, json_string(hex_text(data, bytes, text))) == 0;

    free(text);
    return good;
}

/* What callers of the fleet read with reclave_fleet_verify (docs/keeper.md). NULL: no memory. */
static json_t *describe(const struct keeper_quote *quote, const struct keeper_status *now)
{
    uint8_t id[32];
    json_t *object = json_object();
    bool good =
        object && fleet_keeper_id(&quote->identity, id) == ST_OK &&
        put_hex(object, "keeper_id", id, sizeof(id)) &&
        put_hex(object, "identity", &quote->identity, sizeof(quote->identity)) &&
        put_hex(object, "quote", quote->quote, quote->quote_bytes) &&
        put_hex(object, "owner", now->owner, sizeof(now->owner)) &&
        put_hex(object, "platform_policy", &now->policy, sizeof(now->policy)) &&
        put_hex(object, "epoch_certificate", now->certificate, now->certificate_bytes) &&
        json_object_set_new(object, "collateral",
                            quote->collateral ? json_string(quote->collateral) : json_null()) ==
            0 &&
        json_object_set_new(object, "epoch", json_integer((json_int_t)now->epoch)) == 0 &&
        json_object_set_new(object, "counter", json_integer((json_int_t)now->counter)) == 0 &&
        json_object_set_new(object, "function_keys", json_integer((json_int_t)now->key_count)) == 0;

    if (good)
        return object;
    json_decref(object);
    return NULL;
}

/* As any caller would. Who owns the keeper is up to the policy; without "keeper_owner" in it, to
 * whoever reads the description. */
static bool verify(const char *verb, const struct reclave_verifier *verifier, json_t *description,
                   struct fleet_keeper *view)
{
    const struct reclave_fleet_options anybodys = {.any_owner = true};
    char *text = json_dumps(description, JSON_COMPACT);
    struct reclave_enclave *fleet = NULL;
    struct reclave_verdict verdict;
    char why[RECLAVE_ERROR_BYTES + 64];
    bool good;

    if (!text) {
        keeper_failed(verb, "", "out of memory");
        return false;
    }
    good = reclave_fleet_verify(verifier, text, strlen(text), &anybodys, &verdict, &fleet);
    free(text);
    reclave_enclave_free(fleet);
    if (good) {
        memcpy(view->mrenclave, verdict.report.mrenclave, sizeof(view->mrenclave));
        return put_hex(description, "mrenclave", view->mrenclave, sizeof(view->mrenclave));
    }
    snprintf(why, sizeof(why), "%s (%s)", verdict.reason, reclave_step_name(verdict.failed_step));
    keeper_failed(verb, "the keeper is rejected", why);
    return false;
}

/* Quote and state from the keeper, for a challenge drawn now. */
static enum status ask(struct keeper_client *client, const uint8_t challenge[CHALLENGE_BYTES],
                       struct keeper_quote *quote, struct keeper_status *now, struct message *why)
{
    enum status status = keeper_client_quote(client, challenge, quote, why);

    if (status == ST_OK)
        status = keeper_client_command(client, KEEPER_STATUS, NULL, 0, now, sizeof(*now), why);
    if (status == ST_OK && now->certificate_bytes > sizeof(now->certificate)) {
        message_set(why, "the keeper's answer contradicts itself");
        status = ST_CORRUPT;
    }
    return status;
}

json_t *keeper_know(const char *verb, struct keeper_client *client,
                    struct reclave_verifier *verifier, struct fleet_keeper *view)
{
    uint8_t challenge[CHALLENGE_BYTES];
    struct keeper_quote quote = {0};
    struct keeper_status now;
    struct message why = {""};
    json_t *description = NULL;

    if (getrandom(challenge, sizeof(challenge), 0) != sizeof(challenge)) {
        keeper_failed(verb, "", "no random bytes");
        return NULL;
    }
    reclave_verifier_set_challenge(verifier, challenge);
    if (ask(client, challenge, &quote, &now, &why) != ST_OK) {
        keeper_failed(verb, "", why.text);
    } else if (!(description = describe(&quote, &now))) {
        keeper_failed(verb, "", "out of memory");
    } else {
        *view = (struct fleet_keeper){.identity = quote.identity, .policy = now.policy};
        memcpy(view->owner, now.owner, sizeof(view->owner));
        if (!verify(verb, verifier, description, view)) {
            json_decref(description);
            description = NULL;
        }
    }
    keeper_quote_free(&quote);
    return description;
}
