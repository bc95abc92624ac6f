/* reclave inspect: what is in a bundle, and whether its code may run. */
#include "base/status.h"
#include "cli/commands.h"
#include "cli/file.h"
#include "cli/hex.h"
#include "cli/inspect.h"
#include "cli/number.h"
#include "toolchain/bundle/read.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *bundle;
    const char *code;
    uint64_t layer;       /* 0: not given */
    const char *tracking; /* NULL: not given */
    bool json, verify, snapshot;
};

enum option_key { KEY_VERIFY = 256, KEY_SNAPSHOT, KEY_CODE, KEY_LAYER, KEY_TRACKING };

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print one JSON object", 0},
    {"verify", KEY_VERIFY, NULL, 0,
     "Verify the bundle's machine code as the enclave does; print the verdict and what is in it",
     1},
    {"snapshot-digest", KEY_SNAPSHOT, NULL, 0,
     "Print the SHA-256 of the state to which every invocation returns: the same in any enclave of "
     "this image",
     1},
    {"code", KEY_CODE, "FILE", 0,
     "Verify raw machine code instead of a bundle: as if it lay behind the gates page, without "
     "read-only data",
     1},
    {"layer", KEY_LAYER, "1|2", 0, "... as code of the runtime (1) or of a function (2)", 1},
    {"tracking", KEY_TRACKING, "copy|mark", 0,
     "... of a function that must mark what it writes, or need not (default copy)", 1},
    {0}};

static void take_layer(struct arguments *arguments, const char *text, struct argp_state *state)
{
    if (!number_parse(text, SFI_LAYER_RUNTIME, SFI_LAYER_FUNCTION, &arguments->layer))
        argp_error(state, "--layer needs 1 or 2, not \"%s\"", text);
}

static uint32_t tracking_of(const struct arguments *arguments)
{
    return arguments->tracking && strcmp(arguments->tracking, "mark") == 0 ? BUNDLE_TRACK_MARK
                                                                           : BUNDLE_TRACK_COPY;
}

static void take_tracking(struct arguments *arguments, const char *text, struct argp_state *state)
{
    if (strcmp(text, "copy") != 0 && strcmp(text, "mark") != 0)
        argp_error(state, "--tracking needs copy or mark, not \"%s\"", text);
    arguments->tracking = text;
}

static void check_together(const struct arguments *arguments, struct argp_state *state)
{
    if (!arguments->bundle && !arguments->code)
        argp_error(state, "needs a bundle, or --code");
    if (arguments->bundle && arguments->code)
        argp_error(state, "a bundle or --code, not both");
    if (arguments->code && !arguments->layer)
        argp_error(state, "--code needs --layer 1 or --layer 2");
    if (arguments->snapshot && (arguments->code || arguments->verify))
        argp_error(state, "--snapshot-digest needs a bundle and nothing else");
    if (arguments->layer && !arguments->code)
        argp_error(state, "--layer is for --code: a bundle is layer 2");
    if (arguments->tracking && arguments->layer != SFI_LAYER_FUNCTION)
        argp_error(state, "--tracking is for --code --layer 2: a bundle says its own");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case 'j':
        arguments->json = true;
        return 0;
    case KEY_VERIFY:
        arguments->verify = true;
        return 0;
    case KEY_SNAPSHOT:
        arguments->snapshot = true;
        return 0;
    case KEY_CODE:
        if (arguments->code)
            argp_error(state, "one file of code at a time, please");
        arguments->code = argument;
        return 0;
    case KEY_LAYER:
        take_layer(arguments, argument, state);
        return 0;
    case KEY_TRACKING:
        take_tracking(arguments, argument, state);
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->bundle)
            argp_error(state, "one bundle at a time, please");
        arguments->bundle = argument;
        return 0;
    case ARGP_KEY_END:
        check_together(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "F.rcl\n--code FILE --layer 1|2 [--tracking copy|mark]",
    "Checks a bundle as the enclave does, its owner's signature included, and shows what it "
    "contains; with --verify, what the enclave's verifier says of its machine code.\v"
    "Exit code of a verification: 0 accepted, 1 refused (offset and reason are printed), 2 wrong "
    "usage. Offsets count from the code zone's base for a bundle, as in the enclave's own answer, "
    "and from the file's start for --code.\n\n"
    "Example:\n"
    "  reclave inspect --json hello.rcl\n"
    "  reclave inspect --verify hello.rcl\n"
    "  reclave inspect --snapshot-digest hello.rcl\n"
    "  reclave inspect --code snippet.bin --layer 2",
    NULL,
    NULL,
    NULL};

static const struct {
    uint32_t flag;
    const char *name;
} export_names[] = {
    {BUNDLE_HAS_START, "_start"},           {BUNDLE_HAS_INITIALIZE, "_initialize"},
    {BUNDLE_HAS_HANDLE, "handle"},          {BUNDLE_HAS_AFTER_REWIND, "reclave_after_rewind"},
    {BUNDLE_HAS_WIZER, "wizer.initialize"},
};

/* An array of the manifest's fields of one kind. */
static json_t *fields_of(const struct bundle_view *view, unsigned kind)
{
    json_t *array = json_array();
    const char *value;
    size_t cursor = 0, bytes;

    while (bundle_next_field(view, kind, &cursor, &value, &bytes))
        json_array_append_new(array, json_stringn(value, bytes));
    return array;
}

static json_t *entries_of(const struct bundle_view *view)
{
    json_t *array = json_array();

    for (size_t i = 0; i < sizeof(export_names) / sizeof(export_names[0]); i++)
        if (view->header.exports & export_names[i].flag)
            json_array_append_new(array, json_string(export_names[i].name));
    return array;
}

