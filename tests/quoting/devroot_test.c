/* The folder of a development root: made once, for this user only, and refused when damaged. */
#include "sgx/devroot/devroot.h"

#include "tests/quoting/chain.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct devroot_platform platform = {.cpu_svn = {2, 2, 255, [15] = 128},
                                                 .pce_svn = 300};
static char base[64], folder[96], secret[160], public[160];

static int set_up(void **state)
{
    (void)state;
    strcpy(base, "/tmp/reclave-devroot-XXXXXX");
    if (!mkdtemp(base))
        return -1;
    snprintf(folder, sizeof(folder), "%s/a/b", base);
    snprintf(secret, sizeof(secret), "%s/development-root.pem", folder);
    snprintf(public, sizeof(public), "%s/development-root-ca.pem", folder);
    return 0;
}

static int tear_down(void **state)
{
    char parent[96];

    (void)state;
    snprintf(parent, sizeof(parent), "%s/a", base);
    unlink(secret);
    unlink(public);
    rmdir(folder);
    rmdir(parent);
    return rmdir(base);
}

static struct devroot *must_open(void)
{
    struct devroot *root;
    struct sgx_problem why;

    if (devroot_open(folder, &platform, &root, &why) != ST_OK)
        fail_msg("%s", why.text);
    return root;
}

