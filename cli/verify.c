/* reclave verify: is this quote of a genuine, up-to-date platform and the enclave that I want? */
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/hex.h"
#include "cli/number.h"
#include "cli/verify_print.h"
#include "client/reclave_client.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_BYTES_MAX (64u * 1024)
#define EXIT_ACCEPT    0
#define EXIT_REJECT    1
#define EXIT_USAGE     2 /* nothing was verified: wrong options, or a file of the caller's own */

struct arguments {
    const char *quote, *collateral, *policy, *root;
    const char *evidence_option; /* the first option given that is about evidence */
    uint64_t time;
    uint8_t nonce[RECLAVE_CHALLENGE_BYTES];
    bool has_time, has_nonce, allow_missing_crl, json;
};

enum option_key {
    KEY_QUOTE = 256,
    KEY_COLLATERAL,
    KEY_POLICY,
    KEY_ROOT,
    KEY_TIME,
    KEY_ALLOW_MISSING_CRL,
    KEY_EVIDENCE,
    KEY_NONCE,
    KEY_INPUT,
    KEY_OUTPUT,
};

static const struct argp_option options[] = {
    {"quote", KEY_QUOTE, "FILE", 0, "The quote to verify (\"-\": standard input)", 1},
    {"collateral", KEY_COLLATERAL, "FILE.json", 0,
     "What the platform's vendor says of it: TCB info, QE identity, CRLs", 1},
    {"policy", KEY_POLICY, "FILE", 0,
     "What to accept (JSON); by default, any enclave that is not a debug one on a platform that is "
     "UpToDate or SWHardeningNeeded",
     1},
    {"time", KEY_TIME, "UNIX", 0, "Verify as of this time, in seconds since 1970", 2},
    {"root", KEY_ROOT, "FILE", 0, "Trust this root certificate instead of Intel's", 2},
    {"allow-missing-crl", KEY_ALLOW_MISSING_CRL, NULL, 0,
     "Accept collateral without CRLs: revoked keys may pass", 2},
    {"nonce", KEY_NONCE, "HEX", 0,
     "The challenge that the quote must have been made for: 64 hexadecimal digits", 1},
    {"evidence", KEY_EVIDENCE, "FILE", 0, "Evidence of an invocation (not in this version)", 3},
    {"input", KEY_INPUT, "FILE", 0, "... the input (not in this version)", 3},
    {"output", KEY_OUTPUT, "FILE", 0, "... the output (not in this version)", 3},
    {"json", 'j', NULL, 0, "Print one JSON object", 4},
    {0}};

static void take_once(const char **place, const char *value, const char *option,
                      struct argp_state *state)
{
    if (*place)
        argp_error(state, "%s is given twice", option);
    *place = value;
}

static void take_nonce(struct arguments *arguments, const char *text, struct argp_state *state)
{
    if (arguments->has_nonce)
        argp_error(state, "--nonce is given twice");
    if (!hex_parse(text, arguments->nonce, sizeof(arguments->nonce)))
        argp_error(state, "--nonce needs %d hexadecimal digits, not \"%s\"",
                   2 * RECLAVE_CHALLENGE_BYTES, text);
    arguments->has_nonce = true;
}

static void check_complete(const struct arguments *arguments, struct argp_state *state)
{
    if (!arguments->quote)
        argp_error(state, "--quote FILE is missing");
    if (arguments->evidence_option)
        argp_error(state, "%s: this version verifies quotes only, not evidence",
                   arguments->evidence_option);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case KEY_QUOTE:
        take_once(&arguments->quote, argument, "--quote", state);
        return 0;
    case KEY_COLLATERAL:
        take_once(&arguments->collateral, argument, "--collateral", state);
        return 0;
    case KEY_POLICY:
        take_once(&arguments->policy, argument, "--policy", state);
        return 0;
    case KEY_ROOT:
        take_once(&arguments->root, argument, "--root", state);
        return 0;
    case KEY_TIME:
        if (!number_parse(argument, 0, INT64_MAX, &arguments->time))
            argp_error(state, "--time needs seconds since 1970, not \"%s\"", argument);
        arguments->has_time = true;
        return 0;
    case KEY_ALLOW_MISSING_CRL:
        arguments->allow_missing_crl = true;
        return 0;
    case KEY_EVIDENCE:
        arguments->evidence_option = "--evidence";
        return 0;
    case KEY_NONCE:
        take_nonce(arguments, argument, state);
        return 0;
    case KEY_INPUT:
        arguments->evidence_option = "--input";
        return 0;
    case KEY_OUTPUT:
        arguments->evidence_option = "--output";
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\": files are named by options", argument);
        return 0;
    case ARGP_KEY_END:
        check_complete(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "--quote FILE [--collateral FILE.json]",
    "Verifies an SGX quote (DCAP ECDSA, version 3 or 4): signatures up to Intel's root, "
    "revocation, the platform's TCB status and, with a policy, which enclave it is. What is "
    "missing "
    "or unknown is a rejection.\v"
    "Exit code: 0 accept, 1 reject, 2 wrong usage or a file that could not be read, so that "
    "nothing was verified. docs/verify.md lists the steps, the policy's fields and the members of "
    "--json.\n\n"
    "Example:\n"
    "  reclave verify --quote q.bin --collateral c.json --policy p.json --json",
    NULL,
    NULL,
    NULL};

