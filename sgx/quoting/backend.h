/* The two ways to a quote, behind quote.h. */
#ifndef RECLAVE_SGX_QUOTING_BACKEND_H
#define RECLAVE_SGX_QUOTING_BACKEND_H

#include "sgx/quoting/quote.h"

/* The functions of quote.h by the same names; calls come one at a time. */
struct quoting_backend {
    const char *name;
    void (*close)(void *self);
    enum status (*target_info)(void *self, struct sgx_targetinfo *out, struct sgx_problem *p);
    enum status (*quote)(void *self, const struct sgx_report *report, uint8_t **quote,
                         size_t *bytes, struct sgx_problem *p);
    enum status (*collateral)(void *self, int64_t now, char **json, char **root_pem,
                              struct sgx_problem *p);
};

/* dcap.c, stand_in.c: *self goes to every call. */
MUST_CHECK enum status dcap_open(const struct quoting_options *options,
                                 const struct quoting_backend **backend, void **self,
                                 struct sgx_problem *p);
MUST_CHECK enum status stand_in_open(const struct quoting_options *options,
                                     const struct quoting_backend **backend, void **self,
                                     struct sgx_problem *p);

#endif
