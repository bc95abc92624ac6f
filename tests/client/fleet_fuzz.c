/* Any bytes as a keeper's description: refused with a reason, or read; and what is read is never
 * believed, since nobody signed it. */
#include "client/keeper/description.h"
#include "client/reclave_invoke.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_parsed(const uint8_t *data, size_t bytes)
{
    struct keeper_description description;
    struct failure failure = {0};

    if (description_read(data, bytes, &description, &failure)) {
        if (description.certificate_bytes > CERTIFICATE_MAX || !description.certificate_bytes ||
            description.quote_bytes > RECLAVE_QUOTE_BYTES_MAX || !description.quote_bytes ||
            (description.collateral &&
             strlen(description.collateral) > description.collateral_bytes))
            abort();
    } else if (!failure.reason[0] || failure.step != RECLAVE_STEP_KEEPER_FORMAT) {
        abort();
    }
    description_free(&description);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct reclave_verifier *verifier;
    struct reclave_verdict verdict;
    struct reclave_enclave *fleet;

    if (!verifier)
        verifier = reclave_verifier_new();
    check_parsed(data, bytes);
    if (!verifier || reclave_fleet_verify(verifier, data, bytes, NULL, &verdict, &fleet) || fleet ||
        verdict.accepted || !verdict.reason[0])
        abort();
    return 0;
}
