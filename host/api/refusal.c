#include "host/api/internal.h"

#include "host/log/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char not_found[] = "The requested resource does not exist.";
const char not_authorized[] =
    "The supplied authentication is not authorized to access this resource.";
const char conflict_exists[] = "resource already exists";
const char conflict_collection[] = "Resource by this name exists but is not in this collection.";

static bool deny_list(struct refusal *no, unsigned status, const char *prefix, const char *format,
                      va_list list)
{
    size_t used = strlen(prefix);

    no->status = status;
    memcpy(no->text.text, prefix, used);
    vsnprintf(no->text.text + used, sizeof(no->text.text) - used, format, list);
    return false;
}

bool deny(struct refusal *no, unsigned status, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    deny_list(no, status, "", format, list);
    va_end(list);
    return false;
}

bool deny_malformed(struct refusal *no, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    deny_list(no, 400, "The request content was malformed:\n", format, list);
    va_end(list);
    return false;
}

bool deny_status(struct refusal *no, enum status status, const struct message *why)
{
    const char *text = why && why->text[0] ? why->text : "the request could not be processed";

    if (status == ST_NOT_FOUND)
        return deny(no, 404, "%s", not_found);
    log_event(LOG_LEVEL_ERROR, "database", "{s:s, s:i}", "why", text, "status", (int)status);
    return deny(no, status == ST_BUSY || status == ST_IO ? 503 : 500, "%s", text);
}

bool finish(struct session *session, bool good, struct refusal *no)
{
    struct message why = {""};
    enum status status = session_end(session, good ? ST_OK : ST_INVALID_ARGUMENT, &why);

    if (!good)
        return false;
    return status == ST_OK ? true : deny_status(no, status, &why);
}

bool finish_status(struct session *session, enum status status, struct refusal *no)
{
    struct message why = {""};

    status = session_end(session, status, &why);
    return status == ST_OK ? true : deny_status(no, status, &why);
}
