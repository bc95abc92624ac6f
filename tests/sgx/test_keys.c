/* EREPORT and EGETKEY: who can check whose report, and what changes a key. */
#include "tests/sgx/weak.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

/* Operands in the data pages. */
#define TARGETINFO (WEAK_DATA)
#define REPORTDATA (WEAK_DATA + 0x200)
#define REPORT     (WEAK_DATA + 0x400)
#define KEYREQUEST (WEAK_DATA + 0x800)
#define KEY        (WEAK_DATA + 0xa00)

static struct sgx_targetinfo target_of(const struct weak *w)
{
    struct sgx_targetinfo t = {
        .attributes = w->secs.attributes | ATTR_INIT,
        .xfrm = w->secs.xfrm,
        .miscselect = w->secs.miscselect,
    };

    memcpy(t.mrenclave, w->mrenclave, sizeof(t.mrenclave));
    return t;
}

static struct sgx_report report_for(struct weak *w, const struct weak *verifier)
{
    struct sgx_targetinfo target = target_of(verifier);
    struct sgx_report report;
    uint8_t data[64];
    uint64_t flags;

    memset(data, 0x5a, sizeof(data));
    weak_poke(w, TARGETINFO, &target, sizeof(target));
    weak_poke(w, REPORTDATA, data, sizeof(data));
    weak_enclu(w, ENCLU_EREPORT, w->base + TARGETINFO, w->base + REPORTDATA, w->base + REPORT,
               &flags);
    weak_peek(w, REPORT, &report, sizeof(report));
    return report;
}

/* EGETKEY; the status. */
static uint64_t get_key(struct weak *w, const struct sgx_keyrequest *request, uint8_t key[16])
{
    uint64_t status;

    weak_poke(w, KEYREQUEST, request, sizeof(*request));
    status = weak_enclu(w, ENCLU_EGETKEY, w->base + KEYREQUEST, w->base + KEY, 0, NULL);
    weak_peek(w, KEY, key, 16);
    return status;
}

static void cmac(const uint8_t key[16], const void *message, size_t bytes, uint8_t out[16])
{
    size_t written = 0;

    assert_non_null(EVP_Q_mac(NULL, "CMAC", NULL, "AES-128-CBC", NULL, key, 16, message, bytes, out,
                              16, &written));
    assert_int_equal(written, 16);
}

static bool verifies(struct weak *verifier, const struct sgx_report *report)
{
    struct sgx_keyrequest request = {.keyname = KEYNAME_REPORT};
    uint8_t key[16], mac[16];

    memcpy(request.keyid, report->keyid, sizeof(request.keyid));
    assert_int_equal(get_key(verifier, &request, key), 0);
    cmac(key, report, 384, mac);
    return memcmp(mac, report->mac, sizeof(mac)) == 0;
}

static void report_is_for_its_target_only(void **state)
{
    struct weak reporter, target;
    struct sgx_report report;

    (void)state;
    weak_create(&reporter, NULL);
    weak_create(&target, &(struct weak_options){.tcs_count = 3});
    report = report_for(&reporter, &target);
    assert_memory_equal(report.mrenclave, reporter.mrenclave, 32);
    assert_int_equal(report.attributes, reporter.secs.attributes | ATTR_INIT);
    assert_int_equal(report.isvprodid, 7);
    assert_int_equal(report.reportdata[63], 0x5a);
    assert_true(verifies(&target, &report));
    assert_false(verifies(&reporter, &report));
    report.isvsvn++;
    assert_false(verifies(&target, &report));
    weak_destroy(&target);
    weak_destroy(&reporter);
}

static void fields_of_key_separation_are_zero(void **state)
{
    static const uint8_t zero[64];
    struct sgx_report report;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    report = report_for(&w, &w);
    assert_memory_equal(report.isvextprodid, zero, 16);
    assert_memory_equal(report.isvfamilyid, zero, 16);
    assert_memory_equal(report.configid, zero, 64);
    assert_int_equal(report.configsvn, 0);
    weak_destroy(&w);
}

