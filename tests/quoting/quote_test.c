/* From EREPORT to a quote that OpenSSL accepts, and every report that must not become one. */
#include "tests/quoting/chain.h"
#include "tests/quoting/support.h"

#include "abi/geometry.h"
#include "sgx/quoting/calls.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 1750000000 /* 15 June 2025 */

/* One quoting service and one enclave for all tests. */
static char folder[64];
static struct quoting *quoting;
static struct plain_enclave reporter;

/* Reports for our quoting enclave from other machines: same image, another or the same CPU key. */
static struct sgx_report from_other_cpu, from_same_cpu;

/* A quote taken apart. Pointers into bytes. */
struct parsed {
    uint8_t *bytes;
    size_t size;
    const struct quote_signed *body;
    const struct sgx_report *report; /* without KEYID and MAC */
    const struct quote_signature *signature;
    const uint8_t *auth_data;
    const char *chain;
    size_t chain_bytes;
};

static const uint8_t report_data[64] =
    "what the enclave wants to say: sixty-four bytes of it.........";

static struct sgx_report make_report(void)
{
    struct sgx_targetinfo target;
    struct sgx_problem why;

    assert_int_equal(quoting_target_info(quoting, &target, &why), ST_OK);
    return reporter_report(&reporter, &target, report_data);
}

static struct parsed make_quote(void)
{
    struct sgx_report report = make_report();
    struct parsed q = {0};
    struct sgx_problem why;
    uint32_t rest, chain_bytes;
    uint16_t auth_bytes, type;
    const uint8_t *at;

    if (quoting_quote(quoting, &report, &q.bytes, &q.size, &why) != ST_OK)
        fail_msg("%s", why.text);
    q.body = (const void *)q.bytes;
    q.report = (const void *)q.body->report;
    at = q.bytes + sizeof(*q.body);
    memcpy(&rest, at, 4);
    at += 4;
    assert_int_equal(q.size, 436 + (size_t)rest); /* nothing behind it */
    q.signature = (const void *)at;
    at += sizeof(*q.signature);
    memcpy(&auth_bytes, at, 2);
    assert_int_equal(auth_bytes, QUOTE_AUTH_BYTES);
    q.auth_data = at + 2;
    at += 2 + auth_bytes;
    memcpy(&type, at, 2);
    memcpy(&chain_bytes, at + 2, 4);
    assert_int_equal(type, QUOTE_CERT_PCK_PEM);
    q.chain = (const char *)at + 6;
    q.chain_bytes = chain_bytes;
    assert_ptr_equal(q.chain + chain_bytes, q.bytes + q.size);
    return q;
}

static bool refused(const struct sgx_report *report)
{
    struct sgx_problem why = {""};
    uint8_t *quote;
    size_t bytes;
    enum status status = quoting_quote(quoting, report, &quote, &bytes, &why);

    if (status == ST_OK)
        free(quote);
    else
        assert_null(quote);
    return status == ST_SGX_REPORT && strstr(why.text, "not a report that an enclave of this");
}

/* ---- what is in a quote -------------------------------------------------- */

static void header_is_of_version_3_from_p256(void **state)
{
    static const uint8_t vendor[16] = QUOTE_VENDOR_INTEL, zero[4];
    struct parsed q = make_quote();

    (void)state;
    assert_int_equal(q.body->header.version, 3);
    assert_int_equal(q.body->header.key_type, 2);
    assert_int_equal(q.body->header.tee_type, 0);
    assert_int_equal(q.body->header.qe_svn, QE_SVN);
    assert_int_equal(q.body->header.pce_svn, 1);
    assert_memory_equal(q.body->header.vendor, vendor, 16);
    assert_memory_equal(q.body->header.user_data + 16, zero, 4);
    free(q.bytes);
}

static void report_is_the_enclaves_own(void **state)
{
    struct sgx_report report = make_report();
    struct parsed q = make_quote();

    (void)state;
    assert_memory_equal(q.body->report, &report, QUOTE_REPORT_BYTES);
    assert_memory_equal(q.report->reportdata, report_data, 64);
    assert_int_equal(q.report->attributes, ATTR_INIT | ATTR_MODE64BIT);
    assert_int_equal(q.report->isvprodid, 77); /* tests/quoting/build.mk */
    assert_int_equal(q.report->isvsvn, 3);
    free(q.bytes);
}

