#include "host/http/answer.h"

#include <stdlib.h>
#include <string.h>

size_t http_answer_take(char *bytes, size_t unit, size_t count, void *context)
{
    struct http_answer *answer = context;
    size_t more = unit * count;
    char *grown =
        more <= answer->limit - answer->size ? realloc(answer->bytes, answer->size + more) : NULL;

    if (!grown)
        return 0;
    memcpy(grown + answer->size, bytes, more);
    answer->bytes = grown;
    answer->size += more;
    return more;
}