static void operands_must_be_aligned_and_inside(void **state)
{
    static struct sgx_targetinfo outside;
    struct weak w;
    uint64_t b;

    (void)state;
    weak_create(&w, NULL);
    b = w.base;
    assert_int_equal(
        weak_enclu_exit(&w, ENCLU_EREPORT, b + TARGETINFO + 256, b + REPORTDATA, b + REPORT).vector,
        VECTOR_GP);
    weak_destroy(&w);
    weak_create(&w, NULL);
    b = w.base;
    assert_int_equal(
        weak_enclu_exit(&w, ENCLU_EREPORT, b + TARGETINFO, b + REPORTDATA + 64, b + REPORT).vector,
        VECTOR_GP);
    weak_destroy(&w);
    weak_create(&w, NULL);
    b = w.base;
    assert_int_equal(
        weak_enclu_exit(&w, ENCLU_EREPORT, (uint64_t)&outside, b + REPORTDATA, b + REPORT).vector,
        VECTOR_GP);
    weak_destroy(&w);
    weak_create(&w, NULL);
    b = w.base; /* the output must be writable: code is not */
    assert_int_equal(weak_enclu_exit(&w, ENCLU_EREPORT, b + TARGETINFO, b + REPORTDATA, b).vector,
                     VECTOR_PF);
    weak_destroy(&w);
    weak_create(&w, NULL);
    b = w.base;
    assert_int_equal(weak_enclu_exit(&w, ENCLU_EGETKEY, b + KEYREQUEST + 256, b + KEY, 0).vector,
                     VECTOR_GP);
    weak_destroy(&w);
    weak_create(&w, NULL);
    b = w.base;
    assert_int_equal(weak_enclu_exit(&w, ENCLU_EGETKEY, b + KEYREQUEST, b + KEY + 8, 0).vector,
                     VECTOR_GP);
    weak_destroy(&w);
}

static void egetkey_refusals_by_status(void **state)
{
    struct sgx_keyrequest r = {.keyname = KEYNAME_SEAL, .keypolicy = KEYPOLICY_MRENCLAVE};
    uint8_t key[16];
    uint64_t flags;
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.svn = 3});
    r.isvsvn = 3;
    assert_int_equal(get_key(&w, &r, key), 0);
    r.isvsvn = 4;
    assert_int_equal(get_key(&w, &r, key), SGX_INVALID_ISVSVN);
    r.isvsvn = 0;
    r.cpusvn[0] = 0xff;
    assert_int_equal(get_key(&w, &r, key), SGX_INVALID_CPUSVN);
    r.cpusvn[0] = 0;
    r.keyname = 9;
    assert_int_equal(get_key(&w, &r, key), SGX_INVALID_KEYNAME);
    weak_enclu(&w, ENCLU_EGETKEY, w.base + KEYREQUEST, w.base + KEY, 0, &flags);
    assert_int_equal(flags & 0x40, 0x40); /* ZF */
    r.keyname = KEYNAME_PROVISION;
    assert_int_equal(get_key(&w, &r, key), SGX_INVALID_ATTRIBUTE);
    r.keyname = KEYNAME_EINITTOKEN;
    assert_int_equal(get_key(&w, &r, key), SGX_INVALID_ATTRIBUTE);
    weak_destroy(&w);
}

static void reserved_request_bits_are_gp(void **state)
{
    struct sgx_keyrequest r = {.keyname = KEYNAME_SEAL};
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    r.reserved2[100] = 1;
    weak_poke(&w, KEYREQUEST, &r, sizeof(r));
    assert_int_equal(
        weak_enclu_exit(&w, ENCLU_EGETKEY, w.base + KEYREQUEST, w.base + KEY, 0).vector, VECTOR_GP);
    weak_destroy(&w);
}

static void seal_key_of(const struct weak_options *o, uint16_t policy, uint8_t key[16])
{
    struct sgx_keyrequest r = {.keyname = KEYNAME_SEAL, .keypolicy = policy};
    struct weak w;

    weak_create(&w, o);
    assert_int_equal(get_key(&w, &r, key), 0);
    weak_destroy(&w);
}

static void policy_and_debug_change_the_seal_key(void **state)
{
    const struct weak_options other = {.tcs_count = 3}, debug = {.debug = true};
    uint8_t a[16], b[16];

    (void)state;
    seal_key_of(NULL, KEYPOLICY_MRENCLAVE, a); /* the same enclave again: the same key */
    seal_key_of(NULL, KEYPOLICY_MRENCLAVE, b);
    assert_memory_equal(a, b, 16);
    seal_key_of(&other, KEYPOLICY_MRENCLAVE, b); /* another measurement */
    assert_memory_not_equal(a, b, 16);
    seal_key_of(NULL, KEYPOLICY_MRSIGNER, a); /* same signer, other measurement */
    seal_key_of(&other, KEYPOLICY_MRSIGNER, b);
    assert_memory_equal(a, b, 16);
    seal_key_of(&debug, KEYPOLICY_MRSIGNER, b);
    assert_memory_not_equal(a, b, 16);
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(report_is_for_its_target_only),       CASE(fields_of_key_separation_are_zero),
        CASE(operands_must_be_aligned_and_inside), CASE(egetkey_refusals_by_status),
        CASE(reserved_request_bits_are_gp),        CASE(policy_and_debug_change_the_seal_key),
    };

    return cmocka_run_group_tests_name("sgx-keys", tests, NULL, NULL);
}
