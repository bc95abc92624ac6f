#include "host/worker/strings.h"

#include "abi/gates.h"
#include "host/loader/loader.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static enum status measure(const char *const *list, size_t count, bool pairs, size_t *total)
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = strlen(list[i]) + 1;

        if (pairs && (list[i][0] == '=' || !strchr(list[i], '=')))
            return ST_INVALID_ARGUMENT;
        if (bytes > L1_STRINGS_MAX - *total)
            return ST_OUT_OF_RANGE;
        *total += bytes;
    }
    return ST_OK;
}

static char *append(char *to, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = strlen(list[i]) + 1;

        memcpy(to, list[i], bytes);
        to += bytes;
    }
    return to;
}

enum status strings_build(const char *const *args, size_t arg_count, const char *const *env,
                          size_t env_count, struct strings *out)
{
    size_t bytes = 0;
    enum status status = measure(args, arg_count, false, &bytes);

    *out = (struct strings){0};
    if (status == ST_OK)
        status = measure(env, env_count, true, &bytes);
    if (status != ST_OK || bytes == 0)
        return status;
    out->block = loader_buffer_alloc(bytes);
    if (!out->block)
        return ST_NO_MEMORY;
    append(append(out->block, args, arg_count), env, env_count);
    out->bytes = bytes;
    out->arg_count = arg_count;
    out->env_count = env_count;
    return ST_OK;
}

void strings_free(struct strings *strings)
{
    free(strings->block);
    *strings = (struct strings){0};
}

void strings_apply(const struct strings *strings, struct entry_invocation *invocation)
{
    invocation->strings = (uintptr_t)strings->block;
    invocation->strings_bytes = strings->bytes;
    invocation->arg_count = strings->arg_count;
    invocation->env_count = strings->env_count;
}
