/* reclave seal: a bundle that only one attested enclave, a keeper's fleet, or holders of a function
 * key can read. */
#include "cli/attested.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/function_file.h"
#include "cli/keeper.h"
#include "cli/node.h"
#include "cli/number.h"
#include "cli/trust.h"
#include "host/worker/socket.h"

#include "base/bytes.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct seal_options {
    struct trust_options trust;
    const char *bundle, *to, *output, *function_key;
    struct node node;
    bool has_enclave;
};

enum key { KEY_TO = 0x100, KEY_VERIFY, KEY_FUNCTION_KEY, KEY_AUTH, KEY_ENCLAVE };

static const struct argp_option options[] = {
    {"to", KEY_TO, "QUOTE|SOCKET|URL|KEEPER", 0,
     "Who shall be able to read it: a quote's file as `reclave attest` wrote it, a worker's "
     "socket, the API of a `reclave serve`, or for all workers of a keeper its socket or "
     "description (`reclave keeper describe`), until its epoch ends",
     1},
    {"auth", KEY_AUTH, "UUID:KEY", 0, "With a URL: who asks (default: $" NODE_AUTH_VARIABLE ")", 1},
    {"enclave", KEY_ENCLAVE, "N", 0,
     "With a URL: which of the node's enclaves, as it numbers them (default 0)", 1},
    {"verify", KEY_VERIFY, "POLICY", 0,
     "What that enclave must be (docs/verify.md); for a keeper with keeper_owner", 1},
    {"function-key", KEY_FUNCTION_KEY, "FILE", 0,
     "Seal under this key (64 hexadecimal digits) instead of a fresh one: workers to which a "
     "keeper gives it (`reclave keeper release`) can read it, too; --to may then be left out",
     1},
    {"output", 'o', "FILE", 0, "Where the sealed bundle goes", 1},
    {0}};

