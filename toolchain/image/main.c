/* reclave-image: builds, signs and shows enclave images. */
#include "toolchain/image/image.h"
#include "toolchain/image/show.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

enum option_key {
    OPT_MONITOR = 1000,
    OPT_L1,
    OPT_ENCLAVE,
    OPT_PAGES,
    OPT_SIZE,
    OPT_SLOTS,
    OPT_KEY,
    OPT_PROD_ID,
    OPT_SVN,
    OPT_SHOW,
    OPT_JSON,
    OPT_NEW_KEY,
};

struct arguments {
    struct image_options image;
    const char *key;
    const char *output;
    const char *show;
    const char *new_key;
    int json;
    int pages_given;
};

static const struct argp_option options[] = {
    {"monitor", OPT_MONITOR, "ELF", 0, "The monitor (L0), linked at 0", 1},
    {"l1", OPT_L1, "ELF", 0, "Layer 1, linked at 0", 1},
    {"enclave", OPT_ENCLAVE, "ELF", 0,
     "Instead of these two: the one program of a plain image, linked at 0", 1},
    {"pages", OPT_PAGES, "lazy|eager", 0, "Pages by EAUG (SGX2), or all in the image (SGX1)", 1},
    {"size", OPT_SIZE, "MIB", 0, "Eager: memory of all slots together (default 64)", 1},
    {"slots", OPT_SLOTS, "N", 0, "Functions that can run at a time (default 1)", 1},
    {"key", OPT_KEY, "PEM", 0, "RSA-3072 key with exponent 3 that signs the image", 1},
    {"prod-id", OPT_PROD_ID, "N", 0, "ISVPRODID (default 0)", 1},
    {"svn", OPT_SVN, "N", 0, "ISVSVN (default 0)", 1},
    {"output", 'o', "FILE", 0, "Where the image goes", 1},
    {"show", OPT_SHOW, "FILE", 0, "Check an image and print what it is", 2},
    {"json", OPT_JSON, NULL, 0, "With --show: as JSON", 2},
    {"new-key", OPT_NEW_KEY, "PEM", 0, "Make a signing key; never overwrites", 3},
    {0},
};

static unsigned long number(struct argp_state *state, const char *option, const char *text,
                            unsigned long max)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || value > max)
        argp_error(state, "--%s must be a number from 0 to %lu, not '%s'", option, max, text);
    return value;
}

static void parse_pages(struct arguments *a, struct argp_state *state, const char *text)
{
    a->pages_given = 1;
    a->image.lazy = !strcmp(text, "lazy");
    if (!a->image.lazy && strcmp(text, "eager"))
        argp_error(state, "--pages must be lazy or eager, not '%s'", text);
}

static void check_complete(const struct arguments *a, struct argp_state *state)
{
    if (!!a->show + !!a->new_key + !!a->output != 1)
        argp_error(state, "give one of --output, --show and --new-key");
    if (a->image.enclave && (a->image.monitor || a->image.l1 || a->pages_given))
        argp_error(state, "--enclave goes without --monitor, --l1 and --pages");
    if (a->output && !a->image.enclave && (!a->image.monitor || !a->image.l1 || !a->pages_given))
        argp_error(state, "--output needs --monitor, --l1 and --pages, or --enclave");
    if (a->output && !a->key)
        argp_error(state, "--output needs --key");
    if (a->json && !a->show)
        argp_error(state, "--json goes with --show");
}

static error_t parse(int option, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (option) {
    case OPT_MONITOR:
        a->image.monitor = value;
        break;
    case OPT_L1:
        a->image.l1 = value;
        break;
    case OPT_ENCLAVE:
        a->image.enclave = value;
        break;
    case OPT_PAGES:
        parse_pages(a, state, value);
        break;
    case OPT_SIZE:
        a->image.size_mib = number(state, "size", value, 1 << 20);
        break;
    case OPT_SLOTS:
        a->image.slots = (uint32_t)number(state, "slots", value, SLOTS_MAX);
        break;
    case OPT_KEY:
        a->key = value;
        break;
    case OPT_PROD_ID:
        a->image.prod_id = (uint16_t)number(state, "prod-id", value, UINT16_MAX);
        break;
    case OPT_SVN:
        a->image.svn = (uint16_t)number(state, "svn", value, UINT16_MAX);
        break;
    case 'o':
        a->output = value;
        break;
    case OPT_SHOW:
        a->show = value;
        break;
    case OPT_JSON:
        a->json = 1;
        break;
    case OPT_NEW_KEY:
        a->new_key = value;
        break;
    case ARGP_KEY_END:
        check_complete(a, state);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static enum status load_key(const char *path, struct signing_key **key, struct problem *p)
{
    enum status status = signing_key_load(path, key);

    if (status == ST_IO)
        return problem(p, status, "%s: %s", path, strerror(errno));
    if (status)
        return problem(p, status,
                       "%s: not an RSA-3072 private key with exponent 3"
                       " (make one with --new-key)",
                       path);
    return ST_OK;
}

/* SOURCE_DATE_EPOCH, the reproducible-builds.org convention; without it, 1970. */
static enum status build_date(int64_t *date, struct problem *p)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end;

    *date = 0;
    if (!text || !*text)
        return ST_OK;
    errno = 0;
    *date = strtoll(text, &end, 10);
    if (errno || *end || *date < 0)
        return problem(p, ST_INVALID_ARGUMENT, "SOURCE_DATE_EPOCH is not a number of seconds");
    return ST_OK;
}

static enum status build(struct arguments *a, struct problem *p)
{
    struct signing_key *key = NULL;
    struct file_bytes file = {0};
    enum status status = build_date(&a->image.date, p);

    if (!status)
        status = load_key(a->key, &key, p);
    if (!status)
        status = image_build(&a->image, key, &file, p);
    if (!status)
        status = file_write(a->output, &file, p);
    file_release(&file);
    signing_key_free(key);
    return status;
}

static enum status show(const struct arguments *a, struct problem *p)
{
    struct plan *plan = calloc(1, sizeof *plan);
    struct file_bytes file = {0};
    struct image_header header;
    enum status status;

    if (!plan)
        return problem(p, ST_NO_MEMORY, "out of memory");
    status = file_read(a->show, &file, p);
    if (!status)
        status = image_parse(a->show, &file, &header, plan, p);
    if (!status) {
        status = a->json ? show_json(stdout, &header, plan) : show_text(stdout, &header, plan);
        if (status || fflush(stdout))
            status = problem(p, ST_IO, "the output cannot be written");
    }
    plan_release(plan);
    free(plan);
    file_release(&file);
    return status;
}

static enum status new_key(const char *path, struct problem *p)
{
    enum status status = signing_key_create(path);

    if (status == ST_IO)
        return problem(p, status, "%s: %s", path, strerror(errno));
    return status ? problem(p, status, "%s: the key cannot be made", path) : ST_OK;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Build, sign and show Reclave enclave images.\v"
               "Example: reclave-image --monitor monitor.elf --l1 l1.elf --pages lazy"
               " --key signing-key.pem -o reclave-lazy.rci",
    };
    struct arguments arguments = {.image = {.slots = 1, .size_mib = 64}};
    struct problem why = {""};
    enum status status;

    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
        return EXIT_USAGE;
    if (arguments.show)
        status = show(&arguments, &why);
    else if (arguments.new_key)
        status = new_key(arguments.new_key, &why);
    else
        status = build(&arguments, &why);
    if (status)
        fprintf(stderr, "reclave-image: %s\n", why.text);
    return status ? EXIT_FAILURE : EXIT_SUCCESS;
}
