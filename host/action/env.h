/* Environment of an action, as far as its bundle lets it be set. */
#ifndef RECLAVE_HOST_ACTION_ENV_H
#define RECLAVE_HOST_ACTION_ENV_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Has the bundle's manifest a field of this kind (FIELD_*) with this text? Of a damaged or sealed
 * bundle: no.
 */
bool manifest_has(const void *bundle, size_t bytes, unsigned kind, const char *text);
/* Does the bundle's manifest allow this name (FIELD_ENV_ALLOW)? Of a damaged bundle: no. */
bool env_allowed(const void *bundle, size_t bytes, const char *name);

/* Of {"NAME": "value", ...}: the list of "NAME=value" that the bundle allows; the others are left
 * out, as are values that are no strings or contain NUL. At most 4096, 60 KiB together: what is
 * more is left out. New reference; NULL: no memory. */
json_t *env_list(const void *bundle, size_t bytes, const json_t *variables);

#endif
