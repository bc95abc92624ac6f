#include "tests/quoting/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sgx_cpu support_cpu;

const char *build_path(const char *relative)
{
    static char path[512];
    const char *build = getenv("BUILD");

    snprintf(path, sizeof(path), "%s/%s", build && *build ? build : "build", relative);
    return path;
}

const struct sgx_driver *support_driver(void)
{
    static const struct sgx_driver *driver;

    if (!driver)
        assert_int_equal(sgx_driver_select(SGX_EMULATOR, &support_cpu, &driver), ST_OK);
    return driver;
}

void folder_make(char path[64])
{
    strcpy(path, "/tmp/reclave-quoting-XXXXXX");
    assert_non_null(mkdtemp(path));
}

void folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    char file[512];

    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(file), 0);
    }
    closedir(folder);
    assert_int_equal(rmdir(path), 0);
}

struct quoting *quoting_in(const char *folder)
{
    struct quoting_options options = {
        .driver = support_driver(),
        .image = build_path("lib/reclave/images/quoting.rci"),
        .state_folder = folder,
    };
    struct quoting *quoting;
    struct sgx_problem why;

    if (quoting_open(&options, &quoting, &why) != ST_OK)
        fail_msg("%s", why.text);
    return quoting;
}

struct plain_enclave reporter_open(void)
{
    struct plain_enclave enclave;
    struct sgx_problem why;

    if (plain_open(support_driver(), build_path("tests/reporter.rci"), &enclave, &why) != ST_OK)
        fail_msg("%s", why.text);
    return enclave;
}

struct sgx_report reporter_report(const struct plain_enclave *reporter,
                                  const struct sgx_targetinfo *target, const uint8_t data[64])
{
    struct reporter_report call = {.target = {0}};

    memcpy(call.target, target, sizeof(call.target));
    memcpy(call.data, data, sizeof(call.data));
    assert_int_equal(plain_call(reporter, REPORTER_REPORT, &call, sizeof(call)), ST_OK);
    return call.report;
}
