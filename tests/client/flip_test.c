/*
 * Every byte of a quote and of the collateral with one bit flipped: rejected, by the step that
 * ought to notice. Every truncation, too.
 */
#include "tests/client/case.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S(step)      (1u << RECLAVE_STEP_##step)
#define BAD_CHAIN    (S(PCK_CHAIN) | S(TRUSTED_ROOT) | S(PCK_VALIDITY) | S(PCK_EXTENSION))
#define HEADER_BYTES 48
#define BODY_BYTES   384
#define AUTH_BYTES   32

struct region {
    const char *name;
    size_t bytes; /* 0: what the quote has left */
    unsigned steps;
};

/* The fields in their order, independently of the parser. */
static const struct region before_qe[] = {
    {"version", 2, S(QUOTE_FORMAT)},
    {"attestation key type", 2, S(QUOTE_FORMAT)},
    {"TEE type", 4, S(QUOTE_FORMAT)},
    {"QE's and PCE's SVN", 4, S(QUOTE_SIGNATURE)},
    {"vendor ID", 16, S(QUOTE_FORMAT)},
    {"user data", 20, S(QUOTE_SIGNATURE)},
    {"report body", BODY_BYTES, S(QUOTE_SIGNATURE)},
    {"bytes of the signature data", 4, S(QUOTE_FORMAT)},
    {"signature", 64, S(QUOTE_SIGNATURE)},
    {"attestation key", 64, S(QE_REPORT_DATA)},
};
static const struct region wrapper[] = {
    {"outer certification data's type and size", 6, S(QUOTE_FORMAT)},
};
static const struct region qe[] = {
    {"QE's report", BODY_BYTES, S(QE_REPORT_SIGNATURE)},
    {"QE report's signature", 64, S(QE_REPORT_SIGNATURE)},
    {"bytes of authentication data", 2, S(QUOTE_FORMAT)},
    {"authentication data", AUTH_BYTES, S(QE_REPORT_DATA)},
    {"certification data type", 2, S(CERTIFICATION_DATA)},
    {"bytes of certification data", 4, S(QUOTE_FORMAT)},
};
static const struct region certificates = {"certificates", 0, BAD_CHAIN};

struct subject {
    struct forgery forgery;
    struct reclave_verifier *verifier;
    struct reclave_verdict verdict;
};

static struct subject subject_of(const struct recipe *recipe)
{
    struct subject subject;

    forge(recipe, &subject.forgery);
    subject.verifier = case_verifier(&subject.forgery, NULL);
    if (!reclave_verify_quote(subject.verifier, subject.forgery.quote, subject.forgery.quote_bytes,
                              &subject.verdict))
        fail_msg("the quote is not good to begin with: %s", subject.verdict.reason);
    return subject;
}

static void subject_free(struct subject *subject)
{
    reclave_verifier_free(subject->verifier);
    forgery_free(&subject->forgery);
}

static void expect_steps(struct subject *subject, unsigned steps, const char *what, size_t at)
{
    bool accepted = reclave_verify_quote(subject->verifier, subject->forgery.quote,
                                         subject->forgery.quote_bytes, &subject->verdict);

    if (accepted)
        fail_msg("accepted with byte %zu of %s flipped", at, what);
    if (!(steps & 1u << subject->verdict.failed_step))
        fail_msg("byte %zu of %s: ended at %s (%s)", at, what,
                 reclave_step_name(subject->verdict.failed_step), subject->verdict.reason);
}

