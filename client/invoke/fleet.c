/* From a keeper's description to whichever worker of its fleet serves. */
#include "client/invoke/invoke.h"

#include "base/status.h"
#include "client/evidence/sha256.h"
#include "client/evidence/verdict.h"
#include "client/keeper/description.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How far the clock of a keeper's host may be ahead of the caller's. */
#define CLOCK_SKEW_SECONDS 60

/* ---- the keeper ---------------------------------------------------------------------- */

/* Who decides which platforms count must be somebody whom the policy names. */
static bool check_owner(const struct policy *policy, const struct fleet_keeper *keeper,
                        bool any_owner, struct failure *failure)
{
    const struct sha256_piece key = {keeper->owner, sizeof(keeper->owner)};
    uint8_t id[32];

    if (!sha256_of(&key, 1, id))
        return reject_at(failure, RECLAVE_STEP_INTERNAL, "SHA-256 is not available");
    if (policy->keeper_owners.count == 0 && !any_owner)
        return reject_at(failure, RECLAVE_STEP_KEEPER_OWNER,
                         "the policy must name in \"keeper_owner\" whose keeper to believe");
    return digest_list_allows(&policy->keeper_owners, id) ||
           reject_at(failure, RECLAVE_STEP_KEEPER_OWNER,
                     "the policy's keeper_owner does not name this keeper's owner");
}

/* Platforms of the fleet count under the root that the caller trusts, and no other. */
static bool check_root(const struct reclave_verifier *verifier, const struct fleet_keeper *keeper,
                       struct failure *failure)
{
    uint8_t fleets[SIGNING_KEY_BYTES], trusted[SIGNING_KEY_BYTES];

    fleet_root_key(&keeper->policy, fleets);
    if (!fleet_certificate_key(verifier->anchor, trusted))
        return reject_at(failure, RECLAVE_STEP_INTERNAL, "the root's key cannot be read");
    return memcmp(fleets, trusted, sizeof(trusted)) == 0 ||
           reject_at(failure, RECLAVE_STEP_KEEPER_POLICY,
                     "the keeper admits platforms under another root than the trusted one");
}

/* The keeper's own image is what the policy has accepted with its quote. Of others only the
 * measurement is known, so it must be listed. */
static bool check_terms(const struct policy *policy, const struct fleet_keeper *keeper,
                        struct failure *failure)
{
    uint8_t images[POLICY_DIGESTS_MAX + 1][32];
    const struct fleet_images accepted = {(const uint8_t(*)[32])images,
                                          policy->mrenclave.count + 1};
    enum status status;

    memcpy(images, keeper->mrenclave, 32);
    memcpy(images + 1, policy->mrenclave.digests, policy->mrenclave.count * sizeof(images[0]));
    status = fleet_keeper_check(keeper, &accepted);
    if (status == ST_QUOTE_MEASUREMENT)
        return reject_at(failure, RECLAVE_STEP_KEEPER_POLICY,
                         "the keeper gives its keys to an image that the policy's mrenclave does "
                         "not name");
    return status == ST_OK || reject_at(failure, RECLAVE_STEP_KEEPER_POLICY,
                                        "the keeper's terms: %s", status_text(status));
}

static int64_t now_of(const struct reclave_enclave *enclave)
{
    return enclave->has_time ? enclave->time : (int64_t)time(NULL);
}

/* NULL: the policy accepts an epoch that began then. */
static const char *what_is_wrong_with_age(const struct reclave_enclave *fleet, uint64_t began)
{
    uint64_t now = (uint64_t)now_of(fleet);

    if (!fleet->policy.has_epoch_seconds)
        return NULL;
    if (now_of(fleet) < 0 || began > now + CLOCK_SKEW_SECONDS)
        return "the key epoch has not begun yet";
    return began < now && now - began > fleet->policy.epoch_seconds_most
               ? "the key epoch is older than the policy's max_epoch_seconds"
               : NULL;
}

