/* reclave: one program, one verb a subcommand. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#ifndef RECLAVE_VERSION
#define RECLAVE_VERSION "0.1.0"
#endif

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} verbs[] = {
    {"attest", cmd_attest, "get a quote of an enclave"},
    {"backup", cmd_backup, "copy the daemon's database while it runs"},
    {"build", cmd_build, "compile a WebAssembly module to a function bundle"},
    {"inspect", cmd_inspect, "show what a bundle contains and who signed it"},
    {"invoke", cmd_invoke, "run a function in a worker, verified and encrypted"},
    {"keeper", cmd_keeper, "keep the keys of a fleet of workers, and of functions' owners"},
    {"key", cmd_key, "make or show an owner's signing key"},
    {"proxy", cmd_proxy, "serve one function as an OpenWhisk action container"},
    {"run", cmd_run, "run a function in an enclave that is rewound after each invocation"},
    {"seal", cmd_seal, "encrypt a bundle to an attested enclave"},
    {"serve", cmd_serve, "run functions for others: the daemon"},
    {"top", cmd_top, "watch a running `reclave serve`"},
    {"user", cmd_user, "tenants of the daemon: add, list, rotate, remove"},
    {"verify", cmd_verify, "verify an SGX quote and evidence of an invocation"},
    {"worker", cmd_worker, "serve one enclave on a socket"},
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *stream)
{
    fprintf(stream, "Usage: reclave VERB [OPTION...]\n\n");
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(stream, "  %-9s %s\n", verbs[i].name, verbs[i].summary);
    fprintf(stream, "\n"
                    "Example:\n"
                    "  reclave build hello.wasm -o hello.rcl\n"
                    "  reclave run hello.rcl --input data.json\n"
                    "\n"
                    "`reclave VERB --help` explains a verb; `reclave --version` tells the "
                    "version.\n"
                    "Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("reclave %s\n", RECLAVE_VERSION);
        return 0;
    }
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    fprintf(stderr, "reclave: there is no verb \"%s\"; `reclave --help` lists them\n", argv[1]);
    return 2;
}
