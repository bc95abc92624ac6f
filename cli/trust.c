#include "cli/trust.h"

#include "cli/file.h"
#include "cli/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT_BYTES_MAX (64u * 1024)

enum key { KEY_COLLATERAL = 0x300, KEY_ROOT, KEY_TIME, KEY_ALLOW_MISSING_CRL };

static const struct argp_option options[] = {
    {"collateral", KEY_COLLATERAL, "FILE.json", 0,
     "What the platform's vendor says of it (default: what comes with the quote)", 20},
    {"root", KEY_ROOT, "FILE", 0, "Trust this root certificate instead of Intel's", 20},
    {"time", KEY_TIME, "UNIX", 0, "Verify as of this time, in seconds since 1970", 20},
    {"allow-missing-crl", KEY_ALLOW_MISSING_CRL, NULL, 0,
     "Accept collateral without CRLs: revoked keys may pass", 20},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct trust_options *trust = state->input;

    switch (key) {
    case KEY_COLLATERAL:
        trust->collateral = argument;
        return 0;
    case KEY_ROOT:
        trust->root = argument;
        return 0;
    case KEY_TIME:
        if (!number_parse(argument, 0, TRUST_TIME_LAST, &trust->time))
            argp_error(state, "--time needs seconds since 1970, not \"%s\"", argument);
        trust->has_time = true;
        return 0;
    case KEY_ALLOW_MISSING_CRL:
        trust->allow_missing_crl = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp trust_argp = {.options = options, .parser = parse};

struct source {
    const char *program, *path;
    uint8_t *data;
    size_t bytes;
};

static bool failed(const struct source *source, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", source->program, source->path, why);
    return false;
}

static bool was_read(const struct source *source, enum status status)
{
    if (status == ST_OK)
        return true;
    return failed(source, status == ST_IO             ? strerror(errno)
                          : status == ST_OUT_OF_RANGE ? "is larger than any such file"
                                                      : "out of memory");
}

static bool read_source(struct source *source, size_t limit)
{
    return was_read(source, file_read(source->path, limit, &source->data, &source->bytes));
}

/* Each takes its file into the verifier; false: said on stderr why not. */

static bool set_root(struct reclave_verifier *verifier, const char *program, const char *path)
{
    struct source source = {program, path, NULL, 0};
    char error[RECLAVE_ERROR_BYTES];
    bool good;

    if (!read_source(&source, ROOT_BYTES_MAX))
        return false;
    good = reclave_verifier_set_root(verifier, source.data, source.bytes, error);
    free(source.data);
    return good || failed(&source, error);
}

static bool set_policy(struct reclave_verifier *verifier, const char *program, const char *path)
{
    struct source source = {program, path, NULL, 0};
    char error[RECLAVE_ERROR_BYTES];
    bool good;

    if (!read_source(&source, RECLAVE_POLICY_BYTES_MAX))
        return false;
    good = reclave_verifier_set_policy(verifier, source.data, source.bytes, error);
    free(source.data);
    return good || failed(&source, error);
}

/* One byte more than the limit: too long is the library's verdict, not a failure to read. */
static bool set_collateral(struct reclave_verifier *verifier, const char *program, const char *path)
{
    struct source source = {program, path, NULL, 0};
    bool good;

    if (!was_read(&source, file_read_start(path, RECLAVE_COLLATERAL_BYTES_MAX + 1, &source.data,
                                           &source.bytes)))
        return false;
    good = reclave_verifier_set_collateral(verifier, source.data, source.bytes);
    free(source.data);
    return good || failed(&source, "out of memory");
}

struct reclave_verifier *trust_verifier(const char *program, const struct trust_options *trust)
{
    struct reclave_verifier *verifier = reclave_verifier_new();

    if (!verifier) {
        fprintf(stderr, "%s: libreclave-client: out of memory\n", program);
        return NULL;
    }
    if (trust->has_time)
        reclave_verifier_set_time(verifier, (int64_t)trust->time);
    reclave_verifier_allow_missing_crl(verifier, trust->allow_missing_crl);
    if ((!trust->root || set_root(verifier, program, trust->root)) &&
        (!trust->policy || set_policy(verifier, program, trust->policy)) &&
        (!trust->collateral || set_collateral(verifier, program, trust->collateral)))
        return verifier;
    reclave_verifier_free(verifier);
    return NULL;
}
