#include "base/bytes.h"
#include "base/enclu.h"
#include "sgx/quoting/enclave/qe.h"

#include <string.h>

_Static_assert(offsetof(struct sgx_report, keyid) == QUOTE_REPORT_BYTES, "the MAC covers these");

void report_self(const uint8_t data[64], struct sgx_report *out)
{
    static const struct sgx_targetinfo nobody; /* no enclave measures to zeros */
    struct enclu_report_data aligned_data;
    struct enclu_report made;

    memcpy(aligned_data.bytes, data, sizeof(aligned_data.bytes));
    enclu_ereport(&nobody, &aligned_data, &made);
    memcpy(out, &made.report, sizeof(*out));
}

bool report_is_for_us(const struct sgx_report *report)
{
    struct sgx_keyrequest request = {.keyname = KEYNAME_REPORT};
    struct enclu_key key;
    uint8_t mac[16];
    bool equal;

    memcpy(request.keyid, report->keyid, sizeof(request.keyid));
    if (enclu_egetkey(&request, &key) != 0)
        return false;
    cmac(key.bytes, report, QUOTE_REPORT_BYTES, mac);
    equal = bytes_equal_secret(mac, report->mac, sizeof(mac));
    bytes_wipe(&key, sizeof(key));
    bytes_wipe(mac, sizeof(mac)); /* the right MAC of a forged report */
    return equal;
}
