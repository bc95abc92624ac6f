/* reclave invoke: a function in a worker, verified before it is asked and after it has answered. */
#include "cli/invoke.h"

#include "abi/geometry.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/number.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB             (UINT64_C(1) << 20)
#define NONCE_DEFAULT   32u
#define TIMEOUT_DEFAULT 60000u
#define TIMEOUT_MAX     (UINT64_C(1) << 32) /* ms */

enum key {
    KEY_WORKER = 0x100,
    KEY_ENCRYPT,
    KEY_VERIFY,
    KEY_INPUT,
    KEY_INPUT_LINES,
    KEY_EVIDENCE,
    KEY_NONCE,
    KEY_ARG,
    KEY_ENV,
    KEY_SESSION,
    KEY_SLOT,
    KEY_PAD,
    KEY_TIMEOUT,
    KEY_OUTPUT_LIMIT,
    KEY_KEEPER,
    KEY_TENANCY,
    KEY_ENCRYPTED_ONLY,
    KEY_OLDEST_COUNTER,
    KEY_NODE,
    KEY_ACTION,
    KEY_AUTH,
    KEY_ENCLAVE,
};

static const struct argp_option options[] = {
    {"worker", KEY_WORKER, "SOCKET", 0, "The worker (reclave worker --socket)", 1},
    {"node", KEY_NODE, "URL", 0,
     "Instead of a worker: the API of a `reclave serve` that has the function as an action", 1},
    {"action", KEY_ACTION, "NAME", 0, "With --node: [PACKAGE/]NAME of the action", 1},
    {"auth", KEY_AUTH, "UUID:KEY", 0, "With --node: who calls (default: $" NODE_AUTH_VARIABLE ")",
     1},
    {"enclave", KEY_ENCLAVE, "N", 0,
     "With --node: the enclave to encrypt to, as the node numbers them (default 0)", 1},
    {"encrypt", KEY_ENCRYPT, NULL, 0,
     "Encrypt input, arguments and environment to the enclave, and the output to here", 1},
    {"verify", KEY_VERIFY, "POLICY", 0,
     "What the enclave must be, and what its evidence must say (docs/verify.md); nothing is sent "
     "before",
     1},
    {"keeper", KEY_KEEPER, "FILE", 0,
     "Verify this keeper (`reclave keeper describe -o FILE`) instead of the worker, and encrypt to "
     "its epoch's key: any worker of the fleet can serve. Implies --encrypt; --verify POLICY needs "
     "keeper_owner",
     1},
    {"input", KEY_INPUT, "FILE", 0, "The function's input (default -: standard input)", 1},
    {"input-lines", KEY_INPUT_LINES, NULL, 0, "One invocation per line of the input", 1},
    {"session", KEY_SESSION, NULL, 0,
     "Send all in one session: in order, each executed once, at a fraction of the cost", 1},
    {"arg", KEY_ARG, "A", 0, "An argument for the function; may repeat", 2},
    {"env", KEY_ENV, "K=V", 0, "An environment variable for the function; may repeat", 2},
    {"evidence", KEY_EVIDENCE, "FILE", 0,
     "Write the evidence, and the quote that it is rooted in to FILE.quote", 3},
    {"nonce", KEY_NONCE, "HEX", 0,
     "The nonce in the evidence, 16 to 128 hexadecimal digits (default: random)", 3},
    {"json", 'j', NULL, 0, "Print what the evidence says as one line of JSON on stderr", 3},
    {"pad", KEY_PAD, "none|power|N", 0,
     "Hide lengths: pad messages to the next power of two, or multiple of N (a power of two)", 4},
    {"slot", KEY_SLOT, "N", 0, "The worker's slot (default: where the function is, or a free one)",
     4},
    {"timeout", KEY_TIMEOUT, "MS", 0, "Time limit of an invocation (default 60000; 0: none)", 4},
    {"output-limit", KEY_OUTPUT_LIMIT, "MIB", 0, "Largest output (default 1, at most 32)", 4},
    {"tenancy", KEY_TENANCY, "sequential|shared", 0,
     "With --keeper: as its workers were started (default sequential)", 5},
    {"encrypted-only", KEY_ENCRYPTED_ONLY, NULL, 0, "... likewise", 5},
    {"oldest-counter", KEY_OLDEST_COUNTER, "N", 0,
     "With --keeper: refuse it if its state is older than this (the highest \"counter\" seen)", 5},
    {0}};

static uint64_t number(const char *text, const char *option, uint64_t least, uint64_t most,
                       struct argp_state *state)
{
    uint64_t value = 0;

