/* reclave keeper policy, set-policy, release, revoke, handover, rotate, describe: one parser, each
 * verb with the options that it knows. */
#include "cli/file.h"
#include "cli/hex.h"
#include "cli/keeper.h"
#include "cli/keeper_function_policy.h"
#include "cli/number.h"

#include "base/bytes.h"
#include "base/status.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTES_MAX 16
#define QUOTE_MAX  0x10000u

struct owner_options {
    const char *verb;
    bool verifies; /* the verb has the options of keeper_trust_argp */
    struct trust_options trust;
    const char *key, *keeper, *to, *output, *policy, *function_key;
    const char *quotes[QUOTES_MAX];
    unsigned quote_count;
    uint8_t images[PLATFORM_IMAGES_MAX][32];
    unsigned image_count;
    uint8_t revoked[PLATFORM_REVOKED_MAX][PCK_SERIAL_BYTES];
    unsigned revoked_count;
    uint8_t worker[32], function_key_id[KEY_ID_BYTES], to_mrenclave[32];
    bool has_worker, has_function_key_id, has_to_mrenclave;
    uint64_t serial, last_epoch;
};

enum key {
    KEY_KEY = 0x100,
    KEY_KEEPER,
    KEY_TO,
    KEY_POLICY,
    KEY_FUNCTION_KEY,
    KEY_QUOTE,
    KEY_IMAGE,
    KEY_REVOKED,
    KEY_WORKER,
    KEY_FUNCTION_KEY_ID,
    KEY_TO_MRENCLAVE,
    KEY_SERIAL,
    KEY_LAST_EPOCH,
};

static void add_quote(struct owner_options *o, const char *path, struct argp_state *state)
{
    if (o->quote_count == QUOTES_MAX)
        argp_error(state, "at most %d quotes", QUOTES_MAX);
    o->quotes[o->quote_count++] = path;
}

static void add_image(struct owner_options *o, const char *text, struct argp_state *state)
{
    if (o->image_count == PLATFORM_IMAGES_MAX)
        argp_error(state, "at most %u images", PLATFORM_IMAGES_MAX);
    keeper_parse_hex(state, "--image", text, o->images[o->image_count++], 32);
}

/* As certificates have them: up to 20 bytes. */
static void add_revoked(struct owner_options *o, const char *text, struct argp_state *state)
{
    size_t bytes = strlen(text) / 2;

    if (o->revoked_count == PLATFORM_REVOKED_MAX)
        argp_error(state, "at most %u revoked certificates", PLATFORM_REVOKED_MAX);
    if (bytes == 0 || bytes > PCK_SERIAL_BYTES)
        argp_error(state, "--revoked needs a serial number of 1 to %u bytes in hexadecimal",
                   PCK_SERIAL_BYTES);
    keeper_parse_hex(state, "--revoked", text,
                     o->revoked[o->revoked_count++] + PCK_SERIAL_BYTES - bytes, bytes);
}

