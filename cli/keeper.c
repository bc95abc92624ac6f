/* reclave keeper: keys for a fleet of workers. */
#include "cli/keeper.h"
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

static const struct verb {
    const char *name, *full;
    int (*run)(int argc, char **argv);
    const char *summary;
} verbs[] = {
    {"serve", "reclave keeper serve", keeper_serve, "start or restore a keeper and serve it"},
    {"policy", "reclave keeper policy", keeper_policy, "its owner says which platforms count"},
    {"set-policy", "reclave keeper set-policy", keeper_set_policy, "... and renews that"},
    {"describe", "reclave keeper describe", keeper_describe_fleet,
     "verify a keeper, write what callers of its fleet need"},
    {"release", "reclave keeper release", keeper_release, "give it a function key"},
    {"rotate", "reclave keeper rotate", keeper_rotate_epoch, "begin a new epoch now"},
    {"revoke", "reclave keeper revoke", keeper_revoke_key, "revoke a function key or a worker"},
    {"handover", "reclave keeper handover", keeper_do_handover,
     "another image's keeper takes over"},
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *stream)
{
    fprintf(stream, "Usage: reclave keeper VERB [OPTION...]\n"
                    "   or: reclave keeper --socket PATH --state FILE [OPTION...]   (serve)\n\n");
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(stream, "  %-11s %s\n", verbs[i].name, verbs[i].summary);
    fprintf(
        stream,
        "\nExample:\n"
        "  reclave keeper policy --quote q.bin --key owner.pem --last-epoch 1000 -o fleet.policy\n"
        "  reclave keeper --socket k.sock --state k.state --policy fleet.policy\n"
        "  reclave keeper release --to k.sock --verify policy.json --function-key f.key \\\n"
        "      --policy f.json --key tenant.pem\n"
        "\n`reclave keeper VERB --help` explains a verb; docs/keeper.md explains the whole.\n");
}

int cmd_keeper(int argc, char **argv)
{
    argp_err_exit_status = 2;
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
        print_help(stdout);
        return 0;
    }
    if (argv[1][0] == '-') {
        argv[0] = (char *)"reclave keeper";
        return keeper_serve(argc, argv);
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        argv[1] = (char *)verbs[i].full;
        return verbs[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "reclave keeper: there is no verb \"%s\"; `reclave keeper --help` lists them\n",
            argv[1]);
    return 2;
}
