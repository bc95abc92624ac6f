/* reclave build: a module to a bundle. */
#include "abi/geometry.h"
#include "cli/build_verified.h"
#include "cli/commands.h"
#include "cli/data_dir.h"
#include "cli/file.h"
#include "cli/number.h"
#include "host/action/confine_build.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ENV_MAX 64

struct arguments {
    struct bundle_build_options options;
    const char *env[ENV_MAX];
    const char *input, *output;
    const char *confined; /* folder, or NULL */
};

enum option_key {
    KEY_CPU = 256,
    KEY_MEMORY,
    KEY_STACK,
    KEY_ENV,
    KEY_NAME,
    KEY_VERSION,
    KEY_RANDOM,
    KEY_SIGN,
    KEY_TRACKING,
    KEY_CONFINED,
    KEY_ENCRYPTED_INPUT,
    KEY_LOGS
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "The bundle (.rcl) to write", 0},
    {"sign", KEY_SIGN, "KEY", 0, "Sign with the owner's key (reclave key new)", 0},
    {"memory", KEY_MEMORY, "MIB", 0, "Most linear memory (default 256)", 0},
    {"stack", KEY_STACK, "KIB", 0, "Native stack (default 256)", 0},
    {"cpu", KEY_CPU, "LEVEL", 0, "Compile for x86-64-v2, 3 or 4 (default 2)", 0},
    {"env", KEY_ENV, "NAME", 0,
     "Let invocations set this environment variable; may repeat; \"*\": any", 0},
    {"name", KEY_NAME, "NAME", 0, "The function's name (default: the file's)", 0},
    {"fn-version", KEY_VERSION, "TEXT", 0, "The function's version (default 0)", 0},
    {"tracking", KEY_TRACKING, "auto|copy|mark", 0,
     "How a rewind knows what to restore: copy all of linear memory, or the pages that the "
     "function "
     "marks as it writes them; auto (default): mark from 16 MiB of initial memory on",
     0},
    {"allow-init-random", KEY_RANDOM, NULL, 0,
     "Let the function draw random bytes before its snapshot: every invocation then starts with "
     "the same ones",
     0},
    {"confined", KEY_CONFINED, "FOLDER", 0,
     "For a stranger's module: no network, no writing outside FOLDER, limited resources", 0},
    {"encrypted-input", KEY_ENCRYPTED_INPUT, NULL, 0,
     "Enclaves refuse input to this function that is not encrypted; needs --sign", 0},
    {"logs", KEY_LOGS, "encrypted|none|clear", 0,
     "What becomes of the standard error of encrypted invocations: into the encrypted answer "
     "(default), dropped, or readable by the host "
     "(clear: not with --encrypted-input)",
     0},
    {0}};

static uint64_t number(const char *text, const char *option, uint64_t least, uint64_t most,
                       struct argp_state *state)
{
    uint64_t value = 0;

    if (!number_parse(text, least, most, &value))
        argp_error(state, "%s needs a number from %lu to %lu, not \"%s\"", option,
                   (unsigned long)least, (unsigned long)most, text);
    return value;
}

static enum bundle_tracking tracking(const char *text, struct argp_state *state)
{
    static const char *const names[] = {[BUNDLE_TRACKING_AUTO] = "auto",
                                        [BUNDLE_TRACKING_COPY] = "copy",
                                        [BUNDLE_TRACKING_MARK] = "mark"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0)
            return (enum bundle_tracking)i;
    argp_error(state, "--tracking needs auto, copy or mark, not \"%s\"", text);
    return BUNDLE_TRACKING_AUTO;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct bundle_build_options *build = &arguments->options;

    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case KEY_SIGN:
        build->sign_key = argument;
        return 0;
    case KEY_MEMORY:
        build->memory_mib = number(argument, "--memory", 1, LINEAR_MAX >> 20, state);
        return 0;
    case KEY_STACK:
        build->stack_kib = number(argument, "--stack", 16, L2_STACK_MAX >> 10, state);
        return 0;
    case KEY_CPU:
        build->cpu_level = (unsigned)number(argument, "--cpu", 2, 4, state);
        return 0;
    case KEY_ENV:
        if (build->env_allow_count == ENV_MAX)
            argp_error(state, "more than %d times --env; use --env '*'", ENV_MAX);
        arguments->env[build->env_allow_count++] = argument;
        return 0;
    case KEY_NAME:
        build->name = argument;
        return 0;
    case KEY_VERSION:
        build->version = argument;
        return 0;
    case KEY_TRACKING:
        build->tracking = tracking(argument, state);
        return 0;
    case KEY_ENCRYPTED_INPUT:
        build->encrypted_input = true;
        return 0;
    case KEY_LOGS:
        build->logs = argument;
        return 0;
    case KEY_RANDOM:
        build->allow_init_random = true;
        return 0;
    case KEY_CONFINED:
        arguments->confined = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->input)
            argp_error(state, "one module at a time, please");
        arguments->input = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->input || !arguments->output)
            argp_error(state, "needs a module and -o FILE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "F.wasm -o F.rcl",
    "Compiles a WebAssembly module to a function bundle: native code for an enclave, with its "
    "manifest.\v"
    "Example:\n"
    "  reclave key new owner.pem\n"
    "  reclave build hello.wasm -o hello.rcl --sign owner.pem --env LANG\n"
    "  reclave build secret.wasm -o secret.rcl --sign owner.pem --encrypted-input --logs none",
    NULL,
    NULL,
    NULL};

static int failed(const char *path, const char *why)
{
    fprintf(stderr, "reclave build: %s: %s\n", path, why);
    return 1;
}

static int build_and_write(struct arguments *arguments)
{
    struct bundle_buffer bundle;
    char error[BUNDLE_ERROR_BYTES] = "";
    enum status status = build_verified(&arguments->options, &bundle, error, sizeof(error));

    if (status != ST_OK)
        return failed(arguments->input, error);
    status = file_write(arguments->output, bundle.data, bundle.bytes);
    bundle_buffer_free(&bundle);
    if (status != ST_OK)
        return failed(arguments->output, strerror(errno));
    return 0;
}

int cmd_build(int argc, char **argv)
{
    struct arguments arguments = {0};
    char sdk[PATH_MAX], name[129];
    uint8_t *wasm = NULL;
    struct message why = {""};
    enum status status;
    int code;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave build";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    if (data_dir_path("sdk", sdk, sizeof(sdk)) != ST_OK)
        return failed(sdk, "the SDK is missing: reinstall, or set RECLAVE_DATA_DIR");
    if (arguments.confined && confine_build(arguments.confined, sdk, &why) != ST_OK)
        return failed(arguments.input, why.text);
    status =
        file_read(arguments.input, BUNDLE_WASM_LIMIT + 1, &wasm, &arguments.options.wasm_bytes);
    if (status == ST_OUT_OF_RANGE)
        return failed(arguments.input, "the module has more than 32 MiB: strip it (wasm-strip) or "
                                       "split the function");
    if (status != ST_OK)
        return failed(arguments.input, status == ST_IO ? strerror(errno) : "out of memory");
    if (!arguments.options.name) {
        bundle_name_from_path(arguments.input, name, sizeof(name));
        arguments.options.name = name;
    }
    arguments.options.wasm = wasm;
    arguments.options.sdk_dir = sdk;
    arguments.options.env_allow = arguments.env;
    code = build_and_write(&arguments);
    free(wasm);
    return code;
}
