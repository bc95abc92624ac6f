/* Intel's SGX Root CA: the trust anchor unless another one is named. */
#ifndef RECLAVE_CLIENT_INTEL_ROOT_H
#define RECLAVE_CLIENT_INTEL_ROOT_H

/* PEM. CN=Intel SGX Root CA, 2018-05-21 to 2049-12-31, SHA-256 of the DER
 * 44:A0:19:6B:2B:99:F8:89:B8:E1:49:E9:5B:80:7A:35:0E:74:24:96:43:99:E8:85:A7:CB:B8:CC:FA:B6:74:D3,
 * https://certificates.trustedservices.intel.com/IntelSGXRootCA.der */
extern const char intel_root_pem[];

#endif
