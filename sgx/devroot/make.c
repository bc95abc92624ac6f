/* A new development root, and the checks on one that was read. */
#include "sgx/devroot/internal.h"

#include <openssl/ec.h>
#include <stdlib.h>
#include <string.h>

static const enum devroot_role issuers[ROLE_COUNT] = {
    [ROLE_ROOT] = ROLE_ROOT,
    [ROLE_PLATFORM_CA] = ROLE_ROOT,
    [ROLE_SIGNER] = ROLE_ROOT,
    [ROLE_PCK] = ROLE_PLATFORM_CA,
};

/* The SGX extension that a PCK certificate of this key and platform has; the platform's IDs are a
 * function of the key. Returns its size, or 0. */
static size_t extension_for(const struct devroot_platform *platform, EVP_PKEY *pck, uint8_t *out,
                            size_t room)
{
    uint8_t ids[32]; /* PPID, platform instance ID */
    uint8_t *der = NULL;
    int bytes = i2d_PUBKEY(pck, &der);
    bool ok = bytes > 0 && EVP_Digest(der, (size_t)bytes, ids, NULL, EVP_sha256(), NULL) == 1;

    OPENSSL_free(der);
    return ok ? sgx_extension(platform, ids, ids + 16, out, room) : 0;
}

static bool make_one(enum devroot_role role, const struct devroot_platform *platform,
                     struct devroot *root)
{
    enum devroot_role issuer = issuers[role];
    uint8_t extension[SGX_EXTENSION_MAX];
    size_t bytes = 0;

    root->keys[role] = EVP_EC_gen("P-256");
    if (!root->keys[role])
        return false;
    if (role == ROLE_PCK) {
        bytes = extension_for(platform, root->keys[role], extension, sizeof(extension));
        if (bytes == 0)
            return false;
    }
    root->certificates[role] =
        certificate_issue(role, root->keys[role], root->certificates[issuer], root->keys[issuer],
                          bytes ? extension : NULL, bytes);
    return root->certificates[role] != NULL;
}

enum status devroot_make(const struct devroot_platform *platform, struct devroot *out,
                         struct sgx_problem *p)
{
    bool ok = true;

    memset(out, 0, sizeof(*out));
    out->platform = *platform;
    for (unsigned role = 0; ok && role < ROLE_COUNT; role++)
        ok = make_one(role, platform, out);
    if (ok)
        return ST_OK;
    devroot_release(out);
    return sgx_problem(p, ST_NO_MEMORY, "a new development root cannot be made");
}

void devroot_release(struct devroot *root)
{
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        EVP_PKEY_free(root->keys[role]);
        X509_free(root->certificates[role]);
    }
    free(root->root_pem);
    free(root->pck_chain);
    free(root->signer_chain);
    free(root->platform_chain);
    memset(root, 0, sizeof(*root));
}

/* Is the PCK certificate's extension the one of this platform? */
static bool states_platform(const struct devroot *root)
{
    uint8_t wanted[SGX_EXTENSION_MAX];
    size_t bytes = extension_for(&root->platform, root->keys[ROLE_PCK], wanted, sizeof(wanted));
    ASN1_OBJECT *oid = OBJ_txt2obj(SGX_EXTENSION_OID, 1);
    const X509 *pck = root->certificates[ROLE_PCK];
    int index = oid ? X509_get_ext_by_OBJ(pck, oid, -1) : -1;
    const ASN1_OCTET_STRING *stated =
        index < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(pck, index));
    bool same = stated && bytes && (size_t)ASN1_STRING_length(stated) == bytes &&
                memcmp(ASN1_STRING_get0_data(stated), wanted, bytes) == 0;

    ASN1_OBJECT_free(oid);
    return same;
}

enum status devroot_check(const struct devroot *root, const char *path, struct sgx_problem *p)
{
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        if (X509_check_private_key(root->certificates[role], root->keys[role]) != 1 ||
            X509_verify(root->certificates[role], root->keys[issuers[role]]) != 1)
            return sgx_problem(p, ST_CORRUPT,
                               "%s: its keys and certificates do not belong together: delete it",
                               path);
    }
    if (!states_platform(root))
        return sgx_problem(p, ST_CORRUPT,
                           "%s: made for a platform of other security versions: delete it", path);
    return ST_OK;
}