static void must_refuse(enum status expected, const char *words)
{
    struct devroot *root = NULL;
    struct sgx_problem why = {""};

    assert_int_equal(devroot_open(folder, &platform, &root, &why), expected);
    assert_null(root);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static mode_t mode_of(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void folders_are_made_and_keys_are_private(void **state)
{
    struct devroot *root = must_open();

    (void)state;
    assert_int_equal(mode_of(folder), 0700);
    assert_int_equal(mode_of(secret), 0600);
    assert_int_equal(mode_of(public), 0644);
    devroot_close(root);
}

static void the_second_time_it_is_the_same(void **state)
{
    struct devroot *first = must_open(), *second = must_open();
    char text[4096] = "";
    FILE *file = fopen(public, "re");

    (void)state;
    assert_string_equal(devroot_root_pem(first), devroot_root_pem(second));
    assert_string_equal(devroot_pck_chain(first), devroot_pck_chain(second));
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, devroot_root_pem(first));
    devroot_close(second);
    devroot_close(first);
}

static void the_public_file_comes_back(void **state)
{
    (void)state;
    devroot_close(must_open());
    assert_int_equal(unlink(public), 0);
    devroot_close(must_open());
    assert_int_equal(mode_of(public), 0644);
}

static void of_many_processes_one_wins(void **state)
{
    uint8_t digests[6][32];
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    for (unsigned i = 0; i < 6; i++) {
        if (fork() == 0) {
            struct devroot *root;
            struct sgx_problem why;
            uint8_t digest[32];
            const char *pem;

            if (devroot_open(folder, &platform, &root, &why) != ST_OK)
                _exit(1);
            pem = devroot_pck_chain(root);
            EVP_Digest(pem, strlen(pem), digest, NULL, EVP_sha256(), NULL);
            _exit(write(ends[1], digest, 32) == 32 ? 0 : 1);
        }
    }
    for (unsigned i = 0; i < 6; i++) {
        int status = -1;

        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
        assert_int_equal(read(ends[0], digests[i], 32), 32);
        assert_memory_equal(digests[i], digests[0], 32);
    }
    close(ends[0]);
    close(ends[1]);
}

static void keys_that_others_may_read_are_refused(void **state)
{
    (void)state;
    devroot_close(must_open());
    assert_int_equal(chmod(secret, 0640), 0);
    must_refuse(ST_CORRUPT, "others may read the keys in it");
    assert_int_equal(chmod(secret, 0600), 0);
    devroot_close(must_open());
}

static void other_security_versions_are_refused(void **state)
{
    struct devroot_platform other = platform;
    struct sgx_problem why = {""};
    struct devroot *root;

    (void)state;
    devroot_close(must_open());
    other.cpu_svn[15]++;
    assert_int_equal(devroot_open(folder, &other, &root, &why), ST_CORRUPT);
    assert_non_null(strstr(why.text, "other security versions"));
    other = platform;
    other.pce_svn++;
    assert_int_equal(devroot_open(folder, &other, &root, &why), ST_CORRUPT);
    assert_null(root);
}

static size_t slurp(const char *path, char *text, size_t room)
{
    FILE *file = fopen(path, "re");
    size_t bytes;

    assert_non_null(file);
    bytes = fread(text, 1, room - 1, file);
    text[bytes] = '\0';
    fclose(file);
    return bytes;
}

static void spill(const char *path, const char *text, size_t bytes)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static void damaged_files_are_refused(void **state)
{
    static char text[16384], mixed[32768], other[16384];
    size_t bytes, other_bytes;
    char *cut;

    (void)state;
    devroot_close(must_open());
    bytes = slurp(secret, text, sizeof(text));
    for (size_t keep = 0; keep + 2 < bytes; keep += bytes / 9) { /* truncated */
        spill(secret, text, keep);
        must_refuse(ST_CORRUPT, "not a development root");
    }
    /* the keys of one and the certificates of another */
    assert_int_equal(unlink(secret), 0);
    devroot_close(must_open());
    other_bytes = slurp(secret, other, sizeof(other));
    assert_true(other_bytes > 0);
    cut = strstr(text, "-----BEGIN CERTIFICATE");
    assert_non_null(cut);
    memcpy(mixed, text, (size_t)(cut - text));
    strcpy(mixed + (cut - text), strstr(other, "-----BEGIN CERTIFICATE"));
    spill(secret, mixed, strlen(mixed));
    must_refuse(ST_CORRUPT, "do not belong together");
    spill(secret, text, bytes);
    devroot_close(must_open());
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    struct sgx_problem why = {""};
    struct devroot *root;

    (void)state;
    assert_int_equal(devroot_open("/proc/nowhere/state", &platform, &root, &why), ST_IO);
    assert_non_null(strstr(why.text, "/proc/nowhere: "));
    assert_int_equal(devroot_open("", &platform, &root, &why), ST_OUT_OF_RANGE);
}

static void certify_is_by_the_pck(void **state)
{
    struct devroot *root = must_open();
    uint8_t report[DEVROOT_REPORT_BYTES] = {1, 2, 3}, signature[64];
    const char *pem = devroot_pck_chain(root);
    STACK_OF(X509) *chain = chain_read(pem, strlen(pem));
    struct sgx_problem why;

    (void)state;
    assert_int_equal(devroot_certify(root, report, signature, &why), ST_OK);
    assert_true(pair_verifies(X509_get0_pubkey(sk_X509_value(chain, 0)), report, sizeof(report),
                              signature));
    report[383] ^= 1;
    assert_false(pair_verifies(X509_get0_pubkey(sk_X509_value(chain, 0)), report, sizeof(report),
                               signature));
    sk_X509_pop_free(chain, X509_free);
    devroot_close(root);
}

/* What a signer of collateral must not do: issue. */
static void the_signer_is_no_ca(void **state)
{
    struct devroot *root = must_open();
    const struct devroot_qe qe = {.svn = 1};
    struct sgx_problem why;
    STACK_OF(X509) * chain;
    const char *pem;
    json_t *all;
    char *json;

    (void)state;
    assert_int_equal(devroot_collateral(root, &qe, 1750000000, &json, &why), ST_OK);
    all = json_loads(json, 0, NULL);
    pem = json_string_value(json_object_get(all, "tcb_info_issuer_chain"));
    chain = chain_read(pem, strlen(pem));
    assert_int_equal(X509_check_ca(sk_X509_value(chain, 0)), 0);
    assert_int_equal(X509_check_ca(sk_X509_value(chain, 1)), 1);
    sk_X509_pop_free(chain, X509_free);
    json_decref(all);
    free(json);
    devroot_close(root);
}

static void collateral_has_the_fields_that_services_return(void **state)
{
    static const char *const names[] = {
        "pck_crl_issuer_chain",     "root_ca_crl", "pck_crl",
        "tcb_info_issuer_chain",    "tcb_info",    "tcb_info_signature",
        "qe_identity_issuer_chain", "qe_identity", "qe_identity_signature",
    };
    struct devroot *root = must_open();
    const struct devroot_qe qe = {.svn = 1};
    struct sgx_problem why;
    json_t *all, *tcb_info, *levels, *components;
    char *json;

    (void)state;
    assert_int_equal(devroot_collateral(root, &qe, 1750000000, &json, &why), ST_OK);
    all = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_object_size(all), 9);
    for (size_t i = 0; i < 9; i++)
        assert_true(json_is_string(json_object_get(all, names[i])));
    tcb_info = json_loads(json_string_value(json_object_get(all, "tcb_info")), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(tcb_info, "fmspc")), "52434C560000");
    assert_string_equal(json_string_value(json_object_get(tcb_info, "id")), "SGX");
    assert_int_equal(json_integer_value(json_object_get(tcb_info, "version")), 3);
    levels = json_object_get(tcb_info, "tcbLevels");
    components =
        json_object_get(json_object_get(json_array_get(levels, 0), "tcb"), "sgxtcbcomponents");
    assert_int_equal(json_array_size(components), 16);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(json_integer_value(json_object_get(json_array_get(components, i), "svn")),
                         platform.cpu_svn[i]);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(json_array_get(levels, 0), "tcb"), "pcesvn")),
                     300);
    json_decref(tcb_info);
    json_decref(all);
    free(json);
    assert_int_equal(devroot_collateral(root, &qe, -1, &json, &why), ST_OUT_OF_RANGE);
    assert_null(json);
    devroot_close(root);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(folders_are_made_and_keys_are_private),
        CASE(the_second_time_it_is_the_same),
        CASE(the_public_file_comes_back),
        CASE(of_many_processes_one_wins),
        CASE(keys_that_others_may_read_are_refused),
        CASE(other_security_versions_are_refused),
        CASE(damaged_files_are_refused),
        CASE(a_folder_that_cannot_be_made_is_named),
        CASE(certify_is_by_the_pck),
        CASE(the_signer_is_no_ca),
        CASE(collateral_has_the_fields_that_services_return),
    };

    return cmocka_run_group_tests_name("devroot", tests, NULL, NULL);
}
