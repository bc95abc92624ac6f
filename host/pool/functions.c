/* What is known of functions, by identity. */
#include "host/pool/internal.h"

#include "abi/bundle.h"
#include "abi/sealed.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* Nobody outside an enclave knows whose it is: until one has said so (invoke.c), it counts as the
 * only function of its tenant. */
static enum status describe_sealed(const void *bundle, size_t bytes, struct pool_function *out)
{
    struct wrapped_key wrapped;

    if (bytes < sizeof(struct sealed_header) + sizeof(wrapped))
        return ST_CORRUPT;
    memcpy(&wrapped, (const uint8_t *)bundle + sizeof(struct sealed_header), sizeof(wrapped));
    *out = (struct pool_function){.bundle = bundle, .bundle_bytes = bytes, .sealed = true};
    memcpy(out->recipient, wrapped.recipient, sizeof(out->recipient));
    SHA256(bundle, bytes, out->id);
    memcpy(out->tenant, out->id, sizeof(out->tenant));
    return ST_OK;
}

static bool begins(const void *bundle, size_t bytes, const char *magic)
{
    return bytes >= strlen(magic) && memcmp(bundle, magic, strlen(magic)) == 0;
}

enum status pool_function_describe(const void *bundle, size_t bytes, struct pool_function *out)
{
    struct bundle_signature signature;

    if (begins(bundle, bytes, SEALED_MAGIC))
        return describe_sealed(bundle, bytes, out);
    if (bytes < BUNDLE_HEADER_BYTES || bytes > BUNDLE_BYTES_MAX ||
        !begins(bundle, bytes, BUNDLE_MAGIC))
        return ST_CORRUPT;
    *out = (struct pool_function){.bundle = bundle, .bundle_bytes = bytes};
    SHA256(bundle, bytes, out->id);
    if (bytes < BUNDLE_HEADER_BYTES + sizeof(signature))
        return ST_OK;
    memcpy(&signature, (const uint8_t *)bundle + bytes - sizeof(signature), sizeof(signature));
    if (memcmp(signature.magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature.magic)) == 0)
        SHA256(signature.public_key, sizeof(signature.public_key), out->tenant);
    return ST_OK;
}

static struct function **bucket(struct pool *pool, const uint8_t id[32])
{
    return &pool->functions[(id[0] | id[1] << 8) % FUNCTION_BUCKETS];
}

static struct function *create(struct pool *pool, const struct pool_function *description)
{
    struct function **head = bucket(pool, description->id);
    struct function *function = calloc(1, sizeof(*function));

    if (!function)
        return NULL;
    memcpy(function->id, description->id, sizeof(function->id));
    memcpy(function->tenant, description->tenant, sizeof(function->tenant));
    function->memory_limit = description->memory_limit;
    function->next = *head;
    *head = function;
    pool->function_count++;
    return function;
}

struct function *function_use(struct pool *pool, const struct pool_function *description)
{
    struct function *function = *bucket(pool, description->id);

    while (function && (memcmp(function->id, description->id, sizeof(function->id)) != 0 ||
                        function->memory_limit != description->memory_limit))
        function = function->next;
    if (!function)
        function = create(pool, description);
    if (function)
        function->users++;
    return function;
}

/* Its averages are kept for the next call, unless there are too many of them. */
void function_unuse(struct pool *pool, struct function *function)
{
    struct function **link = bucket(pool, function->id);

    if (--function->users > 0 || pool->function_count <= FUNCTIONS_KEPT)
        return;
    while (*link != function)
        link = &(*link)->next;
    *link = function->next;
    free(function);
    pool->function_count--;
}

void function_learn(uint64_t *average_us, uint64_t us)
{
    *average_us = *average_us ? (*average_us * 7 + us) / 8 : us + 1;
}

void functions_free(struct pool *pool)
{
    for (unsigned i = 0; i < FUNCTION_BUCKETS; i++) {
        while (pool->functions[i]) {
            struct function *function = pool->functions[i];

            pool->functions[i] = function->next;
            free(function);
        }
    }
}
