#include "cli/function_file.h"

#include "abi/sealed.h"
#include "base/status.h"
#include "cli/file.h"
#include "cli/hex.h"
#include "host/worker/frame.h"
#include "toolchain/bundle/build.h"
#include "toolchain/bundle/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void set_name(const char *path, char name[129])
{
    size_t length;

    bundle_name_from_path(path, name, 129);
    length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, ".rcl") == 0)
        name[length - 4] = '\0';
}

/* What the header says; whether it is true, the enclave finds out. */
static enum status take_sealed(struct function_file *out, struct message *why)
{
    struct sealed_header header;

    if (out->bytes < sizeof(header)) {
        message_set(why, "%s", status_text(ST_SEALED_FORMAT));
        return ST_SEALED_FORMAT;
    }
    memcpy(&header, out->file, sizeof(header));
    memcpy(out->bundle_sha256, header.bundle_sha256, 32);
    out->sealed = true;
    return ST_OK;
}

static enum status take_plain(struct function_file *out, struct message *why)
{
    struct bundle_view view;
    enum status status = bundle_read(out->file, out->bytes, &view);

    if (status == ST_OK)
        memcpy(out->bundle_sha256, view.sha256, 32);
    else
        message_set(why, "%s: make a bundle with `reclave build F.wasm -o F.rcl`",
                    status_text(status));
    return status;
}

enum status function_file_open(const char *text, struct function_file *out, struct message *why)
{
    size_t magic = sizeof(SEALED_MAGIC) - 1;
    enum status status;

    *out = (struct function_file){0};
    if (strlen(text) == 64 && hex_parse(text, out->bundle_sha256, 32))
        return ST_OK;
    status = file_read(text, FRAME_BUNDLE_MAX, &out->file, &out->bytes);
    if (status != ST_OK) {
        message_set(why, "%s",
                    status == ST_IO             ? strerror(errno)
                    : status == ST_OUT_OF_RANGE ? "larger than any bundle"
                                                : "out of memory");
        return status;
    }
    set_name(text, out->name);
    status = out->bytes >= magic && memcmp(out->file, SEALED_MAGIC, magic) == 0
                 ? take_sealed(out, why)
                 : take_plain(out, why);
    if (status != ST_OK)
        function_file_close(out);
    return status;
}

void function_file_close(struct function_file *function)
{
    free(function->file);
    *function = (struct function_file){0};
}
