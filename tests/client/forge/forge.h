/*
 * A platform that does not exist: root, PCK, quoting enclave, collateral and a quote, in
 * Intel's formats, each thing wrong in the way that a test asks for. Keys depend on labels only and
 * times on the recipe, so every run makes the same vectors but for the signatures' nonces.
 * A failure inside is the test's failure: these functions abort.
 */
#ifndef RECLAVE_TESTS_CLIENT_FORGE_FORGE_H
#define RECLAVE_TESTS_CLIENT_FORGE_FORGE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORGE_NOW    1700000000 /* what tests verify at: 2023-11-14T22:13:20Z */
#define FORGE_DAY    86400
#define FORGE_ISSUED (FORGE_NOW - 5 * FORGE_DAY)
#define FORGE_NEXT   (FORGE_NOW + 25 * FORGE_DAY)

/* SVN 0 of the platform chooses among the TCB info's levels ... */
enum forge_platform_svn {
    FORGE_UNSUPPORTED = 2,
    FORGE_REVOKED,
    FORGE_OUT_OF_DATE_CONFIGURATION_NEEDED,
    FORGE_OUT_OF_DATE,
    FORGE_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    FORGE_CONFIGURATION_NEEDED,
    FORGE_SW_HARDENING_NEEDED,
    FORGE_UP_TO_DATE,
};

/* ... and the QE's ISVSVN among its identity's. */
enum forge_qe_svn {
    FORGE_QE_UNSUPPORTED,
    FORGE_QE_REVOKED,
    FORGE_QE_OUT_OF_DATE,
    FORGE_QE_UP_TO_DATE
};

struct forge_window {
    int64_t from, until;
};

struct recipe {
    /* certificates */
    const char *root;       /* label of the root's key */
    const char *pck_signer; /* label of the key that really signs the PCK certificate */
    struct forge_window leaf_window, issuer_window, signer_window;
    bool leaf_under_root; /* no intermediate between */
    bool leaf_is_ca, issuer_is_no_ca, signer_is_ca;
    bool no_sgx_extension, short_sgx_extension;
    uint8_t fmspc[6];
    uint8_t platform_svns[16];
    uint16_t pce_svn;

    /* revocation */
    struct forge_window crl_window;
    bool no_root_crl, no_pck_crl, pem_crls;
    const char *root_crl_signer, *pck_crl_signer; /* labels of the keys that really sign */
    bool pck_crl_is_roots;                        /* a CRL of another CA in its place */
    bool revoke_leaf, revoke_issuer, revoke_signer;

    /* TCB info and QE identity; the texts (malloc), when set, are signed instead of the usual ones
     */
    struct forge_window tcb_window, qe_window;
    char *tcb_info_text, *qe_identity_text;
    const char *tcb_signer, *qe_signer; /* labels of the keys that really sign */
    bool wrapped; /* as Intel's service sends them, without members for the signatures */
    uint8_t tcb_fmspc[6];
    const char *qe_mrsigner; /* 64 digits */
    unsigned qe_prod_id;
    const char *qe_attributes, *qe_miscselect;

    /* the quote */
    unsigned version;
    uint32_t tee_type;
    size_t slack_bytes; /* at the end of the signature data */
    unsigned qe_svn;
    bool qe_debug;
    unsigned certification_type;
    const char *order;      /* of "LIR": leaf, issuer, root; letters may be missing or doubled */
    const char *behind_pem; /* text behind the chain, then a NUL */
    const char *qe_report_signer, *quote_signer; /* labels of the keys that really sign */
    bool wrong_auth_data;
    bool debug;
    uint16_t isv_prod_id, isv_svn;
    size_t trailing_bytes;
};

#define FORGE_MRENCLAVE_BYTE 0x4d
#define FORGE_CHALLENGE_BYTE 0x52 /* all of REPORTDATA */
#define FORGE_MRSIGNER_BYTE  0x53
#define FORGE_QE_MRSIGNER    "8C4F5775D796503E96137F77C68A829A0056AC8DED70140B081B094490C57BFF"

/* All malloc'd. */
struct forgery {
    uint8_t *quote;
    size_t quote_bytes;
    char *collateral;
    char *root_pem;
};

/* Everything in order, up to date. */
struct recipe recipe_good(void);
void forge(const struct recipe *recipe, struct forgery *forgery);
void forgery_free(struct forgery *forgery);

/* ---- what the parts share ---- */

struct forge_bytes {
    uint8_t *data;
    size_t count;
};

#define FORGE_CHECK(condition) ((condition) ? (void)0 : forge_abort(#condition, __FILE__, __LINE__))
void forge_abort(const char *what, const char *file, int line) __attribute__((noreturn));

/* The P-256 key of a label, a string literal. Free with EVP_PKEY_free. */
EVP_PKEY *forge_key(const char *label);
void forge_point(const char *label, uint8_t point[64]);
void forge_sign(const char *label, const void *data, size_t bytes, uint8_t signature[64]);

/* DER of Intel's SGX extension. */
struct forge_bytes forge_sgx_extension(const struct recipe *recipe);

/* The certificates of a recipe; free with X509_free. */
X509 *forge_root(const struct recipe *recipe);
X509 *forge_issuer(const struct recipe *recipe);
X509 *forge_leaf(const struct recipe *recipe);
X509 *forge_signer(const struct recipe *recipe);
char *forge_pem(X509 *certificate); /* malloc */

/* One JSON object, malloc. */
char *forge_collateral(const struct recipe *recipe);
char *forge_tcb_info(const struct recipe *recipe);
char *forge_qe_identity(const struct recipe *recipe);

uint8_t *forge_quote(const struct recipe *recipe, size_t *bytes);

/* Labels of the keys. */
#define LABEL_ROOT   "root"
#define LABEL_ISSUER "platform CA"
#define LABEL_LEAF   "PCK"
#define LABEL_SIGNER "TCB signing"
#define LABEL_QE     "attestation"

#define SERIAL_ROOT   1
#define SERIAL_ISSUER 2
#define SERIAL_SIGNER 3
#define SERIAL_LEAF   4

#endif
