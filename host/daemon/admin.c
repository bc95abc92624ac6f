/* What an operator asks: /metrics, /healthz, /readyz, and /pool for `reclave top`. */
#include "host/daemon/daemon.h"
#include "host/daemon/metrics.h"

static void metrics(const struct http_request *request, struct http_response *response,
                    void *context)
{
    struct service *service = context;
    size_t bytes = 0;
    char *text = metrics_text(service->pool, &bytes);

    (void)request;
    if (text)
        http_reply_bytes(response, 200, METRICS_CONTENT_TYPE, text, bytes);
}

/* The process lives and answers. */
static void health(const struct http_request *request, struct http_response *response,
                   void *context)
{
    (void)request;
    (void)context;
    http_reply_text(response, 200, "ok\n");
}

/* It can run functions. */
static void ready(const struct http_request *request, struct http_response *response, void *context)
{
    struct service *service = context;
    struct pool_stats stats;

    (void)request;
    pool_stats(service->pool, &stats);
    if (service->stopping)
        http_reply_text(response, 503, "stopping\n");
    else if (!service->serving)
        http_reply_text(response, 503, "starting\n");
    else if (stats.workers_up == 0)
        http_reply_text(response, 503, "no worker is up\n");
    else
        http_reply_text(response, 200, "ok\n");
}

static json_t *quantiles(const struct histogram *histogram)
{
    return json_pack("{s:I, s:I, s:I}", "count", (json_int_t)histogram->count, "p50_us",
                     (json_int_t)histogram_quantile_us(histogram, 0.5), "p99_us",
                     (json_int_t)histogram_quantile_us(histogram, 0.99));
}

static void show_pool(const struct http_request *request, struct http_response *response,
                      void *context)
{
    struct service *service = context;
    struct pool_stats stats;

    (void)request;
    pool_stats(service->pool, &stats);
    http_reply_json(
        response, 200,
        json_pack("{s:o, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "workers",
                  pool_describe(service->pool), "queue", (int)stats.queue, "queue_limit",
                  (int)stats.queue_limit, "restarts", (json_int_t)stats.restarts, "invocations",
                  (json_int_t)stats.run.count, "warm", (json_int_t)stats.temperatures[POOL_WARM],
                  "cold", (json_int_t)stats.temperatures[POOL_COLD], "switch",
                  (json_int_t)stats.temperatures[POOL_SWITCH], "queued", quantiles(&stats.queued),
                  "load", quantiles(&stats.load), "run", quantiles(&stats.run), "rewind",
                  quantiles(&stats.rewind)));
}

const struct http_route admin_routes[] = {
    {"GET", "/metrics", metrics, 0}, {"GET", "/healthz", health, 0}, {"GET", "/readyz", ready, 0},
    {"GET", "/pool", show_pool, 0},  {NULL, NULL, NULL, 0},
};
