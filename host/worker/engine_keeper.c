/* A worker's keeper: whom it names, and the exchange that brings the keys of an epoch. */
#include "host/worker/engine_internal.h"

#include "base/status.h"
#include "host/keeper/admission.h"
#include "host/keeper/client.h"
#include "host/worker/socket.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static enum status connect_to(const char *socket, struct keeper_client *client, struct message *why)
{
    return socket_connect(socket, &client->fd, why);
}

/* Which keeper the worker names is the host's choice: callers see it in the policy digest, and the
 * enclave takes grants of that one only. */
enum status engine_name_keeper(const struct engine_options *options, struct enclave_terms *terms,
                               struct message *why)
{
    static const uint8_t nobody[CHALLENGE_BYTES];
    struct keeper_quote quote = {0};
    struct keeper_client client;
    enum status status;

    if (!options->keeper_socket)
        return ST_OK;
    status = connect_to(options->keeper_socket, &client, why);
    if (status != ST_OK)
        return status;
    status = keeper_client_quote(&client, nobody, &quote, why);
    keeper_client_close(&client);
    if (status == ST_OK && EVP_Digest(quote.identity.signing_key, SIGNING_KEY_BYTES,
                                      terms->keeper_id, NULL, EVP_sha256(), NULL) != 1)
        status = ST_UNSUPPORTED;
    keeper_quote_free(&quote);
    return status;
}

enum status engine_use_keeper(struct engine *engine, const struct engine_options *options,
                              const struct enclave_terms *terms, struct message *why)
{
    if (!options->keeper_socket)
        return ST_OK;
    engine->keeper_policy = enclave_policy_of(terms);
    engine->keeper_socket = strdup(options->keeper_socket);
    if (!engine->keeper_socket)
        return ST_NO_MEMORY;
    return engine_renew_keys(engine, why);
}

bool engine_has_keeper(const struct engine *engine)
{
    return engine->keeper_socket != NULL;
}

/* The counter tells whether anything has changed since the last grant. */
static enum status is_current(struct engine *engine, struct keeper_client *client, bool *current,
                              uint64_t *counter, struct message *why)
{
    struct keeper_status now;
    enum status status =
        keeper_client_command(client, KEEPER_STATUS, NULL, 0, &now, sizeof(now), why);

    *counter = now.counter;
    *current = status == ST_OK && engine->certificate.count && now.counter == engine->key_counter;
    return status;
}

static void publish(struct engine *engine, const struct worker_certificate *certificate)
{
    pthread_mutex_lock(&engine->certificate_lock);
    engine->certificate = *certificate;
    pthread_mutex_unlock(&engine->certificate_lock);
}

/* The certificate before the keys: slots that serve meanwhile then never answer a request to the
 * new epoch with the certificate of the old one. The other way round is fine for callers. */
static enum status take_keys(struct engine *engine, const struct keeper_peer *peer,
                             struct message *why)
{
    const struct worker_certificate before = engine->certificate;
    struct slot *slot = engine->slots[0].slot;
    struct admission admission;
    enum status status =
        admission_ask(peer, engine->quoting, slot, &engine->keeper_policy, &admission, why);

    if (status == ST_OK) {
        publish(engine, &admission.certificate);
        status = admission_take(slot, &admission, why);
        if (status != ST_OK)
            publish(engine, &before);
    }
    admission_free(&admission);
    return status;
}

enum status engine_renew_keys(struct engine *engine, struct message *why)
{
    struct keeper_client client;
    struct keeper_peer peer;
    uint64_t counter = 0;
    bool current = false;
    enum status status = connect_to(engine->keeper_socket, &client, why);

    if (status != ST_OK)
        return status;
    peer = keeper_client_peer(&client);
    status = is_current(engine, &client, &current, &counter, why);
    if (status == ST_OK && !current)
        status = engine_open_quoting(engine, why);
    if (status == ST_OK && !current)
        status = take_keys(engine, &peer, why);
    if (status == ST_OK && !current)
        engine->key_counter = counter;
    keeper_client_close(&client);
    return status;
}

struct worker_certificate engine_certificate(struct engine *engine)
{
    struct worker_certificate copy;

    pthread_mutex_lock(&engine->certificate_lock);
    copy = engine->certificate;
    pthread_mutex_unlock(&engine->certificate_lock);
    return copy;
}
