/*
 * client-vectors FOLDER: forged quotes with their collateral and root, one set of files for each
 * name below, for tests of the command line and for other verifiers. All are to be verified at
 * FORGE_NOW (forge/forge.h).
 */
#include "tests/client/forge/forge.h"

#include <stdio.h>
#include <string.h>

static void nothing(struct recipe *recipe)
{
    (void)recipe;
}
static void version_4(struct recipe *recipe)
{
    recipe->version = 4;
}
static void hardening(struct recipe *recipe)
{
    recipe->platform_svns[0] = FORGE_SW_HARDENING_NEEDED;
}
static void configuration(struct recipe *recipe)
{
    recipe->platform_svns[0] = FORGE_CONFIGURATION_NEEDED;
}
static void out_of_date(struct recipe *recipe)
{
    recipe->platform_svns[0] = FORGE_OUT_OF_DATE;
}
static void revoked_tcb(struct recipe *recipe)
{
    recipe->platform_svns[0] = FORGE_REVOKED;
}
static void revoked_leaf(struct recipe *recipe)
{
    recipe->revoke_leaf = true;
}
static void revoked_intermediate(struct recipe *recipe)
{
    recipe->revoke_issuer = true;
}
static void expired_collateral(struct recipe *recipe)
{
    recipe->tcb_window.until = recipe->qe_window.until = FORGE_NOW - 1;
}
static void other_fmspc(struct recipe *recipe)
{
    recipe->tcb_fmspc[0] ^= 1;
}
static void bad_qe_identity(struct recipe *recipe)
{
    recipe->qe_signer = "stranger";
}
static void other_root(struct recipe *recipe)
{
    recipe->root = recipe->root_crl_signer = "another root";
}
static void reordered(struct recipe *recipe)
{
    recipe->order = "RLI";
}
static void trailing(struct recipe *recipe)
{
    recipe->trailing_bytes = 100;
}
static void debug(struct recipe *recipe)
{
    recipe->debug = true;
}
static void no_crl(struct recipe *recipe)
{
    recipe->no_root_crl = recipe->no_pck_crl = true;
}

static const struct {
    const char *name;
    void (*edit)(struct recipe *recipe);
} vectors[] = {
    {"up-to-date", nothing},
    {"version-4", version_4},
    {"sw-hardening-needed", hardening},
    {"configuration-needed", configuration},
    {"out-of-date", out_of_date},
    {"revoked-tcb", revoked_tcb},
    {"revoked-leaf", revoked_leaf},
    {"revoked-intermediate", revoked_intermediate},
    {"expired-collateral", expired_collateral},
    {"other-fmspc", other_fmspc},
    {"bad-qe-identity", bad_qe_identity},
    {"other-root", other_root},
    {"reordered", reordered},
    {"trailing-bytes", trailing},
    {"debug", debug},
    {"no-crl", no_crl},
};

static void write_file(const char *folder, const char *name, const char *suffix, const void *data,
                       size_t bytes)
{
    char path[4096];
    FILE *file;

    FORGE_CHECK(snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix) < (int)sizeof(path));
    file = fopen(path, "wb");
    FORGE_CHECK(file && fwrite(data, 1, bytes, file) == bytes && fclose(file) == 0);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: client-vectors FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct recipe recipe = recipe_good();
        struct forgery forgery;

        vectors[i].edit(&recipe);
        forge(&recipe, &forgery);
        write_file(argv[1], vectors[i].name, ".quote", forgery.quote, forgery.quote_bytes);
        write_file(argv[1], vectors[i].name, ".json", forgery.collateral,
                   strlen(forgery.collateral));
        write_file(argv[1], vectors[i].name, ".pem", forgery.root_pem, strlen(forgery.root_pem));
        forgery_free(&forgery);
    }
    return 0;
}
