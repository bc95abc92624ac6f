#include "client/quote/qe_identity.h"

#include "client/json.h"
#include "client/quote/tcb_status.h"

#include <string.h>

static const struct signed_kind kind = {
    .what = "QE identity",
    .id = "QE",
    .version = 2,
    .signature = RECLAVE_STEP_QE_IDENTITY_SIGNATURE,
    .validity = RECLAVE_STEP_QE_IDENTITY_VALIDITY,
    .content = RECLAVE_STEP_QE_IDENTITY,
};

#define MISCSELECT_BYTES 4
#define ATTRIBUTES_BYTES 16

static void store_le(uint8_t *data, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(value >> 8 * i);
}

/* Both fields are given as they lie in a report, in hexadecimal. Bits outside the mask must be 0 in
 * `wanted`, as Intel's library has it. */
static bool equal_under_mask(const uint8_t *is, const uint8_t *wanted, const uint8_t *mask,
                             size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if ((is[i] & mask[i]) != wanted[i])
            return false;
    return true;
}

static bool malformed(const char *member, struct failure *failure)
{
    return reject_at(failure, kind.content, "the QE identity's \"%s\" is missing or malformed",
                     member);
}

static bool differs(const char *member, struct failure *failure)
{
    return reject_at(failure, kind.content,
                     "the quoting enclave is not the one of the QE identity: its %s differs",
                     member);
}

static bool check_miscselect(const json_t *identity, const struct reclave_report *qe,
                             struct failure *failure)
{
    uint8_t wanted[MISCSELECT_BYTES], mask[MISCSELECT_BYTES], is[MISCSELECT_BYTES];

    if (!json_read_hex(identity, "miscselect", wanted, sizeof(wanted)))
        return malformed("miscselect", failure);
    if (!json_read_hex(identity, "miscselectMask", mask, sizeof(mask)))
        return malformed("miscselectMask", failure);
    store_le(is, qe->miscselect, sizeof(is));
    return equal_under_mask(is, wanted, mask, sizeof(is)) || differs("MISCSELECT", failure);
}

static bool check_attributes(const json_t *identity, const struct reclave_report *qe,
                             struct failure *failure)
{
    uint8_t wanted[ATTRIBUTES_BYTES], mask[ATTRIBUTES_BYTES], is[ATTRIBUTES_BYTES];

    if (!json_read_hex(identity, "attributes", wanted, sizeof(wanted)))
        return malformed("attributes", failure);
    if (!json_read_hex(identity, "attributesMask", mask, sizeof(mask)))
        return malformed("attributesMask", failure);
    store_le(is, qe->attributes, 8);
    store_le(is + 8, qe->xfrm, 8);
    return equal_under_mask(is, wanted, mask, sizeof(is)) || differs("ATTRIBUTES", failure);
}

static bool check_signer(const json_t *identity, const struct reclave_report *qe,
                         struct failure *failure)
{
    uint8_t mrsigner[sizeof(qe->mrsigner)];
    uint64_t product;

    if (!json_read_hex(identity, "mrsigner", mrsigner, sizeof(mrsigner)))
        return malformed("mrsigner", failure);
    if (!json_read_number(identity, "isvprodid", UINT16_MAX, &product))
        return malformed("isvprodid", failure);
    if (memcmp(mrsigner, qe->mrsigner, sizeof(mrsigner)) != 0)
        return differs("MRSIGNER", failure);
    return product == qe->isv_prod_id || differs("ISVPRODID", failure);
}

/* The first level that the QE's SVN reaches; Intel lists them from the highest down. Below the
 * lowest level an enclave is as good as revoked. */
static bool find_level(const json_t *identity, const struct reclave_report *qe,
                       struct reclave_verdict *verdict, struct failure *failure)
{
    const json_t *levels = json_object_get(identity, "tcbLevels"), *level;
    size_t i;

    if (!json_is_array(levels))
        return malformed("tcbLevels", failure);
    json_array_foreach(levels, i, level)
    {
        uint64_t svn;

        if (!json_read_number(json_object_get(level, "tcb"), "isvsvn", UINT16_MAX, &svn))
            return malformed("tcbLevels", failure);
        if (qe->isv_svn < svn)
            continue;
        verdict->qe_tcb_status =
            tcb_status_parse(json_string_value(json_object_get(level, "tcbStatus")));
        if (verdict->qe_tcb_status != RECLAVE_TCB_UP_TO_DATE &&
            verdict->qe_tcb_status != RECLAVE_TCB_OUT_OF_DATE &&
            verdict->qe_tcb_status != RECLAVE_TCB_REVOKED)
            return reject_at(failure, kind.content,
                             "the QE identity has a level of unknown status");
        return advisories_add(verdict, level) || malformed("advisoryIDs", failure);
    }
    verdict->qe_tcb_status = RECLAVE_TCB_REVOKED;
    return true;
}

bool qe_identity_evaluate(const json_t *identity, const struct reclave_report *qe,
                          struct reclave_verdict *verdict, struct failure *failure)
{
    return check_signer(identity, qe, failure) && check_miscselect(identity, qe, failure) &&
           check_attributes(identity, qe, failure) && find_level(identity, qe, verdict, failure);
}

bool qe_identity_check(const struct signed_text *text, const struct trust *trust,
                       const struct reclave_report *qe, struct reclave_verdict *verdict,
                       struct failure *failure)
{
    json_t *identity = signed_text_verify(text, trust, &kind, verdict, failure);
    bool good = identity && qe_identity_evaluate(identity, qe, verdict, failure);

    json_decref(identity);
    return good;
}