static int failed(const char *path, const char *why)
{
    fprintf(stderr, "reclave verify: %s: %s\n", path, why);
    return EXIT_USAGE;
}

struct file {
    uint8_t *data;
    size_t bytes;
};

static bool read_file(const char *path, size_t limit, struct file *file)
{
    enum status status = file_read(path, limit, &file->data, &file->bytes);

    if (status == ST_OK)
        return true;
    failed(path, status == ST_IO             ? strerror(errno)
                 : status == ST_OUT_OF_RANGE ? "is larger than any such file"
                                             : "out of memory");
    return false;
}

/* Each takes its file into the verifier; false: said on stderr why not. */

static bool set_root(struct reclave_verifier *verifier, const char *path)
{
    char error[RECLAVE_ERROR_BYTES];
    struct file file = {NULL, 0};
    bool good;

    if (!read_file(path, ROOT_BYTES_MAX, &file))
        return false;
    good = reclave_verifier_set_root(verifier, file.data, file.bytes, error);
    if (!good)
        failed(path, error);
    free(file.data);
    return good;
}

static bool set_policy(struct reclave_verifier *verifier, const char *path)
{
    char error[RECLAVE_ERROR_BYTES];
    struct file file = {NULL, 0};
    bool good;

    if (!read_file(path, RECLAVE_POLICY_BYTES_MAX, &file))
        return false;
    good = reclave_verifier_set_policy(verifier, file.data, file.bytes, error);
    if (!good)
        failed(path, error);
    free(file.data);
    return good;
}

/* One byte more than the limit: too long is the library's verdict, not a failure to read. */
static bool set_collateral(struct reclave_verifier *verifier, const char *path)
{
    struct file file = {NULL, 0};
    bool good;

    if (!read_file(path, RECLAVE_COLLATERAL_BYTES_MAX + 1, &file))
        return false;
    good = reclave_verifier_set_collateral(verifier, file.data, file.bytes);
    if (!good)
        failed(path, "out of memory");
    free(file.data);
    return good;
}

static struct reclave_verifier *make_verifier(const struct arguments *arguments)
{
    struct reclave_verifier *verifier = reclave_verifier_new();

    if (!verifier) {
        failed("libreclave-client", "out of memory");
        return NULL;
    }
    if (arguments->has_time)
        reclave_verifier_set_time(verifier, (int64_t)arguments->time);
    if (arguments->has_nonce)
        reclave_verifier_set_challenge(verifier, arguments->nonce);
    reclave_verifier_allow_missing_crl(verifier, arguments->allow_missing_crl);
    if ((!arguments->root || set_root(verifier, arguments->root)) &&
        (!arguments->policy || set_policy(verifier, arguments->policy)) &&
        (!arguments->collateral || set_collateral(verifier, arguments->collateral)))
        return verifier;
    reclave_verifier_free(verifier);
    return NULL;
}

static void print(const struct reclave_verdict *verdict, bool as_json)
{
    json_t *object;

    if (!as_json) {
        verdict_print(verdict);
        return;
    }
    object = verdict_json(verdict);
    json_dumpf(object, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(object);
}

static int verify(const struct reclave_verifier *verifier, const struct arguments *arguments)
{
    struct reclave_verdict verdict;
    struct file quote = {NULL, 0};

    if (!read_file(arguments->quote, RECLAVE_QUOTE_BYTES_MAX + 1, &quote))
        return EXIT_USAGE;
    if (!reclave_verify_quote(verifier, quote.data, quote.bytes, &verdict))
        fprintf(stderr, "reclave verify: %s: rejected at %s: %s\n", arguments->quote,
                reclave_step_name(verdict.failed_step), verdict.reason);
    free(quote.data);
    print(&verdict, arguments->json);
    return verdict.accepted ? EXIT_ACCEPT : EXIT_REJECT;
}

int cmd_verify(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct reclave_verifier *verifier;
    int code;

    argp_err_exit_status = EXIT_USAGE;
    argv[0] = (char *)"reclave verify";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    verifier = make_verifier(&arguments);
    if (!verifier)
        return EXIT_USAGE;
    code = verify(verifier, &arguments);
    reclave_verifier_free(verifier);
    return code;
}