static uint64_t number(struct argp_state *state, const char *option, const char *text)
{
    uint64_t value = 0;

    if (!number_parse(text, 1, INT64_MAX, &value))
        argp_error(state, "%s needs a number from 1, not \"%s\"", option, text);
    return value;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct owner_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        if (o->verifies)
            state->child_inputs[0] = &o->trust;
        return 0;
    case KEY_KEY:
        o->key = argument;
        return 0;
    case KEY_KEEPER:
        o->keeper = argument;
        return 0;
    case KEY_TO:
        o->to = argument;
        return 0;
    case KEY_POLICY:
        o->policy = argument;
        return 0;
    case KEY_FUNCTION_KEY:
        o->function_key = argument;
        return 0;
    case KEY_QUOTE:
        add_quote(o, argument, state);
        return 0;
    case KEY_IMAGE:
        add_image(o, argument, state);
        return 0;
    case KEY_REVOKED:
        add_revoked(o, argument, state);
        return 0;
    case KEY_WORKER:
        keeper_parse_hex(state, "--worker", argument, o->worker, sizeof(o->worker));
        o->has_worker = true;
        return 0;
    case KEY_FUNCTION_KEY_ID:
        keeper_parse_hex(state, "--function-key-id", argument, o->function_key_id, KEY_ID_BYTES);
        o->has_function_key_id = true;
        return 0;
    case KEY_TO_MRENCLAVE:
        keeper_parse_hex(state, "--to-mrenclave", argument, o->to_mrenclave, 32);
        o->has_to_mrenclave = true;
        return 0;
    case KEY_SERIAL:
        o->serial = number(state, "--serial", argument);
        return 0;
    case KEY_LAST_EPOCH:
        o->last_epoch = number(state, "--last-epoch", argument);
        return 0;
    case 'o':
        o->output = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define OPTION_KEEPER                                                                              \
    {                                                                                              \
        "keeper", KEY_KEEPER, "SOCKET", 0, "The keeper", 1                                         \
    }
#define OPTION_KEY(who)                                                                            \
    {                                                                                              \
        "key", KEY_KEY, "FILE", 0, who " signing key (reclave key new)", 1                         \
    }

/* False: said on stderr how it is used. */
static bool read_options(int argc, char **argv, const struct argp *argp, struct owner_options *o,
                         bool complete(const struct owner_options *), const char *needs)
{
    *o = (struct owner_options){.verb = argv[0], .serial = 1, .verifies = argp->children != NULL};
    if (argp_parse(argp, argc, argv, 0, NULL, o) != 0)
        return false;
    if (complete(o))
        return true;
    fprintf(stderr, "%s: %s are needed; see --help\n", o->verb, needs);
    return false;
}

static const struct argp_child trust_child[] = {{&keeper_trust_argp, 0, "Verification:", 20}, {0}};

/* ---- policy ------------------------------------------------------------------------- */

/* Only a platform that passes today, by the caller's collateral, becomes a line. */
static bool add_platform(const struct owner_options *o, const struct reclave_verifier *verifier,
                         const char *path, struct platform_policy *policy)
{
    struct reclave_verdict verdict;
    char why[RECLAVE_ERROR_BYTES + 64];
    uint8_t *quote;
    size_t bytes;
    enum status status = file_read(path, QUOTE_MAX, &quote, &bytes);

    if (status != ST_OK) {
        keeper_failed(o->verb, path, status == ST_IO ? strerror(errno) : status_text(status));
        return false;
    }
    if (!reclave_verify_quote(verifier, quote, bytes, &verdict)) {
        snprintf(why, sizeof(why), "rejected: %s (%s)", verdict.reason,
                 reclave_step_name(verdict.failed_step));
        keeper_failed(o->verb, path, why);
        status = ST_CORRUPT;
    } else {
        status = platform_policy_add(policy, quote, bytes, o->trust.root != NULL);
        if (status != ST_OK)
            keeper_failed(o->verb, path, status_text(status));
    }
    free(quote);
    return status == ST_OK;
}

static bool fill_policy(const struct owner_options *o, struct keeper_start *start)
{
    struct reclave_verifier *verifier = trust_verifier(o->verb, &o->trust);
    bool good = verifier != NULL;

    platform_policy_begin(&start->policy, o->serial, o->last_epoch);
    for (unsigned i = 0; i < o->quote_count && good; i++)
        good = add_platform(o, verifier, o->quotes[i], &start->policy);
    reclave_verifier_free(verifier);
    start->policy.image_count = o->image_count;
    memcpy(start->policy.images, o->images, sizeof(o->images));
    start->policy.revoked_count = (uint16_t)o->revoked_count;
    memcpy(start->policy.revoked, o->revoked, sizeof(o->revoked));
    return good && keeper_public_key(o->verb, o->key, start->owner) &&
           keeper_sign(o->verb, o->key, STATEMENT_PLATFORM, &start->policy);
}

static bool policy_complete(const struct owner_options *o)
{
    return o->quote_count && o->key && o->output && o->last_epoch;
}

int keeper_policy(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"quote", KEY_QUOTE, "FILE", 0,
         "A quote of a platform that counts; it is verified now, and its security versions become "
         "the least that are accepted of its family. May be given several times",
         1},
        OPTION_KEY("The keeper's owner's"),
        {"last-epoch", KEY_LAST_EPOCH, "N", 0, "Nobody is admitted after this epoch", 1},
        {"serial", KEY_SERIAL, "N", 0, "Of this policy: above that of the one it replaces (1)", 2},
        {"image", KEY_IMAGE, "MRENCLAVE", 0,
         "Workers of this image get keys, too; by default only the keeper's own", 2},
        {"revoked", KEY_REVOKED, "SERIAL", 0,
         "Serial number of a PCK certificate, or of its issuer's, that no longer counts", 2},
        {"output", 'o', "FILE", 0, "Where owner and policy go", 2},
        {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Says which platforms and images count for a keeper: evaluates collateral outside, once, "
        "and signs the result, which the keeper enforces inside. With --root, quotes under that "
        "root count instead of Intel's; everybody sees it in the keeper's quote.\vExample:\n"
        "  reclave keeper policy --quote q.bin --collateral c.json --key owner.pem \\\n"
        "      --last-epoch 1000 -o fleet.policy",
        trust_child,
        NULL,
        NULL};
    struct owner_options o;
    struct keeper_start start;

    if (!read_options(argc, argv, &argp, &o, policy_complete,
                      "--quote, --key, --last-epoch and -o"))
        return 2;
    memset(&start, 0, sizeof(start));
    if (!fill_policy(&o, &start))
        return 1;
    if (file_write(o.output, &start, sizeof(start)) != ST_OK)
        return keeper_failed(o.verb, o.output, strerror(errno));
    return 0;
}

