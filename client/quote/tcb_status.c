#include "client/quote/tcb_status.h"

#include <string.h>

static const char *const names[] = {
    [RECLAVE_TCB_UP_TO_DATE] = "UpToDate",
    [RECLAVE_TCB_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
    [RECLAVE_TCB_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
    [RECLAVE_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] = "ConfigurationAndSWHardeningNeeded",
    [RECLAVE_TCB_OUT_OF_DATE] = "OutOfDate",
    [RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] = "OutOfDateConfigurationNeeded",
    [RECLAVE_TCB_REVOKED] = "Revoked",
};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

const char *reclave_tcb_status_name(enum reclave_tcb_status status)
{
    return (size_t)status < NAME_COUNT ? names[status] : NULL;
}

enum reclave_tcb_status tcb_status_parse(const char *text)
{
    for (size_t i = RECLAVE_TCB_UP_TO_DATE; text && i < NAME_COUNT; i++)
        if (strcmp(text, names[i]) == 0)
            return (enum reclave_tcb_status)i;
    return RECLAVE_TCB_UNKNOWN;
}

static enum reclave_tcb_status outdated(enum reclave_tcb_status platform)
{
    switch (platform) {
    case RECLAVE_TCB_UP_TO_DATE:
    case RECLAVE_TCB_SW_HARDENING_NEEDED:
        return RECLAVE_TCB_OUT_OF_DATE;
    case RECLAVE_TCB_CONFIGURATION_NEEDED:
    case RECLAVE_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
        return RECLAVE_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
    default:
        return platform;
    }
}

enum reclave_tcb_status tcb_status_converge(enum reclave_tcb_status platform,
                                            enum reclave_tcb_status qe)
{
    switch (qe) {
    case RECLAVE_TCB_UP_TO_DATE:
        return platform;
    case RECLAVE_TCB_OUT_OF_DATE:
        return outdated(platform);
    default:
        return RECLAVE_TCB_REVOKED;
    }
}

/* Where `name` is or belongs. */
static size_t place_of(const struct reclave_verdict *verdict, const char *name)
{
    size_t place = 0;

    while (place < verdict->advisory_count && strcmp(verdict->advisories[place], name) < 0)
        place++;
    return place;
}

static bool add(struct reclave_verdict *verdict, const char *name)
{
    size_t place = place_of(verdict, name);

    if (place < verdict->advisory_count && strcmp(verdict->advisories[place], name) == 0)
        return true;
    if (verdict->advisory_count == RECLAVE_ADVISORIES_MAX)
        return false;
    memmove(verdict->advisories[place + 1], verdict->advisories[place],
            (verdict->advisory_count - place) * RECLAVE_ADVISORY_BYTES);
    memset(verdict->advisories[place], 0, RECLAVE_ADVISORY_BYTES);
    memcpy(verdict->advisories[place], name, strlen(name));
    verdict->advisory_count++;
    return true;
}

bool advisories_add(struct reclave_verdict *verdict, const json_t *level)
{
    const json_t *list = json_object_get(level, "advisoryIDs"), *item;
    size_t i;

    if (!list)
        return true;
    if (!json_is_array(list))
        return false;
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item) || json_string_length(item) == 0 ||
            json_string_length(item) >= RECLAVE_ADVISORY_BYTES ||
            strspn(json_string_value(item),
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") !=
                json_string_length(item) ||
            !add(verdict, json_string_value(item)))
            return false;
    }
    return true;
}
