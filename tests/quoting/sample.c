/* quoting-sample FOLDER TIME: a quote of the test enclave, its collateral for TIME and the root
 * certificate, as files: quote.bin, collateral.json, root.pem. The state is FOLDER/state. */
#include "sgx/quoting/plain.h"
#include "sgx/quoting/quote.h"
#include "tests/quoting/reporter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void die(const char *step, const char *why)
{
    fprintf(stderr, "quoting-sample: %s: %s\n", step, why);
    exit(1);
}

static const char *built(const char *relative)
{
    static char path[512];
    const char *build = getenv("BUILD");

    snprintf(path, sizeof(path), "%s/%s", build && *build ? build : "build", relative);
    return path;
}

static void spill(const char *folder, const char *name, const void *bytes, size_t count)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "we");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file) != 0)
        die(path, "cannot be written");
}

static void make_report(const struct sgx_driver *driver, const struct sgx_targetinfo *target,
                        struct sgx_report *out)
{
    struct reporter_report call = {.data = "a quote for the verifier's test"};
    struct plain_enclave enclave;
    struct sgx_problem why;

    memcpy(call.target, target, sizeof(call.target));
    if (plain_open(driver, built("tests/reporter.rci"), &enclave, &why))
        die("the test enclave", why.text);
    if (plain_call(&enclave, REPORTER_REPORT, &call, sizeof(call)))
        die("the test enclave", "makes no report");
    plain_close(&enclave);
    *out = call.report;
}

int main(int argc, char **argv)
{
    struct quoting_options options = {.image = built("lib/reclave/images/quoting.rci")};
    struct sgx_targetinfo target;
    struct sgx_report report;
    struct sgx_problem why;
    struct quoting *quoting;
    char state[512], *collateral, *root;
    uint8_t *quote;
    size_t bytes;

    if (argc != 3)
        die("usage", "quoting-sample FOLDER TIME");
    snprintf(state, sizeof(state), "%s/state", argv[1]);
    options.state_folder = state;
    if (sgx_driver_select(SGX_EMULATOR, NULL, &options.driver))
        die("the emulator", "does not start");
    if (quoting_open(&options, &quoting, &why) || quoting_target_info(quoting, &target, &why))
        die("quoting", why.text);
    make_report(options.driver, &target, &report);
    if (quoting_quote(quoting, &report, &quote, &bytes, &why) ||
        quoting_collateral(quoting, strtoll(argv[2], NULL, 10), &collateral, &root, &why))
        die("quoting", why.text);
    spill(argv[1], "quote.bin", quote, bytes);
    spill(argv[1], "collateral.json", collateral, strlen(collateral));
    spill(argv[1], "root.pem", root, strlen(root));
    free(root);
    free(collateral);
    free(quote);
    quoting_close(quoting);
    return 0;
}
