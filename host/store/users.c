#include "host/store/users.h"

#include "host/store/session.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define HASH_HEX 65
#define SALT_HEX 33

static void to_hex(const uint8_t *bytes, size_t count, char *hex)
{
    for (size_t i = 0; i < count; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

/* SHA-256(salt, ":", key). The key has 64 random characters: nothing slower is needed. */
static enum status hash_key(const char *salt, const char *key, char hex[HASH_HEX])
{
    uint8_t digest[32];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, salt, strlen(salt)) == 1 &&
                EVP_DigestUpdate(context, ":", 1) == 1 &&
                EVP_DigestUpdate(context, key, strlen(key)) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;

    EVP_MD_CTX_free(context);
    if (good)
        to_hex(digest, sizeof(digest), hex);
    OPENSSL_cleanse(digest, sizeof(digest));
    return good ? ST_OK : ST_NO_MEMORY;
}

/* ---- credentials ---- */

static bool is_uuid(const char *text)
{
    for (unsigned i = 0; i < UUID_BYTES - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return text[UUID_BYTES - 1] == 0;
}

enum status credentials_parse(const char *text, struct credentials *out, struct message *why)
{
    const char *colon = strchr(text, ':');
    size_t key = colon ? strlen(colon + 1) : 0;

    *out = (struct credentials){0};
    if (!colon || colon - text != UUID_BYTES - 1) {
        message_set(why, "a key is UUID:KEY, with a UUID of 36 characters");
        return ST_INVALID_ARGUMENT;
    }
    memcpy(out->uuid, text, UUID_BYTES - 1);
    for (char *c = out->uuid; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (!is_uuid(out->uuid)) {
        message_set(why, "a key is UUID:KEY, with a UUID of hexadecimal digits and dashes");
        return ST_INVALID_ARGUMENT;
    }
    if (key < KEY_MIN || key > KEY_MAX) {
        message_set(why, "the KEY of UUID:KEY has %zu characters: it needs %d to %d", key, KEY_MIN,
                    KEY_MAX);
        return ST_INVALID_ARGUMENT;
    }
    for (const char *c = colon + 1; *c; c++) {
        if (!isgraph((unsigned char)*c)) {
            message_set(why, "the KEY of UUID:KEY may have visible ASCII characters only");
            return ST_INVALID_ARGUMENT;
        }
    }
    memcpy(out->key, colon + 1, key + 1);
    return ST_OK;
}

enum status credentials_make(struct credentials *out)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t id[16], key[64];

    if (getrandom(id, sizeof(id), 0) != sizeof(id) || getrandom(key, sizeof(key), 0) != sizeof(key))
        return ST_IO;
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
    snprintf(out->uuid, sizeof(out->uuid),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", id[0], id[1],
             id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12], id[13],
             id[14], id[15]);
    for (size_t i = 0; i < sizeof(key); i++)
        out->key[i] = letters[key[i] % 64];
    out->key[sizeof(key)] = 0;
    OPENSSL_cleanse(key, sizeof(key));
    return ST_OK;
}

void credentials_wipe(struct credentials *credentials)
{
    OPENSSL_cleanse(credentials, sizeof(*credentials));
}

/* ---- namespaces ---- */

/* Columns from `first` on: id, name, rate, concurrent. */
static void read_user(sqlite3_stmt *row, int first, struct user *out)
{
    const char *name = (const char *)sqlite3_column_text(row, first + 1);

    out->id = sqlite3_column_int64(row, first);
    snprintf(out->name, sizeof(out->name), "%s", name ? name : "");
    out->rate = sqlite3_column_type(row, first + 2) == SQLITE_NULL
                    ? -1
                    : sqlite3_column_int64(row, first + 2);
    out->concurrent = sqlite3_column_type(row, first + 3) == SQLITE_NULL
                          ? -1
                          : sqlite3_column_int64(row, first + 3);
}

/* The same work whether the UUID is known or not. */
enum status user_authenticate(struct session *session, const struct credentials *credentials,
                              struct user *out)
{
    sqlite3_stmt *row = session_query(session,
                                      "SELECT k.salt, k.hash, n.id, n.name, n.rate, n.concurrent "
                                      "FROM keys k JOIN namespaces n ON n.id = k.namespace "
                                      "WHERE k.uuid = ?",
                                      "t", credentials->uuid);
    bool known = session_row(session, row);
    char salt[SALT_HEX] = "", wanted[HASH_HEX] = "", got[HASH_HEX];
    bool same;

    if (session_status(session) != ST_OK)
        return session_status(session);
    if (known) {
        snprintf(salt, sizeof(salt), "%s", (const char *)sqlite3_column_text(row, 0));
        snprintf(wanted, sizeof(wanted), "%s", (const char *)sqlite3_column_text(row, 1));
        read_user(row, 2, out);
    }
    if (hash_key(salt, credentials->key, got) != ST_OK)
        return ST_NO_MEMORY;
    same = CRYPTO_memcmp(got, wanted, sizeof(got)) == 0;
    return known && same ? ST_OK : ST_NOT_FOUND;
}

enum status user_find(struct session *session, const char *name, struct user *out)
{
    sqlite3_stmt *row = session_query(
        session, "SELECT id, name, rate, concurrent FROM namespaces WHERE name = ?", "t", name);

    if (session_row(session, row)) {
        read_user(row, 0, out);
        return ST_OK;
    }
    return session_status(session) == ST_OK ? ST_NOT_FOUND : session_status(session);
}

static enum status add_key(struct session *session, int64_t namespace_id,
                           const struct credentials *credentials)
{
    uint8_t random[16];
    char salt[SALT_HEX], hash[HASH_HEX];
    sqlite3_stmt *row =
        session_query(session, "SELECT 1 FROM keys WHERE uuid = ?", "t", credentials->uuid);

    if (session_row(session, row))
        return ST_BUSY;
    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return ST_IO;
    to_hex(random, sizeof(random), salt);
    if (hash_key(salt, credentials->key, hash) != ST_OK)
        return ST_NO_MEMORY;
    return session_run(session, "INSERT INTO keys (uuid, namespace, salt, hash) VALUES (?,?,?,?)",
                       "titt", credentials->uuid, namespace_id, salt, hash);
}

enum status user_add(struct session *session, const struct user *user,
                     const struct credentials *credentials)
{
    struct user old;
    enum status status = user_find(session, user->name, &old);

    if (status != ST_NOT_FOUND)
        return status == ST_OK ? ST_BUSY : status;
    status = session_run(session,
                         "INSERT INTO namespaces (name, created, rate, concurrent) "
                         "VALUES (?, ?, nullif(?, -1), nullif(?, -1))",
                         "tiii", user->name, database_now_ms(), user->rate, user->concurrent);
    if (status != ST_OK)
        return status;
    return add_key(session, sqlite3_last_insert_rowid(session->handle), credentials);
}

enum status user_rotate(struct session *session, const char *name,
                        const struct credentials *credentials)
{
    struct user user;
    enum status status = user_find(session, name, &user);

    if (status == ST_OK)
        status = session_run(session, "DELETE FROM keys WHERE namespace = ?", "i", user.id);
    return status == ST_OK ? add_key(session, user.id, credentials) : status;
}

enum status user_remove(struct session *session, const char *name)
{
    struct user user;
    enum status status = user_find(session, name, &user);

    return status == ST_OK
               ? session_run(session, "DELETE FROM namespaces WHERE id = ?", "i", user.id)
               : status;
}

static json_t *number_or_null(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL
               ? json_null()
               : json_integer(sqlite3_column_int64(row, column));
}

json_t *user_list(struct session *session)
{
    json_t *list = json_array();
    sqlite3_stmt *row =
        session_query(session,
                      "SELECT n.name, n.created, n.rate, n.concurrent, "
                      "(SELECT json_group_array(uuid) FROM keys k WHERE k.namespace = n.id), "
                      "(SELECT count(*) FROM entities e WHERE e.namespace = n.id AND e.kind = 1), "
                      "(SELECT count(*) FROM activations a WHERE a.namespace = n.id) "
                      "FROM namespaces n ORDER BY n.name",
                      "");

    while (list && session_row(session, row)) {
        json_t *uuids = json_loads((const char *)sqlite3_column_text(row, 4), 0, NULL);
        json_t *user =
            json_pack("{s:s, s:I, s:o, s:o, s:o, s:I, s:I}", "name",
                      (const char *)sqlite3_column_text(row, 0), "created",
                      (json_int_t)sqlite3_column_int64(row, 1), "rate", number_or_null(row, 2),
                      "concurrent", number_or_null(row, 3), "uuids", uuids, "actions",
                      (json_int_t)sqlite3_column_int64(row, 5), "activations",
                      (json_int_t)sqlite3_column_int64(row, 6));

        if (json_array_append_new(list, user) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    if (session_status(session) != ST_OK) {
        json_decref(list);
        list = NULL;
    }
    return list;
}
