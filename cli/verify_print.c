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

void verdict_print(const struct reclave_verdict *verdict)
{
    json_t *object = verdict_json(verdict), *value;
    const char *name;

    json_object_foreach(object, name, value)
    {
        printf("%-27s ", name);
        print_value(value);
        printf("\n");
    }
    json_decref(object);
}
