/* Who the enclave is, quotes, encrypted invocations, evidence. */
#include "host/worker/engine_internal.h"

#include "base/status.h"
#include "host/evidence/compose.h"
#include "host/worker/outcome.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUOTING_IMAGE "quoting.rci"

const struct attested_identity *engine_identity(const struct engine *engine)
{
    return &engine->identity;
}

bool engine_key_id(const struct engine *engine, uint8_t key_id[KEY_ID_BYTES])
{
    uint8_t digest[32];

    if (EVP_Digest(engine->identity.receiving_key, RECEIVING_KEY_BYTES, digest, NULL, EVP_sha256(),
                   NULL) != 1)
        return false;
    memcpy(key_id, digest, KEY_ID_BYTES);
    return true;
}

/* A report for nobody also tells the identity. */
enum status engine_learn_identity(struct engine *engine, struct message *why)
{
    struct entry_report report = {0};
    enum status status = slot_report(engine->slots[0].slot, &report);

    if (status == ST_OK)
        engine->identity = report.identity;
    else
        engine_say_failed_call(&engine->slots[0], "say who it is", status, why);
    return status;
}

/* ---- quotes ---- */

static enum status open_quoting(struct engine *engine, struct sgx_problem *problem)
{
    char image[PATH_MAX], state[PATH_MAX] = "";
    struct quoting_options options = {
        .driver = engine->driver, .image = image, .state_folder = state};

    if (quoting_state_folder(state, sizeof(state)) != ST_OK)
        return sgx_problem(problem, ST_NOT_FOUND,
                           "no state folder: set RECLAVE_STATE_DIR, XDG_STATE_HOME or HOME");
    if ((size_t)snprintf(image, sizeof(image), "%s/%s", engine->images_folder, QUOTING_IMAGE) >=
        sizeof(image))
        return sgx_problem(problem, ST_OUT_OF_RANGE, "the path of %s is too long", QUOTING_IMAGE);
    return quoting_open(&options, &engine->quoting, problem);
}

static enum status use_quoting(struct engine *engine, struct sgx_problem *problem)
{
    enum status status = ST_OK;

    pthread_mutex_lock(&engine->quoting_lock);
    if (!engine->quoting)
        status = open_quoting(engine, problem);
    pthread_mutex_unlock(&engine->quoting_lock);
    return status;
}

enum status engine_open_quoting(struct engine *engine, struct message *why)
{
    struct sgx_problem problem = {""};
    enum status status = use_quoting(engine, &problem);

    if (status != ST_OK)
        message_set(why, "no quotes: %s", problem.text);
    return status;
}

static enum status make_quote(struct engine *engine, struct slot_record *record,
                              const uint8_t challenge[CHALLENGE_BYTES], struct engine_quote *out,
                              struct sgx_problem *problem)
{
    struct entry_report call = {0};
    struct sgx_targetinfo target;
    struct sgx_report report;
    enum status status = quoting_target_info(engine->quoting, &target, problem);

    if (status != ST_OK)
        return status;
    memcpy(call.target, &target, sizeof(call.target));
    memcpy(call.challenge, challenge, CHALLENGE_BYTES);
    status = slot_report(record->slot, &call);
    if (status != ST_OK)
        return sgx_problem(problem, status, "the enclave refused to report: %s",
                           status_text(status));
    memcpy(&report, call.report, sizeof(report));
    return quoting_quote(engine->quoting, &report, &out->quote, &out->quote_bytes, problem);
}

enum status engine_quote(struct engine *engine, unsigned slot,
                         const uint8_t challenge[CHALLENGE_BYTES], struct engine_quote *out,
                         struct message *why)
{
    struct sgx_problem problem = {""};
    enum status status;

    *out = (struct engine_quote){0};
    status = use_quoting(engine, &problem);
    if (status == ST_OK)
        status = make_quote(engine, &engine->slots[slot], challenge, out, &problem);
    if (status == ST_OK) {
        out->by = quoting_name(engine->quoting);
        status = quoting_collateral(engine->quoting, (int64_t)time(NULL), &out->collateral,
                                    &out->root_pem, &problem);
    }
    if (status == ST_OK || (status == ST_UNSUPPORTED && out->quote)) /* the vendor has it */
        return ST_OK;
    message_set(why, "no quote: %s", problem.text[0] ? problem.text : status_text(status));
    engine_quote_free(out);
    return status;
}

void engine_quote_free(struct engine_quote *quote)
{
    free(quote->quote);
    free(quote->collateral);
    free(quote->root_pem);
    *quote = (struct engine_quote){0};
}

/* ---- encrypted invocations ---- */

/* To the host a function's end has a name and no more. */
static void say_sealed_end(enum status status, const struct entry_envelope *envelope,
                           struct message *why)
{
    if (status != ST_OK)
        message_set(why, "%s", status_text(status));
    else if (envelope->outcome != OUTCOME_OK)
        message_set(why, "the function did not end well (%s)",
                    outcome_name((enum outcome)envelope->outcome));
    else
        message_set(why, "%s", "");
}

