/* reclave attest: a quote of an enclave, and what a verifier needs with it. */
#include "cli/attested.h"
#include "cli/commands.h"
#include "cli/hex.h"
#include "cli/machine_options.h"
#include "cli/node.h"
#include "cli/number.h"
#include "cli/progress.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

struct attest_options {
    struct machine_options machine;
    const char *worker, *output;
    struct node node;
    uint8_t challenge[CHALLENGE_BYTES];
    bool json, has_enclave;
};

enum key { KEY_NONCE = 0x100, KEY_WORKER, KEY_NODE, KEY_AUTH, KEY_ENCLAVE };

static const struct argp_option options[] = {
    {"nonce", KEY_NONCE, "HEX", 0,
     "Your challenge, 16 to 64 hexadecimal digits: it makes the quote fresh", 1},
    {"output", 'o', "FILE", 0, "Where the quote goes", 1},
    {"worker", KEY_WORKER, "SOCKET", 0,
     "The enclave of this worker (default: a new one, which ends with the command)", 1},
    {"node", KEY_NODE, "URL", 0, "An enclave of the `reclave serve` whose API this is", 1},
    {"auth", KEY_AUTH, "UUID:KEY", 0, "With --node: who asks (default: $" NODE_AUTH_VARIABLE ")",
     1},
    {"enclave", KEY_ENCLAVE, "N", 0, "With --node: which one, as it numbers them (default 0)", 1},
    {"json", 'j', NULL, 0, "Print one JSON object", 2},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct attest_options *attest = state->input;
    uint64_t enclave = 0;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &attest->machine;
        return 0;
    case KEY_NONCE:
        if (!challenge_parse(argument, attest->challenge))
            argp_error(state, "--nonce needs 16 to 64 hexadecimal digits, not \"%s\"", argument);
        return 0;
    case 'o':
        attest->output = argument;
        return 0;
    case KEY_WORKER:
        attest->worker = argument;
        return 0;
    case KEY_NODE:
        if (!node_is_url(argument))
            argp_error(state, "--node needs http://HOST:PORT or https://..., not \"%s\"", argument);
        attest->node.url = argument;
        return 0;
    case KEY_AUTH:
        attest->node.auth = argument;
        return 0;
    case KEY_ENCLAVE:
        if (!number_parse(argument, 0, 63, &enclave))
            argp_error(state, "--enclave needs a number from 0 to 63, not \"%s\"", argument);
        attest->node.enclave = (unsigned)enclave;
        attest->has_enclave = true;
        return 0;
    case 'j':
        attest->json = true;
        return 0;
    case ARGP_KEY_END:
        if (!attest->output)
            argp_error(state, "-o FILE is missing");
        if (attest->worker && attest->node.url)
            argp_error(state, "give either --worker SOCKET or --node URL");
        if (!attest->node.url && (attest->node.auth || attest->has_enclave))
            argp_error(state, "--auth and --enclave are about a service: --node URL is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status from_worker(const struct attest_options *attest, struct attested *out,
                               struct message *why)
{
    struct client *client;
    enum status status = client_open(attest->worker, &client, why);

    if (status != ST_OK)
        return status;
    status = attested_from_worker(client, 0, attest->challenge, out, why);
    client_close(client);
    return status;
}

static enum status from_new_enclave(struct attest_options *attest, struct attested *out,
                                    struct message *why)
{
    struct engine *engine;
    enum status status = machine_options_finish(&attest->machine);

    if (status != ST_OK) {
        message_set(why, "no enclave image");
        return status;
    }
    attest->machine.engine.progress = progress_pages;
    status = engine_open(&attest->machine.engine, &engine, why);
    progress_clear();
    if (status != ST_OK)
        return status;
    status = attested_from_engine(engine, attest->challenge, out, why);
    engine_close(engine);
    return status;
}

static json_t *hex_string(const uint8_t *data, size_t bytes)
{
    char text[2 * 64 + 1];

    return json_string(hex_text(data, bytes, text));
}

static json_t *describe(const struct attest_options *attest, const struct attested *attested)
{
    struct attested_identity identity;

    memcpy(&identity, attested->identity.data, sizeof(identity));
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:b}", "quote", attest->output,
                     "challenge", hex_string(attest->challenge, CHALLENGE_BYTES), "role",
                     identity.role == ROLE_WORKER ? "worker" : "keeper", "signing_key",
                     hex_string(identity.signing_key, SIGNING_KEY_BYTES), "receiving_key",
                     hex_string(identity.receiving_key, RECEIVING_KEY_BYTES), "boot_id",
                     hex_string(identity.boot_id, BOOT_ID_BYTES), "policy_sha256",
                     hex_string(identity.policy_sha256, 32), "collateral",
                     attested->collateral.data != NULL, "root", attested->root.data != NULL);
}

static void print(const struct attest_options *attest, const struct attested *attested)
{
    json_t *object;

    if (!attest->json)
        return;
    object = describe(attest, attested);
    json_dumpf(object, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(object);
}

static int attest_now(struct attest_options *attest)
{
    struct message why = {""};
    struct attested attested = {0};
    enum status status = attest->node.url
                             ? node_attested(&attest->node, attest->challenge, &attested, &why)
                         : attest->worker ? from_worker(attest, &attested, &why)
                                          : from_new_enclave(attest, &attested, &why);

    if (status == ST_OK && attested.identity.bytes != sizeof(struct attested_identity)) {
        message_set(&why, "the worker's answer contradicts itself");
        status = ST_CORRUPT;
    }
    if (status == ST_OK)
        status = attested_save(&attested, attest->output, attest->output, &why);
    if (status == ST_OK)
        print(attest, &attested);
    else
        fprintf(stderr, "reclave attest: %s\n", why.text);
    attested_free(&attested);
    return status == ST_OK ? 0 : 1;
}

int cmd_attest(int argc, char **argv)
{
    static const struct argp_child children[] = {{&machine_argp, 0, "The machine:", 10}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "-o FILE",
        .doc =
            "Gets a quote of an enclave: proof of which code runs there, and of the keys that it "
            "made.\v"
            "Writes the quote to FILE, and beside it FILE.identity (the keys that it binds). "
            "Where the machine issues them, as the emulator does under its development root, "
            "FILE.collateral.json and FILE.root.pem as well; for others ask the platform's "
            "vendor. A root that comes with a quote proves nothing to whoever does not know it "
            "already.\n\n"
            "Example:\n"
            "  reclave attest --nonce $(openssl rand -hex 32) -o q --worker w.sock\n"
            "  reclave verify --quote q --collateral q.collateral.json --nonce ...",
        .children = children,
    };
    struct attest_options attest = {0};

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave attest";
    if (argp_parse(&argp, argc, argv, 0, NULL, &attest) != 0)
        return 2;
    return attest_now(&attest);
}
