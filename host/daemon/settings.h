/*
 * Settings of `reclave serve` and `reclave proxy`: each is a flag --NAME, a variable RECLAVE_NAME
 * and a key of a JSON file (dashes are underscores there). A flag counts more than a variable, that
 * more than the file, that more than the default.
 */
#ifndef RECLAVE_HOST_DAEMON_SETTINGS_H
#define RECLAVE_HOST_DAEMON_SETTINGS_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stdbool.h>
#include <stdint.h>

#define SETTINGS_MAX          32
#define SETTINGS_DEFAULT_FILE "/etc/reclave/reclave.json"

enum setting_type {
    SETTING_TEXT,
    SETTING_NUMBER, /* low..high */
    SETTING_SWITCH, /* true, false; the flag has no argument */
};

struct setting {
    const char *name; /* "state-dir" */
    enum setting_type type;
    const char *fallback; /* default; NULL: none */
    uint64_t low, high;
    const char *argument; /* for --help */
    const char *help;
};

struct settings {
    const struct setting *table; /* ended by a NULL name */
    char *flags[SETTINGS_MAX];   /* as given; kept for settings_load after SIGHUP */
    char *values[SETTINGS_MAX];  /* in force; NULL: not set */
};

/* `index` of the table; text is copied. ST_INVALID_ARGUMENT: why names the flag and what is wrong.
 */
MUST_CHECK enum status settings_flag(struct settings *settings, unsigned index, const char *text,
                                     struct message *why);
/* Values from flags, environment and file. file NULL: SETTINGS_DEFAULT_FILE if it is there. On
 * failure the values in force stay as they were. */
MUST_CHECK enum status settings_load(struct settings *settings, const char *file,
                                     struct message *why);
const char *settings_text(const struct settings *settings, const char *name);
uint64_t settings_number(const struct settings *settings, const char *name);
bool settings_switch(const struct settings *settings, const char *name);
void settings_free(struct settings *settings);

#endif