/* ---- one command --------------------------------------------------------------------- */

static int send_command(const struct owner_options *o, const char *socket,
                        enum keeper_command command, const void *request, size_t bytes)
{
    struct keeper_client client;
    struct message why = {""};
    enum status status;

    if (!keeper_connect(o->verb, socket, &client))
        return 1;
    status = keeper_client_command(&client, command, request, bytes, NULL, 0, &why);
    keeper_client_close(&client);
    return status == ST_OK ? 0 : keeper_failed(o->verb, socket, why.text);
}

static bool set_policy_complete(const struct owner_options *o)
{
    return o->keeper && o->policy;
}

int keeper_set_policy(int argc, char **argv)
{
    static const struct argp_option options[] = {
        OPTION_KEEPER,
        {"policy", KEY_POLICY, "FILE", 0, "What `reclave keeper policy` wrote", 1},
        {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Renews the keeper's platform policy: same owner, same root, a higher serial.\vExample:\n"
        "  reclave keeper set-policy --keeper k.sock --policy fleet-2.policy",
        NULL,
        NULL,
        NULL};
    struct owner_options o;
    struct keeper_start start;

    if (!read_options(argc, argv, &argp, &o, set_policy_complete, "--keeper and --policy"))
        return 2;
    if (!keeper_read_exactly(o.verb, o.policy, &start, sizeof(start), "owner and platform policy"))
        return 1;
    return send_command(&o, o.keeper, KEEPER_SET_POLICY, &start.policy, sizeof(start.policy));
}

static bool rotate_complete(const struct owner_options *o)
{
    return o->keeper != NULL;
}

int keeper_rotate_epoch(int argc, char **argv)
{
    static const struct argp_option options[] = {OPTION_KEEPER, {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Begins a new epoch now. Requests to the one before are served until the next.\v"
        "Example:\n  reclave keeper rotate --keeper k.sock",
        NULL,
        NULL,
        NULL};
    struct owner_options o;

    if (!read_options(argc, argv, &argp, &o, rotate_complete, "--keeper"))
        return 2;
    return send_command(&o, o.keeper, KEEPER_ROTATE, NULL, 0);
}

/* ---- release ---------------------------------------------------------------------------- */

static bool make_release(const struct owner_options *o, const struct fleet_keeper *keeper,
                         struct key_release *release)
{
    struct function_policy policy;
    uint8_t key[FUNCTION_KEY_BYTES], owner[SIGNING_KEY_BYTES];
    struct message why = {""};
    enum status status;

    if (function_policy_read(o->policy, &policy, &why) != ST_OK) {
        keeper_failed(o->verb, o->policy, why.text);
        return false;
    }
    if (!keeper_public_key(o->verb, o->key, owner) ||
        !keeper_function_key(o->verb, o->function_key, key))
        return false;
    status = key_release_make(key, owner, &policy, &keeper->identity, release);
    bytes_wipe(key, sizeof(key));
    if (status != ST_OK) {
        keeper_failed(o->verb, "", status_text(status));
        return false;
    }
    return keeper_sign(o->verb, o->key, STATEMENT_RELEASE, release);
}

static bool release_complete(const struct owner_options *o)
{
    return o->to && o->key && o->function_key && o->policy && o->trust.policy;
}

/* The key leaves this process only for a keeper that was verified on the same connection. */
static int release(const struct owner_options *o, struct reclave_verifier *verifier)
{
    struct keeper_client client;
    struct fleet_keeper keeper;
    struct key_release statement;
    struct message why = {""};
    json_t *description;
    char id[2 * KEY_ID_BYTES + 1];
    enum status status = ST_CORRUPT;

    if (!keeper_connect(o->verb, o->to, &client))
        return 1;
    description = keeper_know(o->verb, &client, verifier, &keeper);
    if (description && make_release(o, &keeper, &statement)) {
        status = keeper_client_command(&client, KEEPER_RELEASE, &statement, sizeof(statement), NULL,
                                       0, &why);
        if (status != ST_OK)
            keeper_failed(o->verb, o->to, why.text);
        else
            printf("function key %s\n",
                   hex_text(statement.wrapped.function_key_id, KEY_ID_BYTES, id));
    }
    json_decref(description);
    keeper_client_close(&client);
    return status == ST_OK ? 0 : 1;
}

int keeper_release(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"to", KEY_TO, "SOCKET", 0, "The keeper", 1},
        {"function-key", KEY_FUNCTION_KEY, "FILE", 0, "The key: 64 hexadecimal digits", 1},
        {"policy", KEY_POLICY, "FILE", 0, "Which workers may have it (JSON, docs/keeper.md)", 1},
        OPTION_KEY("The function's owner's"),
        {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Verifies the keeper, then gives it a function key under a policy. Prints the key's ID.\v"
        "Example:\n"
        "  reclave keeper release --to k.sock --verify keeper.json --function-key f.key \\\n"
        "      --policy f.json --key tenant.pem",
        trust_child,
        NULL,
        NULL};
    struct reclave_verifier *verifier;
    struct owner_options o;
    int code;

    if (!read_options(argc, argv, &argp, &o, release_complete,
                      "--to, --verify, --function-key, --policy and --key"))
        return 2;
    verifier = trust_verifier(o.verb, &o.trust);
    if (!verifier)
        return 1;
    code = release(&o, verifier);
    reclave_verifier_free(verifier);
    return code;
}

/* ---- revoke, handover ---------------------------------------------------------------------- */

/* Whose name a statement must have; nothing secret goes to the keeper, so nobody is verified. */
static bool keeper_identity(const struct owner_options *o, const char *socket, uint8_t id[32],
                            uint8_t mrenclave[32])
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct keeper_quote quote = {0};
    struct keeper_client client;
    struct message why = {""};
    enum status status;

    if (!keeper_connect(o->verb, socket, &client))
        return false;
    status = keeper_client_quote(&client, nobody, &quote, &why);
    keeper_client_close(&client);
    if (status == ST_OK && quote.quote_bytes < sizeof(struct quote_signed))
        status = ST_CORRUPT;
    if (status == ST_OK) {
        status = fleet_keeper_id(&quote.identity, id);
        memcpy(mrenclave, quote.quote + offsetof(struct quote_signed, report) + 64, 32);
    }
    keeper_quote_free(&quote);
    if (status != ST_OK)
        keeper_failed(o->verb, socket, why.text[0] ? why.text : status_text(status));
    return status == ST_OK;
}

