#include "client/quote/tcb_info.h"

#include "client/json.h"
#include "client/quote/tcb_status.h"

#include <string.h>

static const struct signed_kind kind = {
    .what = "TCB info",
    .id = "SGX",
    .version = 3,
    .signature = RECLAVE_STEP_TCB_INFO_SIGNATURE,
    .validity = RECLAVE_STEP_TCB_INFO_VALIDITY,
    .content = RECLAVE_STEP_TCB_INFO,
};

/* Component-wise comparison is the only type that there is (API reference, "tcbType"). */
#define TCB_TYPE_COMPONENTS 0

static bool check_platform(const json_t *info, const struct pck_extension *platform,
                           struct failure *failure)
{
    uint8_t fmspc[sizeof(platform->fmspc)], pce_id[sizeof(platform->pce_id)];
    uint64_t type;

    if (!json_read_hex(info, "fmspc", fmspc, sizeof(fmspc)) ||
        !json_read_hex(info, "pceId", pce_id, sizeof(pce_id)))
        return reject_at(failure, kind.content, "the TCB info has no fmspc or no pceId");
    if (memcmp(fmspc, platform->fmspc, sizeof(fmspc)) != 0)
        return reject_at(failure, kind.content,
                         "the TCB info is for another platform: its FMSPC is "
                         "%02X%02X%02X%02X%02X%02X, the PCK certificate's is "
                         "%02X%02X%02X%02X%02X%02X",
                         fmspc[0], fmspc[1], fmspc[2], fmspc[3], fmspc[4], fmspc[5],
                         platform->fmspc[0], platform->fmspc[1], platform->fmspc[2],
                         platform->fmspc[3], platform->fmspc[4], platform->fmspc[5]);
    if (memcmp(pce_id, platform->pce_id, sizeof(pce_id)) != 0)
        return reject_at(failure, kind.content,
                         "the TCB info is for another PCE: the pceId differs");
    if (!json_read_number(info, "tcbType", UINT32_MAX, &type) || type != TCB_TYPE_COMPONENTS)
        return reject_at(failure, kind.content, "the TCB info's tcbType is not 0");
    return true;
}

/* Does the platform have at least what the level asks for? False in *well_formed: the level is
 * malformed. */
static bool reaches(const struct pck_extension *platform, const json_t *level, bool *well_formed)
{
    const json_t *tcb = json_object_get(level, "tcb");
    const json_t *components = json_object_get(tcb, "sgxtcbcomponents");
    uint64_t svn;
    bool enough = true;

    *well_formed = json_array_size(components) == TCB_COMPONENTS &&
                   json_read_number(tcb, "pcesvn", UINT16_MAX, &svn);
    if (!*well_formed)
        return false;
    enough = platform->pce_svn >= svn;
    for (size_t i = 0; i < TCB_COMPONENTS; i++) {
        if (!json_read_number(json_array_get(components, i), "svn", UINT8_MAX, &svn)) {
            *well_formed = false;
            return false;
        }
        enough = enough && platform->component_svns[i] >= svn;
    }
    return enough;
}

static bool take_level(const json_t *level, struct reclave_verdict *verdict,
                       struct failure *failure)
{
    verdict->platform_tcb_status =
        tcb_status_parse(json_string_value(json_object_get(level, "tcbStatus")));
    if (verdict->platform_tcb_status == RECLAVE_TCB_UNKNOWN)
        return reject_at(failure, kind.content, "the TCB info has a level of unknown status");
    if (!advisories_add(verdict, level))
        return reject_at(failure, kind.content,
                         "the TCB info's advisoryIDs are malformed or too many");
    return true;
}

/* The first level that the platform reaches counts; Intel lists them from the highest down. */
static bool find_level(const json_t *info, const struct pck_extension *platform,
                       struct reclave_verdict *verdict, struct failure *failure)
{
    const json_t *levels = json_object_get(info, "tcbLevels"), *level;
    size_t i;

    if (!json_is_array(levels))
        return reject_at(failure, kind.content, "the TCB info has no tcbLevels");
    json_array_foreach(levels, i, level)
    {
        bool well_formed;

        if (reaches(platform, level, &well_formed))
            return take_level(level, verdict, failure);
        if (!well_formed)
            return reject_at(failure, kind.content, "the TCB info has a malformed level");
    }
    return reject_at(failure, kind.content,
                     "the platform is below the lowest level of the TCB info: not supported");
}

bool tcb_info_evaluate(const json_t *info, const struct pck_extension *platform,
                       struct reclave_verdict *verdict, struct failure *failure)
{
    return check_platform(info, platform, failure) && find_level(info, platform, verdict, failure);
}

bool tcb_info_check(const struct signed_text *text, const struct trust *trust,
                    const struct pck_extension *platform, struct reclave_verdict *verdict,
                    struct failure *failure)
{
    json_t *info = signed_text_verify(text, trust, &kind, verdict, failure);
    bool good = info && tcb_info_evaluate(info, platform, verdict, failure);

    json_decref(info);
    return good;
}
