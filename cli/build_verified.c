#include "cli/build_verified.h"

#include "base/status.h"
#include "base/verify_reason.h"
#include "toolchain/bundle/read.h"
#include "toolchain/verify/verdict.h"

#include <stdio.h>

static enum status verify(const struct bundle_buffer *bundle, char *error, size_t error_bytes)
{
    struct bundle_view view;
    struct verdict verdict;
    enum status status = bundle_read(bundle->data, bundle->bytes, &view);

    if (status == ST_OK)
        status = verdict_of_bundle(&view, &verdict);
    if (status != ST_OK) {
        snprintf(error, error_bytes, "cannot verify what was built: %s", status_text(status));
        return status;
    }
    if (verdict.reason == VERIFY_OK)
        return ST_OK;
    snprintf(error, error_bytes,
             "internal error: the verifier refuses what was built, at offset 0x%x: %s: "
             "please report it with the module and the versions of gcc and clang",
             SFI_TEXT_OFF + verdict.offset, verify_reason_text(verdict.reason));
    return ST_BUNDLE_CODE;
}

enum status build_verified(const struct bundle_build_options *options, struct bundle_buffer *out,
                           char *error, size_t error_bytes)
{
    enum status status = bundle_build(options, out, error, error_bytes);

    if (status != ST_OK)
        return status;
    status = verify(out, error, error_bytes);
    if (status != ST_OK)
        bundle_buffer_free(out);
    return status;
}
