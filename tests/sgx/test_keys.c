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

static void every_maced_byte_counts(void **state)
{
    struct weak w;
    struct sgx_report report;
    uint8_t *bytes = (uint8_t *)&report;

    (void)state;
    weak_create(&w, NULL);
    report = report_for(&w, &w);
    assert_true(verifies(&w, &report));
    for (size_t i = 0; i < offsetof(struct sgx_report, keyid); i++) {
        bytes[i] ^= 0x10;
        assert_false(verifies(&w, &report));
        bytes[i] ^= 0x10;
    }
    report.keyid[31] ^= 1; /* not MACed: it chooses the key */
    assert_false(verifies(&w, &report));
    weak_destroy(&w);
}

/* Each field of TARGETINFO that identifies the target chooses another report key. */
static void every_field_of_the_target_counts(void **state)
{
    static const size_t places[] = {
        offsetof(struct sgx_targetinfo, mrenclave),     offsetof(struct sgx_targetinfo, attributes),
        offsetof(struct sgx_targetinfo, xfrm),          offsetof(struct sgx_targetinfo, miscselect),
        offsetof(struct sgx_targetinfo, configsvn),     offsetof(struct sgx_targetinfo, configid),
        offsetof(struct sgx_targetinfo, cetattributes),
    };
    struct sgx_report report;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct sgx_targetinfo target = target_of(&w);

        ((uint8_t *)&target)[places[i]] ^= 0x80;
        weak_poke(&w, TARGETINFO, &target, sizeof(target));
        weak_enclu(&w, ENCLU_EREPORT, w.base + TARGETINFO, w.base + REPORTDATA, w.base + REPORT,
                   NULL);
        weak_peek(&w, REPORT, &report, sizeof(report));
        assert_false(verifies(&w, &report));
    }
    weak_destroy(&w);
}

static void every_field_of_the_request_counts(void **state)
{
    const struct sgx_keyrequest first = {.keyname = KEYNAME_SEAL,
                                         .keypolicy = KEYPOLICY_MRENCLAVE,
                                         .isvsvn = 2,
                                         .attributes_mask = UINT64_MAX,
                                         .xfrm_mask = UINT64_MAX,
                                         .miscmask = UINT32_MAX};
    struct sgx_keyrequest others[] = {first, first, first, first, first, first, first};
    uint8_t keys[8][16];
    struct weak w;

    (void)state;
    others[0].keypolicy |= KEYPOLICY_MRSIGNER;
    others[1].isvsvn = 1; /* older ones may be had */
    others[2].attributes_mask &= ~(uint64_t)ATTR_MODE64BIT;
    others[3].xfrm_mask = 0;
    others[4].miscmask = 0;
    others[5].keyid[31] = 1;
    others[6].cpusvn[0] = 1;
    weak_create(&w, &(struct weak_options){.svn = 2});
    assert_int_equal(get_key(&w, &first, keys[7]), 0);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(get_key(&w, &others[i], keys[i]), 0);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(keys[i], keys[j], 16);
        assert_memory_not_equal(keys[i], keys[7], 16);
    }
    weak_destroy(&w);
}

static void a_refused_request_writes_no_key(void **state)
{
    struct sgx_keyrequest r = {.keyname = KEYNAME_SEAL, .isvsvn = 1};
    uint8_t before[16], after[16];
    struct weak w;

    (void)state;
    memset(before, 0xa5, sizeof(before));
    weak_create(&w, NULL);
    weak_poke(&w, KEY, before, sizeof(before));
    assert_int_equal(get_key(&w, &r, after), SGX_INVALID_ISVSVN);
    assert_memory_equal(before, after, sizeof(after));
    weak_destroy(&w);
}

/* Policies and fields of Key Separation and Sharing fault where the CPU has none of it. */
static void requests_for_key_separation_are_gp(void **state)
{
    struct sgx_keyrequest requests[] = {
        {.keyname = KEYNAME_SEAL, .keypolicy = 0x4},
        {.keyname = KEYNAME_SEAL, .keypolicy = 0x8},
        {.keyname = KEYNAME_SEAL, .keypolicy = 0x10},
        {.keyname = KEYNAME_SEAL, .keypolicy = 0x20},
        {.keyname = KEYNAME_SEAL, .configsvn = 1},
        {.keyname = KEYNAME_SEAL, .cetattributes_mask = 1},
        {.keyname = KEYNAME_REPORT, .reserved1 = 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct weak w;

        weak_create(&w, NULL);
        weak_poke(&w, KEYREQUEST, &requests[i], sizeof(requests[i]));
        assert_int_equal(
            weak_enclu_exit(&w, ENCLU_EGETKEY, w.base + KEYREQUEST, w.base + KEY, 0).vector,
            VECTOR_GP);
        weak_destroy(&w);
    }
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(report_is_for_its_target_only),
        CASE(fields_of_key_separation_are_zero),
        CASE(operands_must_be_aligned_and_inside),
        CASE(egetkey_refusals_by_status),
        CASE(reserved_request_bits_are_gp),
        CASE(policy_and_debug_change_the_seal_key),
        CASE(every_maced_byte_counts),
        CASE(every_field_of_the_target_counts),
        CASE(every_field_of_the_request_counts),
        CASE(a_refused_request_writes_no_key),
        CASE(requests_for_key_separation_are_gp),
    };

    return cmocka_run_group_tests_name("sgx-keys", tests, NULL, NULL);
}
