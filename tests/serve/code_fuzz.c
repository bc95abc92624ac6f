/*
 * Code that a stranger uploads: the first byte says whether the rest is the text itself, or bytes
 * that are encoded as base64 first, so that the search gets past it. What is accepted keeps the
 * promises of code.h; a manifest is looked through whatever it says.
 */
#include "abi/bundle.h"
#include "host/action/code.h"
#include "host/action/env.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void decode(const char *text, size_t bytes)
{
    struct message why = {""};
    struct code code;
    enum status status = code_decode(text, bytes, "niam", &code, &why);

    if (status != ST_OK) {
        require(!code.bytes && (why.text[0] || status == ST_NO_MEMORY));
        return;
    }
    require(code.size > 0 && code.size <= CODE_FILE_MAX);
    if (code.kind == CODE_BUNDLE) {
        json_t *variables = json_pack("{s:s, s:s}", "A", "1", "__OW_X", "2");
        json_t *list = env_list(code.bytes, code.size, variables);

        require(json_array_size(list) <= 2);
        json_decref(list);
        json_decref(variables);
    }
    code_free(&code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size < 1 || size > 1 << 16)
        return 0;
    if (data[0] & 1) {
        decode((const char *)data + 1, size - 1);
        return 0;
    }
    text = malloc(size / 3 * 4 + 8);
    decode(text, (size_t)EVP_EncodeBlock((unsigned char *)text, data + 1, (int)size - 1));
    free(text);
    return 0;
}
