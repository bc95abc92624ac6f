#include "cli/attested.h"

#include "cli/file.h"
#include "cli/hex.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ROOT_BYTES_MAX (64u * 1024)

void attested_free(struct attested *attested)
{
    free(attested->quote.data);
    free(attested->identity.data);
    free(attested->collateral.data);
    free(attested->root.data);
    *attested = (struct attested){0};
}

/* ---- from an enclave ---- */

/* No bytes: no blob. */
static bool copy_blob(struct blob *blob, const void *from, size_t bytes)
{
    *blob = (struct blob){NULL, bytes};
    if (bytes == 0)
        return true;
    blob->data = malloc(bytes);
    if (blob->data)
        memcpy(blob->data, from, bytes);
    return blob->data != NULL;
}

static struct blob text_blob(char *text)
{
    return (struct blob){(uint8_t *)text, text ? strlen(text) : 0};
}

enum status attested_from_engine(struct engine *engine, const uint8_t challenge[CHALLENGE_BYTES],
                                 struct attested *out, struct message *why)
{
    struct engine_quote quote;
    enum status status = engine_quote(engine, 0, challenge, &quote, why);

    *out = (struct attested){0};
    if (status != ST_OK)
        return status;
    out->quote = (struct blob){quote.quote, quote.quote_bytes};
    out->collateral = text_blob(quote.collateral);
    out->root = text_blob(quote.root_pem);
    if (copy_blob(&out->identity, engine_identity(engine), sizeof(struct attested_identity)))
        return ST_OK;
    attested_free(out);
    return ST_NO_MEMORY;
}

/* The next part of an answer's body; false: the lengths contradict the body. */
static bool take_part(const struct client_reply *reply, const char *key, size_t *at,
                      struct blob *blob)
{
    json_int_t bytes = json_integer_value(json_object_get(reply->head, key));

    if (bytes < 0 || (uint64_t)bytes > reply->body_bytes - *at)
        return false;
    *at += (size_t)bytes;
    return copy_blob(blob, reply->body + *at - bytes, (size_t)bytes);
}

enum status attested_from_worker(struct client *client, unsigned slot,
                                 const uint8_t challenge[CHALLENGE_BYTES], struct attested *out,
                                 struct message *why)
{
    char text[2 * CHALLENGE_BYTES + 1];
    struct client_reply reply;
    size_t at = 0;
    enum status status;

    *out = (struct attested){0};
    hex_text(challenge, CHALLENGE_BYTES, text);
    status = client_call(client, FRAME_QUOTE,
                         json_pack("{s:i, s:s}", "slot", (int)slot, "challenge", text), NULL, 0,
                         &reply, why);
    if (status == ST_OK && reply.status != ST_OK) {
        const char *sentence = json_string_value(json_object_get(reply.head, "message"));

        message_set(why, "%.400s", sentence ? sentence : "the worker gives no quote");
        status = reply.status;
    }
    if (status == ST_OK && !(take_part(&reply, "quote_bytes", &at, &out->quote) &&
                             take_part(&reply, "identity_bytes", &at, &out->identity) &&
                             take_part(&reply, "collateral_bytes", &at, &out->collateral) &&
                             take_part(&reply, "root_bytes", &at, &out->root))) {
        message_set(why, "the worker's answer contradicts itself");
        attested_free(out);
        status = ST_CORRUPT;
    }
    client_reply_free(&reply);
    return status;
}

/* ---- files ---- */

static enum status name_of(const char *stem, const char *suffix, char path[PATH_MAX],
                           struct message *why)
{
    if ((size_t)snprintf(path, PATH_MAX, "%s%s", stem, suffix) < PATH_MAX)
        return ST_OK;
    message_set(why, "%.200s: the path is too long", stem);
    return ST_OUT_OF_RANGE;
}

static enum status read_part(const char *stem, const char *suffix, size_t limit, bool optional,
                             struct blob *blob, struct message *why)
{
    char path[PATH_MAX];
    enum status status = name_of(stem, suffix, path, why);