static void attestation_key_signs_header_and_report(void **state)
{
    struct parsed q = make_quote();
    EVP_PKEY *key = key_from_point(q.signature->attestation_key);
    struct quote_signed changed = *q.body;

    (void)state;
    assert_non_null(key);
    assert_true(pair_verifies(key, q.body, sizeof(*q.body), q.signature->signature));
    for (size_t i = 0; i < sizeof(changed); i++) {
        ((uint8_t *)&changed)[i] ^= 1;
        assert_false(pair_verifies(key, &changed, sizeof(changed), q.signature->signature));
        ((uint8_t *)&changed)[i] ^= 1;
    }
    EVP_PKEY_free(key);
    free(q.bytes);
}

static void qe_report_vouches_for_the_attestation_key(void **state)
{
    static const uint8_t zero[32];
    struct parsed q = make_quote();
    const struct sgx_report *qe = (const void *)q.signature->qe_report;
    uint8_t hashed[64 + QUOTE_AUTH_BYTES], digest[32];

    (void)state;
    memcpy(hashed, q.signature->attestation_key, 64);
    memcpy(hashed + 64, q.auth_data, QUOTE_AUTH_BYTES);
    assert_int_equal(EVP_Digest(hashed, sizeof(hashed), digest, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(qe->reportdata, digest, 32);
    assert_memory_equal(qe->reportdata + 32, zero, 32);
    assert_int_equal(qe->isvprodid, QE_PROD_ID);
    assert_int_equal(qe->isvsvn, QE_SVN);
    assert_int_equal(qe->miscselect, 0);
    assert_memory_not_equal(qe->mrenclave, q.report->mrenclave, 32);
    free(q.bytes);
}

static void quotes_are_deterministic(void **state)
{
    struct parsed a = make_quote(), b;
    struct quoting *again;

    (void)state;
    again = quoting;
    quoting = quoting_in(folder); /* another instance of the quoting enclave, the same key */
    b = make_quote();
    quoting_close(quoting);
    quoting = again;
    assert_memory_equal(a.signature->attestation_key, b.signature->attestation_key, 64);
    assert_memory_equal(a.signature->signature, b.signature->signature, 64);
    assert_int_equal(a.chain_bytes, b.chain_bytes);
    assert_memory_equal(a.chain, b.chain, a.chain_bytes);
    free(b.bytes);
    free(a.bytes);
}

/* Returns its argument when all went well. */
static void *quote_many_times(void *expected)
{
    struct parsed q;

    for (unsigned i = 0; i < 8; i++) {
        struct sgx_report report = *(const struct sgx_report *)expected;
        struct sgx_problem why;

        if (quoting_quote(quoting, &report, &q.bytes, &q.size, &why) != ST_OK)
            return NULL;
        if (memcmp(q.bytes + sizeof(struct quote_header), &report, QUOTE_REPORT_BYTES) != 0)
            return NULL;
        free(q.bytes);
    }
    return expected;
}

static void threads_get_the_quotes_of_their_own_reports(void **state)
{
    struct sgx_report reports[3];
    pthread_t threads[3];
    struct sgx_targetinfo target;
    struct sgx_problem why;

    (void)state;
    assert_int_equal(quoting_target_info(quoting, &target, &why), ST_OK);
    for (uint8_t i = 0; i < 3; i++) {
        const uint8_t data[64] = {i};

        reports[i] = reporter_report(&reporter, &target, data);
        assert_int_equal(pthread_create(&threads[i], NULL, quote_many_times, &reports[i]), 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        void *result = NULL;

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &reports[i]);
    }
}

/* ---- the chain and the collateral --------------------------------------------- */

struct collateral {
    json_t *json;
    char *root_pem;
    X509 *root;
    STACK_OF(X509_CRL) * crls;
};

static const char *field(const struct collateral *c, const char *name)
{
    const char *text = json_string_value(json_object_get(c->json, name));

    assert_non_null(text);
    return text;
}

static struct collateral get_collateral(int64_t now)
{
    struct collateral c = {.crls = sk_X509_CRL_new_null()};
    STACK_OF(X509) * roots;
    struct sgx_problem why;
    char *text;

    if (quoting_collateral(quoting, now, &text, &c.root_pem, &why) != ST_OK)
        fail_msg("%s", why.text);
    c.json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(c.json);
    free(text);
    roots = chain_read(c.root_pem, strlen(c.root_pem));
    assert_int_equal(sk_X509_num(roots), 1);
    c.root = sk_X509_shift(roots);
    sk_X509_free(roots);
    sk_X509_CRL_push(c.crls, crl_read(field(&c, "root_ca_crl")));
    sk_X509_CRL_push(c.crls, crl_read(field(&c, "pck_crl")));
    assert_non_null(sk_X509_CRL_value(c.crls, 0));
    assert_non_null(sk_X509_CRL_value(c.crls, 1));
    return c;
}

static void collateral_free(struct collateral *c)
{
    sk_X509_CRL_pop_free(c->crls, X509_CRL_free);
    X509_free(c->root);
    free(c->root_pem);
    json_decref(c->json);
}

static void chain_verifies_under_the_root_with_crls(void **state)
{
    const time_t month = (time_t)30 * 24 * 3600;
    struct parsed q = make_quote();
    struct collateral c = get_collateral(NOW);
    STACK_OF(X509) *chain = chain_read(q.chain, q.chain_bytes);

    (void)state;
    assert_int_equal(q.chain[q.chain_bytes - 1], '\0');
    assert_int_equal(sk_X509_num(chain), 3);
    assert_int_equal(X509_cmp(sk_X509_value(chain, 2), c.root), 0);
    assert_true(chain_verifies(chain, c.root, c.crls, NOW));
    assert_true(chain_verifies(chain, c.root, c.crls, NOW + month - 1));
    assert_false(chain_verifies(chain, c.root, c.crls, NOW - 1)); /* CRLs not yet valid */
    assert_false(chain_verifies(chain, c.root, c.crls, NOW + month + 1));
    assert_true(pair_verifies(X509_get0_pubkey(sk_X509_value(chain, 0)), q.signature->qe_report,
                              QUOTE_REPORT_BYTES, q.signature->qe_report_signature));
    sk_X509_pop_free(chain, X509_free);
    collateral_free(&c);
    free(q.bytes);
}

static void another_folder_is_another_root(void **state)
{
    struct parsed q = make_quote();
    STACK_OF(X509) *chain = chain_read(q.chain, q.chain_bytes);
    struct quoting *ours = quoting;
    struct collateral c;
    char other[64];

    (void)state;
    folder_make(other);
    quoting = quoting_in(other);
    c = get_collateral(NOW);
    assert_false(chain_verifies(chain, c.root, NULL, NOW));
    quoting_close(quoting);
    quoting = ours;
    folder_remove(other);
    collateral_free(&c);
    sk_X509_pop_free(chain, X509_free);
    free(q.bytes);
}

static void check_document(const struct collateral *c, const char *name, time_t when)
{
    const char *text = field(c, name);
    char chain_name[64], signature_name[64];
    STACK_OF(X509) * chain;
    const char *pem;
    uint8_t *signature;
    long bytes = 0;

    snprintf(chain_name, sizeof(chain_name), "%s_issuer_chain", name);
    snprintf(signature_name, sizeof(signature_name), "%s_signature", name);
    pem = field(c, chain_name);
    chain = chain_read(pem, strlen(pem));
    signature = OPENSSL_hexstr2buf(field(c, signature_name), &bytes);
    assert_int_equal(bytes, 64);
    assert_int_equal(sk_X509_num(chain), 2);
    assert_true(chain_verifies(chain, c->root, NULL, when));
    assert_true(
        pair_verifies(X509_get0_pubkey(sk_X509_value(chain, 0)), text, strlen(text), signature));
    assert_false(pair_verifies(X509_get0_pubkey(sk_X509_value(chain, 0)), text, strlen(text) - 1,
                               signature));
    OPENSSL_free(signature);
    sk_X509_pop_free(chain, X509_free);
}

static void documents_are_signed_and_dated(void **state)
{
    struct collateral c = get_collateral(NOW);
    const char *names[] = {"tcb_info", "qe_identity"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        json_t *document = json_loads(field(&c, names[i]), JSON_REJECT_DUPLICATES, NULL);

        check_document(&c, names[i], NOW);
        assert_string_equal(json_string_value(json_object_get(document, "issueDate")),
                            "2025-06-15T15:06:40Z");
        assert_string_equal(json_string_value(json_object_get(document, "nextUpdate")),
                            "2025-07-15T15:06:40Z");
        json_decref(document);
    }
    collateral_free(&c);
}

static void hex_of(const void *bytes, size_t count, char *text)
{
    for (size_t i = 0; i < count; i++)
        snprintf(text + 2 * i, 3, "%02X", ((const uint8_t *)bytes)[i]);
}

static void qe_identity_is_the_quoting_enclaves(void **state)
{
    struct parsed q = make_quote();
    const struct sgx_report *qe = (const void *)q.signature->qe_report;
    struct collateral c = get_collateral(NOW);
    json_t *identity = json_loads(field(&c, "qe_identity"), 0, NULL), *level, *tcb;
    const char *id, *misc, *misc_mask, *attributes, *mask, *mrsigner;
    int version, product;
    char text[65];

    (void)state;
    assert_int_equal(json_unpack(identity, "{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:i, s:[o!]}", "id",
                                 &id, "version", &version, "miscselect", &misc, "miscselectMask",
                                 &misc_mask, "attributes", &attributes, "attributesMask", &mask,
                                 "mrsigner", &mrsigner, "isvprodid", &product, "tcbLevels", &level),
                     0);
    assert_string_equal(id, "QE");
    assert_int_equal(version, 2);
    assert_string_equal(misc, "00000000");
    assert_string_equal(misc_mask, "FFFFFFFF");
    assert_string_equal(attributes, "01000000000000000000000000000000");
    assert_string_equal(mask, "FBFFFFFFFFFFFFFF0000000000000000");
    hex_of(qe->mrsigner, 32, text);
    assert_string_equal(mrsigner, text);
    assert_int_equal(product, qe->isvprodid);
    tcb = json_object_get(level, "tcb");
    assert_int_equal(json_integer_value(json_object_get(tcb, "isvsvn")), qe->isvsvn);
    assert_string_equal(json_string_value(json_object_get(level, "tcbStatus")), "UpToDate");
    json_decref(identity);
    collateral_free(&c);
    free(q.bytes);
}

/* The PCK's extension, as OpenSSL's ASN.1 reader sees it: the value of an entry by its OID. */
static const ASN1_TYPE *entry(const STACK_OF(ASN1_TYPE) * sequence, const char *oid,
                              STACK_OF(ASN1_TYPE) * *pair)
{
    for (int i = 0; i < sk_ASN1_TYPE_num(sequence); i++) {
        const ASN1_STRING *der = sk_ASN1_TYPE_value(sequence, i)->value.sequence;
        const uint8_t *at = ASN1_STRING_get0_data(der);
        STACK_OF(ASN1_TYPE) *two = d2i_ASN1_SEQUENCE_ANY(NULL, &at, ASN1_STRING_length(der));
        char text[80] = "";

        assert_int_equal(sk_ASN1_TYPE_num(two), 2);
        OBJ_obj2txt(text, sizeof(text), sk_ASN1_TYPE_value(two, 0)->value.object, 1);
        if (strcmp(text, oid) == 0) {
            *pair = two;
            return sk_ASN1_TYPE_value(two, 1);
        }
        sk_ASN1_TYPE_pop_free(two, ASN1_TYPE_free);
    }
    fail_msg("no %s", oid);
    return NULL;
}

static STACK_OF(ASN1_TYPE) * sequence_of(const ASN1_STRING *der)
{
    const uint8_t *at = ASN1_STRING_get0_data(der);
    STACK_OF(ASN1_TYPE) *all = d2i_ASN1_SEQUENCE_ANY(NULL, &at, ASN1_STRING_length(der));

    assert_non_null(all);
    assert_ptr_equal(at, ASN1_STRING_get0_data(der) + ASN1_STRING_length(der));
    return all;
}

static STACK_OF(ASN1_TYPE) * sgx_extension_of(X509 *pck)
{
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
    int index = X509_get_ext_by_OBJ(pck, oid, -1);

    assert_true(index >= 0);
    assert_int_equal(X509_get_ext_by_OBJ(pck, oid, index), -1);
    ASN1_OBJECT_free(oid);
    return sequence_of(X509_EXTENSION_get_data(X509_get_ext(pck, index)));
}

static void check_octets(const STACK_OF(ASN1_TYPE) * all, const char *oid, const void *expected,
                         int bytes)
{
    STACK_OF(ASN1_TYPE) * pair;
    const ASN1_TYPE *value = entry(all, oid, &pair);

    assert_int_equal(value->type, V_ASN1_OCTET_STRING);
    assert_int_equal(ASN1_STRING_length(value->value.octet_string), bytes);
    if (expected)
        assert_memory_equal(ASN1_STRING_get0_data(value->value.octet_string), expected,
                            (size_t)bytes);
    sk_ASN1_TYPE_pop_free(pair, ASN1_TYPE_free);
}

static void pck_states_the_platform(void **state)
{
    struct parsed q = make_quote();
    STACK_OF(X509) *chain = chain_read(q.chain, q.chain_bytes);
    STACK_OF(ASN1_TYPE) *all = sgx_extension_of(sk_X509_value(chain, 0)), *pair, *tcb, *svn_pair;
    const ASN1_TYPE *value;

    (void)state;
    assert_int_equal(sk_ASN1_TYPE_num(all), 7);
    check_octets(all, "1.2.840.113741.1.13.1.1", NULL, 16);
    check_octets(all, "1.2.840.113741.1.13.1.3", "\0\0", 2);
    check_octets(all, "1.2.840.113741.1.13.1.4", "RCLV\0\0", 6);
    check_octets(all, "1.2.840.113741.1.13.1.6", NULL, 16);
    tcb = sequence_of(entry(all, "1.2.840.113741.1.13.1.2", &pair)->value.sequence);
    assert_int_equal(sk_ASN1_TYPE_num(tcb), 18);
    for (int i = 0; i < 17; i++) { /* 16 components, PCESVN */
        char oid[64];

        snprintf(oid, sizeof(oid), "1.2.840.113741.1.13.1.2.%d", i + 1);
        value = entry(tcb, oid, &svn_pair);
        assert_int_equal(value->type, V_ASN1_INTEGER);
        assert_int_equal(ASN1_INTEGER_get(value->value.integer),
                         i < 16 ? q.report->cpusvn[i] : q.body->header.pce_svn);
        sk_ASN1_TYPE_pop_free(svn_pair, ASN1_TYPE_free);
    }
    check_octets(tcb, "1.2.840.113741.1.13.1.2.18", q.report->cpusvn, 16);
    sk_ASN1_TYPE_pop_free(tcb, ASN1_TYPE_free);
    sk_ASN1_TYPE_pop_free(pair, ASN1_TYPE_free);
    value = entry(all, "1.2.840.113741.1.13.1.5", &pair);
    assert_int_equal(value->type, V_ASN1_ENUMERATED);
    sk_ASN1_TYPE_pop_free(pair, ASN1_TYPE_free);
    sk_ASN1_TYPE_pop_free(all, ASN1_TYPE_free);
    sk_X509_pop_free(chain, X509_free);
    free(q.bytes);
}

/* ---- what must not become a quote --------------------------------------------- */

static void a_report_with_any_bit_changed_is_refused(void **state)
{
    struct sgx_report report = make_report();
    uint8_t *bytes = (uint8_t *)&report;

    (void)state;
    for (size_t i = 0; i < sizeof(report); i++) {
        bytes[i] ^= (uint8_t)(1u << i % 8);
        assert_true(refused(&report));
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    assert_false(refused(&report));
}

static void a_report_for_another_enclave_is_refused(void **state)
{
    struct sgx_targetinfo target;
    struct sgx_problem why;
    struct sgx_report report;

    (void)state;
    assert_int_equal(quoting_target_info(quoting, &target, &why), ST_OK);
    target.mrenclave[0] ^= 1;
    report = reporter_report(&reporter, &target, report_data);
    assert_true(refused(&report));
    memset(&target, 0, sizeof(target));
    report = reporter_report(&reporter, &target, report_data);
    assert_true(refused(&report));
}

static void a_debug_twin_of_the_quoting_enclave_is_another_target(void **state)
{
    struct sgx_targetinfo target;
    struct sgx_problem why;
    struct sgx_report report;

    (void)state;
    assert_int_equal(quoting_target_info(quoting, &target, &why), ST_OK);
    target.attributes |= ATTR_DEBUG;
    report = reporter_report(&reporter, &target, report_data);
    assert_true(refused(&report));
}

static void a_report_of_another_cpu_is_refused(void **state)
{
    (void)state;
    assert_false(refused(&from_same_cpu));
    assert_true(refused(&from_other_cpu));
}

/* ---- the quoting enclave's border ---------------------------------------------- */

static void calls_are_checked(void **state)
{
    struct plain_enclave qe;
    struct qe_quote call = {.report = make_report(), .pce_svn = UINT16_MAX + 1ull};
    struct sgx_problem why;

    (void)state;
    assert_int_equal(
        plain_open(support_driver(), build_path("lib/reclave/images/quoting.rci"), &qe, &why),
        ST_OK);
    assert_int_equal(plain_call(&qe, 99, &call, sizeof(call)), ST_UNKNOWN_CALL);
    assert_int_equal(plain_call(&qe, QE_QUOTE, &call, sizeof(call)), ST_OUT_OF_RANGE);
    call.pce_svn = 1;
    assert_int_equal(plain_call(&qe, QE_QUOTE, &call, sizeof(call) - 8), ST_BAD_LENGTH);
    assert_int_equal(plain_call(&qe, QE_QUOTE, (uint8_t *)&call + 4, sizeof(call)), ST_BAD_POINTER);
    /* its own memory, from its first byte to its last, and a range that ends in it */
    assert_int_equal(plain_call(&qe, QE_QUOTE, (void *)qe.base, sizeof(call)), ST_BAD_POINTER);
    assert_int_equal(
        plain_call(&qe, QE_QUOTE, (void *)(qe.base + PLAIN_ELRANGE_BYTES - 8), sizeof(call)),
        ST_BAD_POINTER);
    assert_int_equal(plain_call(&qe, QE_QUOTE, (void *)(qe.base - 8), sizeof(call)),
                     ST_BAD_POINTER);
    assert_int_equal(plain_call(&qe, QE_QUOTE, (void *)(UINT64_MAX - 7), sizeof(call)),
                     ST_BAD_POINTER);
    assert_int_equal(plain_call(&qe, QE_QUOTE, &call, sizeof(call)), ST_OK);
    plain_close(&qe);
}

/* ---- set-up --------------------------------------------------------------------- */

/* In a process of its own, which may have a CPU of its own. */
static void write_report_of_cpu(const uint8_t key[16], int to)
{
    struct sgx_targetinfo target;
    struct plain_enclave enclave;
    struct sgx_report report;
    struct sgx_problem why;

    memcpy(support_cpu.key, key, sizeof(support_cpu.key));
    folder_make(folder);
    quoting = quoting_in(folder);
    enclave = reporter_open();
    assert_int_equal(quoting_target_info(quoting, &target, &why), ST_OK);
    report = reporter_report(&enclave, &target, report_data);
    assert_int_equal(write(to, &report, sizeof(report)), sizeof(report));
    plain_close(&enclave);
    quoting_close(quoting);
    folder_remove(folder);
}

static int report_of_cpu(const uint8_t key[16], struct sgx_report *out)
{
    int ends[2], status = -1;
    pid_t child;

    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        write_report_of_cpu(key, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], out, sizeof(*out)) != sizeof(*out))
        status = -2;
    close(ends[0]);
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

/* The children come first: an emulator that is running is not forked. */
static int set_up(void **state)
{
    static const uint8_t default_key[16], other_key[16] = "another cpu's";

    (void)state;
    if (report_of_cpu(default_key, &from_same_cpu) || report_of_cpu(other_key, &from_other_cpu))
        return -1;
    folder_make(folder);
    quoting = quoting_in(folder);
    reporter = reporter_open();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    plain_close(&reporter);
    quoting_close(quoting);
    folder_remove(folder);
    return 0;
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(header_is_of_version_3_from_p256),
        CASE(report_is_the_enclaves_own),
        CASE(attestation_key_signs_header_and_report),
        CASE(qe_report_vouches_for_the_attestation_key),
        CASE(quotes_are_deterministic),
        CASE(threads_get_the_quotes_of_their_own_reports),
        CASE(chain_verifies_under_the_root_with_crls),
        CASE(another_folder_is_another_root),
        CASE(documents_are_signed_and_dated),
        CASE(qe_identity_is_the_quoting_enclaves),
        CASE(pck_states_the_platform),
        CASE(a_report_with_any_bit_changed_is_refused),
        CASE(a_report_for_another_enclave_is_refused),
        CASE(a_debug_twin_of_the_quoting_enclave_is_another_target),
        CASE(a_report_of_another_cpu_is_refused),
        CASE(calls_are_checked),
    };

    return cmocka_run_group_tests_name("quoting", tests, set_up, tear_down);
}
