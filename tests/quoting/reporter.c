/* A plain enclave (entry and border are the quoting stand-in's) that hands out what
 * trusted/attest/report makes: reports as L0 would, and sealing keys, which L0 never would. */
#include "sgx/quoting/enclave/qe.h"
#include "tests/quoting/reporter.h"
#include "trusted/attest/report.h"

#include <string.h>

static void report(struct reporter_report *r)
{
    struct {
        uint8_t shift; /* the target's alignment must not matter */
        uint8_t target[512];
    } odd;

    memcpy(odd.target, r->target, sizeof(odd.target));
    report_create(odd.target, r->data, &r->report);
}

static void seal_id(struct reporter_seal *r)
{
    struct sealing_id id;

    sealing_id_now(r->key_id, &id);
    memcpy(r->key_id, id.key_id, sizeof(r->key_id));
    memcpy(r->cpu_svn, id.cpu_svn, sizeof(r->cpu_svn));
    r->isv_svn = id.isv_svn;
}

static void seal_key(struct reporter_seal *r)
{
    struct sealing_id id = {.isv_svn = (uint16_t)r->isv_svn};

    memcpy(id.key_id, r->key_id, sizeof(id.key_id));
    memcpy(id.cpu_svn, r->cpu_svn, sizeof(id.cpu_svn));
    r->status = sealing_key(&id, r->key);
}

uint64_t qe_dispatch(uint64_t call, uint64_t request, uint64_t bytes)
{
    union {
        struct reporter_report report;
        struct reporter_seal seal;
    } r;

    if (bytes > sizeof(r) || !border_outside(request, bytes))
        return ST_BAD_POINTER;
    border_copy_in(&r, request, bytes);
    if (call == REPORTER_REPORT)
        report(&r.report);
    else if (call == REPORTER_SEAL_ID)
        seal_id(&r.seal);
    else if (call == REPORTER_SEAL_KEY)
        seal_key(&r.seal);
    else
        return ST_UNKNOWN_CALL;
    border_copy_out(request, &r, bytes);
    return ST_OK;
}
