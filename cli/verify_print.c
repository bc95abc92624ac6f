#include "cli/verify_print.h"

#include "cli/hex.h"

#include <inttypes.h>
#include <stdio.h>

#define HEX_BYTES_MAX 64

/* null stands for "not known", which a rejection may leave much of. */
static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

static json_t *hex_or_null(bool known, const uint8_t *data, size_t bytes)
{
    char text[2 * HEX_BYTES_MAX + 1];

    return known ? json_string(hex_text(data, bytes, text)) : json_null();
}

static json_t *number_or_null(bool known, uint64_t number)
{
    return known ? json_integer((json_int_t)number) : json_null();
}

static json_t *advisories_json(const struct reclave_verdict *verdict)
{
    json_t *list = json_array();

    for (size_t i = 0; i < verdict->advisory_count; i++)
        json_array_append_new(list, json_string(verdict->advisories[i]));
    return list;
}

static void add_platform(json_t *object, const struct reclave_verdict *verdict)
{
    bool evaluated = verdict->platform_tcb_status != RECLAVE_TCB_UNKNOWN;

    json_object_set_new(object, "tcb_status",
                        text_or_null(reclave_tcb_status_name(verdict->tcb_status)));
    json_object_set_new(object, "platform_tcb_status",
                        text_or_null(reclave_tcb_status_name(verdict->platform_tcb_status)));
    json_object_set_new(object, "qe_tcb_status",
                        text_or_null(reclave_tcb_status_name(verdict->qe_tcb_status)));
    json_object_set_new(object, "advisories", advisories_json(verdict));
    json_object_set_new(object, "fmspc",
                        hex_or_null(evaluated, verdict->fmspc, sizeof(verdict->fmspc)));
    json_object_set_new(object, "tcb_evaluation_data_number",
                        number_or_null(evaluated, verdict->tcb_evaluation_data_number));
    json_object_set_new(object, "collateral_expires",
                        number_or_null(evaluated, (uint64_t)verdict->collateral_expires));
}

static void add_report(json_t *object, const struct reclave_verdict *verdict)
{
    const struct reclave_report *report = &verdict->report;
    bool known = verdict->has_report;

    json_object_set_new(object, "quote_version", number_or_null(known, verdict->quote_version));
    json_object_set_new(object, "mrenclave", hex_or_null(known, report->mrenclave, 32));
    json_object_set_new(object, "mrsigner", hex_or_null(known, report->mrsigner, 32));
    json_object_set_new(object, "isv_prod_id", number_or_null(known, report->isv_prod_id));
    json_object_set_new(object, "isv_svn", number_or_null(known, report->isv_svn));
    json_object_set_new(object, "debug", known ? json_boolean(report->debug) : json_null());
    json_object_set_new(object, "report_data", hex_or_null(known, report->report_data, 64));
    json_object_set_new(object, "trailing_bytes", number_or_null(known, verdict->trailing_bytes));
}

json_t *verdict_json(const struct reclave_verdict *verdict)
{
    json_t *object = json_object();

    json_object_set_new(object, "verdict", json_string(verdict->accepted ? "accept" : "reject"));
    json_object_set_new(object, "failed_step",
                        text_or_null(reclave_step_name(verdict->failed_step)));
    json_object_set_new(object, "reason", text_or_null(verdict->reason));
    add_platform(object, verdict);
    add_report(object, verdict);
    return object;
}

static void print_value(const json_t *value)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value))
        printf("%s", json_string_value(value));
    else if (json_is_integer(value))
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        printf("%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_null(value) || json_array_size(value) == 0)
        printf("-");
    json_array_foreach(value, i, item)
    {
        printf("%s", i ? ", " : "");
        print_value(item);
    }
}

json_t *claims_json(const struct reclave_claims *claims)
{
    json_t *object = json_object();

    json_object_set_new(object, "nonce",
                        hex_or_null(claims->nonce_bytes, claims->nonce, claims->nonce_bytes));
    json_object_set_new(object, "boot_id", hex_or_null(true, claims->boot_id, 16));
    json_object_set_new(object, "worker_id", hex_or_null(true, claims->worker_id, 32));
    json_object_set_new(object, "tenant", hex_or_null(true, claims->tenant, 32));
    json_object_set_new(object, "bundle_sha256", hex_or_null(true, claims->bundle_sha256, 32));
    json_object_set_new(object, "wasm_sha256_claimed",
                        hex_or_null(true, claims->wasm_sha256_claimed, 32));
    json_object_set_new(object, "snapshot_sha256", hex_or_null(true, claims->snapshot_sha256, 32));
    json_object_set_new(object, "policy_sha256", hex_or_null(true, claims->policy_sha256, 32));
    json_object_set_new(object, "slot", json_integer((json_int_t)claims->slot));
    json_object_set_new(object, "counter", json_integer((json_int_t)claims->counter));
    json_object_set_new(object, "input_sha256", hex_or_null(true, claims->input_sha256, 32));
    json_object_set_new(object, "strings_sha256", hex_or_null(true, claims->strings_sha256, 32));
    json_object_set_new(object, "output_sha256", hex_or_null(true, claims->output_sha256, 32));
    json_object_set_new(object, "outcome", json_string(claims->outcome));
    json_object_set_new(object, "trap", text_or_null(claims->trap));
    json_object_set_new(object, "exit_code",
                        claims->has_exit_code ? json_integer(claims->exit_code) : json_null());
    return object;
}

void verdict_print(json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        if (json_is_object(value)) {
            verdict_print(value);
            continue;
        }
        printf("%-27s ", name);
        print_value(value);
        printf("\n");
    }
}