static void check_complete(const struct seal_options *seal, struct argp_state *state)
{
    if (!seal->bundle)
        argp_error(state, "which bundle? Name an .rcl file");
    if (!seal->to && !seal->function_key)
        argp_error(state, "--to is missing: who shall be able to read it?");
    if ((seal->node.auth || seal->has_enclave) && !(seal->to && node_is_url(seal->to)))
        argp_error(state, "--auth and --enclave are about a service: --to needs its URL");
    if (seal->to && !seal->trust.policy)
        argp_error(state, "--verify POLICY is missing: sealed for an enclave that nobody verified, "
                          "the bundle is anybody's");
    if (!seal->output)
        argp_error(state, "-o FILE is missing");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct seal_options *seal = state->input;
    uint64_t enclave = 0;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &seal->trust;
        return 0;
    case KEY_TO:
        seal->to = argument;
        return 0;
    case KEY_FUNCTION_KEY:
        seal->function_key = argument;
        return 0;
    case KEY_VERIFY:
        seal->trust.policy = argument;
        return 0;
    case 'o':
        seal->output = argument;
        return 0;
    case KEY_AUTH:
        seal->node.auth = argument;
        return 0;
    case KEY_ENCLAVE:
        if (!number_parse(argument, 0, 63, &enclave))
            argp_error(state, "--enclave needs a number from 0 to 63, not \"%s\"", argument);
        seal->node.enclave = (unsigned)enclave;
        seal->has_enclave = true;
        return 0;
    case ARGP_KEY_ARG:
        if (seal->bundle)
            argp_error(state, "one bundle at a time, please");
        seal->bundle = argument;
        return 0;
    case ARGP_KEY_END:
        check_complete(seal, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_socket(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISSOCK(info.st_mode);
}

/* ---- for one enclave ---- */

/* From a socket the quote can be fresh; from a file it is as old as the file. */
static enum status get_quote(const struct seal_options *seal, struct reclave_verifier *verifier,
                             struct attested *attested, struct message *why)
{
    uint8_t challenge[CHALLENGE_BYTES];
    struct client *client;
    enum status status;

    if (!is_socket(seal->to) && !node_is_url(seal->to))
        return attested_from_files(seal->to, attested, why);
    if (!nonce_draw(challenge, sizeof(challenge))) {
        message_set(why, "no random bytes: %s", strerror(errno));
        return ST_IO;
    }
    reclave_verifier_set_challenge(verifier, challenge);
    if (node_is_url(seal->to)) {
        struct node node = seal->node;

        node.url = seal->to;
        return node_attested(&node, challenge, attested, why);
    }
    status = client_open(seal->to, &client, why);
    if (status != ST_OK)
        return status;
    status = attested_from_worker(client, 0, challenge, attested, why);
    client_close(client);
    return status;
}

static enum status verify_enclave(const struct seal_options *seal,
                                  struct reclave_verifier *verifier,
                                  struct reclave_enclave **enclave, struct message *why)
{
    struct attested attested;
    enum status status = get_quote(seal, verifier, &attested, why);

    if (status != ST_OK)
        return status;
    *enclave = attested_verify(&attested, verifier, seal->trust.collateral != NULL, why);
    attested_free(&attested);
    return *enclave ? ST_OK : ST_CORRUPT;
}

/* ---- for a keeper's fleet ---- */

/* Is this a description? A quote begins with its version, which is no '{'. */
static enum status read_description(const char *path, struct blob *out, struct message *why)
{
    enum status status = file_read(path, RECLAVE_FLEET_BYTES_MAX, &out->data, &out->bytes);
    size_t at = 0;

    if (status != ST_OK) {
        message_set(why, "%s", status == ST_IO ? strerror(errno) : "larger than any such file");
        return status;
    }
    while (at < out->bytes && strchr(" \t\r\n", out->data[at]))
        at++;
    return at < out->bytes && out->data[at] == '{' ? ST_OK : ST_NOT_FOUND;
}

/* Whoever answers a keeper's question in a keeper's words is treated as one; what it is, its quote
 * says. A worker answers that it does not understand. */
static bool answers_as_keeper(const char *socket)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct keeper_quote quote = {0};
    struct keeper_client client;
    struct message ignored = {""};
    bool good;

    if (socket_connect(socket, &client.fd, &ignored) != ST_OK)
        return false;
    good = keeper_client_quote(&client, nobody, &quote, &ignored) == ST_OK;
    keeper_quote_free(&quote);
    keeper_client_close(&client);
    return good;
}

static enum status ask_keeper(const char *socket, struct reclave_verifier *verifier,
                              struct blob *out, struct message *why)
{
    struct keeper_client client;
    struct fleet_keeper ignored;
    json_t *description;

    if (!keeper_connect("reclave seal", socket, &client))
        return ST_IO;
    description = keeper_know("reclave seal", &client, verifier, &ignored);
    keeper_client_close(&client);
    if (!description) {
        message_set(why, "nothing is sealed for it");
        return ST_CORRUPT;
    }
    out->data = (uint8_t *)json_dumps(description, JSON_COMPACT);
    json_decref(description);
    out->bytes = out->data ? strlen((char *)out->data) : 0;
    return out->data ? ST_OK : ST_NO_MEMORY;
}

static enum status verify_fleet(const struct reclave_verifier *verifier,
                                const struct blob *description, struct reclave_enclave **fleet,
                                struct message *why)
{
    struct reclave_verdict verdict;

    if (reclave_fleet_verify(verifier, description->data, description->bytes, NULL, &verdict,
                             fleet))
        return ST_OK;
    message_set(why, "the keeper is rejected at %s: %s", reclave_step_name(verdict.failed_step),
                verdict.reason);
    return ST_CORRUPT;
}

/* ST_NOT_FOUND: `to` is no keeper's. */
static enum status get_fleet(const struct seal_options *seal, struct reclave_verifier *verifier,
                             struct reclave_enclave **fleet, struct message *why)
{
    struct blob description = {NULL, 0};
    enum status status = ST_NOT_FOUND;

    if (node_is_url(seal->to))
        return ST_NOT_FOUND;
    if (!is_socket(seal->to))
        status = read_description(seal->to, &description, why);
    else if (answers_as_keeper(seal->to))
        status = ask_keeper(seal->to, verifier, &description, why);
    if (status == ST_OK)
        status = verify_fleet(verifier, &description, fleet, why);
    free(description.data);
    return status;
}

/* ---- sealing ---- */

static enum status seal_and_write(const struct seal_options *seal,
                                  const struct reclave_enclave *enclave,
                                  const struct function_file *function, struct message *why)
{
    uint8_t key[FUNCTION_KEY_BYTES];
    char error[RECLAVE_ERROR_BYTES] = "";
    void *sealed;
    size_t bytes;
    enum status status;
    bool good;

    if (seal->function_key && !keeper_function_key("reclave seal", seal->function_key, key)) {
        message_set(why, "nothing is sealed under it");
        return ST_INVALID_ARGUMENT;
    }
    good = reclave_bundle_seal(enclave, function->file, function->bytes, function->bundle_sha256,
                               seal->function_key ? key : NULL, &sealed, &bytes, error);
    bytes_wipe(key, sizeof(key));
    if (!good) {
        message_set(why, "%s", error);
        return ST_IO;
    }
    status = file_write(seal->output, sealed, bytes);
    if (status != ST_OK)
        message_set(why, "%.200s: %s", seal->output, strerror(errno));
    free(sealed);
    return status;
}

static enum status seal_function(const struct seal_options *seal, struct reclave_verifier *verifier,
                                 const struct function_file *function, struct message *why)
{
    struct reclave_enclave *enclave = NULL;
    enum status status = ST_OK;

    if (seal->to) {
        status = get_fleet(seal, verifier, &enclave, why);
        if (status == ST_NOT_FOUND)
            status = verify_enclave(seal, verifier, &enclave, why);
    }
    if (status == ST_OK)
        status = seal_and_write(seal, enclave, function, why);
    reclave_enclave_free(enclave);
    return status;
}

static int seal_now(const struct seal_options *seal, struct reclave_verifier *verifier)
{
    struct message why = {""};
    struct function_file function;
    enum status status = function_file_open(seal->bundle, &function, &why);
    const char *about = seal->bundle;

    if (status == ST_OK && (!function.file || function.sealed)) {
        message_set(&why, "not a bundle in the clear");
        status = ST_INVALID_ARGUMENT;
    } else if (status == ST_OK) {
        about = seal->to ? seal->to : seal->function_key;
        status = seal_function(seal, verifier, &function, &why);
    }
    if (status != ST_OK)
        fprintf(stderr, "reclave seal: %s: %s\n", about, why.text);
    function_file_close(&function);
    return status == ST_OK ? 0 : 1;
}

int cmd_seal(int argc, char **argv)
{
    static const struct argp_child children[] = {{&trust_argp, 0, "Verification:", 20}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "F.rcl",
        .doc =
            "Encrypts a bundle to the receiving key of an enclave or of a keeper's fleet, after "
            "verifying its quote: host and store see ciphertext, size and digest.\v"
            "The enclave's key lives as long as the enclave, a fleet's until the epoch after the "
            "present one ends, a function key until it is revoked.\n\n"
            "Example:\n"
            "  reclave seal f.rcl --to w.sock --verify policy.json -o f.sealed.rcl\n"
            "  reclave seal f.rcl --function-key f.key -o f.sealed.rcl",
        .children = children,
    };
    struct seal_options seal = {0};
    struct reclave_verifier *verifier;
    int code;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave seal";
    if (argp_parse(&argp, argc, argv, 0, NULL, &seal) != 0)
        return 2;
    verifier = trust_verifier("reclave seal", &seal.trust);
    if (!verifier)
        return 2;
    code = seal_now(&seal, verifier);
    reclave_verifier_free(verifier);
    return code;
}