bool engine_invoke_sealed(struct engine *engine, unsigned slot, struct entry_envelope *envelope,
                          uint64_t timeout_ms, enum status *status, struct message *why)
{
    struct slot_record *record = &engine->slots[slot];
    uint64_t began = engine_now_ns();
    bool ok;

    *status = slot_invoke_sealed(record->slot, envelope, timeout_ms);
    ok = *status == ST_OK && envelope->outcome == OUTCOME_OK;
    record->dirty = true; /* or it was refused and is READY: engine_rewind finds out */
    record->surplus_pages = envelope->surplus_pages;
    engine_note_leaf(record, *status == ST_OK, envelope->leaf);
    say_sealed_end(*status, envelope, why);
    if (slot_lost(record->slot))
        engine_say_failed_call(record, "run the function", *status, why);
    pthread_mutex_lock(&record->lock);
    record->invocations++;
    record->failed += !ok;
    samples_add(&record->run_ns, engine_now_ns() - began);
    pthread_mutex_unlock(&record->lock);
    return ok;
}

enum status engine_session_open(struct engine *engine, unsigned slot,
                                struct entry_envelope *envelope, struct message *why)
{
    struct slot_record *record = &engine->slots[slot];
    enum status status = slot_session_open(record->slot, envelope);

    if (status != ST_OK)
        engine_say_failed_call(record, "open a session", status, why);
    return status;
}

/* ---- evidence ---- */

void engine_note_leaf(struct slot_record *record, bool has_leaf, const uint8_t leaf[32])
{
    record->has_leaf = has_leaf;
    if (!has_leaf)
        return;
    /* Beyond a full batch the enclave runs nothing, so there is room; if not, signing finds that
     * the counts differ. */
    if (record->leaf_count < EVIDENCE_BATCH_MAX)
        memcpy(record->leaves[record->leaf_count], leaf, 32);
    record->leaf_count++;
}

/* What was pending is signed, or lost, and in either case no longer pending. */
static enum status sign(struct slot_record *record, struct message *why)
{
    uint64_t leaves = 0;
    enum status status;

    record->signed_count = 0;
    if (!record->root)
        record->root = loader_buffer_alloc(EVIDENCE_ROOT_MAX);
    if (!record->root)
        return ST_NO_MEMORY;
    status = slot_sign(record->slot, record->root, &record->root_bytes, &leaves);
    if (status != ST_OK) {
        engine_say_failed_call(record, "sign evidence", status, why);
        return status;
    }
    pthread_mutex_lock(&record->lock);
    record->signatures++;
    pthread_mutex_unlock(&record->lock);
    if (leaves == record->leaf_count && record->root_bytes <= EVIDENCE_ROOT_MAX) {
        record->signed_count = record->leaf_count;
        record->leaf_count = 0;
        record->has_leaf = false;
        return ST_OK;
    }
    record->leaf_count = 0;
    record->has_leaf = false;
    message_set(why,
                "the enclave signed %llu invocations where the host knows of others: their "
                "evidence is lost",
                (unsigned long long)leaves);
    return ST_CORRUPT;
}

enum status engine_leaf(struct engine *engine, unsigned slot, uint32_t *leaf, struct message *why)
{
    const struct slot_record *record = &engine->slots[slot];

    if (!record->has_leaf || record->leaf_count == 0) {
        message_set(why, "there is no evidence: nothing ran");
        return ST_NOT_FOUND;
    }
    *leaf = record->leaf_count - 1;
    return ST_OK;
}

bool engine_batch_has_room(struct engine *engine, unsigned slot)
{
    return engine->slots[slot].leaf_count < EVIDENCE_BATCH_MAX;
}

enum status engine_sign(struct engine *engine, unsigned slot, struct message *why)
{
    return sign(&engine->slots[slot], why);
}

enum status engine_compose(struct engine *engine, unsigned slot, uint32_t leaf, const void *claims,
                           size_t claims_bytes, uint8_t file[EVIDENCE_FILE_MAX], size_t *file_bytes,
                           struct message *why)
{
    const struct slot_record *record = &engine->slots[slot];
    const struct signed_batch batch = {.identity = &engine->identity,
                                       .leaves = (const uint8_t(*)[32])record->leaves,
                                       .count = record->signed_count,
                                       .root = record->root,
                                       .root_bytes = record->root_bytes};
    enum status status = evidence_compose(&batch, leaf, claims, claims_bytes, file, file_bytes);

    if (status != ST_OK)
        message_set(why, "evidence: %s", status_text(status));
    return status;
}

enum status engine_evidence(struct engine *engine, unsigned slot, const void *claims,
                            size_t claims_bytes, uint8_t file[EVIDENCE_FILE_MAX],
                            size_t *file_bytes, struct message *why)
{
    uint32_t leaf = 0;
    enum status status = engine_leaf(engine, slot, &leaf, why);

    *file_bytes = 0;
    if (status == ST_OK)
        status = engine_sign(engine, slot, why);
    if (status == ST_OK)
        status = engine_compose(engine, slot, leaf, claims, claims_bytes, file, file_bytes, why);
    return status;
}

enum status engine_make_room(struct slot_record *record, struct message *why)
{
    enum status status;

    if (record->leaf_count < EVIDENCE_BATCH_MAX)
        return ST_OK;
    status = sign(record, why);
    record->leaf_count = 0;
    record->has_leaf = false;
    return status;
}
