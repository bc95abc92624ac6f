#include "host/daemon/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void labelled(FILE *out, const char *name, const char *label, const char *value,
                     uint64_t number)
{
    fprintf(out, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, number);
}

static void single(FILE *out, const char *name, const char *type, const char *help, uint64_t number)
{
    head(out, name, type, help);
    fprintf(out, "%s %" PRIu64 "\n", name, number);
}

static void duration(FILE *out, const char *name, const char *help,
                     const struct histogram *histogram)
{
    uint64_t sum = 0;

    head(out, name, "histogram", help);
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        sum += histogram->counts[i];
        fprintf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
                (double)histogram_bounds_us[i] / 1e6, sum);
    }
    fprintf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name,
            histogram->count, name, (double)histogram->sum_us / 1e6, name, histogram->count);
}

static void counters(FILE *out, const struct pool_stats *stats)
{
    static const char *const ends[] = {"done",    "refused", "load-failed", "queue-full",
                                       "no-slot", "closing", "worker-lost"};
    static const char *const outcomes[] = {"none", "ok",      "function-error",
                                           "trap", "refused", "aborted-by-host"};
    static const char *const starts[] = {"warm", "cold", "switch"};

    head(out, "reclave_calls_total", "counter", "Calls by how they ended.");
    for (unsigned i = 0; i <= POOL_WORKER_LOST; i++)
        labelled(out, "reclave_calls_total", "end", ends[i], stats->ends[i]);
    head(out, "reclave_invocations_total", "counter", "Invocations by their outcome.");
    for (unsigned i = OUTCOME_OK; i < POOL_OUTCOMES; i++)
        labelled(out, "reclave_invocations_total", "outcome", outcomes[i], stats->outcomes[i]);
    head(out, "reclave_starts_total", "counter",
         "Slots given to calls: the function was there (warm), the slot was empty (cold), or "
         "another "
         "function had to go (switch).");
    for (unsigned i = 0; i <= POOL_SWITCH; i++)
        labelled(out, "reclave_starts_total", "kind", starts[i], stats->temperatures[i]);
    single(out, "reclave_worker_restarts_total", "counter", "Workers that ended unasked.",
           stats->restarts);
}

static void gauges(FILE *out, const struct pool_stats *stats)
{
    head(out, "reclave_workers", "gauge", "Worker processes.");
    labelled(out, "reclave_workers", "state", "up", stats->workers_up);
    labelled(out, "reclave_workers", "state", "down", stats->workers - stats->workers_up);
    head(out, "reclave_slots", "gauge", "Slots of workers that are up.");
    labelled(out, "reclave_slots", "state", "empty", stats->slots_empty);
    labelled(out, "reclave_slots", "state", "warm", stats->slots_warm);
    labelled(out, "reclave_slots", "state", "busy", stats->slots_busy);
    single(out, "reclave_queue_length", "gauge", "Calls that wait for a slot.", stats->queue);
    single(out, "reclave_queue_limit", "gauge", "Most calls that may wait.", stats->queue_limit);
}

static void pages(FILE *out, struct pool *pool)
{
    json_t *workers = pool_describe(pool), *worker;
    size_t i;

    head(out, "reclave_enclave_pages", "gauge", "Pages (4 KiB) committed in the enclave.");
    json_array_foreach(workers, i, worker)
    {
        const json_t *count = json_object_get(worker, "enclave_pages");

        if (json_is_integer(count))
            fprintf(out, "reclave_enclave_pages{worker=\"%zu\"} %" JSON_INTEGER_FORMAT "\n", i,
                    json_integer_value(count));
    }
    json_decref(workers);
}

char *metrics_text(struct pool *pool, size_t *bytes)
{
    struct pool_stats stats;
    char *text = NULL;
    FILE *out = open_memstream(&text, bytes);

    if (!out)
        return NULL;
    pool_stats(pool, &stats);
    counters(out, &stats);
    gauges(out, &stats);
    duration(out, "reclave_queue_seconds", "From a call's arrival until it had a slot.",
             &stats.queued);
    duration(out, "reclave_load_seconds", "Loading a function, after a reset if need be.",
             &stats.load);
    duration(out, "reclave_run_seconds", "An invocation, as the pool sees it.", &stats.run);
    duration(out, "reclave_rewind_seconds", "A rewind: the call into the enclave and back.",
             &stats.rewind);
    pages(out, pool);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
