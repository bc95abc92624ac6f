/* reclave user: tenants of the daemon's API. */
#include "cli/commands.h"
#include "cli/state.h"
#include "host/store/users.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key { KEY_STATE = 0x300, KEY_KEY, KEY_RATE, KEY_CONCURRENT, KEY_JSON };

struct arguments {
    const char *verb, *name, *state_dir, *key;
    int64_t rate, concurrent;
    bool json;
};

static const struct argp_option flags[] = {
    {"key", KEY_KEY, "UUID:KEY", 0, "With add and rotate: this key instead of a random one", 0},
    {"rate", KEY_RATE, "N", 0, "With add: invocations a minute (default: the daemon's)", 0},
    {"concurrent", KEY_CONCURRENT, "N", 0, "With add: invocations at a time (the same)", 0},
    {"json", KEY_JSON, NULL, 0, "Print JSON", 0},
    {"state-dir", KEY_STATE, "DIR", 0, "The daemon's (default: as `reclave serve`)", 0},
    {0},
};

static int64_t read_limit(const char *text, const char *flag, const struct argp_state *state)
{
    char *end;
    long long value = strtoll(text, &end, 10);

    if (*end || end == text || value < 1 || value > 1000000000)
        argp_error(state, "%s: '%s' is not a number from 1 to 1000000000", flag, text);
    return value;
}

static void check_arguments(const struct arguments *arguments, const struct argp_state *state)
{
    static const char *const verbs[] = {"add", "list", "rotate", "remove"};
    bool known = false, list;

    for (unsigned i = 0; arguments->verb && i < 4; i++)
        known = known || strcmp(arguments->verb, verbs[i]) == 0;
    if (!known)
        argp_error(state, "needs add NAME, list, rotate NAME or remove NAME");
    list = strcmp(arguments->verb, "list") == 0;
    if (list == (arguments->name != NULL))
        argp_error(state, list ? "list has no argument" : "%s needs the name of a namespace",
                   arguments->verb);
    if (strcmp(arguments->verb, "add") != 0 && (arguments->rate >= 0 || arguments->concurrent >= 0))
        argp_error(state, "--rate and --concurrent go with add");
    if (arguments->key && (list || strcmp(arguments->verb, "remove") == 0))
        argp_error(state, "--key goes with add and rotate");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case KEY_KEY:
        arguments->key = argument;
        return 0;
    case KEY_RATE:
        arguments->rate = read_limit(argument, "--rate", state);
        return 0;
    case KEY_CONCURRENT:
        arguments->concurrent = read_limit(argument, "--concurrent", state);
        return 0;
    case KEY_JSON:
        arguments->json = true;
        return 0;
    case KEY_STATE:
        arguments->state_dir = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (!arguments->verb)
            arguments->verb = argument;
        else if (!arguments->name)
            arguments->name = argument;
        else
            argp_error(state, "too many arguments");
        return 0;
    case ARGP_KEY_END:
        check_arguments(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    flags,
    parse,
    "add NAME\nlist\nrotate NAME\nremove NAME",
    "Tenants of `reclave serve`: each has a namespace, and a key that opens it. add and rotate "
    "print UUID:KEY, which clients authenticate with; only a hash of it is kept. rotate replaces "
    "the key, remove deletes the namespace with its actions and activations. A running daemon "
    "heeds changes at once.\v"
    "Example:\n"
    "  reclave user add guest --rate 6000\n"
    "  reclave user list --json",
    NULL,
    NULL,
    NULL};

/* A namespace is a name as OpenWhisk has it, without blanks: it stands in paths. */
static bool is_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@.-";

    return strlen(name) >= 1 && strlen(name) <= USER_NAME_MAX &&
           strspn(name, allowed) == strlen(name) && !strchr("@.-", name[0]) &&
           strcmp(name, "_") != 0;
}

static enum status read_credentials(const struct arguments *arguments,
                                    struct credentials *credentials, struct message *why)
{
    if (arguments->key)
        return credentials_parse(arguments->key, credentials, why);
    return credentials_make(credentials);
}

