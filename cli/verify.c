/* reclave verify: is this quote of a genuine, up-to-date platform and the enclave that I want? */
#include "cli/attested.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/number.h"
#include "cli/trust.h"
#include "cli/verify_print.h"
#include "client/reclave_client.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_ACCEPT 0
#define EXIT_REJECT 1
#define EXIT_USAGE  2 /* nothing was verified: wrong options, or a file of the caller's own */

#define STRINGS_MAX 64 /* --arg, and as many --env */

struct arguments {
    struct trust_options trust;
    const char *quote, *keeper, *certificate, *evidence, *input, *output, *nonce, *challenge, *name;
    const char *args[STRINGS_MAX + 1]; /* the function's name first */
    const char *env[STRINGS_MAX];
    size_t arg_count, env_count;
    struct reclave_fleet_options fleet;
    bool json;
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
    KEY_CHALLENGE,
    KEY_NAME,
    KEY_ARG,
    KEY_ENV,
    KEY_KEEPER,
    KEY_CERTIFICATE,
    KEY_TENANCY,
    KEY_ENCRYPTED_ONLY,
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
     "Without --evidence: the challenge that the quote must have been made for, 16 to 64 "
     "hexadecimal digits. With it: the invocation's nonce, 16 to 128",
     1},
    {"challenge", KEY_CHALLENGE, "HEX", 0, "With --evidence: the quote's challenge", 1},
    {"evidence", KEY_EVIDENCE, "FILE", 0, "Evidence of an invocation by the quoted enclave", 3},
    {"input", KEY_INPUT, "FILE", 0, "... on this input", 3},
    {"output", KEY_OUTPUT, "FILE", 0, "... with this output", 3},
    {"name", KEY_NAME, "NAME", 0, "... under this name, and exactly the --arg and --env given", 3},
    {"arg", KEY_ARG, "A", 0, "... with this argument; may repeat", 3},
    {"env", KEY_ENV, "K=V", 0, "... with this environment variable; may repeat", 3},
    {"keeper", KEY_KEEPER, "FILE", 0,
     "Instead of --quote: the keeper of the fleet whose worker served (`reclave keeper describe`)",
     3},
    {"certificate", KEY_CERTIFICATE, "FILE", 0, "... and its certificate for that worker", 3},
    {"tenancy", KEY_TENANCY, "sequential|shared", 0,
     "... whose workers were started so (default sequential)", 3},
    {"encrypted-only", KEY_ENCRYPTED_ONLY, NULL, 0, "... likewise", 3},
    {"json", 'j', NULL, 0, "Print one JSON object", 4},
    {0}};

static void take_once(const char **place, const char *value, const char *option,
                      struct argp_state *state)
{
    if (*place)
        argp_error(state, "%s is given twice", option);
    *place = value;
}

static void append(const char **list, size_t *count, const char *value, const char *option,
                   struct argp_state *state)
{
    if (*count == STRINGS_MAX)
        argp_error(state, "more than %d times %s", STRINGS_MAX, option);
    list[(*count)++] = value;
}

static void check_hex(const char *text, bool is_nonce, const char *option, struct argp_state *state)
{
    uint8_t bytes[NONCE_MAX];
    size_t count;

    if (text && !(is_nonce ? nonce_parse(text, bytes, &count) : challenge_parse(text, bytes)))
        argp_error(state, "%s needs 16 to %d hexadecimal digits, not \"%s\"", option,
                   is_nonce ? 128 : 64, text);
}

static void check_complete(struct arguments *arguments, struct argp_state *state)
{
    bool about_evidence = arguments->input || arguments->output || arguments->name ||
                          arguments->arg_count || arguments->env_count || arguments->challenge;

    if (!arguments->quote == !arguments->keeper)
        argp_error(state, arguments->quote ? "--quote and --keeper exclude one another"
                                           : "--quote FILE is missing (or --keeper FILE)");
    if (!arguments->keeper != !arguments->certificate ||
        (arguments->keeper && !arguments->evidence))
        argp_error(state, "--keeper, --certificate and --evidence go together");
    if (!arguments->keeper && (arguments->fleet.shared_tenancy || arguments->fleet.encrypted_only))
        argp_error(state, "--tenancy and --encrypted-only are about a fleet: --keeper FILE is "
                          "missing");
    if (about_evidence && !arguments->evidence)
        argp_error(state, "--input, --output, --name, --arg, --env and --challenge are about "
                          "evidence: --evidence FILE is missing");
    if ((arguments->arg_count || arguments->env_count) && !arguments->name)
        argp_error(state, "--arg and --env need --name: the function's name is its first argument");
    check_hex(arguments->nonce, arguments->evidence != NULL, "--nonce", state);
    check_hex(arguments->challenge, false, "--challenge", state);
}

