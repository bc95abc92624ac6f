#include "client/evidence/describe.h"

#include "base/status.h"

#define LONGEST NONCE_MAX

static json_t *hex(const uint8_t *data, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * LONGEST + 1];

    for (size_t i = 0; i < bytes; i++) {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 15];
    }
    return json_stringn(text, 2 * bytes);
}

static json_t *digest(const uint8_t value[32])
{
    return hex(value, 32);
}

json_t *claims_describe(const struct evidence_claims *claims)
{
    /* "o" takes over each reference, also where packing fails; claims_parse() keeps both counts
     * below 2^63 */
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "nonce",
        claims->nonce_bytes ? hex(claims->nonce, claims->nonce_bytes) : json_null(), "boot_id",
        hex(claims->boot_id, sizeof(claims->boot_id)), "worker_id", digest(claims->worker_id),
        "tenant", digest(claims->tenant), "bundle_sha256", digest(claims->bundle_sha256),
        "wasm_sha256_claimed", digest(claims->wasm_sha256), "snapshot_sha256",
        digest(claims->snapshot_sha256), "policy_sha256", digest(claims->policy_sha256), "slot",
        json_integer((json_int_t)claims->slot), "counter",
        json_integer((json_int_t)claims->counter), "input_sha256", digest(claims->input_sha256),
        "strings_sha256", digest(claims->strings_sha256), "output_sha256",
        digest(claims->output_sha256), "outcome", outcome_name(claims->outcome), "trap",
        claims->trap == TRAP_NONE ? json_null() : json_string(trap_text(claims->trap)), "exit_code",
        claims->has_exit_code ? json_integer((json_int_t)claims->exit_code) : json_null());
}
