/* One request: who asks, and of which namespace. */
#include "host/api/internal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CREDENTIALS_MAX (UUID_BYTES + KEY_MAX)
#define REALM           "Basic realm=\"OpenWhisk secure realm\""

bool parse_authorization(const char *header, struct credentials *out)
{
    unsigned char text[512];
    struct message ignored;
    size_t length;
    int bytes;
    bool good;

    *out = (struct credentials){0};
    if (!header || strncasecmp(header, "Basic ", 6) != 0)
        return false;
    header += 6;
    header += strspn(header, " ");
    length = strlen(header);
    if (length == 0 || length % 4 != 0 || length / 4 * 3 > sizeof(text) - 1)
        return false;
    bytes = EVP_DecodeBlock(text, (const unsigned char *)header, (int)length);
    if (bytes < 0)
        return false;
    for (size_t i = length; i > length - 2 && header[i - 1] == '='; i--)
        bytes--; /* EVP_DecodeBlock counts the padding */
    text[bytes] = 0;
    good = strlen((char *)text) == (size_t)bytes &&
           credentials_parse((char *)text, out, &ignored) == ST_OK;
    OPENSSL_cleanse(text, sizeof(text));
    return good;
}

static void reply_unauthenticated(struct call *call, bool supplied)
{
    http_reply_header(call->response, "WWW-Authenticate", REALM);
    http_reply_error(call->response, 401, "%s",
                     supplied ? "The supplied authentication is invalid."
                              : "The resource requires authentication, which was not supplied "
                                "with the request.");
}

struct session *begin_read(struct call *call)
{
    struct session *session = NULL;
    struct message why = {""};
    enum status status = database_read(call->api->options.database, &session, &why);

    if (status != ST_OK)
        deny_status(&call->no, status, &why);
    return session;
}

struct session *begin_write(struct call *call)
{
    struct session *session = NULL;
    struct message why = {""};
    enum status status = database_write(call->api->options.database, &session, &why);

    if (status != ST_OK)
        deny_status(&call->no, status, &why);
    return session;
}

/* Both in one session: the user, and the namespace that `name` stands for (NULL: none). */
static enum status identify(struct call *call, const struct credentials *credentials,
                            const char *name, struct message *why)
{
    struct session *session;
    enum status status = database_read(call->api->options.database, &session, why), found = ST_OK;

    if (status != ST_OK)
        return status;
    found = user_authenticate(session, credentials, &call->user);
    call->own = true;
    if (found == ST_OK)
        call->space = call->user;
    if (found == ST_OK && name && strcmp(name, "_") != 0 && strcmp(name, call->user.name) != 0) {
        call->own = false;
        call->space.id = -1; /* of nobody */
        /* a namespace that is not there is forbidden like one that is */
        status = user_find(session, name, &call->space);
        if (status == ST_NOT_FOUND)
            status = ST_OK;
    }
    status = session_end(session, status, why);
    return status != ST_OK ? status : found;
}

static bool authenticate(struct call *call, const char *name)
{
    const char *header = http_header(call->request, "Authorization");
    struct credentials credentials;
    struct message why = {""};
    enum status status;

    if (!parse_authorization(header, &credentials)) {
        reply_unauthenticated(call, header != NULL);
        return false;
    }
    status = identify(call, &credentials, name, &why);
    if (status == ST_OK) {
        strcpy(call->authorization, credentials.uuid);
        strcat(call->authorization, ":");
        strcat(call->authorization, credentials.key);
    }
    credentials_wipe(&credentials);
    if (status == ST_OK)
        return true;
    if (status == ST_NOT_FOUND) {
        reply_unauthenticated(call, true);
    } else {
        deny_status(&call->no, status, &why);
        call_refuse(call);
    }
    return false;
}

static void call_clear(struct call *call, struct api *api, const struct http_request *request,
                       struct http_response *response)
{
    memset(call, 0, sizeof(*call));
    call->api = api;
    call->request = request;
    call->response = response;
}

bool call_authenticate(struct call *call, struct api *api, const struct http_request *request,
                       struct http_response *response)
{
    call_clear(call, api, request, response);
    return authenticate(call, NULL);
}

bool call_begin(struct call *call, struct api *api, const struct http_request *request,
                struct http_response *response)
{
    const char *name = request->captures[0];

    call_clear(call, api, request, response);
    if (!authenticate(call, name))
        return false;
    if (strcmp(name, "_") == 0 || is_entity_name(name))
        return true;
    http_reply_error(response, 400, "The namespace contains invalid characters.");
    return false;
}

bool call_begin_own(struct call *call, struct api *api, const struct http_request *request,
                    struct http_response *response)
{
    if (!call_begin(call, api, request, response))
        return false;
    if (call->own)
        return true;
    http_reply_error(response, 403, "%s", not_authorized);
    return false;
}

void call_end(struct call *call)
{
    OPENSSL_cleanse(call->authorization, sizeof(call->authorization));
}

void call_refuse(struct call *call)
{
    http_reply_error(call->response, call->no.status ? call->no.status : 500, "%s",
                     call->no.status ? call->no.text.text : "The request could not be processed.");
}

json_t *call_body(struct call *call)
{
    struct message why = {""};
    json_t *body = http_body_json(call->request, &why);

    if (!body) {
        deny(&call->no, 400, "%s", why.text[0] ? why.text : "The request content was malformed.");
    } else if (!json_is_object(body)) {
        json_decref(body);
        body = NULL;
        deny_malformed(&call->no, "Object expected");
    }
    return body;
}
