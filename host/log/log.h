/*
 * Structured logs: one JSON object a line on stderr, for journald and whoever reads it.
 *
 *   {"time":"2024-01-01T00:00:00.000Z","level":"info","event":"worker-started","worker":0}
 *
 * Never logged: inputs, outputs, environment, code, keys, authentication. What callers pass here
 * are identifiers, counts and sentences that Reclave itself wrote.
 */
#ifndef RECLAVE_HOST_LOG_LOG_H
#define RECLAVE_HOST_LOG_LOG_H

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_OFF,
};

/* Below this nothing is written; LOG_LEVEL_INFO at start. Any thread, any time. */
void log_set_level(enum log_level level);
/* "debug", "info", "warning", "error", "off"; -1: none of them. */
int log_level_parse(const char *text);

/* `format` and what follows are json_pack's for one object, "{s:i, s:s}", or NULL: no fields. */
void log_event(enum log_level level, const char *event, const char *format, ...);

#endif
