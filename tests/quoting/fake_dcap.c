/*
 * Stands for libsgx_dcap_ql.so.1: the three functions that are used of it, with Intel's prototypes
 * on our types. What they answer comes from the environment: FAKE_DCAP_TARGET, FAKE_DCAP_SIZE,
 * FAKE_DCAP_QUOTE are their results, FAKE_DCAP_BYTES the size of the quote.
 */
#include "abi/sgx_arch.h"

#include <stdlib.h>
#include <string.h>

static uint32_t number(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text ? (uint32_t)strtoul(text, NULL, 0) : otherwise;
}

uint32_t sgx_qe_get_target_info(struct sgx_targetinfo *target);
uint32_t sgx_qe_get_target_info(struct sgx_targetinfo *target)
{
    memset(target->mrenclave, 0xd1, sizeof(target->mrenclave));
    target->attributes = ATTR_INIT;
    return number("FAKE_DCAP_TARGET", 0);
}

uint32_t sgx_qe_get_quote_size(uint32_t *bytes);
uint32_t sgx_qe_get_quote_size(uint32_t *bytes)
{
    *bytes = number("FAKE_DCAP_BYTES", 5000);
    return number("FAKE_DCAP_SIZE", 0);
}

#ifndef FAKE_DCAP_INCOMPLETE
uint32_t sgx_qe_get_quote(const struct sgx_report *report, uint32_t bytes, uint8_t *quote);
uint32_t sgx_qe_get_quote(const struct sgx_report *report, uint32_t bytes, uint8_t *quote)
{
    if (bytes != number("FAKE_DCAP_BYTES", 5000))
        return 0xe002;
    memset(quote, 0xab, bytes);
    memcpy(quote + 48, report, 384);
    return number("FAKE_DCAP_QUOTE", 0);
}
#endif
