#include "host/http/route.h"

#include <stdio.h>
#include <string.h>

/* Does the pattern match? Captures are only good if it does. */
static bool path_matches(const char *pattern, const struct uri *uri, struct http_request *request)
{
    unsigned at = 0;

    request->capture_count = 0;
    while (*pattern == '/' && pattern[1]) {
        const char *word = pattern + 1;
        size_t length = strcspn(word, "/");

        pattern = word + length;
        if (length == 5 && !strncmp(word, "{...}", 5)) {
            while (at < uri->segment_count)
                request->captures[request->capture_count++] = uri->segments[at++];
            return true;
        }
        if (at == uri->segment_count)
            return false;
        if (length == 2 && !strncmp(word, "{}", 2)) {
            if (!uri->segments[at][0])
                return false;
            request->captures[request->capture_count++] = uri->segments[at];
        } else if (strlen(uri->segments[at]) != length ||
                   strncmp(uri->segments[at], word, length) != 0) {
            return false;
        }
        at++;
    }
    return at == uri->segment_count;
}

static bool method_matches(const char *wanted, const char *method)
{
    return !strcmp(wanted, "*") || !strcmp(wanted, method) ||
           (!strcmp(wanted, "GET") && !strcmp(method, "HEAD"));
}

static void add_allowed(char allow[ROUTE_ALLOW_BYTES], const char *method)
{
    size_t used = strlen(allow);

    if (!strstr(allow, method))
        snprintf(allow + used, ROUTE_ALLOW_BYTES - used, "%s%s", used ? ", " : "", method);
}

enum route_match route_find(const struct http_route *const *tables, const char *method,
                            const struct uri *uri, const struct http_route **found,
                            struct http_request *request, char allow[ROUTE_ALLOW_BYTES])
{
    allow[0] = 0;
    for (; *tables; tables++) {
        for (const struct http_route *route = *tables; route->method; route++) {
            if (!path_matches(route->pattern, uri, request))
                continue;
            if (method_matches(route->method, method)) {
                *found = route;
                return ROUTE_FOUND;
            }
            if (strcmp(route->method, "OPTIONS") != 0) /* alone it makes no path known */
                add_allowed(allow, route->method);
        }
    }
    return allow[0] ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}
