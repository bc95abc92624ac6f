/* `reclave run`: one enclave, one function, one or many invocations. */
#include "cli/run.h"

#include "abi/geometry.h"
#include "base/status.h"
#include "cli/attested.h"
#include "cli/commands.h"
#include "cli/progress.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB             (UINT64_C(1) << 20)
#define LOAD_LOG_LIMIT  0x20000u
#define TIMEOUT_DEFAULT 60000u
#define TIMEOUT_MAX     (UINT64_C(1) << 32) /* ms: 49 days */
#define REPEAT_MAX      (UINT64_C(1) << 40)
#define MEMORY_MIB_MAX  (LINEAR_MAX / MIB)
#define STDIO_MIB_MAX   (STDIO_MAX / MIB)

enum key {
    KEY_INPUT = 0x100,
    KEY_INPUT_LINES,
    KEY_REPEAT,
    KEY_TIMEOUT,
    KEY_MEMORY,
    KEY_ENV,
    KEY_ARG,
    KEY_STATS,
    KEY_INPUT_LIMIT,
    KEY_OUTPUT_LIMIT,
    KEY_EVIDENCE,
    KEY_NONCE,
};

static const struct argp_option options[] = {
    {"input", KEY_INPUT, "FILE", 0, "The function's input (default -: standard input)", 1},
    {"input-lines", KEY_INPUT_LINES, NULL, 0,
     "One invocation per line of the input, without its newline; an output that does not end in "
     "a newline gets one",
     1},
    {"repeat", KEY_REPEAT, "N", 0, "Invoke N times with the same input (each line N times)", 1},
    {"arg", KEY_ARG, "A", 0, "An argument for the function; may repeat", 2},
    {"env", KEY_ENV, "K=V", 0, "An environment variable for the function; may repeat", 2},
    {"timeout", KEY_TIMEOUT, "MS", 0, "Time limit of an invocation (default 60000; 0: none)", 3},
    {"memory", KEY_MEMORY, "MIB", 0, "Limit of the function's memory (default 256)", 3},
    {"input-limit", KEY_INPUT_LIMIT, "MIB", 0, "Largest input (default 1, at most 64)", 3},
    {"output-limit", KEY_OUTPUT_LIMIT, "MIB", 0, "Largest output (default 1, at most 64)", 3},
    {"evidence", KEY_EVIDENCE, "FILE", 0,
     "Write evidence of the invocation, and FILE.quote, a quote that it is rooted in (with "
     "FILE.identity, FILE.collateral.json and FILE.root.pem as `reclave attest` writes them)",
     4},
    {"nonce", KEY_NONCE, "HEX", 0,
     "Your nonce for the evidence, 16 to 128 hexadecimal digits; up to 64 digits are the quote's "
     "challenge as well",
     4},
    {"stats", KEY_STATS, NULL, 0, "Print statistics as one line of JSON on stderr, at the end", 4},
    {0},
};

static void append(struct argp_state *state, const char ***list, size_t *count, const char *value)
{
    const char **longer = realloc(*list, (*count + 1) * sizeof(**list));

    if (!longer)
        argp_failure(state, 1, 0, "%s", status_text(ST_NO_MEMORY));
    *list = longer;
    longer[(*count)++] = value;
}

static void add_env(struct argp_state *state, struct run_options *run, const char *pair)
{
    if (pair[0] == '=' || !strchr(pair, '='))
        argp_error(state, "--env: '%s' is not of the form NAME=VALUE", pair);
    append(state, &run->env, &run->env_count, pair);
}

static void check_evidence(const struct run_options *run, struct argp_state *state)
{
    if (run->nonce_bytes && !run->evidence)
        argp_error(state, "--nonce goes into evidence: --evidence FILE is missing");
    if (run->evidence && (run->input_lines || run->repeat > 1))
        argp_error(state, "--evidence is of one invocation: not with --input-lines or --repeat");
}

