/*
 * A toolchain without rewriter: a module to a bundle of what gcc made of it, with a header like
 * any other's.
 *
 *     native F.wasm F.rcl
 */
#include "cli/file.h"
#include "toolchain/bundle/build.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct bundle_build_options options = {.sdk_dir = ".", .name = "native", .unconfined = true};
    char error[BUNDLE_ERROR_BYTES] = "reading or writing fails";
    struct bundle_buffer bundle = {0};
    uint8_t *wasm = NULL;
    enum status status = ST_INVALID_ARGUMENT;

    if (argc == 3)
        status = file_read(argv[1], BUNDLE_WASM_LIMIT, &wasm, &options.wasm_bytes);
    options.wasm = wasm;
    if (status == ST_OK)
        status = bundle_build(&options, &bundle, error, sizeof(error));
    if (status == ST_OK)
        status = file_write(argv[2], bundle.data, bundle.bytes);
    if (status != ST_OK)
        fprintf(stderr, "native: %s\n", error);
    bundle_buffer_free(&bundle);
    free(wasm);
    return status == ST_OK ? 0 : 1;
}
