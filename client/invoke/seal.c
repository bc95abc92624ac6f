/* A function that only one enclave, or only holders of its key, can read. */
#include "client/invoke/invoke.h"

#include "client/envelope/crypto.h"
#include "client/envelope/sealed.h"

#include <openssl/crypto.h>
#include <string.h>

bool reclave_bundle_seal(const struct reclave_enclave *enclave, const void *bundle, size_t bytes,
                         const uint8_t bundle_sha256[32],
                         const uint8_t key[RECLAVE_FUNCTION_KEY_BYTES], void **sealed,
                         size_t *sealed_bytes, char error[RECLAVE_ERROR_BYTES])
{
    uint8_t function_key[FUNCTION_KEY_BYTES];
    struct wrapped_key wrapped;
    uint8_t *out = NULL;
    enum status status = ST_OK;

    *sealed = NULL;
    if (!enclave && !key)
        return invoke_fail(error, "neither an enclave nor a key: nobody could open this");
    if (enclave && !invoke_epoch_is_fresh(enclave, error))
        return false;
    if (key)
        memcpy(function_key, key, sizeof(function_key));
    else
        status = caller_random(function_key, sizeof(function_key));
    if (status == ST_OK && enclave)
        status = caller_function_key_wrap(function_key, enclave->identity.receiving_key, &wrapped);
    if (status == ST_OK)
        status = caller_bundle_seal(bundle, bytes, bundle_sha256, function_key,
                                    enclave ? &wrapped : NULL, &out, sealed_bytes);
    OPENSSL_cleanse(function_key, sizeof(function_key));
    *sealed = out;
    return status == ST_OK || invoke_fail_status(error, "sealing", status);
}
