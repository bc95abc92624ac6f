#include "cli/file.h"
#include "cli/keeper.h"
#include "cli/number.h"
#include "cli/hex.h"
#include "cli/trust.h"
#include "client/evidence/evidence.h"
#include "host/worker/socket.h"
#include "toolchain/bundle/owner_key.h"

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

enum key { KEY_VERIFY = 0x300, KEY_COLLATERAL, KEY_ROOT, KEY_TIME };

static const struct argp_option options[] = {
    {"verify", KEY_VERIFY, "POLICY", 0, "What the keeper must be (docs/verify.md)", 20},
    {"collateral", KEY_COLLATERAL, "FILE.json", 0,
     "What the platform's vendor says of it (default: what comes with the quote)", 20},
    {"root", KEY_ROOT, "FILE", 0, "Trust this root certificate instead of Intel's", 20},
    {"time", KEY_TIME, "UNIX", 0, "Verify as of this time, in seconds since 1970", 20},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct keeper_trust *trust = state->input;

    switch (key) {
    case KEY_VERIFY:
        trust->policy = argument;
        return 0;
    case KEY_COLLATERAL:
        trust->collateral = argument;
        return 0;
    case KEY_ROOT:
        trust->root = argument;
        return 0;
    case KEY_TIME:
        if (!number_parse(argument, 0, TRUST_TIME_LAST, &trust->time))
            argp_error(state, "--time needs seconds since 1970, not \"%s\"", argument);
        trust->has_time = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp keeper_trust_argp = {.options = options, .parser = parse};

/* The three files have one way into the verifier each. */
enum source { SOURCE_ROOT, SOURCE_POLICY, SOURCE_COLLATERAL };

static bool take(const char *verb, struct reclave_verifier *verifier, enum source source,
                 const char *path)
{
    char error[RECLAVE_ERROR_BYTES] = "out of memory";
    uint8_t *data;
    size_t bytes;
    bool good;

    if (!path)
        return true;
    if (!read_file(verb, path, &data, &bytes))
        return false;
    if (source == SOURCE_ROOT)
        good = reclave_verifier_set_root(verifier, data, bytes, error);
    else if (source == SOURCE_POLICY)
        good = reclave_verifier_set_policy(verifier, data, bytes, error);
    else
        good = reclave_verifier_set_collateral(verifier, data, bytes);
    free(data);
    if (!good)
        keeper_failed(verb, path, error);
    return good;
}

struct reclave_verifier *keeper_verifier(const char *verb, const struct keeper_trust *trust)
{
    struct reclave_verifier *verifier = reclave_verifier_new();

    if (!verifier) {
        keeper_failed(verb, "", "out of memory");
        return NULL;
    }
    if (trust->has_time)
        reclave_verifier_set_time(verifier, (int64_t)trust->time);
    if (take(verb, verifier, SOURCE_ROOT, trust->root) &&
        take(verb, verifier, SOURCE_POLICY, trust->policy) &&
        take(verb, verifier, SOURCE_COLLATERAL, trust->collateral))
        return verifier;
    reclave_verifier_free(verifier);
    return NULL;
}

/* ---- a keeper --------------------------------------------------------------------------- */

bool keeper_connect(const char *verb, const char *socket, struct keeper_client *client)
{
    struct message why = {""};

    if (socket_connect(socket, &client->fd, &why) == ST_OK)
        return true;
    keeper_failed(verb, "", why.text);
    return false;
}

static bool check_quote(const char *verb, const struct reclave_verifier *verifier,
                        const struct keeper_quote *quote, const uint8_t challenge[CHALLENGE_BYTES],
                        struct fleet_keeper *view)
{
    struct reclave_verdict verdict;
    struct evidence_verdict identity;
    char why[RECLAVE_ERROR_BYTES + 64];

    if (!reclave_verify_quote(verifier, quote->quote, quote->quote_bytes, &verdict)) {
        snprintf(why, sizeof(why), "%s (%s)", verdict.reason,
                 reclave_step_name(verdict.failed_step));
        keeper_failed(verb, "the keeper's quote is rejected", why);
        return false;
    }
    identity = evidence_check_identity(&quote->identity, ROLE_KEEPER, verdict.report.report_data,
                                       challenge);
    if (identity.step != EVIDENCE_ACCEPTED) {
        keeper_failed(verb, "this is not a keeper", identity.reason);
        return false;
    }
    view->identity = quote->identity;
    memcpy(view->mrenclave, verdict.report.mrenclave, sizeof(view->mrenclave));
    return true;
}

/* Here the keeper's own image is what the caller's --verify policy has accepted; which other images
 * the keeper's policy names is for the caller to see. */
static bool check_terms(const char *verb, struct keeper_client *client, struct fleet_keeper *view)
{
    uint8_t images[1 + PLATFORM_IMAGES_MAX][32];
    struct fleet_images accepted = {(const uint8_t(*)[32])images, 1};
    struct keeper_status now;
    struct message why = {""};
    enum status status =
        keeper_client_command(client, KEEPER_STATUS, NULL, 0, &now, sizeof(now), &why);

    if (status == ST_OK) {
        memcpy(view->owner, now.owner, sizeof(view->owner));
        view->policy = now.policy;
        memcpy(images[0], view->mrenclave, 32);
        memcpy(images[1], now.policy.images, sizeof(now.policy.images));
        accepted.count +=
            now.policy.image_count <= PLATFORM_IMAGES_MAX ? now.policy.image_count : 0;
        status = fleet_keeper_check(view, &accepted);
        if (status != ST_OK)
            message_set(&why, "%s", status_text(status));
    }
    if (status != ST_OK)
        keeper_failed(verb, "the keeper's terms", why.text);
    return status == ST_OK;
}

bool keeper_know(const char *verb, struct keeper_client *client, struct reclave_verifier *verifier,
                 bool has_collateral, struct fleet_keeper *view, struct keeper_quote *out)
{
    uint8_t challenge[CHALLENGE_BYTES];
    struct keeper_quote quote = {0};
    struct message why = {""};
    bool good = false;

    memset(view, 0, sizeof(*view));
    if (getrandom(challenge, sizeof(challenge), 0) != sizeof(challenge)) {
        keeper_failed(verb, "", "no random bytes");
        return false;
    }
    reclave_verifier_set_challenge(verifier, challenge);
    if (keeper_client_quote(client, challenge, &quote, &why) != ST_OK)
        keeper_failed(verb, "", why.text);
    else if (!has_collateral && quote.collateral &&
             !reclave_verifier_set_collateral(verifier, quote.collateral, strlen(quote.collateral)))
        keeper_failed(verb, "", "out of memory");
    else
        good =
            check_quote(verb, verifier, &quote, challenge, view) && check_terms(verb, client, view);
    if (good && out)
        *out = quote;
    else
        keeper_quote_free(&quote);
    return good;
}