static bool revoke_complete(const struct owner_options *o)
{
    return o->keeper && o->key && o->has_worker != o->has_function_key_id;
}

int keeper_revoke_key(int argc, char **argv)
{
    static const struct argp_option options[] = {
        OPTION_KEEPER,
        OPTION_KEY("The function's owner's, or for a worker the keeper's owner's"),
        {"function-key-id", KEY_FUNCTION_KEY_ID, "ID", 0,
         "Workers no longer get this key; those that have it lose it at their next grant", 1},
        {"worker", KEY_WORKER, "ID", 0, "This worker gets nothing any more; a new epoch begins", 1},
        {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Revokes a function key or a worker, for good.\vExample:\n"
        "  reclave keeper revoke --keeper k.sock --key tenant.pem --function-key-id 0123...",
        NULL,
        NULL,
        NULL};
    struct revocation revocation;
    struct owner_options o;
    uint8_t id[32], mrenclave[32], signer[SIGNING_KEY_BYTES];
    enum status status;

    if (!read_options(argc, argv, &argp, &o, revoke_complete,
                      "--keeper, --key and one of --function-key-id and --worker"))
        return 2;
    if (!keeper_identity(&o, o.keeper, id, mrenclave) || !keeper_public_key(o.verb, o.key, signer))
        return 1;
    status =
        revocation_make(o.has_worker ? REVOKE_WORKER : REVOKE_FUNCTION_KEY,
                        o.has_worker ? o.worker : o.function_key_id,
                        o.has_worker ? sizeof(o.worker) : KEY_ID_BYTES, signer, id, &revocation);
    if (status != ST_OK)
        return keeper_failed(o.verb, "", status_text(status));
    if (!keeper_sign(o.verb, o.key, STATEMENT_REVOCATION, &revocation))
        return 1;
    return send_command(&o, o.keeper, KEEPER_REVOKE, &revocation, sizeof(revocation));
}

static bool handover_complete(const struct owner_options *o)
{
    return o->keeper && o->to && o->key && o->has_to_mrenclave;
}

static int hand_over(const struct owner_options *o, const struct handover_policy *policy)
{
    struct keeper_client from, to;
    struct message why = {""};
    enum status status;

    if (!keeper_connect(o->verb, o->keeper, &from))
        return 1;
    if (!keeper_connect(o->verb, o->to, &to)) {
        keeper_client_close(&from);
        return 1;
    }
    status = keeper_client_handover(&from, &to, policy, &why);
    keeper_client_close(&from);
    keeper_client_close(&to);
    return status == ST_OK ? 0 : keeper_failed(o->verb, "", why.text);
}

int keeper_do_handover(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"keeper", KEY_KEEPER, "SOCKET", 0, "The keeper that hands over", 1},
        {"to", KEY_TO, "SOCKET", 0, "The new one: started, of the same owner and root", 1},
        {"to-mrenclave", KEY_TO_MRENCLAVE, "HEX", 0, "The new image, as its publisher says", 1},
        OPTION_KEY("The keepers' owner's"),
        {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Gives the function keys to a keeper of another image, as far as their owners' policies "
        "accept that image. Signing and epoch keys stay where they are.\vExample:\n"
        "  reclave keeper handover --keeper old.sock --to new.sock --to-mrenclave 0123... \\\n"
        "      --key owner.pem",
        NULL,
        NULL,
        NULL};
    struct handover_policy policy;
    struct owner_options o;
    uint8_t id[32], mrenclave[32];

    if (!read_options(argc, argv, &argp, &o, handover_complete,
                      "--keeper, --to, --to-mrenclave and --key"))
        return 2;
    if (!keeper_identity(&o, o.keeper, id, mrenclave))
        return 1;
    handover_policy_make(id, mrenclave, o.to_mrenclave, &policy);
    if (!keeper_sign(o.verb, o.key, STATEMENT_HANDOVER, &policy))
        return 1;
    return hand_over(&o, &policy);
}

