/* Any bytes as a quote, under a root whose quotes the corpus holds: nothing may be accepted but
 * what was signed. */
#include "client/reclave_client.h"
#include "tests/client/forge/forge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define SIGNED_BYTES 432

static struct reclave_verifier *verifier;
static struct forgery good;

static void prepare(void)
{
    struct recipe recipe = recipe_good();
    char error[RECLAVE_ERROR_BYTES];

    forge(&recipe, &good);
    verifier = reclave_verifier_new();
    FORGE_CHECK(verifier != NULL);
    FORGE_CHECK(reclave_verifier_set_root(verifier, good.root_pem, strlen(good.root_pem), error));
    FORGE_CHECK(
        reclave_verifier_set_collateral(verifier, good.collateral, strlen(good.collateral)));
    reclave_verifier_set_time(verifier, FORGE_NOW);
}

/* Header and report of the corpus's quotes: version 3 or 4, all else as forged. */
static bool was_signed(const uint8_t *data, size_t bytes)
{
    return bytes > SIGNED_BYTES && (data[0] == 3 || data[0] == 4) &&
           memcmp(data + 1, good.quote + 1, SIGNED_BYTES - 1) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct reclave_verdict verdict;

    if (!verifier)
        prepare();
    if (reclave_verify_quote(verifier, data, bytes, &verdict) && !was_signed(data, bytes))
        abort();
    if (!verdict.accepted && (!verdict.reason[0] || !reclave_step_name(verdict.failed_step)))
        abort();
    return 0;
}