static void explain(const struct arguments *arguments, enum status status, struct message *why)
{
    if (status == ST_BUSY && !why->text[0])
        message_set(why, "the namespace '%s' or the UUID of the key is there already",
                    arguments->name);
    if (status == ST_NOT_FOUND)
        message_set(why, "there is no namespace '%s': `reclave user list` shows all",
                    arguments->name);
}

static enum status change(struct session *session, const struct arguments *arguments,
                          const struct credentials *credentials)
{
    struct user user = {.rate = arguments->rate, .concurrent = arguments->concurrent};

    if (strcmp(arguments->verb, "remove") == 0)
        return user_remove(session, arguments->name);
    if (strcmp(arguments->verb, "rotate") == 0)
        return user_rotate(session, arguments->name, credentials);
    snprintf(user.name, sizeof(user.name), "%s", arguments->name);
    return user_add(session, &user, credentials);
}

static void print_key(const struct arguments *arguments, const struct credentials *credentials)
{
    if (strcmp(arguments->verb, "remove") == 0)
        return;
    if (arguments->json)
        printf("{\"name\": \"%s\", \"key\": \"%s:%s\"}\n", arguments->name, credentials->uuid,
               credentials->key);
    else
        printf("%s:%s\n", credentials->uuid, credentials->key);
}

static enum status make_change(struct database *database, const struct arguments *arguments,
                               struct message *why)
{
    struct credentials credentials = {0};
    struct session *session;
    enum status status = read_credentials(arguments, &credentials, why);

    if (status == ST_OK)
        status = database_write(database, &session, why);
    if (status == ST_OK) {
        status = change(session, arguments, &credentials);
        explain(arguments, status, why);
        status = session_end(session, status, why);
    }
    if (status == ST_OK)
        print_key(arguments, &credentials);
    credentials_wipe(&credentials);
    return status;
}

/* ---- list ---- */

static void print_limit(const json_t *limit)
{
    if (json_is_integer(limit))
        printf("  %10" JSON_INTEGER_FORMAT, json_integer_value(limit));
    else
        printf("  %10s", "default");
}

static void print_list(const json_t *list)
{
    size_t index;
    json_t *user;

    printf("%-24s  %10s  %10s  %8s  %11s\n", "NAMESPACE", "RATE", "CONCURRENT", "ACTIONS",
           "ACTIVATIONS");
    json_array_foreach(list, index, user)
    {
        printf("%-24s", json_string_value(json_object_get(user, "name")));
        print_limit(json_object_get(user, "rate"));
        print_limit(json_object_get(user, "concurrent"));
        printf("  %8" JSON_INTEGER_FORMAT "  %11" JSON_INTEGER_FORMAT "\n",
               json_integer_value(json_object_get(user, "actions")),
               json_integer_value(json_object_get(user, "activations")));
    }
}

static enum status list_users(struct database *database, bool json, struct message *why)
{
    struct session *session;
    json_t *list = NULL;
    enum status status = database_read(database, &session, why);

    if (status == ST_OK) {
        list = user_list(session);
        status = session_end(session, list ? ST_OK : ST_NO_MEMORY, why);
    }
    if (status == ST_OK && json) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (status == ST_OK) {
        print_list(list);
    }
    json_decref(list);
    return status;
}

int cmd_user(int argc, char **argv)
{
    struct arguments arguments = {.rate = -1, .concurrent = -1};
    struct database *database = NULL;
    struct message why = {""};
    enum status status;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave user";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    if (arguments.name && !is_name(arguments.name)) {
        fprintf(stderr,
                "reclave user: '%s' is no name of a namespace: 1 to %d letters, digits, "
                "'_', '@', '.' or '-', and a letter, digit or '_' first\n",
                arguments.name, USER_NAME_MAX);
        return 2;
    }
    status = state_open(arguments.state_dir, strcmp(arguments.verb, "add") == 0, &database, &why);
    if (status == ST_OK)
        status = strcmp(arguments.verb, "list") == 0 ? list_users(database, arguments.json, &why)
                                                     : make_change(database, &arguments, &why);
    database_close(database);
    if (status == ST_OK)
        return 0;
    fprintf(stderr, "reclave user: %s\n", why.text[0] ? why.text : "failed");
    return status == ST_INVALID_ARGUMENT ? 2 : 1;
}