static error_t parse_fleet(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case KEY_KEEPER:
        take_once(&arguments->keeper, argument, "--keeper", state);
        return 0;
    case KEY_CERTIFICATE:
        take_once(&arguments->certificate, argument, "--certificate", state);
        return 0;
    case KEY_TENANCY:
        arguments->fleet.shared_tenancy = strcmp(argument, "shared") == 0;
        if (!arguments->fleet.shared_tenancy && strcmp(argument, "sequential") != 0)
            argp_error(state, "--tenancy: '%s' is neither sequential nor shared", argument);
        return 0;
    case KEY_ENCRYPTED_ONLY:
        arguments->fleet.encrypted_only = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_evidence(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case KEY_EVIDENCE:
        take_once(&arguments->evidence, argument, "--evidence", state);
        return 0;
    case KEY_INPUT:
        take_once(&arguments->input, argument, "--input", state);
        return 0;
    case KEY_OUTPUT:
        take_once(&arguments->output, argument, "--output", state);
        return 0;
    case KEY_CHALLENGE:
        take_once(&arguments->challenge, argument, "--challenge", state);
        return 0;
    case KEY_NAME:
        take_once(&arguments->name, argument, "--name", state);
        arguments->args[0] = argument;
        return 0;
    case KEY_ARG:
        append(arguments->args + 1, &arguments->arg_count, argument, "--arg", state);
        return 0;
    case KEY_ENV:
        append(arguments->env, &arguments->env_count, argument, "--env", state);
        return 0;
    default:
        return parse_fleet(key, argument, state);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case KEY_QUOTE:
        take_once(&arguments->quote, argument, "--quote", state);
        return 0;
    case KEY_COLLATERAL:
        take_once(&arguments->trust.collateral, argument, "--collateral", state);
        return 0;
    case KEY_POLICY:
        take_once(&arguments->trust.policy, argument, "--policy", state);
        return 0;
    case KEY_ROOT:
        take_once(&arguments->trust.root, argument, "--root", state);
        return 0;
    case KEY_TIME:
        if (!number_parse(argument, 0, TRUST_TIME_LAST, &arguments->trust.time))
            argp_error(state,
                       "--time needs seconds since 1970, at most %lld (the year 9999), not \"%s\"",
                       TRUST_TIME_LAST, argument);
        arguments->trust.has_time = true;
        return 0;
    case KEY_ALLOW_MISSING_CRL:
        arguments->trust.allow_missing_crl = true;
        return 0;
    case KEY_NONCE:
        take_once(&arguments->nonce, argument, "--nonce", state);
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
        return parse_evidence(key, argument, state);
    }
}

static const struct argp parser = {
    options,
    parse,
    "--quote FILE [--collateral FILE.json] [--evidence FILE]",
    "Verifies an SGX quote (DCAP ECDSA, version 3 or 4): signatures up to Intel's root, "
    "revocation, the platform's TCB status and, with a policy, which enclave it is. What is "
    "missing "
    "or unknown is a rejection. With --evidence: what the quoted enclave states of an invocation, "
    "compared with what is known of it.\v"
    "Exit code: 0 accept, 1 reject, 2 wrong usage or a file that could not be read, so that "
    "nothing was verified. docs/verify.md lists the steps, the policy's fields and the members of "
    "--json.\n\n"
    "Example:\n"
    "  reclave verify --quote q.bin --collateral c.json --policy p.json --json\n"
    "  reclave verify --quote q.bin --collateral c.json --evidence e.bin --nonce 0123456789abcdef "
    "--input in --output out",
    NULL,
    NULL,
    NULL};

/* What comes from elsewhere: one byte more than the limit is read, and too long is a verdict. */
static bool read_untrusted(const char *path, size_t limit, struct blob *file)
{
    enum status status = file_read_start(path, limit + 1, &file->data, &file->bytes);

    if (status == ST_OK)
        return true;
    fprintf(stderr, "reclave verify: %s: %s\n", path,
            status == ST_IO ? strerror(errno) : "out of memory");
    return false;
}

static bool read_file(const char *path, size_t limit, struct blob *file)
{
    enum status status = file_read(path, limit, &file->data, &file->bytes);

    if (status == ST_OK)
        return true;
    fprintf(stderr, "reclave verify: %s: %s\n", path,
            status == ST_IO             ? strerror(errno)
            : status == ST_OUT_OF_RANGE ? "is larger than any such file"
                                        : "out of memory");
    return false;
}