static bool take_epoch(const struct keeper_description *description, uint64_t oldest_counter,
                       struct reclave_enclave *fleet, struct failure *failure)
{
    enum status status =
        fleet_epoch_check(&fleet->keeper, description->certificate, description->certificate_bytes,
                          oldest_counter, &fleet->epoch);
    const char *wrong;

    if (status != ST_OK)
        return reject_at(failure, RECLAVE_STEP_KEEPER_EPOCH, "the epoch's certificate: %s",
                         status_text(status));
    wrong = what_is_wrong_with_age(fleet, fleet->epoch.began);
    if (wrong)
        return reject_at(failure, RECLAVE_STEP_EPOCH_AGE, "%s", wrong);
    memcpy(fleet->identity.receiving_key, fleet->epoch.receiving_key, RECEIVING_KEY_BYTES);
    return true;
}

/* What every worker that may serve enforces. */
static bool take_policy(const struct reclave_fleet_options *options, struct reclave_enclave *fleet,
                        struct failure *failure)
{
    uint8_t *policy_sha256 = fleet->identity.policy_sha256;

    if (fleet_worker_policy(
            &fleet->keeper, options->shared_tenancy ? TENANCY_SHARED : TENANCY_SEQUENTIAL,
            options->encrypted_only ? POLICY_ENCRYPTED_ONLY : 0, policy_sha256) != ST_OK)
        return reject_at(failure, RECLAVE_STEP_INTERNAL, "SHA-256 is not available");
    return digest_list_allows(&fleet->policy.enclave_policies, policy_sha256) ||
           reject_at(failure, RECLAVE_STEP_EVIDENCE_POLICY,
                     "the fleet's workers run under a policy that is not accepted");
}

/* The quote has been verified: it binds the description's identity, which all else hangs on. */
static bool take_keeper(const struct reclave_verifier *verifier,
                        const struct keeper_description *description,
                        const struct reclave_fleet_options *options,
                        const struct reclave_report *report, struct reclave_enclave *fleet,
                        struct failure *failure)
{
    struct fleet_keeper *keeper = &fleet->keeper;
    struct evidence_verdict bound =
        evidence_check_identity(&description->identity, ROLE_KEEPER, report->report_data, NULL);

    if (bound.step != EVIDENCE_ACCEPTED)
        return reject_at(failure, invoke_step(bound.step), "%s", bound.reason);
    keeper->identity = description->identity;
    memcpy(keeper->mrenclave, report->mrenclave, sizeof(keeper->mrenclave));
    memcpy(keeper->owner, description->owner, sizeof(keeper->owner));
    keeper->policy = description->policy;
    fleet->is_fleet = true;
    fleet->policy = verifier->policy;
    fleet->has_time = verifier->has_time;
    fleet->time = verifier->time;
    return check_owner(&fleet->policy, keeper, options->any_owner, failure) &&
           check_terms(&fleet->policy, keeper, failure) && check_root(verifier, keeper, failure) &&
           take_policy(options, fleet, failure) &&
           take_epoch(description, options->oldest_counter, fleet, failure);
}

/* With the description's collateral where the verifier has none: it is checked like any. */
static bool check_quote(const struct reclave_verifier *verifier,
                        const struct keeper_description *description,
                        struct reclave_verdict *verdict)
{
    struct reclave_verifier with = *verifier; /* shares the root, which is not freed here */
    bool own = !verifier->has_collateral &&
               verifier->collateral_failure.step == RECLAVE_STEP_NONE && description->collateral;
    bool good;

    if (own)
        with.has_collateral =
            collateral_read(description->collateral, description->collateral_bytes,
                            &with.collateral, &with.collateral_failure);
    good = verifier_check_quote(&with, description->quote, description->quote_bytes, verdict);
    if (own)
        collateral_free(&with.collateral);
    return good;
}

static bool reject(struct reclave_verdict *verdict, const struct failure *failure)
{
    verdict->accepted = false;
    verdict->failed_step = failure->step;
    memcpy(verdict->reason, failure->reason, sizeof(verdict->reason));
    return false;
}

