#include "host/keeper/keeper.h"

#include "base/status.h"
#include "host/keeper/quotes.h"
#include "host/keeper/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct keeper_host {
    struct enclave *enclave;
    struct slot *slot;
    struct quoting *quoting;
    char *state_path;
    int lock_fd;
    bool lost; /* a state could not be stored: what the enclave has is ahead of the disk */
    pthread_mutex_t lock;
};

/* ---- one command ------------------------------------------------------------------- */

static enum status call(struct keeper_host *keeper, enum keeper_command command,
                        const void *request, size_t request_bytes, void *answer,
                        size_t answer_bytes, struct message *why)
{
    struct entry_keeper entry = {.command = command,
                                 .request_bytes = request_bytes,
                                 .answer_limit = answer_bytes,
                                 .time = (uint64_t)time(NULL)};
    void *in = loader_buffer_alloc(request_bytes ? request_bytes : 8);
    void *out = loader_buffer_alloc(answer_bytes ? answer_bytes : 8);
    enum status status = in && out ? ST_OK : ST_NO_MEMORY;

    if (status == ST_OK) {
        if (request_bytes)
            memcpy(in, request, request_bytes);
        entry.request = (uintptr_t)in;
        entry.answer = (uintptr_t)out;
        status = slot_keeper_call(keeper->slot, &entry);
    }
    if (status == ST_OK && entry.answer_bytes != answer_bytes)
        status = ST_CORRUPT;
    if (status == ST_OK && answer_bytes)
        memcpy(answer, out, answer_bytes);
    if (status != ST_OK)
        message_set(why, "the keeper refuses: %s", status_text(status));
    free(in);
    free(out);
    return status;
}

/* Until the new state is on disk nobody may learn that the command was done. If it cannot get
 * there, the keeper stops: it must not go on from a state that a restart would forget. */
static enum status call_and_store(struct keeper_host *keeper, enum keeper_command command,
                                  const void *request, size_t request_bytes, struct message *why)
{
    uint8_t *sealed = malloc(KEEPER_SEALED_BYTES);
    enum status status;

    if (!sealed)
        return ST_NO_MEMORY;
    status = call(keeper, command, request, request_bytes, sealed, KEEPER_SEALED_BYTES, why);
    if (status == ST_OK) {
        status = store_write(keeper->state_path, sealed, KEEPER_SEALED_BYTES, why);
        keeper->lost = status != ST_OK;
    }
    free(sealed);
    return status;
}

static bool changes_state(enum keeper_command command)
{
    return command == KEEPER_START || command == KEEPER_ROTATE || command == KEEPER_RELEASE ||
           command == KEEPER_REVOKE || command == KEEPER_SET_POLICY || command == KEEPER_TAKE_OVER;
}

static enum status run(struct keeper_host *keeper, enum keeper_command command, const void *request,
                       size_t request_bytes, void *answer, size_t answer_bytes, struct message *why)
{
    if (keeper->lost) {
        message_set(why, "the keeper's state could not be stored: restart the keeper");
        return ST_IO;
    }
    if (changes_state(command))
        return call_and_store(keeper, command, request, request_bytes, why);
    return call(keeper, command, request, request_bytes, answer, answer_bytes, why);
}

enum status keeper_host_command(struct keeper_host *keeper, enum keeper_command command,
                                const void *request, size_t request_bytes, void *answer,
                                size_t answer_bytes, struct message *why)
{
    enum status status;

    pthread_mutex_lock(&keeper->lock);
    status = run(keeper, command, request, request_bytes, answer, answer_bytes, why);
    pthread_mutex_unlock(&keeper->lock);
    return status;
}

/* ---- quotes -------------------------------------------------------------------------- */

void keeper_quote_free(struct keeper_quote *quote)
{
    free(quote->quote);
    free(quote->collateral);
    *quote = (struct keeper_quote){0};
}

static enum status collateral(struct keeper_host *keeper, struct keeper_quote *out,
                              struct message *why)
{
    struct sgx_problem problem = {""};
    char *root = NULL;
    enum status status =
        quoting_collateral(keeper->quoting, (int64_t)time(NULL), &out->collateral, &root, &problem);

    if (status == ST_OK)
        free(root); /* whoever believes in it has it already */
    else if (status == ST_UNSUPPORTED)
        status = ST_OK;
    else
        message_set(why, "no collateral: %s", problem.text);
    return status;
}

enum status keeper_host_quote(struct keeper_host *keeper, const uint8_t challenge[CHALLENGE_BYTES],
                              struct keeper_quote *out, struct message *why)
{
    enum status status;

    *out = (struct keeper_quote){0};
    pthread_mutex_lock(&keeper->lock);
    status = quote_slot(keeper->quoting, keeper->slot, challenge, &out->identity, &out->quote,
                        &out->quote_bytes, why);
    if (status == ST_OK)
        status = collateral(keeper, out, why);
    pthread_mutex_unlock(&keeper->lock);
    return status;
}

static enum status answer_with(struct keeper_host *keeper,
                               const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                               struct keeper_status *now, struct keeper_answer *out,
                               struct message *why)
{
    struct keeper_challenge request;
    uint8_t challenge[CHALLENGE_BYTES];
    enum status status = run(keeper, KEEPER_STATUS, NULL, 0, now, sizeof(*now), why);

