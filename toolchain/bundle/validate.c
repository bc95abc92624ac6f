#include "toolchain/bundle/validate.h"

#include "toolchain/bundle/tool.h"

#include <string.h>

#define ORIGINAL_NAME "original.wasm"
#define NO_SIMD       "--disable-simd"

/* What Reclave accepts is what wasm2c translates: WebAssembly 2.0 without SIMD. For each
 * proposal beyond, the flags under which a module that uses it becomes valid. */
static const struct {
    const char *flag, *also, *feature, *advice;
} proposals[] = {
    {NULL, NULL, "SIMD", "build with -mno-simd128"},
    {NO_SIMD, "--enable-threads", "threads or atomics", "build without -pthread and -matomics"},
    {NO_SIMD, "--enable-tail-call", "tail calls", "build with -mno-tail-call"},
    {NO_SIMD, "--enable-exceptions", "exceptions", "build with -fno-exceptions"},
    {NO_SIMD, "--enable-memory64", "64-bit memory", "build for wasm32"},
    {NO_SIMD, "--enable-multi-memory", "several memories", "use one memory"},
    {NO_SIMD, "--enable-extended-const", "extended constant expressions",
     "build with -mno-extended-const"},
    {NULL, "--enable-relaxed-simd", "relaxed SIMD", "build with -mno-simd128 -mno-relaxed-simd"},
    {NO_SIMD, "--enable-function-references", "typed function references", "do not use them"},
    {NO_SIMD, "--enable-gc", "garbage collection", "compile to linear memory"},
};

static enum status try_flags(const struct workdir *dir, const char *flag, const char *also,
                             struct text *output, bool *valid, const struct complaint *complaint)
{
    const char *argv[6] = {"wasm-validate", "--ignore-custom-section-errors"};
    size_t count = 2;
    int exit_status = -1;
    enum status status;

    if (flag)
        argv[count++] = flag;
    if (also)
        argv[count++] = also;
    argv[count] = ORIGINAL_NAME;
    status = tool_try(dir, argv, output, &exit_status, complaint);
    *valid = status == ST_OK && exit_status == 0;
    return status;
}

static enum status explain(const struct workdir *dir, const struct text *reasons,
                           const struct complaint *complaint)
{
    int shown = reasons->bytes < 600 ? (int)reasons->bytes : 600;

    for (size_t i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++) {
        struct text ignored = {0};
        bool valid;
        enum status status =
            try_flags(dir, proposals[i].flag, proposals[i].also, &ignored, &valid, complaint);

        text_free(&ignored);
        if (status != ST_OK)
            return status;
        if (valid)
            return complain(complaint, ST_UNSUPPORTED,
                            "the module uses %s, which is not supported: %s", proposals[i].feature,
                            proposals[i].advice);
    }
    while (shown > 0 && reasons->data[shown - 1] == '\n')
        shown--;
    return complain(complaint, ST_UNSUPPORTED,
                    "the module is not valid WebAssembly 2.0; wasm-validate says:\n%.*s", shown,
                    reasons->data ? reasons->data : "");
}

enum status validate_module(const struct workdir *dir, const uint8_t *wasm, size_t bytes,
                            const struct complaint *complaint)
{
    struct text reasons = {0};
    bool valid = false;
    enum status status = workdir_write(dir, ORIGINAL_NAME, wasm, bytes, complaint);

    if (status == ST_OK)
        status = try_flags(dir, NO_SIMD, NULL, &reasons, &valid, complaint);
    if (status == ST_OK && !valid)
        status = explain(dir, &reasons, complaint);
    text_free(&reasons);
    return status;
}