bool reclave_fleet_verify(const struct reclave_verifier *verifier, const void *json, size_t bytes,
                          const struct reclave_fleet_options *options,
                          struct reclave_verdict *verdict, struct reclave_enclave **fleet)
{
    static const struct reclave_fleet_options none = {0};
    struct reclave_enclave *made = calloc(1, sizeof(*made));
    struct keeper_description description = {0};
    struct failure failure = {RECLAVE_STEP_INTERNAL, "out of memory"};
    bool good = false;

    *fleet = NULL;
    memset(verdict, 0, sizeof(*verdict));
    if (!made || !description_read(json, bytes, &description, &failure))
        (void)reject(verdict, &failure);
    else if (check_quote(verifier, &description, verdict))
        good = take_keeper(verifier, &description, options ? options : &none, &verdict->report,
                           made, &failure) ||
               reject(verdict, &failure);
    description_free(&description);
    if (good)
        *fleet = made;
    else
        free(made);
    return good;
}

uint64_t reclave_fleet_counter(const struct reclave_enclave *fleet)
{
    return fleet->epoch.counter;
}

bool invoke_epoch_is_fresh(const struct reclave_enclave *enclave, char error[RECLAVE_ERROR_BYTES])
{
    const char *wrong =
        enclave->is_fleet ? what_is_wrong_with_age(enclave, enclave->epoch.began) : NULL;

    return !wrong || invoke_fail(error, "%s: %s", evidence_step_name(EVIDENCE_EPOCH_AGE), wrong);
}

/* ---- its workers ----------------------------------------------------------------------- */

static struct evidence_verdict refusal_of(enum status status)
{
    if (status == ST_OK)
        return accepted();
    if (status == ST_QUOTE_MEASUREMENT)
        return rejected(EVIDENCE_MEASUREMENT,
                        "the worker's certificate is for an image that the keeper does not name");
    if (status == ST_WRONG_ROLE)
        return rejected(EVIDENCE_CERTIFICATE, "the certificate is not a worker's");
    if (status == ST_KEEPER_POLICY)
        return rejected(EVIDENCE_CERTIFICATE,
                        "the worker's certificate is under another platform policy than the "
                        "keeper's: describe the keeper again");
    return rejected(EVIDENCE_CERTIFICATE, "the worker's certificate is not this keeper's");
}

/* Whoever can read a request to an epoch was admitted in it, or in the next, when it was the
 * previous one. Revoking a worker ends the epoch. */
static struct evidence_verdict check_worker(const struct reclave_enclave *fleet,
                                            const struct fleet_worker *worker)
{
    const char *wrong = what_is_wrong_with_age(fleet, worker->began);

    if (worker->epoch != fleet->epoch.epoch && worker->epoch != fleet->epoch.epoch + 1)
        return rejected(EVIDENCE_EPOCH, "the worker's certificate is of another key epoch");
    if (wrong)
        return rejected(EVIDENCE_EPOCH_AGE, wrong);
    if (memcmp(worker->identity.policy_sha256, fleet->identity.policy_sha256, 32) != 0)
        return rejected(EVIDENCE_WORKER, "the worker runs under another policy than was asked for");
    return accepted();
}

struct evidence_verdict invoke_origin(const struct reclave_enclave *enclave,
                                      const void *certificate, size_t bytes, struct origin *out)
{
    struct fleet_worker worker;
    struct evidence_verdict verdict;

    out->identity = enclave->identity;
    memcpy(out->worker_id, enclave->worker_id, 32);
    if (!enclave->is_fleet)
        return accepted();
    if (!certificate || bytes == 0)
        return rejected(EVIDENCE_CERTIFICATE, "the worker has no certificate of the keeper's");
    verdict = refusal_of(fleet_worker_check(&enclave->keeper, certificate, bytes, 0, &worker));
    if (verdict.step == EVIDENCE_ACCEPTED)
        verdict = check_worker(enclave, &worker);
    if (verdict.step != EVIDENCE_ACCEPTED)
        return verdict;
    out->identity = worker.identity;
    return fleet_keeper_id(&worker.identity, out->worker_id) == ST_OK
               ? accepted()
               : rejected(EVIDENCE_SYSTEM, "SHA-256 is not available");
}