/* ---- describe ------------------------------------------------------------------------------- */

static bool describe_complete(const struct owner_options *o)
{
    return o->keeper && o->trust.policy;
}

static int write_description(const struct owner_options *o, json_t *object)
{
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    int code = 0;

    if (!text)
        return keeper_failed(o->verb, "", "out of memory");
    if (!o->output)
        puts(text);
    else if (file_write(o->output, text, strlen(text)) != ST_OK)
        code = keeper_failed(o->verb, o->output, strerror(errno));
    free(text);
    return code;
}

static int describe(const struct owner_options *o, struct reclave_verifier *verifier)
{
    struct keeper_client client;
    struct fleet_keeper keeper;
    json_t *description;
    int code = 1;

    if (!keeper_connect(o->verb, o->keeper, &client))
        return 1;
    description = keeper_know(o->verb, &client, verifier, &keeper);
    if (description)
        code = write_description(o, description);
    json_decref(description);
    keeper_client_close(&client);
    return code;
}

int keeper_describe_fleet(int argc, char **argv)
{
    static const struct argp_option options[] = {
        OPTION_KEEPER,
        {"output", 'o', "FILE", 0, "Where the description goes (JSON; default: stdout)", 1},
        {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Verifies the keeper and writes what a caller of its fleet needs: quote, identity, owner, "
        "platform policy and the certificate of the epoch's receiving key.\vExample:\n"
        "  reclave keeper describe --keeper k.sock --verify keeper.json -o fleet.json",
        trust_child,
        NULL,
        NULL};
    struct reclave_verifier *verifier;
    struct owner_options o;
    int code;

    if (!read_options(argc, argv, &argp, &o, describe_complete, "--keeper and --verify"))
        return 2;
    verifier = trust_verifier(o.verb, &o.trust);
    if (!verifier)
        return 1;
    code = describe(&o, verifier);
    reclave_verifier_free(verifier);
    return code;
}
