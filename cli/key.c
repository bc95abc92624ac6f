/* reclave key: the owner's signing key. */
#include "cli/commands.h"
#include "cli/hex.h"
#include "toolchain/bundle/owner_key.h"

#include <argp.h>
#include <string.h>

struct arguments {
    const char *action, *path;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        if (!arguments->action)
            arguments->action = argument;
        else if (!arguments->path)
            arguments->path = argument;
        else
            argp_error(state, "too many arguments");
        return 0;
    case ARGP_KEY_END:
        if (!arguments->path ||
            (strcmp(arguments->action, "new") != 0 && strcmp(arguments->action, "show") != 0))
            argp_error(state, "needs \"new FILE\" or \"show FILE\"");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    NULL,
    parse,
    "new FILE\nshow FILE",
    "Makes an owner's signing key (ECDSA P-256, PEM, readable by its owner only), or shows which "
    "tenant a key stands for.\v"
    "Example:\n"
    "  reclave key new owner.pem\n"
    "  reclave key show owner.pem",
    NULL,
    NULL,
    NULL};

int cmd_key(int argc, char **argv)
{
    struct arguments arguments = {0};
    char error[512] = "", hex[2 * SHA256_BYTES + 1];
    struct complaint complaint = {error, sizeof(error)};
    uint8_t tenant[SHA256_BYTES];
    enum status status = ST_OK;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave key";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    if (strcmp(arguments.action, "new") == 0)
        status = owner_key_create(arguments.path, &complaint);
    if (status == ST_OK)
        status = owner_key_tenant(arguments.path, tenant, &complaint);
    if (status != ST_OK) {
        fprintf(stderr, "reclave key: %s\n", error);
        return 1;
    }
    printf("tenant %s\n", hex_text(tenant, sizeof(tenant), hex));
    return 0;
}
