/* reclave seal: a bundle that only one attested enclave can read. */
#include "cli/attested.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/function_file.h"
#include "cli/node.h"
#include "cli/number.h"
#include "cli/trust.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct seal_options {
    struct trust_options trust;
    const char *bundle, *to, *output;
    struct node node;
};

enum key { KEY_TO = 0x100, KEY_VERIFY, KEY_AUTH, KEY_ENCLAVE };

static const struct argp_option options[] = {
    {"to", KEY_TO, "QUOTE|SOCKET|URL", 0,
     "Who shall be able to read it: a quote's file as `reclave attest` wrote it, a worker's "
     "socket, or the API of a `reclave serve`",
     1},
    {"auth", KEY_AUTH, "UUID:KEY", 0, "With a URL: who asks (default: $" NODE_AUTH_VARIABLE ")", 1},
    {"enclave", KEY_ENCLAVE, "N", 0,
     "With a URL: which of the node's enclaves, as it numbers them (default 0)", 1},
    {"verify", KEY_VERIFY, "POLICY", 0, "What that enclave must be (docs/verify.md)", 1},
    {"output", 'o', "FILE", 0, "Where the sealed bundle goes", 1},
    {0}};

static void check_complete(const struct seal_options *seal, struct argp_state *state)
{
    if (!seal->bundle)
        argp_error(state, "which bundle? Name an .rcl file");
    if (!seal->to)
        argp_error(state, "--to is missing: who shall be able to read it?");
    if (!seal->trust.policy)
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

static enum status seal_and_write(const struct seal_options *seal,
                                  const struct reclave_enclave *enclave,
                                  const struct function_file *function, struct message *why)
{
    char error[RECLAVE_ERROR_BYTES] = "";
    void *sealed;
    size_t bytes;
    enum status status;

    if (!reclave_bundle_seal(enclave, function->file, function->bytes, function->bundle_sha256,
                             NULL, &sealed, &bytes, error)) {
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
    struct attested attested;
    struct reclave_enclave *enclave;
    enum status status = get_quote(seal, verifier, &attested, why);

    if (status != ST_OK)
        return status;
    enclave = attested_verify(&attested, verifier, seal->trust.collateral != NULL, why);
    status = enclave ? seal_and_write(seal, enclave, function, why) : ST_CORRUPT;
    reclave_enclave_free(enclave);
    attested_free(&attested);
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
        about = seal->to;
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
        .doc = "Encrypts a bundle to the receiving key of an enclave, after verifying its quote: "
               "host and store see ciphertext, size and digest.\v"
               "The key lives as long as the enclave.\n\n"
               "Example:\n"
               "  reclave seal f.rcl --to w.sock --verify policy.json -o f.sealed.rcl",
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