static error_t parse_argument(int key, char *argument, struct argp_state *state)
{
    struct run_options *run = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &run->machine;
        return 0;
    case ARGP_KEY_ARG:
        if (run->function)
            argp_error(state, "more than one function given: %s", argument);
        run->function = argument;
        return 0;
    case ARGP_KEY_END:
        if (!run->function)
            argp_error(state, "which function? Name a .wasm or .rcl file");
        check_evidence(run, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct run_options *run = state->input;

    switch (key) {
    case KEY_INPUT:
        run->input = argument;
        return 0;
    case KEY_INPUT_LINES:
        run->input_lines = true;
        return 0;
    case KEY_REPEAT:
        run->repeat = parse_number(state, "--repeat", argument, 1, REPEAT_MAX);
        return 0;
    case KEY_TIMEOUT:
        run->timeout_ms = parse_number(state, "--timeout", argument, 0, TIMEOUT_MAX);
        return 0;
    case KEY_MEMORY:
        run->memory_mib = parse_number(state, "--memory", argument, 1, MEMORY_MIB_MAX);
        return 0;
    case KEY_ENV:
        add_env(state, run, argument);
        return 0;
    case KEY_ARG:
        append(state, &run->args, &run->arg_count, argument);
        return 0;
    case KEY_STATS:
        run->stats = true;
        return 0;
    case KEY_EVIDENCE:
        run->evidence = argument;
        return 0;
    case KEY_NONCE:
        if (!nonce_parse(argument, run->nonce, &run->nonce_bytes))
            argp_error(state, "--nonce needs 16 to 128 hexadecimal digits, not \"%s\"", argument);
        return 0;
    case KEY_INPUT_LIMIT:
        run->input_limit = MIB * parse_number(state, "--input-limit", argument, 1, STDIO_MIB_MAX);
        return 0;
    case KEY_OUTPUT_LIMIT:
        run->output_limit = MIB * parse_number(state, "--output-limit", argument, 1, STDIO_MIB_MAX);
        return 0;
    default:
        return parse_argument(key, argument, state);
    }
}

static enum status build_strings(const struct run_options *run, struct strings *out)
{
    char name[129];
    const char **args = malloc((run->arg_count + 1) * sizeof(*args));
    enum status status;

    *out = (struct strings){0};
    if (!args)
        return ST_NO_MEMORY;
    args[0] = run_function_name(run, name);
    for (size_t i = 0; i < run->arg_count; i++)
        args[i + 1] = run->args[i];
    status = strings_build(args, run->arg_count + 1, run->env, run->env_count, out);
    free(args);
    if (status == ST_OUT_OF_RANGE)
        fprintf(stderr, "reclave run: arguments and environment are larger than 60 KiB\n");
    else if (status != ST_OK)
        fprintf(stderr, "reclave run: arguments: %s\n", status_text(status));
    return status;
}

static enum status load(const struct run_options *run, struct engine *engine, const void *bundle,
                        size_t bytes)
{
    struct message why = {""};
    struct slot_load request = {
        .bundle = bundle,
        .bundle_bytes = bytes,
        .memory_limit = run->memory_mib * MIB,
        .timeout_ms = run->timeout_ms,
        .log = loader_buffer_alloc(LOAD_LOG_LIMIT),
        .log_limit = LOAD_LOG_LIMIT,
    };
    enum status status;

    if (!request.log)
        return ST_NO_MEMORY;
    progress_show("loading the function");
    status = engine_load(engine, 0, &request, &why);
    progress_clear();
    if (request.initial.log_bytes <= LOAD_LOG_LIMIT)
        fwrite(request.log, 1, request.initial.log_bytes, stderr);
    if (status != ST_OK)
        fprintf(stderr, "reclave run: %s: %s\n", run->function, why.text);
    free(request.log);
    return status;
}

/* The last line on stderr. Inputs over the limit never reached the enclave, so the counts are
 * the run's own. */
static enum status print_stats(struct engine *engine, const struct run_counts *counts)
{
    enum status status = engine_refresh(engine, 0);
    json_t *stats = engine_stats(engine, 0);
    int failed;

    if (!stats)
        return ST_NO_MEMORY;
    failed =
        json_object_set_new(stats, "invocations", json_integer((json_int_t)counts->invocations)) |
        json_object_set_new(stats, "failed", json_integer((json_int_t)counts->failed)) |
        json_dumpf(stats, stderr, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    json_decref(stats);
    fputc('\n', stderr);
    return failed ? ST_NO_MEMORY : status;
}

static enum status load_and_run(const struct run_options *run, struct engine *engine,
                                const struct strings *strings, const void *bundle, size_t bytes)
{
    struct run_counts counts = {0};
    enum status status = load(run, engine, bundle, bytes);

    if (status != ST_OK)
        return status;
    status = run_all(run, engine, strings, &counts);
    if (run->stats && print_stats(engine, &counts) != ST_OK)
        status = ST_IO;
    return status == ST_OK && counts.failed ? ST_CORRUPT : status;
}

static enum status open_and_run(struct run_options *run, const struct strings *strings,
                                const void *bundle, size_t bytes)
{
    struct message why = {""};
    struct engine *engine;
    enum status status;

    run->machine.engine.measure_calls = run->stats;
    run->machine.engine.progress = progress_pages;
    status = engine_open(&run->machine.engine, &engine, &why);
    progress_clear();
    if (status != ST_OK) {
        fprintf(stderr, "reclave run: %s\n", why.text);
        return status;
    }
    status = load_and_run(run, engine, strings, bundle, bytes);
    engine_close(engine);
    return status;
}

static enum status run(struct run_options *run_options)
{
    struct strings strings;
    void *bundle = NULL;
    size_t bytes = 0;
    enum status status = machine_options_finish(&run_options->machine);

    if (status != ST_OK)
        return status;
    status = build_strings(run_options, &strings);
    if (status != ST_OK)
        return status;
    status = run_get_bundle(run_options, &bundle, &bytes);
    if (status == ST_OK)
        status = open_and_run(run_options, &strings, bundle, bytes);
    free(bundle);
    strings_free(&strings);
    return status;
}

int cmd_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{&machine_argp, 0, "The machine:", 10}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "F.wasm|F.rcl",
        .doc = "Run a function in an enclave, which is rewound after every invocation.\v"
               "Prints what the function writes. Exit code: 0 if every invocation ended well, 1 if "
               "any failed, 2 for wrong usage.\n\n"
               "Example:\n"
               "  printf 'one\\ntwo\\n' | reclave run --input-lines upper.rcl\n"
               "  reclave run f.rcl --input in --nonce 0123456789abcdef --evidence e\n"
               "  reclave verify --quote e.quote --collateral e.collateral.json --evidence e "
               "--nonce 0123456789abcdef --input in",
        .children = children,
    };
    struct run_options run_options = {
        .repeat = 1,
        .timeout_ms = TIMEOUT_DEFAULT,
        .input_limit = MIB,
        .output_limit = MIB,
    };
    enum status status;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave run";
    if (argp_parse(&argp, argc, argv, 0, NULL, &run_options) != 0)
        return 2;
    status = run(&run_options);
    free(run_options.env);
    free(run_options.args);
    return status == ST_OK ? 0 : 1;
}