    if (!number_parse(text, least, most, &value))
        argp_error(state, "%s needs a number from %llu to %llu, not \"%s\"", option,
                   (unsigned long long)least, (unsigned long long)most, text);
    return value;
}

static uint32_t padding(const char *text, struct argp_state *state)
{
    uint64_t value = 0;

    if (strcmp(text, "none") == 0)
        return RECLAVE_PAD_NONE;
    if (strcmp(text, "power") == 0)
        return RECLAVE_PAD_POWER_OF_TWO;
    if (!number_parse(text, 16, MIB, &value) || value & (value - 1))
        argp_error(state, "--pad needs none, power, or a power of two from 16 to 1048576");
    return (uint32_t)value;
}

static void append(const char **list, size_t *count, const char *value, const char *option,
                   struct argp_state *state)
{
    if (*count == INVOKE_STRINGS_MAX)
        argp_error(state, "more than %d times %s", INVOKE_STRINGS_MAX, option);
    list[(*count)++] = value;
}

static void check_complete(const struct invoke_options *invoke, struct argp_state *state)
{
    bool about_keeper = invoke->fleet.shared_tenancy || invoke->fleet.encrypted_only ||
                        invoke->fleet.oldest_counter;

    if (!invoke->function)
        argp_error(state, "which function? Name an .rcl file or its bundle_sha256");
    if (!invoke->worker == !invoke->node.url)
        argp_error(state, "give either --worker SOCKET or --node URL");
    if (about_keeper && !invoke->keeper)
        argp_error(state, "--tenancy, --encrypted-only and --oldest-counter are about a fleet: "
                          "--keeper FILE is missing");
    if (invoke->node.url && (!invoke->encrypt || !invoke->node.action))
        argp_error(state, "--node needs --action NAME and --encrypt; in the clear any OpenWhisk "
                          "client can call it");
    if (!invoke->node.url && (invoke->node.action || invoke->node.auth || invoke->has_enclave))
        argp_error(state, "--action, --auth and --enclave are about a service: --node URL is "
                          "missing");
    if (invoke->keeper && invoke->has_enclave)
        argp_error(state, "--enclave is of requests to one enclave: with --keeper any can serve");
    if (invoke->node.url && invoke->has_slot)
        argp_error(state, "--slot is a worker's: a node chooses one itself");
    if (invoke->encrypt && !invoke->trust.policy)
        argp_error(state, "--encrypt needs --verify POLICY: encrypted to a key that nobody "
                          "verified, the input is anybody's");
    if (invoke->evidence && !invoke->trust.policy)
        argp_error(state, "--evidence needs --verify POLICY: evidence is rooted in a quote");
    if (invoke->session && !invoke->encrypt)
        argp_error(state, "--session is of encrypted requests: --encrypt is missing");
    if (invoke->evidence && invoke->input_lines)
        argp_error(state, "--evidence is of one invocation: not with --input-lines");
}

