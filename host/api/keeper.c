/* The retention: a thread that deletes old activations, a few at a time. */
#include "host/api/internal.h"

#include "host/log/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define EVERY_S   10
#define AT_A_TIME 500u /* writers wait no longer than this takes */

struct keeper {
    struct api *api;
    int64_t opened_ms, opened_steady_ms; /* one moment, on both clocks */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool closing;
};

/* What activations are old by. A wall clock that jumps ahead makes nothing old: it counts no faster
 * than time has passed since the daemon began. One that was put back deletes less, for now. */
static int64_t now_for_ages(const struct keeper *keeper)
{
    int64_t passed = keeper->opened_ms + steady_now_ms() - keeper->opened_steady_ms;
    int64_t now = database_now_ms();

    return now < passed ? now : passed;
}

/* How many were deleted; 0 after an error, too: it is tried again later. */
static unsigned expire(const struct keeper *keeper)
{
    const struct api_options *options = &keeper->api->options;
    int64_t before = options->keep_ms ? now_for_ages(keeper) - (int64_t)options->keep_ms : 0;
    int64_t keep = (int64_t)options->keep_count;
    struct session *session;
    struct message why = {""};
    unsigned deleted = 0;
    enum status status = database_write(options->database, &session, &why);

    if (status == ST_OK) {
        status = activation_expire(session, before, keep, AT_A_TIME, &deleted);
        status = session_end(session, status, &why);
    }
    log_event(LOG_LEVEL_DEBUG, "retention", "{s:i}", "deleted", (int)deleted);
    if (status == ST_OK)
        return deleted;
    log_event(LOG_LEVEL_WARNING, "retention-failed", "{s:s}", "why", why.text);
    return 0;
}

static bool pause_for(struct keeper *keeper, unsigned seconds)
{
    struct timespec until;
    bool closing;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->closing && pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until) == 0)
        ;
    closing = keeper->closing;
    pthread_mutex_unlock(&keeper->lock);
    return !closing;
}

static void *keep(void *argument)
{
    struct keeper *keeper = argument;
    bool more = true;

    while (pause_for(keeper, more ? 0 : EVERY_S))
        more = expire(keeper) == AT_A_TIME;
    return NULL;
}

struct keeper *keeper_open(struct api *api)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));
    pthread_condattr_t attributes;

    if (!keeper)
        return NULL;
    keeper->api = api;
    keeper->opened_ms = database_now_ms();
    keeper->opened_steady_ms = steady_now_ms();
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&keeper->thread, NULL, keep, keeper) == 0)
        return keeper;
    free(keeper);
    return NULL;
}

void keeper_close(struct keeper *keeper)
{
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->closing = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}