/* The bit moves with the byte, so that all eight have their turn. */
static void flip_regions(struct subject *subject, size_t *at, const struct region *regions,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = regions[i].bytes ? regions[i].bytes : subject->forgery.quote_bytes - *at;

        for (size_t j = 0; j < bytes; j++, (*at)++) {
            uint8_t bit = (uint8_t)(1u << (*at * 5 + 1) % 8);

            subject->forgery.quote[*at] ^= bit;
            expect_steps(subject, regions[i].steps, regions[i].name, j);
            subject->forgery.quote[*at] ^= bit;
        }
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void flip_quote(unsigned version)
{
    struct recipe recipe = recipe_good();
    struct subject subject;
    size_t at = 0;

    recipe.version = version;
    subject = subject_of(&recipe);
    flip_regions(&subject, &at, before_qe, COUNT(before_qe));
    if (version == 4)
        flip_regions(&subject, &at, wrapper, COUNT(wrapper));
    flip_regions(&subject, &at, qe, COUNT(qe));
    if (version == 3)
        flip_regions(&subject, &at, &certificates, 1);
    assert_true(version == 4 || at == subject.forgery.quote_bytes);
    subject_free(&subject);
}

static void a_flip_anywhere_in_version_3_is_noticed(void **state)
{
    (void)state;
    flip_quote(3);
}

/* ... but for the certificates, which are the same in both. */
static void a_flip_anywhere_in_version_4_is_noticed(void **state)
{
    (void)state;
    flip_quote(4);
}

static void every_truncation_is_refused(void **state)
{
    for (unsigned version = 3; version <= 4; version++) {
        struct recipe recipe = recipe_good();
        struct subject subject;

        (void)state;
        recipe.version = version;
        subject = subject_of(&recipe);
        for (size_t bytes = 0; bytes < subject.forgery.quote_bytes; bytes++) {
            /* Exactly as large as said, so that the sanitizer sees a read behind it. */
            uint8_t *cut = malloc(bytes + !bytes);

            memcpy(cut, subject.forgery.quote, bytes);
            assert_false(reclave_verify_quote(subject.verifier, cut, bytes, &subject.verdict));
            case_expect(&subject.verdict, RECLAVE_STEP_QUOTE_FORMAT);
            free(cut);
        }
        subject_free(&subject);
    }
}

static const struct {
    const char *name;
    unsigned steps;
} members[] = {
    {"tcb_info", S(TCB_INFO_SIGNATURE)},
    {"tcb_info_signature", S(TCB_INFO_SIGNATURE) | S(COLLATERAL)},
    {"tcb_info_issuer_chain",
     S(COLLATERAL) | S(TCB_INFO_SIGNATURE) | S(TCB_INFO_VALIDITY) | S(CRL)},
    {"qe_identity", S(QE_IDENTITY_SIGNATURE)},
    {"qe_identity_signature", S(QE_IDENTITY_SIGNATURE) | S(COLLATERAL)},
    {"qe_identity_issuer_chain",
     S(COLLATERAL) | S(QE_IDENTITY_SIGNATURE) | S(QE_IDENTITY_VALIDITY) | S(CRL)},
    {"root_ca_crl", S(CRL) | S(CRL_VALIDITY) | S(REVOKED)},
    {"pck_crl", S(CRL) | S(CRL_VALIDITY) | S(REVOKED)},
};

/* In hexadecimal and base64 alike, bit 0 of a character changes what it means or makes it none. */
static void flip_member(struct subject *subject, json_t *collateral, const char *name,
                        unsigned steps)
{
    char *original = strdup(json_string_value(json_object_get(collateral, name)));

    for (size_t i = 0; original[i]; i++) {
        char *text;

        original[i] ^= 1;
        json_object_set_new(collateral, name, json_string(original));
        text = json_dumps(collateral, JSON_COMPACT);
        assert_true(reclave_verifier_set_collateral(subject->verifier, text, strlen(text)));
        expect_steps(subject, steps, name, i);
        free(text);
        original[i] ^= 1;
    }
    json_object_set_new(collateral, name, json_string(original));
    free(original);
}

static void a_flip_anywhere_in_the_collateral_is_noticed(void **state)
{
    struct recipe recipe = recipe_good();
    struct subject subject = subject_of(&recipe);
    json_t *collateral = json_loads(subject.forgery.collateral, 0, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(members); i++)
        flip_member(&subject, collateral, members[i].name, members[i].steps);
    json_decref(collateral);
    subject_free(&subject);
}

static void a_member_of_the_collateral_less_is_a_rejection(void **state)
{
    struct recipe recipe = recipe_good();
    struct subject subject = subject_of(&recipe);

    (void)state;
    for (size_t i = 0; i < COUNT(members); i++) {
        json_t *collateral = json_loads(subject.forgery.collateral, 0, NULL);
        char *text;

        json_object_del(collateral, members[i].name);
        text = json_dumps(collateral, JSON_COMPACT);
        assert_true(reclave_verifier_set_collateral(subject.verifier, text, strlen(text)));
        expect_steps(&subject, S(COLLATERAL) | S(CRL), members[i].name, 0);
        free(text);
        json_decref(collateral);
    }
    subject_free(&subject);
}

/* Bytes of one quote in another that differs in nothing but a bit of its report. */
static void a_signature_of_another_quote_is_noticed(void **state)
{
    struct recipe recipe = recipe_good();
    struct subject subject = subject_of(&recipe);
    struct forgery other;

    (void)state;
    recipe.isv_svn++;
    forge(&recipe, &other);
    memcpy(subject.forgery.quote + HEADER_BYTES, other.quote + HEADER_BYTES, BODY_BYTES);
    expect_steps(&subject, S(QUOTE_SIGNATURE), "report", 0);
    forgery_free(&other);
    subject_free(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flip_anywhere_in_version_3_is_noticed),
        cmocka_unit_test(a_flip_anywhere_in_version_4_is_noticed),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_flip_anywhere_in_the_collateral_is_noticed),
        cmocka_unit_test(a_member_of_the_collateral_less_is_a_rejection),
        cmocka_unit_test(a_signature_of_another_quote_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
