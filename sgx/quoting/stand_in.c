/*
 * The emulated platform's quoting service: the stand-in enclave signs reports, the development
 * root, in the part of Intel's PCE, certifies its attestation key, and here both become a quote.
 */
#include "sgx/devroot/devroot.h"
#include "sgx/quoting/backend.h"
#include "sgx/quoting/calls.h"
#include "sgx/quoting/plain.h"

#include "base/status.h"

#include <stdlib.h>
#include <string.h>

#define PCE_SVN 1 /* of the PCE that the development root stands for */

struct stand_in {
    struct plain_enclave enclave;
    struct devroot *root;
    struct qe_identify identity;
    struct sgx_report qe_report; /* the same bytes with names; no KEYID and MAC */
    uint8_t certified[64];       /* the PCK's signature of it */
};

/* The certified part of a quote behind struct quote_signature. Packed: fields are not aligned. */
struct certification_head {
    uint16_t auth_bytes;
    uint8_t auth_data[QUOTE_AUTH_BYTES];
    uint16_t type;
    uint32_t bytes;
} __attribute__((packed));

static void stand_in_close(void *self)
{
    struct stand_in *s = self;

    devroot_close(s->root);
    plain_close(&s->enclave);
    free(s);
}

static enum status stand_in_target_info(void *self, struct sgx_targetinfo *out,
                                        struct sgx_problem *p)
{
    const struct stand_in *s = self;

    (void)p;
    memcpy(out, s->identity.target_info, sizeof(*out));
    return ST_OK;
}

/* The last byte of a PEM chain in a quote is a NUL, as from Intel's library. */
static enum status assemble(const struct stand_in *s, const struct qe_quote *made, uint8_t **quote,
                            size_t *bytes, struct sgx_problem *p)
{
    const char *chain = devroot_pck_chain(s->root);
    struct certification_head head = {.auth_bytes = QUOTE_AUTH_BYTES,
                                      .type = QUOTE_CERT_PCK_PEM,
                                      .bytes = (uint32_t)strlen(chain) + 1};
    struct quote_signature signature;
    uint32_t rest = (uint32_t)(sizeof(signature) + sizeof(head)) + head.bytes;
    uint8_t *to = malloc(sizeof(made->body) + sizeof(rest) + rest);

    if (!to)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    memcpy(signature.signature, made->signature, sizeof(signature.signature));
    memcpy(signature.attestation_key, s->identity.attestation_key,
           sizeof(signature.attestation_key));
    memcpy(signature.qe_report, s->identity.qe_report, sizeof(signature.qe_report));
    memcpy(signature.qe_report_signature, s->certified, sizeof(signature.qe_report_signature));
    memcpy(head.auth_data, s->identity.auth_data, sizeof(head.auth_data));
    *quote = to;
    to = mempcpy(to, &made->body, sizeof(made->body));
    to = mempcpy(to, &rest, sizeof(rest));
    to = mempcpy(to, &signature, sizeof(signature));
    to = mempcpy(to, &head, sizeof(head));
    to = mempcpy(to, chain, head.bytes);
    *bytes = (size_t)(to - *quote);
    return ST_OK;
}

static enum status stand_in_quote(void *self, const struct sgx_report *report, uint8_t **quote,
                                  size_t *bytes, struct sgx_problem *p)
{
    const struct stand_in *s = self;
    struct qe_quote call = {.report = *report, .pce_svn = PCE_SVN};
    enum status status = plain_call(&s->enclave, QE_QUOTE, &call, sizeof(call));

    if (status != ST_OK)
        return sgx_problem(p, status, "the quoting enclave refused the report: %s",
                           status_text(status));
    return assemble(s, &call, quote, bytes, p);
}

static enum status stand_in_collateral(void *self, int64_t now, char **json, char **root_pem,
                                       struct sgx_problem *p)
{
    const struct stand_in *s = self;
    struct devroot_qe qe = {.prod_id = s->qe_report.isvprodid,
                            .svn = s->qe_report.isvsvn,
                            .miscselect = s->qe_report.miscselect,
                            .attributes = s->qe_report.attributes};
    enum status status;

    memcpy(qe.mrsigner, s->qe_report.mrsigner, sizeof(qe.mrsigner));
    *root_pem = strdup(devroot_root_pem(s->root));
    if (!*root_pem)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    status = devroot_collateral(s->root, &qe, now, json, p);
    if (status != ST_OK) {
        free(*root_pem);
        *root_pem = NULL;
    }
    return status;
}

/* Asks the enclave who it is and has its attestation key certified. */
static enum status certify(struct stand_in *s, const char *state_folder, struct sgx_problem *p)
{
    struct devroot_platform platform = {.pce_svn = PCE_SVN};
    enum status status = plain_call(&s->enclave, QE_IDENTIFY, &s->identity, sizeof(s->identity));

    if (status != ST_OK)
        return sgx_problem(p, status, "the quoting enclave does not start: %s",
                           status_text(status));
    memcpy(&s->qe_report, s->identity.qe_report, sizeof(s->identity.qe_report));
    memcpy(platform.cpu_svn, s->qe_report.cpusvn, sizeof(platform.cpu_svn));
    status = devroot_open(state_folder, &platform, &s->root, p);
    if (status == ST_OK)
        status = devroot_certify(s->root, s->identity.qe_report, s->certified, p);
    return status;
}

enum status stand_in_open(const struct quoting_options *options,
                          const struct quoting_backend **backend, void **self,
                          struct sgx_problem *p)
{
    static const struct quoting_backend functions = {
        .name = "development root, vouches for nothing",
        .close = stand_in_close,
        .target_info = stand_in_target_info,
        .quote = stand_in_quote,
        .collateral = stand_in_collateral,
    };
    struct stand_in *s;
    enum status status;

    if (!options->image || !options->state_folder)
        return sgx_problem(p, ST_INVALID_ARGUMENT,
                           "quotes of the emulator need the quoting enclave's image and a state"
                           " folder");
    s = calloc(1, sizeof(*s));
    if (!s)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    status = plain_open(options->driver, options->image, &s->enclave, p);
    if (status != ST_OK)
        goto free_memory;
    status = certify(s, options->state_folder, p);
    if (status != ST_OK)
        goto close_all;
    *backend = &functions;
    *self = s;
    return ST_OK;

close_all:
    stand_in_close(s);
    return status;
free_memory:
    free(s);
    return status;
}
