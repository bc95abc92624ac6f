/*
 * Any bytes as a document. What is accepted must come out unchanged without rules, and with
 * rules as a document that is accepted again.
 */
#include "examples/pseudonymise/pseudonymise.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rules none = {"", "key", 3};
    const struct rules rules = {"name,address", "key", 3};
    struct text same = {0}, result = {0}, again = {0};
    struct problem problem = {0};

    if (pseudonymise(&none, data, size, &same, &problem)) {
        require(same.bytes == size && memcmp(same.data, data, size) == 0);
        require(pseudonymise(&rules, data, size, &result, &problem));
        require(pseudonymise(&rules, result.data, result.bytes, &again, &problem));
    } else {
        require(problem.message && problem.line >= 1 && problem.column >= 1);
        require(!pseudonymise(&rules, data, size, &result, &problem));
    }
    text_free(&same);
    text_free(&result);
    text_free(&again);
    return 0;
}