    memcpy(request.asker_nonce, asker_nonce, sizeof(request.asker_nonce));
    if (status == ST_OK)
        status = run(keeper, KEEPER_CHALLENGE, &request, sizeof(request), out->keeper_nonce,
                     sizeof(out->keeper_nonce), why);
    if (status == ST_OK)
        status = exchange_challenge(KEEPER_DOMAIN, sizeof(KEEPER_DOMAIN), asker_nonce,
                                    out->keeper_nonce, challenge);
    if (status == ST_OK)
        status = quote_copy_of_slot(keeper->quoting, keeper->slot, challenge, &out->identity,
                                    &out->quote, why);
    memcpy(out->owner, now->owner, sizeof(out->owner));
    out->policy = now->policy;
    return status;
}

enum status keeper_host_challenge(struct keeper_host *keeper,
                                  const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                  struct keeper_answer *out, struct message *why)
{
    struct keeper_status now = {0};
    enum status status;

    memset(out, 0, sizeof(*out));
    pthread_mutex_lock(&keeper->lock);
    status = answer_with(keeper, asker_nonce, &now, out, why);
    pthread_mutex_unlock(&keeper->lock);
    return status;
}

enum status keeper_host_ask(struct keeper_host *keeper,
                            const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                            const uint8_t keeper_nonce[ADMISSION_NONCE_BYTES],
                            struct keeper_admission *out, struct message *why)
{
    uint8_t challenge[CHALLENGE_BYTES];
    enum status status;

    memset(out, 0, sizeof(*out));
    memcpy(out->keeper_nonce, keeper_nonce, sizeof(out->keeper_nonce));
    status = exchange_challenge(ASKER_DOMAIN, sizeof(ASKER_DOMAIN), asker_nonce, keeper_nonce,
                                challenge);
    if (status != ST_OK)
        return status;
    pthread_mutex_lock(&keeper->lock);
    status = quote_copy_of_slot(keeper->quoting, keeper->slot, challenge, &out->identity,
                                &out->quote, why);
    pthread_mutex_unlock(&keeper->lock);
    return status;
}

/* ---- life ----------------------------------------------------------------------------- */

static enum status open_enclave(struct keeper_host *keeper,
                                const struct keeper_host_options *options, struct message *why)
{
    const struct enclave_options creation = {.driver = options->driver};
    const struct enclave_terms terms = {.keeper = true};
    struct image image;
    enum status status = image_open(options->image, &image, why);

    if (status != ST_OK)
        return status;
    status = enclave_create(&image, &creation, &keeper->enclave, why);
    image_close(&image);
    if (status != ST_OK)
        return status;
    keeper->slot = enclave_slot(keeper->enclave, 0);
    status = enclave_init(keeper->enclave, &terms);
    if (status != ST_OK)
        message_set(why, "the enclave refuses to be a keeper: %s", status_text(status));
    return status;
}

static enum status open_quoting(struct keeper_host *keeper,
                                const struct keeper_host_options *options, struct message *why)
{
    const struct quoting_options quoting = {.driver = options->driver,
                                            .image = options->quoting_image,
                                            .state_folder = options->quoting_state};
    struct sgx_problem problem = {""};
    enum status status = quoting_open(&quoting, &keeper->quoting, &problem);

    if (status != ST_OK)
        message_set(why, "%s", problem.text);
    return status;
}

static enum status restore(struct keeper_host *keeper, struct message *why)
{
    uint8_t *sealed = malloc(KEEPER_SEALED_BYTES);
    enum status status;

    if (!sealed)
        return ST_NO_MEMORY;
    status = store_read(keeper->state_path, sealed, KEEPER_SEALED_BYTES, why);
    if (status == ST_OK)
        status = call(keeper, KEEPER_RESTORE, sealed, KEEPER_SEALED_BYTES, NULL, 0, why);
    free(sealed);
    return status;
}

/* What is there is never overwritten by a new beginning. */
static enum status begin(struct keeper_host *keeper, const struct keeper_start *start,
                         struct message *why)
{
    enum status status = restore(keeper, why);

    if (status != ST_NOT_FOUND)
        return status;
    if (!start) {
        message_set(why,
                    "%s: there is no keeper's state, and no owner and platform policy to "
                    "start a new keeper with",
                    keeper->state_path);
        return ST_NOT_FOUND;
    }
    return call_and_store(keeper, KEEPER_START, start, sizeof(*start), why);
}

enum status keeper_host_open(const struct keeper_host_options *options,
                             const struct keeper_start *start, struct keeper_host **out,
                             struct message *why)
{
    struct keeper_host *keeper = calloc(1, sizeof(*keeper));
    enum status status;

    *out = NULL;
    if (!keeper)
        return ST_NO_MEMORY;
    keeper->lock_fd = -1;
    pthread_mutex_init(&keeper->lock, NULL);
    keeper->state_path = strdup(options->state);
    status = keeper->state_path ? store_lock(options->state, &keeper->lock_fd, why) : ST_NO_MEMORY;
    if (status == ST_OK)
        status = open_enclave(keeper, options, why);
    if (status == ST_OK)
        status = open_quoting(keeper, options, why);
    if (status == ST_OK)
        status = begin(keeper, start, why);
    if (status != ST_OK) {
        keeper_host_close(keeper);
        return status;
    }
    *out = keeper;
    return ST_OK;
}

void keeper_host_close(struct keeper_host *keeper)
{
    if (!keeper)
        return;
    quoting_close(keeper->quoting);
    enclave_destroy(keeper->enclave);
    if (keeper->lock_fd >= 0)
        close(keeper->lock_fd);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper->state_path);
    free(keeper);
}
