/* Tenants: a namespace each, with keys that open it. */
#ifndef RECLAVE_HOST_STORE_USERS_H
#define RECLAVE_HOST_STORE_USERS_H

#include "host/store/database.h"

#include <jansson.h>

#define USER_NAME_MAX 256
#define UUID_BYTES    37 /* with its NUL */
#define KEY_MIN       32 /* characters */
#define KEY_MAX       256

struct user {
    int64_t id;
    char name[USER_NAME_MAX + 1];
    int64_t rate;       /* invocations a minute; -1: the daemon's default */
    int64_t concurrent; /* invocations at a time; -1: the daemon's default */
};

/* "UUID:KEY", as `Authorization: Basic` carries it. */
struct credentials {
    char uuid[UUID_BYTES], key[KEY_MAX + 1];
};

/* Splits and checks the form. ST_INVALID_ARGUMENT: why says what is wrong, without the key. */
MUST_CHECK enum status credentials_parse(const char *text, struct credentials *out,
                                         struct message *why);
/* A random UUID (RFC 9562, version 4) and 64 random characters. */
MUST_CHECK enum status credentials_make(struct credentials *out);
void credentials_wipe(struct credentials *credentials);

/* ST_NOT_FOUND: no such UUID, or not its key. The key is compared in constant time. */
MUST_CHECK enum status user_authenticate(struct session *session,
                                         const struct credentials *credentials, struct user *out);
MUST_CHECK enum status user_find(struct session *session, const char *name, struct user *out);
/* ST_BUSY: the name or the UUID is there already. Only a hash of the key is kept. */
MUST_CHECK enum status user_add(struct session *session, const struct user *user,
                                const struct credentials *credentials);
/* Replaces all keys of the namespace. ST_NOT_FOUND; ST_BUSY: the UUID is another's. */
MUST_CHECK enum status user_rotate(struct session *session, const char *name,
                                   const struct credentials *credentials);
/* With everything in the namespace. ST_NOT_FOUND. */
MUST_CHECK enum status user_remove(struct session *session, const char *name);
/* [{"name", "created", "rate", "concurrent", "uuids": [...], "actions", "activations"}]; without
 * keys. New reference; NULL: no memory or the session's error. */
json_t *user_list(struct session *session);

#endif
