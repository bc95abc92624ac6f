#include "sgx/quoting/quote.h"

#include "sgx/emu/start.h"
#include "sgx/quoting/backend.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct quoting {
    const struct quoting_backend *backend;
    void *self;
    pthread_mutex_t lock; /* one call at a time: the stand-in has one thread */
};

enum status quoting_open(const struct quoting_options *options, struct quoting **out,
                         struct sgx_problem *problem)
{
    /* The stand-in can check reports of its own machine only, and so can Intel's QE. */
    bool emulated = options->driver == &emu_driver;
    struct quoting *q = calloc(1, sizeof(*q));
    enum status status;

    *out = NULL;
    problem->text[0] = '\0';
    if (!q)
        return sgx_problem(problem, ST_NO_MEMORY, "out of memory");
    status = emulated ? stand_in_open(options, &q->backend, &q->self, problem)
                      : dcap_open(options, &q->backend, &q->self, problem);
    if (status != ST_OK) {
        free(q);
        return status;
    }
    pthread_mutex_init(&q->lock, NULL);
    *out = q;
    return ST_OK;
}

void quoting_close(struct quoting *quoting)
{
    if (!quoting)
        return;
    quoting->backend->close(quoting->self);
    pthread_mutex_destroy(&quoting->lock);
    free(quoting);
}

enum status quoting_target_info(struct quoting *quoting, struct sgx_targetinfo *out,
                                struct sgx_problem *problem)
{
    enum status status;

    pthread_mutex_lock(&quoting->lock);
    status = quoting->backend->target_info(quoting->self, out, problem);
    pthread_mutex_unlock(&quoting->lock);
    return status;
}

enum status quoting_quote(struct quoting *quoting, const struct sgx_report *report, uint8_t **quote,
                          size_t *bytes, struct sgx_problem *problem)
{
    enum status status;

    *quote = NULL;
    *bytes = 0;
    pthread_mutex_lock(&quoting->lock);
    status = quoting->backend->quote(quoting->self, report, quote, bytes, problem);
    pthread_mutex_unlock(&quoting->lock);
    return status;
}

enum status quoting_collateral(struct quoting *quoting, int64_t now, char **json, char **root_pem,
                               struct sgx_problem *problem)
{
    enum status status;

    *json = NULL;
    *root_pem = NULL;
    pthread_mutex_lock(&quoting->lock);
    status = quoting->backend->collateral(quoting->self, now, json, root_pem, problem);
    pthread_mutex_unlock(&quoting->lock);
    return status;
}

const char *quoting_name(const struct quoting *quoting)
{
    return quoting->backend->name;
}

static bool chosen(const char *name, const char **value)
{
    *value = getenv(name);
    return *value && **value;
}

enum status quoting_state_folder(char *path, size_t path_bytes)
{
    const char *value;
    int bytes;

    if (chosen("RECLAVE_STATE_DIR", &value))
        bytes = snprintf(path, path_bytes, "%s", value);
    else if (chosen("XDG_STATE_HOME", &value))
        bytes = snprintf(path, path_bytes, "%s/reclave", value);
    else if (chosen("HOME", &value))
        bytes = snprintf(path, path_bytes, "%s/.local/state/reclave", value);
    else
        return ST_NOT_FOUND;
    return bytes >= 0 && (size_t)bytes < path_bytes ? ST_OK : ST_OUT_OF_RANGE;
}
