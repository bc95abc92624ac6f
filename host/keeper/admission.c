#include "host/keeper/admission.h"

#include "base/status.h"
#include "host/keeper/keeper.h"
#include "host/keeper/quotes.h"

#include <stdlib.h>
#include <string.h>

static enum status challenge_here(void *context, const uint8_t asker_nonce[ADMISSION_NONCE_BYTES],
                                  struct keeper_answer *out, struct message *why)
{
    return keeper_host_challenge(context, asker_nonce, out, why);
}

static enum status command_here(void *context, enum keeper_command command, const void *request,
                                size_t request_bytes, void *answer, size_t answer_bytes,
                                struct message *why)
{
    return keeper_host_command(context, command, request, request_bytes, answer, answer_bytes, why);
}

struct keeper_peer keeper_peer_here(struct keeper_host *keeper)
{
    return (struct keeper_peer){keeper, challenge_here, command_here};
}

struct enclave_policy enclave_policy_of(const struct enclave_terms *terms)
{
    struct enclave_policy policy = {
        .version = POLICY_VERSION,
        .role = terms->keeper ? ROLE_KEEPER : ROLE_WORKER,
        .tenancy = terms->shared_tenancy ? TENANCY_SHARED : TENANCY_SEQUENTIAL,
        .flags = terms->encrypted_only ? POLICY_ENCRYPTED_ONLY : 0,
    };

    memcpy(policy.keeper, terms->keeper_id, sizeof(policy.keeper));
    return policy;
}

/* ---- one exchange ------------------------------------------------------------------- */

/* Large, so on the heap; the grant in it is encrypted. */
struct exchange {
    struct keeper_admission admission;
    struct keeper_admitted admitted;
    struct worker_granted *granted; /* a loader buffer */
};

/* The worker's quote answers both nonces. */
static enum status answer_challenge(struct exchange *exchange, struct quoting *quoting,
                                    struct slot *slot, const uint8_t nonce[ADMISSION_NONCE_BYTES],
                                    struct message *why)
{
    struct keeper_answer *answer = &exchange->granted->answer;
    struct keeper_admission *admission = &exchange->admission;
    uint8_t challenge[CHALLENGE_BYTES];
    enum status status = exchange_challenge(ASKER_DOMAIN, sizeof(ASKER_DOMAIN), nonce,
                                            answer->keeper_nonce, challenge);

    if (status == ST_OK)
        status = quote_copy_of_slot(quoting, slot, challenge, &admission->identity,
                                    &admission->quote, why);
    if (status == ST_OK)
        status = quote_copy_sha256(&answer->quote, admission->own_quote_sha256);
    if (status == ST_OK)
        status = quote_copy_sha256(&admission->quote, answer->own_quote_sha256);
    memcpy(admission->keeper_nonce, answer->keeper_nonce, sizeof(admission->keeper_nonce));
    return status;
}

static enum status run(struct exchange *exchange, const struct keeper_peer *peer,
                       struct quoting *quoting, struct slot *slot, struct message *why)
{
    uint8_t nonce[ADMISSION_NONCE_BYTES];
    enum status status = slot_ask_admission(slot, nonce);

    if (status == ST_OK)
        status = peer->challenge(peer->context, nonce, &exchange->granted->answer, why);
    if (status == ST_OK)
        status = answer_challenge(exchange, quoting, slot, nonce, why);
    if (status == ST_OK)
        status = peer->command(peer->context, KEEPER_ADMIT, &exchange->admission,
                               sizeof(exchange->admission), &exchange->admitted,
                               sizeof(exchange->admitted), why);
    if (status != ST_OK)
        return status;
    exchange->granted->grant = exchange->admitted.grant;
    status = slot_take_grant(slot, exchange->granted);
    if (status != ST_OK)
        message_set(why, "the worker refuses the keeper's grant: %s", status_text(status));
    return status;
}

enum status admission_run(const struct keeper_peer *peer, struct quoting *quoting,
                          struct slot *slot, const struct enclave_policy *policy,
                          struct worker_certificate *certificate, struct message *why)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    enum status status = ST_NO_MEMORY;

    *certificate = (struct worker_certificate){.count = 0};
    message_set(why, "%s", "");
    if (!exchange)
        return ST_NO_MEMORY;
    exchange->admission.policy = *policy;
    exchange->granted = loader_buffer_alloc(sizeof(*exchange->granted));
    if (exchange->granted)
        status = run(exchange, peer, quoting, slot, why);
    if (status == ST_OK && exchange->admitted.certificate_bytes > CERTIFICATE_MAX)
        status = ST_CORRUPT;
    if (status == ST_OK) {
        certificate->count = exchange->admitted.certificate_bytes;
        memcpy(certificate->bytes, exchange->admitted.certificate, certificate->count);
    } else if (!why->text[0]) {
        message_set(why, "admission: %s", status_text(status));
    }
    free(exchange->granted);
    free(exchange);
    return status;
}
