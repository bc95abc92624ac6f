/* reclave inspect --snapshot-digest: the digest of S1, by doing what every enclave does: the
 * function is initialised in an emulated enclave. It depends on bundle and image only. */
#include "base/status.h"
#include "cli/hex.h"
#include "cli/inspect.h"
#include "cli/machine_options.h"
#include "cli/progress.h"
#include "host/worker/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INIT_TIMEOUT_MS 600000u

static int print_digest(const struct slot_load *load, bool as_json)
{
    char digest[65], bundle[65];
    json_t *object;

    hex_text(load->initial.snapshot_sha256, 32, digest);
    if (!as_json) {
        printf("%s\n", digest);
        return 0;
    }
    hex_text(load->bundle_sha256, 32, bundle);
    object = json_pack("{s:s, s:s}", "bundle_sha256", bundle, "snapshot_sha256", digest);
    if (!object)
        return 1;
    inspect_print(object, true);
    json_decref(object);
    return 0;
}

static int load_and_print(const char *path, struct engine *engine, const void *bundle, size_t bytes,
                          bool as_json)
{
    struct message why = {""};
    struct slot_load load = {
        .bundle = bundle,
        .bundle_bytes = bytes,
        .timeout_ms = INIT_TIMEOUT_MS,
    };
    enum status status;

    progress_show("initialising the function");
    status = engine_load(engine, 0, &load, &why);
    progress_clear();
    return status == ST_OK ? print_digest(&load, as_json) : inspect_failed(path, why.text, "");
}

int inspect_snapshot_digest(const char *path, const uint8_t *file, size_t bytes, bool as_json)
{
    struct machine_options machine = {.engine.backend = SGX_EMULATOR};
    struct message why = {""};
    struct engine *engine = NULL;
    void *bundle = NULL;
    int code = 1;

    if (machine_options_finish(&machine) != ST_OK)
        return 1;
    bundle = loader_buffer_alloc(bytes);
    if (!bundle)
        return inspect_failed(path, status_text(ST_NO_MEMORY), "");
    memcpy(bundle, file, bytes);
    if (engine_open(&machine.engine, &engine, &why) == ST_OK)
        code = load_and_print(path, engine, bundle, bytes, as_json);
    else
        inspect_failed(path, why.text, "");
    engine_close(engine);
    free(bundle);
    return code;
}
