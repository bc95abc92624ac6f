/* trusted/attest/report inside an enclave: what a sealing key depends on, and what a report says.
 */
#include "tests/quoting/support.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* By an enclave opened and closed for it, as after a restart. */
static struct reporter_seal call(enum reporter_call number, const struct reporter_seal *in)
{
    struct plain_enclave enclave = reporter_open();
    struct reporter_seal seal = *in;

    assert_int_equal(plain_call(&enclave, number, &seal, sizeof(seal)), ST_OK);
    plain_close(&enclave);
    return seal;
}

static struct reporter_seal new_seal(uint8_t id)
{
    struct reporter_seal seal = {.key_id = {id}};

    return call(REPORTER_SEAL_ID, &seal);
}

static void an_id_holds_the_current_versions(void **state)
{
    struct reporter_seal seal = new_seal(7);

    (void)state;
    assert_int_equal(seal.key_id[0], 7);
    assert_int_equal(seal.isv_svn, 3); /* tests/quoting/build.mk */
    assert_int_not_equal(seal.cpu_svn[0], 0);
}

static void the_same_id_gives_the_same_key_after_a_restart(void **state)
{
    static const uint8_t zero[16];
    struct reporter_seal id = new_seal(1);
    struct reporter_seal a = call(REPORTER_SEAL_KEY, &id), b = call(REPORTER_SEAL_KEY, &id);

    (void)state;
    assert_int_equal(a.status, ST_OK);
    assert_int_equal(b.status, ST_OK);
    assert_memory_equal(a.key, b.key, 16);
    assert_memory_not_equal(a.key, zero, 16);
}

static void any_other_id_gives_another_key(void **state)
{
    struct reporter_seal id = new_seal(1), other[4] = {id, id, id, id};
    struct reporter_seal a = call(REPORTER_SEAL_KEY, &id);

    (void)state;
    other[0].key_id[0]++;
    other[1].key_id[31]++;
    other[2].cpu_svn[1]--; /* older versions are given out */
    other[3].isv_svn--;
    for (size_t i = 0; i < 4; i++) {
        struct reporter_seal b = call(REPORTER_SEAL_KEY, &other[i]);

        assert_int_equal(b.status, ST_OK);
        assert_memory_not_equal(a.key, b.key, 16);
    }
}

static void higher_versions_are_refused_and_leave_zeros(void **state)
{
    static const uint8_t zero[16];
    struct reporter_seal id = new_seal(1), higher[2] = {id, id};

    (void)state;
    higher[0].cpu_svn[0]++;
    higher[1].isv_svn++;
    for (size_t i = 0; i < 2; i++) {
        struct reporter_seal b;

        memset(higher[i].key, 0xee, 16);
        b = call(REPORTER_SEAL_KEY, &higher[i]);
        assert_int_equal(b.status, ST_UNSUPPORTED);
        assert_memory_equal(b.key, zero, 16);
    }
}

/* The policy is MRENCLAVE: the twin differs in its measurement only, not in signer or product. */
static void another_enclave_of_the_same_signer_gets_another_key(void **state)
{
    struct reporter_seal id = new_seal(1), ours = call(REPORTER_SEAL_KEY, &id), theirs = id;
    struct plain_enclave twin;
    struct sgx_problem why;

    (void)state;
    if (plain_open(support_driver(), build_path("tests/reporter-twin.rci"), &twin, &why))
        fail_msg("%s", why.text);
    assert_int_equal(plain_call(&twin, REPORTER_SEAL_KEY, &theirs, sizeof(theirs)), ST_OK);
    assert_int_equal(theirs.status, ST_OK);
    assert_memory_not_equal(ours.key, theirs.key, 16);
    plain_close(&twin);
}

static struct reporter_seal other_cpu_key;
static const uint8_t other_cpu[16] = "another cpu's";

static void another_cpu_gives_another_key(void **state)
{
    struct reporter_seal id = new_seal(1), key = call(REPORTER_SEAL_KEY, &id);

    (void)state;
    assert_int_equal(other_cpu_key.status, ST_OK);
    assert_memory_equal(other_cpu_key.cpu_svn, key.cpu_svn, 16);
    assert_memory_not_equal(other_cpu_key.key, key.key, 16);
}

static void a_report_says_what_it_was_given(void **state)
{
    struct plain_enclave enclave = reporter_open();
    struct sgx_targetinfo target = {.miscselect = 1};
    struct sgx_report report;
    uint8_t data[64];

    (void)state;
    for (unsigned i = 0; i < 64; i++)
        data[i] = (uint8_t)(i * 3);
    report = reporter_report(&enclave, &target, data);
    assert_memory_equal(report.reportdata, data, 64);
    assert_int_equal(report.isvprodid, 77);
    plain_close(&enclave);
}

/* In a process with another CPU, before ours starts. */
static int set_up(void **state)
{
    int ends[2], status = -1;
    pid_t child;

    (void)state;
    if (pipe(ends) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        struct reporter_seal seal;

        memcpy(support_cpu.key, other_cpu, 16);
        seal = new_seal(1);
        seal = call(REPORTER_SEAL_KEY, &seal);
        _exit(write(ends[1], &seal, sizeof(seal)) == sizeof(seal) ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &other_cpu_key, sizeof(other_cpu_key)) != sizeof(other_cpu_key))
        return -1;
    close(ends[0]);
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_id_holds_the_current_versions),
        CASE(the_same_id_gives_the_same_key_after_a_restart),
        CASE(any_other_id_gives_another_key),
        CASE(higher_versions_are_refused_and_leave_zeros),
        CASE(another_enclave_of_the_same_signer_gets_another_key),
        CASE(another_cpu_gives_another_key),
        CASE(a_report_says_what_it_was_given),
    };

    return cmocka_run_group_tests_name("sealing", tests, set_up, NULL);
}
