/* reclave inspect --verify, --code: the enclave's verifier, asked outside the enclave. */
#include "base/status.h"
#include "base/verify_reason.h"
#include "cli/inspect.h"

#include <stdio.h>

#define INSN_BYTES_MAX 15

/* What was judged, and where its first byte lies in what the user knows it by. */
struct judged {
    const char *path;
    const uint8_t *text;
    size_t bytes;
    enum sfi_layer layer;
    uint32_t tracking; /* BUNDLE_TRACK_* */
    uint32_t first;    /* a bundle's text: offset in the code zone; a file of code: 0 */
    const char *advice;
};

static void set_number(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *gates_of(const struct verdict *verdict, enum sfi_layer layer)
{
    json_t *array = json_array();
    const char *name;

    for (unsigned gate = 0; (name = gate_name(layer, gate)); gate++)
        if (verdict->gates_used >> gate & 1)
            json_array_append_new(array, json_string(name));
    return array;
}

static void describe_accepted(json_t *object, const struct judged *judged,
                              const struct verdict *verdict)
{
    set_number(object, "instructions", verdict->instructions);
    set_number(object, "direct_branches", verdict->direct_branches);
    set_number(object, "guards",
               (uint64_t)verdict->computed + verdict->proven + verdict->stack_steps);
    set_number(object, "guards_computed", verdict->computed);
    set_number(object, "guards_proven", verdict->proven);
    set_number(object, "guards_stack", verdict->stack_steps);
    set_number(object, "marks", verdict->marks);
    json_object_set_new(object, "gates", gates_of(verdict, judged->layer));
}

/* The refused instruction and what follows it, as hexadecimal digits. */
static json_t *bytes_at(const struct judged *judged, uint32_t offset)
{
    char text[3 * INSN_BYTES_MAX + 1] = "";
    size_t length = 0;

    for (unsigned i = 0; i < INSN_BYTES_MAX && offset + i < judged->bytes; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%02x", i ? " " : "",
                                   judged->text[offset + i]);
    return json_string(text);
}

static void describe_refused(json_t *object, const struct judged *judged,
                             const struct verdict *verdict)
{
    set_number(object, "offset", (uint64_t)judged->first + verdict->offset);
    json_object_set_new(object, "reason", json_string(verify_reason_text(verdict->reason)));
    set_number(object, "reason_number", verdict->reason);
    json_object_set_new(object, "bytes_there", bytes_at(judged, verdict->offset));
}

static json_t *describe(const struct judged *judged, const struct verdict *verdict)
{
    json_t *object = json_object();
    bool accepted = verdict->reason == VERIFY_OK;

    json_object_set_new(object, "verdict", json_string(accepted ? "accepted" : "refused"));
    set_number(object, "sfi_version", SFI_POLICY_VERSION);
    set_number(object, "layer", judged->layer);
    json_object_set_new(object, "tracking", json_string(inspect_tracking_name(judged->tracking)));
    set_number(object, "text_bytes", judged->bytes);
    (accepted ? describe_accepted : describe_refused)(object, judged, verdict);
    return object;
}

static int say_refused(const struct judged *judged, const struct verdict *verdict)
{
    char sentence[256];

    snprintf(sentence, sizeof(sentence), "refused at offset 0x%x: %s",
             judged->first + verdict->offset, verify_reason_text(verdict->reason));
    return inspect_failed(judged->path, sentence, judged->advice);
}

static int report(const struct judged *judged, const struct verdict *verdict, bool as_json)
{
    json_t *object = describe(judged, verdict);

    inspect_print(object, as_json);
    json_decref(object);
    return verdict->reason == VERIFY_OK ? 0 : say_refused(judged, verdict);
}

int inspect_verify_bundle(const char *path, const struct bundle_view *view, bool as_json)
{
    const struct judged judged = {
        .path = path,
        .text = view->code,
        .bytes = view->header.code_bytes,
        .layer = SFI_LAYER_FUNCTION,
        .tracking = view->header.tracking,
        .first = SFI_TEXT_OFF,
        .advice = "; rebuild it: reclave build F.wasm -o F.rcl",
    };
    struct verdict verdict;
    enum status status = verdict_of_bundle(view, &verdict);

    if (status != ST_OK)
        return inspect_failed(path, status_text(status), "");
    return report(&judged, &verdict, as_json);
}

int inspect_verify_code(const char *path, const uint8_t *text, size_t bytes, enum sfi_layer layer,
                        uint32_t tracking, bool as_json)
{
    const struct judged judged = {
        .path = path,
        .text = text,
        .bytes = bytes,
        .layer = layer,
        .tracking = tracking,
        .advice = "",
    };
    struct verdict verdict;
    enum status status = verdict_of_text(text, bytes, layer, tracking, &verdict);

    if (status == ST_OUT_OF_RANGE)
        return inspect_failed(path, "refused: code has 1 byte to 256 MiB - 4 KiB", "");
    if (status != ST_OK)
        return inspect_failed(path, status_text(status), "");
    return report(&judged, &verdict, as_json);
}
