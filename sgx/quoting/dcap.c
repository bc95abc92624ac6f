/*
 * Intel's quoting library (sgx_dcap_ql_wrapper.h of the SGX Data Center Attestation Primitives),
 * loaded at run time: a machine without it still runs enclaves. Its three functions are all that is
 * used of it; their structs are the architecture's.
 */
#include "sgx/quoting/backend.h"
#include "abi/quote.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY         "libsgx_dcap_ql.so.1"
#define QUOTE_BYTES_MAX (1u << 20) /* a sane size; real ones are below 8 KiB */

/* quote3_error_t, sgx_ql_lib_common.h */
#define DCAP_SUCCESS        0u
#define DCAP_INVALID_REPORT 0xe015u

struct dcap {
    void *library;
    uint32_t (*get_target_info)(struct sgx_targetinfo *target);
    uint32_t (*get_quote_size)(uint32_t *bytes);
    uint32_t (*get_quote)(const struct sgx_report *report, uint32_t bytes, uint8_t *quote);
};

/* What goes wrong on real machines, and what helps. */
static const struct {
    uint32_t code;
    const char *text;
} reasons[] = {
    {0xe001, "unexpected error; see the log of the AESM service, if there is one"},
    {0xe002, "it was called wrongly"},
    {0xe003, "out of memory"},
    {0xe00b, "it has no ECDSA attestation key"},
    {0xe00d, "the quoting enclave is not reachable: install libsgx-ae-qe3 and libsgx-ae-id-enclave,"
             " or start the AESM service (aesmd)"},
    {0xe00e, "no provider of platform certificates: install libsgx-dcap-default-qpl"},
    {0xe00f, "the attestation key is new or certified anew: take a new report for a new target"},
    {0xe010, "the platform's certificates are damaged: check the provider's configuration"
             " (/etc/sgx_default_qcnl.conf)"},
    {0xe011, "no certificate for this platform: register it and configure a certificate cache"
             " (/etc/sgx_default_qcnl.conf)"},
    {0xe012, "no enclave memory (EPC) left for the quoting enclave"},
    {0xe013, "it could not verify a report"},
    {0xe014, "the quoting enclave was lost, perhaps in a suspend: try again"},
    {DCAP_INVALID_REPORT, "the report was not made on this machine for the quoting enclave"},
    {0xe016, "the quoting enclave cannot be loaded: is /dev/sgx_provision accessible (group"
             " sgx_prv)?"},
    {0xe018, "the provider's certificates are for another state of the platform"},
    {0xe019, "the certificate service is not reachable"},
    {0xe01a, "the certificate service's answer is not understood"},
};

static enum status failed(const char *function, uint32_t code, struct sgx_problem *p)
{
    const char *text = "see Intel's sgx_ql_lib_common.h for the code";

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].code == code)
            text = reasons[i].text;
    return sgx_problem(p, code == DCAP_INVALID_REPORT ? ST_SGX_REPORT : ST_SGX_QUOTING,
                       "%s failed with 0x%04x: %s", function, code, text);
}

static void dcap_close(void *self)
{
    struct dcap *dcap = self;

    dlclose(dcap->library);
    free(dcap);
}

static enum status dcap_target_info(void *self, struct sgx_targetinfo *out, struct sgx_problem *p)
{
    const struct dcap *dcap = self;
    uint32_t code;

    memset(out, 0, sizeof(*out));
    code = dcap->get_target_info(out);
    return code == DCAP_SUCCESS ? ST_OK : failed("sgx_qe_get_target_info", code, p);
}

static enum status dcap_quote(void *self, const struct sgx_report *report, uint8_t **quote,
                              size_t *bytes, struct sgx_problem *p)
{
    const struct dcap *dcap = self;
    uint32_t size = 0;
    uint32_t code = dcap->get_quote_size(&size);
    uint8_t *made;

    if (code != DCAP_SUCCESS)
        return failed("sgx_qe_get_quote_size", code, p);
    if (size < sizeof(struct quote_signed) || size > QUOTE_BYTES_MAX)
        return sgx_problem(p, ST_SGX_QUOTING, "sgx_qe_get_quote_size announced a quote of %u bytes",
                           size);
    made = calloc(1, size);
    if (!made)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    code = dcap->get_quote(report, size, made);
    if (code != DCAP_SUCCESS) {
        free(made);
        return failed("sgx_qe_get_quote", code, p);
    }
    *quote = made;
    *bytes = size;
    return ST_OK;
}

static enum status dcap_collateral(void *self, int64_t now, char **json, char **root_pem,
                                   struct sgx_problem *p)
{
    (void)self, (void)now, (void)json, (void)root_pem;
    return sgx_problem(p, ST_UNSUPPORTED,
                       "collateral of real platforms comes from Intel's Provisioning Certification"
                       " Service or a cache of it (docs/attestation.md)");
}

/* A function of the library; ISO C has no conversion from void * to it. */
static enum status find(void *library, const char *path, const char *name, void *function,
                        struct sgx_problem *p)
{
    void *address = dlsym(library, name);

    if (!address)
        return sgx_problem(p, ST_SGX_QUOTING, "%s has no function %s: not a DCAP quoting library",
                           path, name);
    memcpy(function, &address, sizeof(address));
    return ST_OK;
}

enum status dcap_open(const struct quoting_options *options, const struct quoting_backend **backend,
                      void **self, struct sgx_problem *p)
{
    static const struct quoting_backend functions = {
        .name = "Intel DCAP",
        .close = dcap_close,
        .target_info = dcap_target_info,
        .quote = dcap_quote,
        .collateral = dcap_collateral,
    };
    const char *path = options->library ? options->library : LIBRARY;
    struct dcap *dcap = calloc(1, sizeof(*dcap));
    enum status status;

    if (!dcap)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    /* never unloaded: its threads and exit handlers must find their code */
    dcap->library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!dcap->library) {
        free(dcap);
        return sgx_problem(p, ST_SGX_QUOTING,
                           "no quotes: %s (install Intel's libsgx-dcap-ql, or run without"
                           " attestation)",
                           dlerror());
    }
    status = find(dcap->library, path, "sgx_qe_get_target_info", &dcap->get_target_info, p);
    if (status == ST_OK)
        status = find(dcap->library, path, "sgx_qe_get_quote_size", &dcap->get_quote_size, p);
    if (status == ST_OK)
        status = find(dcap->library, path, "sgx_qe_get_quote", &dcap->get_quote, p);
    if (status != ST_OK) {
        dcap_close(dcap);
        return status;
    }
    *backend = &functions;
    *self = dcap;
    return ST_OK;
}
