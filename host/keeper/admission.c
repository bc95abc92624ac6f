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
    struct worker_granted *granted; /* the caller's */
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
    return exchange->admitted.certificate_bytes <= CERTIFICATE_MAX ? ST_OK : ST_CORRUPT;
}

static void say(enum status status, struct message *why)
{
    if (status != ST_OK && !why->text[0])
        message_set(why, "admission: %s", status_text(status));
}

enum status admission_ask(const struct keeper_peer *peer, struct quoting *quoting,
                          struct slot *slot, const struct enclave_policy *policy,
                          struct admission *out, struct message *why)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    enum status status = ST_NO_MEMORY;

    *out = (struct admission){.granted = loader_buffer_alloc(sizeof(*out->granted))};
    message_set(why, "%s", "");
    if (exchange && out->granted) {
        exchange->admission.policy = *policy;
        exchange->granted = out->granted;
        status = run(exchange, peer, quoting, slot, why);
    }
    if (status == ST_OK) {
        out->certificate.count = exchange->admitted.certificate_bytes;
        memcpy(out->certificate.bytes, exchange->admitted.certificate, out->certificate.count);
    }
    say(status, why);
    free(exchange);
    return status;
}

enum status admission_take(struct slot *slot, const struct admission *admission,
                           struct message *why)
{
    enum status status = slot_take_grant(slot, admission->granted);

    if (status != ST_OK)
        message_set(why, "the worker refuses the keeper's grant: %s", status_text(status));
    return status;
}

void admission_free(struct admission *admission)
{
    free(admission->granted);
    *admission = (struct admission){0};
}

enum status admission_run(const struct keeper_peer *peer, struct quoting *quoting,
                          struct slot *slot, const struct enclave_policy *policy,
                          struct worker_certificate *certificate, struct message *why)
{
    struct admission admission;
    enum status status = admission_ask(peer, quoting, slot, policy, &admission, why);

    *certificate = (struct worker_certificate){.count = 0};
    if (status == ST_OK)
        status = admission_take(slot, &admission, why);
    if (status == ST_OK)
        *certificate = admission.certificate;
    admission_free(&admission);
    return status;
}