static void set_digest(json_t *object, const char *key, const uint8_t digest[SHA256_BYTES])
{
    char hex[2 * SHA256_BYTES + 1];

    json_object_set_new(object, key, json_string(hex_text(digest, SHA256_BYTES, hex)));
}

static void set_number(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

const char *inspect_tracking_name(uint32_t tracking)
{
    return tracking == BUNDLE_TRACK_MARK ? "mark" : "copy"; /* bundle_read knows no others */
}

/* The one description; the text form prints the same members. */
static json_t *describe(const struct bundle_view *view)
{
    const struct bundle_header *header = &view->header;
    json_t *object = json_object();

    json_object_set_new(object, "name", json_string(view->name));
    json_object_set_new(object, "version", json_string(view->version));
    json_object_set_new(object, "kind",
                        json_string(header->exports & BUNDLE_HAS_START ? "command" : "reactor"));
    set_digest(object, "bundle_sha256", view->sha256);
    set_digest(object, "wasm_sha256", header->wasm_sha256);
    json_object_set_new(object, "signed", json_boolean(view->is_signed));
    set_digest(object, "tenant", view->tenant);
    set_number(object, "format_version", header->format_version);
    set_number(object, "abi_version", header->abi_version);
    set_number(object, "sfi_version", header->sfi_version);
    set_number(object, "cpu_level", header->cpu_level);
    json_object_set_new(object, "tracking", json_string(inspect_tracking_name(header->tracking)));
    json_object_set_new(object, "entries", entries_of(view));
    json_object_set_new(object, "allow_init_random",
                        json_boolean(header->exports & BUNDLE_ALLOW_INIT_RANDOM));
    set_number(object, "code_bytes", header->code_bytes);
    set_number(object, "rodata_bytes", header->rodata_bytes);
    set_number(object, "state_bytes", header->state_bytes);
    set_number(object, "stack_bytes", header->stack_bytes);
    set_number(object, "memory_initial", header->memory_initial);
    set_number(object, "memory_max", header->memory_max);
    set_number(object, "tables_initial", header->tables_initial);
    set_number(object, "tables_max", header->tables_max);
    json_object_set_new(object, "input",
                        json_string(bundle_demands_encryption(view) ? "encrypted" : "any"));
    json_object_set_new(object, "logs", json_string(bundle_logs(view)));
    json_object_set_new(object, "env_allow", fields_of(view, FIELD_ENV_ALLOW));
    json_object_set_new(object, "exports", fields_of(view, FIELD_EXPORT));
    json_object_set_new(object, "toolchain", fields_of(view, FIELD_TOOLCHAIN));
    return object;
}

static void print_value(const json_t *value)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value))
        printf("%s", json_string_value(value));
    else if (json_is_integer(value))
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        printf("%s", json_is_true(value) ? "yes" : "no");
    json_array_foreach(value, i, item)
    {
        printf("%s", i ? ", " : "");
        print_value(item);
    }
}

static void print_text(json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        printf("%-18s", key);
        print_value(value);
        printf("\n");
    }
}

static const char *advice_for(enum status status)
{
    switch (status) {
    case ST_BUNDLE_FORMAT:
    case ST_BUNDLE_ABI:
    case ST_BUNDLE_SFI:
        return "; rebuild it: reclave build F.wasm -o F.rcl";
    default:
        return "";
    }
}

int inspect_failed(const char *path, const char *why, const char *advice)
{
    fprintf(stderr, "reclave inspect: %s: %s%s\n", path, why, advice);
    return 1;
}

void inspect_print(json_t *object, bool as_json)
{
    if (!as_json) {
        print_text(object);
        return;
    }
    json_dumpf(object, stdout, JSON_INDENT(2));
    printf("\n");
}

static int inspect_bundle(const struct arguments *arguments, const uint8_t *file, size_t bytes)
{
    struct bundle_view view;
    enum status status = bundle_read(file, bytes, &view);
    json_t *object;

    if (status != ST_OK)
        return inspect_failed(arguments->bundle, status_text(status), advice_for(status));
    if (arguments->verify)
        return inspect_verify_bundle(arguments->bundle, &view, arguments->json);
    if (arguments->snapshot)
        return inspect_snapshot_digest(arguments->bundle, file, bytes, arguments->json);
    object = describe(&view);
    inspect_print(object, arguments->json);
    json_decref(object);
    return 0;
}

static int inspect(const struct arguments *arguments, const uint8_t *file, size_t bytes)
{
    if (arguments->code)
        return inspect_verify_code(arguments->code, file, bytes, (enum sfi_layer)arguments->layer,
                                   tracking_of(arguments), arguments->json);
    return inspect_bundle(arguments, file, bytes);
}

int cmd_inspect(int argc, char **argv)
{
    struct arguments arguments = {0};
    const char *path;
    uint8_t *file;
    size_t bytes;
    enum status status;
    int code;

    argp_err_exit_status = 2;
    argv[0] = (char *)"reclave inspect";
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    path = arguments.code ? arguments.code : arguments.bundle;
    status = file_read(path, arguments.code ? VERDICT_TEXT_MAX : BUNDLE_BYTES_MAX, &file, &bytes);
    if (status == ST_OUT_OF_RANGE)
        return inspect_failed(
            path, arguments.code ? "larger than any code zone" : "larger than any bundle", "");
    if (status != ST_OK)
        return inspect_failed(path, status == ST_IO ? strerror(errno) : "out of memory", "");
    code = inspect(&arguments, file, bytes);
    free(file);
    return code;
}