    if (status != ST_OK)
        return status;
    status = file_read(path, limit, &blob->data, &blob->bytes);
    if (status == ST_IO && errno == ENOENT && optional)
        return ST_OK;
    if (status != ST_OK)
        message_set(why, "%.200s: %s", path,
                    status == ST_IO ? strerror(errno) : "larger than any such file");
    return status;
}

enum status attested_from_files(const char *path, struct attested *out, struct message *why)
{
    enum status status;

    *out = (struct attested){0};
    status = read_part(path, "", RECLAVE_QUOTE_BYTES_MAX, false, &out->quote, why);
    if (status == ST_OK)
        status = read_part(path, ".identity", RECLAVE_IDENTITY_BYTES, false, &out->identity, why);
    if (status == ST_OK)
        status = read_part(path, ".collateral.json", RECLAVE_COLLATERAL_BYTES_MAX, true,
                           &out->collateral, why);
    if (status == ST_OK)
        status = read_part(path, ".root.pem", ROOT_BYTES_MAX, true, &out->root, why);
    if (status != ST_OK)
        attested_free(out);
    return status;
}

static enum status write_part(const char *stem, const char *suffix, const struct blob *blob,
                              struct message *why)
{
    char path[PATH_MAX];
    enum status status = name_of(stem, suffix, path, why);

    if (status != ST_OK || !blob->data)
        return status;
    status = file_write(path, blob->data, blob->bytes);
    if (status != ST_OK)
        message_set(why, "%.200s: %s", path, strerror(errno));
    return status;
}

enum status attested_save(const struct attested *attested, const char *quote_path, const char *stem,
                          struct message *why)
{
    enum status status = write_part(quote_path, "", &attested->quote, why);

    if (status == ST_OK)
        status = write_part(stem, ".identity", &attested->identity, why);
    if (status == ST_OK)
        status = write_part(stem, ".collateral.json", &attested->collateral, why);
    if (status == ST_OK)
        status = write_part(stem, ".root.pem", &attested->root, why);
    return status;
}

/* ---- verification ---- */

struct reclave_enclave *attested_verify(const struct attested *attested,
                                        struct reclave_verifier *verifier, bool has_collateral,
                                        struct message *why)
{
    const struct blob *collateral = &attested->collateral;
    struct reclave_enclave *enclave = NULL;
    struct reclave_verdict verdict;

    if (!has_collateral && collateral->data &&
        !reclave_verifier_set_collateral(verifier, collateral->data, collateral->bytes)) {
        message_set(why, "out of memory");
        return NULL;
    }
    if (!reclave_enclave_verify(verifier, attested->quote.data, attested->quote.bytes,
                                attested->identity.data, attested->identity.bytes, &verdict,
                                &enclave))
        message_set(why, "the enclave is rejected at %s: %s",
                    reclave_step_name(verdict.failed_step), verdict.reason);
    return enclave;
}

/* ---- challenges and nonces ---- */

static bool parse_bytes(const char *text, size_t least, size_t most, uint8_t *data, size_t *bytes)
{
    size_t digits = strlen(text);

    *bytes = digits / 2;
    return digits % 2 == 0 && *bytes >= least && *bytes <= most && hex_parse(text, data, *bytes);
}

bool challenge_parse(const char *text, uint8_t challenge[CHALLENGE_BYTES])
{
    size_t bytes;

    memset(challenge, 0, CHALLENGE_BYTES);
    return parse_bytes(text, NONCE_MIN, CHALLENGE_BYTES, challenge, &bytes);
}

bool nonce_parse(const char *text, uint8_t nonce[NONCE_MAX], size_t *bytes)
{
    memset(nonce, 0, NONCE_MAX);
    return parse_bytes(text, NONCE_MIN, NONCE_MAX, nonce, bytes);
}

bool nonce_draw(uint8_t *nonce, size_t bytes)
{
    return getrandom(nonce, bytes, 0) == (ssize_t)bytes;
}