static error_t parse_fleet(int key, char *argument, struct argp_state *state)
{
    struct invoke_options *invoke = state->input;

    switch (key) {
    case KEY_KEEPER:
        invoke->keeper = argument;
        invoke->encrypt = true;
        return 0;
    case KEY_TENANCY:
        invoke->fleet.shared_tenancy = strcmp(argument, "shared") == 0;
        if (!invoke->fleet.shared_tenancy && strcmp(argument, "sequential") != 0)
            argp_error(state, "--tenancy: '%s' is neither sequential nor shared", argument);
        return 0;
    case KEY_ENCRYPTED_ONLY:
        invoke->fleet.encrypted_only = true;
        return 0;
    case KEY_OLDEST_COUNTER:
        invoke->fleet.oldest_counter = number(argument, "--oldest-counter", 0, INT64_MAX, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_more(int key, char *argument, struct argp_state *state)
{
    struct invoke_options *invoke = state->input;

    switch (key) {
    case KEY_NONCE:
        if (!nonce_parse(argument, invoke->nonce, &invoke->nonce_bytes))
            argp_error(state, "--nonce needs 16 to 128 hexadecimal digits, not \"%s\"", argument);
        return 0;
    case KEY_PAD:
        invoke->padding = padding(argument, state);
        return 0;
    case KEY_SLOT:
        invoke->slot = number(argument, "--slot", 0, SLOTS_MAX - 1, state);
        invoke->has_slot = true;
        return 0;
    case KEY_TIMEOUT:
        invoke->timeout_ms = number(argument, "--timeout", 0, TIMEOUT_MAX, state);
        return 0;
    case KEY_OUTPUT_LIMIT:
        invoke->output_limit = MIB * number(argument, "--output-limit", 1, 32, state);
        return 0;
    case 'j':
        invoke->json = true;
        return 0;
    default:
        return parse_fleet(key, argument, state);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct invoke_options *invoke = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &invoke->trust;
        return 0;
    case KEY_WORKER:
        invoke->worker = argument;
        return 0;
    case KEY_NODE:
        if (!node_is_url(argument))
            argp_error(state, "--node needs http://HOST:PORT or https://..., not \"%s\"", argument);
        invoke->node.url = argument;
        return 0;
    case KEY_ACTION:
        invoke->node.action = argument;
        return 0;
    case KEY_AUTH:
        invoke->node.auth = argument;
        return 0;
    case KEY_ENCLAVE:
        invoke->node.enclave = (unsigned)number(argument, "--enclave", 0, 63, state);
        invoke->has_enclave = true;
        return 0;
    case KEY_ENCRYPT:
        invoke->encrypt = true;
        return 0;
    case KEY_VERIFY:
        invoke->trust.policy = argument;
        return 0;
    case KEY_INPUT:
        invoke->input = argument;
        return 0;
    case KEY_INPUT_LINES:
        invoke->input_lines = true;
        return 0;
    case KEY_SESSION:
        invoke->session = true;
        return 0;
    case KEY_ARG:
        append(invoke->args + 1, &invoke->arg_count, argument, "--arg", state);
        return 0;
    case KEY_ENV:
        append(invoke->env, &invoke->env_count, argument, "--env", state);
        return 0;
    case KEY_EVIDENCE:
        invoke->evidence = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (invoke->function)
            argp_error(state, "one function at a time, please");
        invoke->function = argument;
        return 0;
    case ARGP_KEY_END:
        check_complete(invoke, state);
        return 0;
    default:
        return parse_more(key, argument, state);
    }
}

/* A quote made for a challenge drawn now, verified against the policy. */
static enum status verify_enclave(struct invoke *invoke, struct message *why)
{
    uint8_t challenge[CHALLENGE_BYTES];
    enum status status;

    if (!nonce_draw(challenge, sizeof(challenge))) {
        message_set(why, "no random bytes: %s", strerror(errno));
        return ST_IO;
    }
    reclave_verifier_set_challenge(invoke->verifier, challenge);
    status = invoke->node.url
                 ? node_attested(&invoke->node, challenge, &invoke->attested, why)
                 : attested_from_worker(invoke->client, (unsigned)invoke->options->slot, challenge,
                                        &invoke->attested, why);
    if (status != ST_OK)
        return status;
    invoke->enclave = attested_verify(&invoke->attested, invoke->verifier,
                                      invoke->options->trust.collateral != NULL, why);
    return invoke->enclave ? ST_OK : ST_CORRUPT;
}

/* Offline: the worker has no part in it. */
static enum status verify_keeper(struct invoke *invoke, struct message *why)
{
    const char *path = invoke->options->keeper;
    enum status status =
        file_read(path, RECLAVE_FLEET_BYTES_MAX, &invoke->keeper.data, &invoke->keeper.bytes);
    struct reclave_verdict verdict;

    if (status != ST_OK) {
        message_set(why, "%.200s: %s", path,
                    status == ST_IO ? strerror(errno) : "larger than any keeper's description");
        return status;
    }
    if (reclave_fleet_verify(invoke->verifier, invoke->keeper.data, invoke->keeper.bytes,
                             &invoke->options->fleet, &verdict, &invoke->enclave))
        return ST_OK;
    message_set(why, "the keeper is rejected at %s: %s", reclave_step_name(verdict.failed_step),
                verdict.reason);
    return ST_CORRUPT;
}

static enum status invoke_once(struct invoke *invoke, const struct blob *input, bool *all_ok)
{
    struct message why = {""};
    bool ok = false;
    enum status status = invoke->options->encrypt ? invoke_sealed(invoke, input, &ok, &why)
                                                  : invoke_plain(invoke, input, &ok, &why);

    if (status != ST_OK || !ok)
        fprintf(stderr, "reclave invoke: %s\n", why.text);
    *all_ok = *all_ok && ok;
    return status;
}

/* A line without its newline is an input. */
static enum status invoke_lines(struct invoke *invoke, const struct blob *input, bool *all_ok)
{
    uint8_t *at = input->data, *end = input->data + input->bytes;
    enum status status = ST_OK;

    while (at < end && status == ST_OK) {
        uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        uint8_t *stop = newline ? newline : end;
        const struct blob line = {at, (size_t)(stop - at)};

        status = invoke_once(invoke, &line, all_ok);
        at = newline ? newline + 1 : end;
    }
    return status;
}

/* From the worker's greeting to a function that is there, verified, with a session if wanted. */
static enum status prepare(struct invoke *invoke)
{
    const struct invoke_options *given = invoke->options;
    struct message why = {""};
    enum status status = given->keeper ? verify_keeper(invoke, &why) : ST_OK;

    if (status == ST_OK && given->worker)
        status = client_open(given->worker, &invoke->client, &why);
    if (status == ST_OK && invoke->verifier && !given->keeper)
        status = verify_enclave(invoke, &why);
    if (status == ST_OK)
        status = invoke_place(invoke, &why);
    if (status == ST_OK && given->session)
        status = invoke_open_session(invoke, &why);
    if (status != ST_OK)
        fprintf(stderr, "reclave invoke: %s\n", why.text);
    return status;
}

static enum status read_input(const struct invoke_options *given, struct blob *input)
{
    const char *path = given->input ? given->input : "-";
    enum status status = file_read(path, RECLAVE_INPUT_BYTES_MAX, &input->data, &input->bytes);

    if (status != ST_OK)
        fprintf(stderr, "reclave invoke: %s: %s\n", path,
                status == ST_IO             ? strerror(errno)
                : status == ST_OUT_OF_RANGE ? "larger than 64 MiB"
                                            : "out of memory");
    return status;
}

static void release(struct invoke *invoke)
{
    reclave_session_free(invoke->session);
    reclave_enclave_free(invoke->enclave);
    attested_free(&invoke->attested);
    free(invoke->keeper.data);
    free(invoke->certificate.data);
    client_close(invoke->client);
    function_file_close(&invoke->function);
}

static int run(struct invoke_options *given, struct reclave_verifier *verifier)
{
    struct invoke invoke = {.options = given, .node = given->node, .verifier = verifier};
    struct message why = {""};
    struct blob input = {NULL, 0};
    bool all_ok = true;
    enum status status = function_file_open(given->function, &invoke.function, &why);

    if (status != ST_OK)
        fprintf(stderr, "reclave invoke: %s: %s\n", given->function, why.text);
    given->args[0] = invoke.function.name;
    if (status == ST_OK)
        status = read_input(given, &input);
    if (status == ST_OK)
        status = prepare(&invoke);
    if (status == ST_OK)
        status = given->input_lines ? invoke_lines(&invoke, &input, &all_ok)
                                    : invoke_once(&invoke, &input, &all_ok);
    free(input.data);
    release(&invoke);
    return status == ST_OK && all_ok ? 0 : 1;
}

int cmd_invoke(int argc, char **argv)
{
    static const struct argp_child children[] = {{&trust_argp, 0, "Verification:", 20}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "F.rcl|BUNDLE_SHA256",
        .doc = "Runs a function in a worker, which loads it if it has not yet. With --verify, the "
               "enclave's quote is verified before anything is sent, and its evidence before "
               "anything is printed. With --encrypt, the host sees ciphertext only.\v"
               "Exit code: 0 if every invocation ended well, 1 if not, or if something was "
               "refused, 2 for wrong usage.\n\n"
               "Example:\n"
               "  reclave worker --socket w.sock &\n"
               "  reclave invoke f.rcl --worker w.sock --encrypt --verify policy.json --input "
               "secret.txt\n"
               "  reclave keeper describe --keeper k.sock --verify policy.json -o fleet.json\n"
               "  reclave invoke f.rcl --worker w.sock --keeper fleet.json --verify policy.json "
               "--input secret.txt\n"
               "  reclave invoke f.rcl --node https://host:3233 --action f --encrypt --verify "
               "policy.json\n"
               "  reclave invoke f.rcl --node https://host:3233 --action f --keeper fleet.json "
               "--verify policy.json",
        .children = children,
    };
    static struct invoke_options given;
    struct reclave_verifier *verifier = NULL;
    int code;

    given = (struct invoke_options){.timeout_ms = TIMEOUT_DEFAULT, .output_limit = MIB};
    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave invoke";
    if (argp_parse(&argp, argc, argv, 0, NULL, &given) != 0)
        return 2;
    if (given.trust.policy && !(verifier = trust_verifier("reclave invoke", &given.trust)))
        return 2;
    if (!given.nonce_bytes) {
        if (!nonce_draw(given.nonce, NONCE_DEFAULT)) {
            fprintf(stderr, "reclave invoke: no random bytes: %s\n", strerror(errno));
            reclave_verifier_free(verifier);
            return 1;
        }
        given.nonce_bytes = NONCE_DEFAULT;
    }
    code = run(&given, verifier);
    reclave_verifier_free(verifier);
    return code;
}
