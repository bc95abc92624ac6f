#include "base/bytes.h"
#include "sgx/quoting/enclave/qe.h"

#include <bearssl/bearssl_hash.h>
#include <elf.h>
#include <string.h>

extern uint8_t qe_image[] __attribute__((visibility("hidden")));
extern const Elf64_Rela __rela_start[] __attribute__((visibility("hidden")));
extern const Elf64_Rela __rela_end[] __attribute__((visibility("hidden")));

static bool started;

/* Linked at 0: BearSSL's tables of function pointers. toolchain/image has checked that every
 * relocation is relative and in a writable page. */
static void relocate(void)
{
    for (const Elf64_Rela *r = __rela_start; r < __rela_end; r++)
        *(uint64_t *)(void *)(qe_image + r->r_offset) = (uint64_t)(qe_image + r->r_addend);
}

static void fill_auth_data(uint8_t auth_data[QUOTE_AUTH_BYTES])
{
    for (unsigned i = 0; i < QUOTE_AUTH_BYTES; i++) /* as Intel's QE */
        auth_data[i] = (uint8_t)i;
}

static void sha256(const void *first, size_t first_bytes, const void *second, size_t second_bytes,
                   uint8_t digest[32])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, first, first_bytes);
    br_sha256_update(&hash, second, second_bytes);
    br_sha256_out(&hash, digest);
}

static void describe_self(const struct sgx_report *self, uint8_t target_info[512])
{
    struct sgx_targetinfo target = {.attributes = self->attributes,
                                    .xfrm = self->xfrm,
                                    .cetattributes = self->cetattributes,
                                    .configsvn = self->configsvn,
                                    .miscselect = self->miscselect};

    memcpy(target.mrenclave, self->mrenclave, sizeof(target.mrenclave));
    memcpy(target.configid, self->configid, sizeof(target.configid));
    memcpy(target_info, &target, sizeof(target));
}

static enum status identify(void *request)
{
    struct qe_identify *out = request;
    struct sgx_report self;
    uint8_t data[64] = {0};

    fill_auth_data(out->auth_data);
    memcpy(out->attestation_key, key_public(), sizeof(out->attestation_key));
    sha256(key_public(), sizeof(out->attestation_key), out->auth_data, sizeof(out->auth_data),
           data);
    report_self(data, &self);
    memcpy(out->qe_report, &self, sizeof(out->qe_report));
    describe_self(&self, out->target_info);
    return ST_OK;
}

static enum status quote(void *request)
{
    static const uint8_t vendor[QUOTE_VENDOR_BYTES] = QUOTE_VENDOR_INTEL;
    static const char domain[] = "reclave platform id v1";
    struct qe_quote *q = request;
    uint8_t platform_id[32];

    if (q->pce_svn > UINT16_MAX)
        return ST_OUT_OF_RANGE;
    if (!report_is_for_us(&q->report))
        return ST_SGX_REPORT;
    sha256(domain, sizeof(domain), key_public(), 64, platform_id);
    memset(&q->body, 0, sizeof(q->body));
    q->body.header.version = QUOTE_VERSION;
    q->body.header.key_type = QUOTE_KEY_P256;
    q->body.header.qe_svn = QE_SVN;
    q->body.header.pce_svn = (uint16_t)q->pce_svn;
    memcpy(q->body.header.vendor, vendor, sizeof(vendor));
    memcpy(q->body.header.user_data, platform_id, 16);
    memcpy(q->body.report, &q->report, sizeof(q->body.report));
    return key_sign(&q->body, sizeof(q->body), q->signature) ? ST_OK : ST_SGX_QUOTING;
}

static enum status serve(uint64_t address, uint64_t bytes, void *request, uint64_t size,
                         enum status (*call)(void *request))
{
    enum status status;

    if (bytes != size)
        return ST_BAD_LENGTH;
    if (!border_outside(address, bytes))
        return ST_BAD_POINTER;
    border_copy_in(request, address, size);
    status = call(request);
    if (status == ST_OK)
        border_copy_out(address, request, size);
    return status;
}

static bool start(void)
{
    if (!started) {
        relocate();
        started = key_create();
    }
    return started;
}

uint64_t qe_dispatch(uint64_t call, uint64_t request, uint64_t bytes)
{
    union {
        struct qe_identify identify;
        struct qe_quote quote;
    } r;

    if (!start())
        return ST_SGX_QUOTING;
    switch (call) {
    case QE_IDENTIFY:
        return serve(request, bytes, &r, sizeof(r.identify), identify);
    case QE_QUOTE:
        return serve(request, bytes, &r, sizeof(r.quote), quote);
    default:
        return ST_UNKNOWN_CALL;
    }
}
