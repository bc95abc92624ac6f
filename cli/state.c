#include "cli/state.h"

#include "host/daemon/daemon.h"
#include "host/daemon/settings.h"

#include <string.h>
#include <stdlib.h>

static enum status load_settings(const char *chosen, struct settings *settings, struct message *why)
{
    unsigned index = 0;

    settings->table = daemon_settings;
    while (strcmp(daemon_settings[index].name, "state-dir") != 0)
        index++;
    if (chosen) {
        enum status status = settings_flag(settings, index, chosen, why);

        if (status != ST_OK)
            return status;
    }
    return settings_load(settings, getenv("RECLAVE_CONFIG"), why);
}

enum status state_file(const char *chosen, bool make_folder, char file[STATE_DIR_BYTES + 16],
                       struct message *why)
{
    struct settings settings = {0};
    char folder[STATE_DIR_BYTES];
    enum status status = load_settings(chosen, &settings, why);

    if (status == ST_OK)
        status = state_dir_find(settings_text(&settings, "state-dir"), folder, why);
    if (status == ST_OK && make_folder)
        status = state_dir_make(folder, why);
    if (status == ST_OK)
        state_dir_database(folder, file);
    settings_free(&settings);
    return status;
}

enum status state_open(const char *chosen, bool create, struct database **out, struct message *why)
{
    char file[STATE_DIR_BYTES + 16];
    struct database_options options = {.path = file, .create = create, .readers = 1};
    enum status status = state_file(chosen, create, file, why);

    if (status == ST_OK)
        status = database_open(&options, out, why);
    if (status == ST_NOT_FOUND)
        message_set(why, "there is no database %.400s: `reclave user add` makes it", file);
    return status;
}
