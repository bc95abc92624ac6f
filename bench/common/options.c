#include "bench/common/options.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 10000u

enum { KEY_QUICK = 1000, KEY_ROUNDS, KEY_RESULTS, KEY_BACKEND };

static const struct argp_option options[] = {
    {"quick", KEY_QUICK, NULL, 0, "One short round; the numbers mean nothing", 0},
    {"rounds", KEY_ROUNDS, "N", 0, "Rounds of the interleaved run", 0},
    {"results", KEY_RESULTS, "FOLDER", 0, "Also write tables as CSV and plots as SVG there", 0},
    {"backend", KEY_BACKEND, "auto|sgx|emulator", 0, "The machine (auto)", 0},
    {0},
};

static unsigned parse_rounds(struct argp_state *state, const char *text)
{
    char *end;
    unsigned long rounds = strtoul(text, &end, 10);

    if (*end || end == text || rounds < 1 || rounds > ROUNDS_MAX)
        argp_error(state, "--rounds: a number from 1 to %u", ROUNDS_MAX);
    return (unsigned)rounds;
}

static enum sgx_choice parse_backend(struct argp_state *state, const char *text)
{
    if (!strcmp(text, "auto"))
        return SGX_AUTO;
    if (!strcmp(text, "sgx"))
        return SGX_HARDWARE;
    if (strcmp(text, "emulator") != 0)
        argp_error(state, "--backend: '%s' is none of auto, sgx, emulator", text);
    return SGX_EMULATOR;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct bench_options *bench = state->input;

    switch (key) {
    case KEY_QUICK:
        bench->quick = true;
        bench->rounds = 1;
        return 0;
    case KEY_ROUNDS:
        bench->rounds = parse_rounds(state, argument);
        return 0;
    case KEY_RESULTS:
        bench->results = argument;
        return 0;
    case KEY_BACKEND:
        bench->backend = parse_backend(state, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct bench_options bench_options_parse(int argc, char **argv, const char *summary,
                                         unsigned default_rounds)
{
    const struct argp argp = {.options = options, .parser = parse, .doc = summary};
    struct bench_options bench = {.rounds = default_rounds};

    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &bench);
    return bench;
}