static void print(const struct reclave_verdict *verdict, const struct reclave_claims *claims,
                  bool as_json)
{
    json_t *object = verdict_json(verdict);

    if (claims)
        json_object_set_new(object, "evidence",
                            verdict->accepted ? claims_json(claims) : json_null());
    if (as_json) {
        json_dumpf(object, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        verdict_print(object);
    }
    json_decref(object);
}

static int conclude(const struct arguments *arguments, const struct reclave_verdict *verdict,
                    const struct reclave_claims *claims)
{
    if (!verdict->accepted)
        fprintf(stderr, "reclave verify: %s: rejected at %s: %s\n",
                arguments->evidence ? arguments->evidence : arguments->quote,
                reclave_step_name(verdict->failed_step), verdict->reason);
    print(verdict, claims, arguments->json);
    return verdict->accepted ? EXIT_ACCEPT : EXIT_REJECT;
}

static int verify_quote(const struct reclave_verifier *verifier, const struct arguments *arguments,
                        const struct blob *quote)
{
    struct reclave_verdict verdict;

    (void)!reclave_verify_quote(verifier, quote->data, quote->bytes, &verdict);
    return conclude(arguments, &verdict, NULL);
}

/* The files that go with evidence, in memory. */
struct facts {
    struct blob evidence, input, output, certificate;
    uint8_t nonce[NONCE_MAX];
};

/* An empty file is known to be empty: not the same as not known. */
static const void *known(const char *path, const struct blob *file)
{
    if (!path)
        return NULL;
    return file->data ? (const void *)file->data : "";
}

static bool read_facts(const struct arguments *arguments, struct facts *facts)
{
    return read_untrusted(arguments->evidence, RECLAVE_EVIDENCE_BYTES_MAX, &facts->evidence) &&
           (!arguments->certificate ||
            read_untrusted(arguments->certificate, RECLAVE_CERTIFICATE_BYTES_MAX,
                           &facts->certificate)) &&
           (!arguments->input ||
            read_file(arguments->input, RECLAVE_INPUT_BYTES_MAX, &facts->input)) &&
           (!arguments->output ||
            read_file(arguments->output, RECLAVE_INPUT_BYTES_MAX, &facts->output));
}

/* The keeper's quote stays in the verdict: it is what the rest hangs on. */
static void judge_worker(const struct reclave_enclave *fleet, const struct facts *facts,
                         const struct reclave_expectation *expected,
                         struct reclave_verdict *verdict, struct reclave_claims *claims)
{
    struct reclave_verdict found;

    if (reclave_fleet_evidence(fleet, facts->certificate.data, facts->certificate.bytes,
                               facts->evidence.data, facts->evidence.bytes, expected, &found,
                               claims))
        return;
    verdict->accepted = false;
    verdict->failed_step = found.failed_step;
    memcpy(verdict->reason, found.reason, sizeof(verdict->reason));
}

/* `root`: the quote's file, or the keeper's. */
static void judge(const struct reclave_verifier *verifier, const struct arguments *arguments,
                  const struct blob *root, const struct facts *facts,
                  const struct reclave_expectation *expected, struct reclave_verdict *verdict,
                  struct reclave_claims *claims)
{
    struct reclave_enclave *fleet;

    if (!arguments->keeper) {
        (void)!reclave_verify_evidence(verifier, root->data, root->bytes, facts->evidence.data,
                                       facts->evidence.bytes, expected, verdict, claims);
        return;
    }
    if (!reclave_fleet_verify(verifier, root->data, root->bytes, &arguments->fleet, verdict,
                              &fleet))
        return;
    judge_worker(fleet, facts, expected, verdict, claims);
    reclave_enclave_free(fleet);
}

static int verify_evidence(const struct reclave_verifier *verifier,
                           const struct arguments *arguments, const struct blob *root)
{
    struct facts facts = {0};
    struct reclave_verdict verdict;
    struct reclave_claims claims;
    int code = EXIT_USAGE;

    if (read_facts(arguments, &facts)) {
        struct reclave_expectation expected = {
            .input = known(arguments->input, &facts.input),
            .input_bytes = facts.input.bytes,
            .output = known(arguments->output, &facts.output),
            .output_bytes = facts.output.bytes,
            .has_strings = arguments->name != NULL,
            .args = arguments->args,
            .arg_count = arguments->name ? arguments->arg_count + 1 : 0,
            .env = arguments->env,
            .env_count = arguments->env_count,
        };

        if (arguments->nonce && nonce_parse(arguments->nonce, facts.nonce, &expected.nonce_bytes))
            expected.nonce = facts.nonce;
        judge(verifier, arguments, root, &facts, &expected, &verdict, &claims);
        code = conclude(arguments, &verdict, &claims);
    }
    free(facts.evidence.data);
    free(facts.input.data);
    free(facts.output.data);
    free(facts.certificate.data);
    return code;
}

static int verify(struct reclave_verifier *verifier, const struct arguments *arguments)
{
    const char *text = arguments->evidence ? arguments->challenge : arguments->nonce;
    uint8_t challenge[CHALLENGE_BYTES];
    struct blob quote = {NULL, 0};
    int code;

    if (text && challenge_parse(text, challenge))
        reclave_verifier_set_challenge(verifier, challenge);
    if (arguments->keeper ? !read_file(arguments->keeper, RECLAVE_FLEET_BYTES_MAX, &quote)
                          : !read_untrusted(arguments->quote, RECLAVE_QUOTE_BYTES_MAX, &quote))
        return EXIT_USAGE;
    code = arguments->evidence ? verify_evidence(verifier, arguments, &quote)
                               : verify_quote(verifier, arguments, &quote);
    free(quote.data);
    return code;
}

int cmd_verify(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct reclave_verifier *verifier;
    int code;

    argp_err_exit_status = EXIT_USAGE;
    argv[0] = (char *)"reclave verify";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    verifier = trust_verifier("reclave verify", &arguments.trust);
    if (!verifier)
        return EXIT_USAGE;
    code = verify(verifier, &arguments);
    reclave_verifier_free(verifier);
    return code;
}
