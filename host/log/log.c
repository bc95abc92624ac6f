#include "host/log/log.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = {"debug", "info", "warning", "error", "off"};
static _Atomic int threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

int log_level_parse(const char *text)
{
    for (int i = 0; i <= LOG_LEVEL_OFF; i++)
        if (!strcmp(text, names[i]))
            return i;
    return -1;
}

static json_t *time_json(void)
{
    char text[48];
    struct timespec now;
    struct tm parts;
    size_t used;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, sizeof(text) - used, ".%03ldZ", now.tv_nsec / 1000000);
    return json_string(text);
}

/* One write, so that lines of several threads do not mix. */
static void write_line(const json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    size_t bytes = text ? strlen(text) : 0;

    if (!text)
        return;
    text[bytes] = '\n'; /* json_dumps' NUL: the length is known */
    if (write(STDERR_FILENO, text, bytes + 1) < 0)
        text[0] = 0; /* nowhere to say so */
    free(text);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    json_t *line, *fields = NULL;
    va_list arguments;

    if ((int)level < atomic_load(&threshold))
        return;
    if (format) {
        va_start(arguments, format);
        fields = json_vpack_ex(NULL, 0, format, arguments);
        va_end(arguments);
    }
    line = json_pack("{s:o, s:s, s:s}", "time", time_json(), "level", names[level], "event", event);
    if (fields)
        json_object_update(line, fields);
    write_line(line);
    json_decref(fields);
    json_decref(line);
}
