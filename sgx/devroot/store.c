/*
 * The folder of a development root:
 *
 *   development-root.pem      0600: per role, its private key and its certificate
 *   development-root-ca.pem   0644: the root certificate, for `reclave verify --root`
 *
 * The first is made in a file of its own and linked into place, so that of several processes one
 * wins and all read the same.
 */
#include "sgx/devroot/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE "development-root.pem"
#define PUBLIC_FILE "development-root-ca.pem"

static enum status io_problem(const char *path, struct sgx_problem *p)
{
    return sgx_problem(p, ST_IO, "%s: %s", path, strerror(errno));
}

static enum status join(const char *folder, const char *name, char path[PATH_MAX],
                        struct sgx_problem *p)
{
    int bytes = snprintf(path, PATH_MAX, "%s/%s", folder, name);

    if (bytes < 0 || bytes >= PATH_MAX)
        return sgx_problem(p, ST_OUT_OF_RANGE, "%s: the path is too long", folder);
    return ST_OK;
}

/* mkdir -p, for this user only. */
static enum status make_folder(const char *folder, struct sgx_problem *p)
{
    char path[PATH_MAX];
    size_t bytes = strlen(folder);

    if (bytes == 0 || bytes >= sizeof(path))
        return sgx_problem(p, ST_OUT_OF_RANGE, "the state folder's path is empty or too long");
    memcpy(path, folder, bytes + 1);
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return io_problem(path, p);
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST ? ST_OK : io_problem(path, p);
}

/* ---- reading ---------------------------------------------------------------- */

/* Keys without passphrase only: never ask on the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static bool read_roles(FILE *file, struct devroot *root)
{
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        root->keys[role] = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
        root->certificates[role] = PEM_read_X509(file, NULL, no_passphrase, NULL);
        if (!root->keys[role] || !root->certificates[role])
            return false;
    }
    return true;
}

static enum status read_open(FILE *file, const char *path, struct devroot *root,
                             struct sgx_problem *p)
{
    struct stat info;

    if (fstat(fileno(file), &info) != 0)
        return io_problem(path, p);
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return sgx_problem(p, ST_CORRUPT, "%s: others may read the keys in it: chmod 600", path);
    if (!read_roles(file, root))
        return sgx_problem(p, ST_CORRUPT, "%s: not a development root: delete it", path);
    return devroot_check(root, path, p);
}

/* ST_NOT_FOUND: there is none yet. */
static enum status read_root(const char *path, struct devroot *root, struct sgx_problem *p)
{
    FILE *file = fopen(path, "re");
    enum status status;

    if (!file && errno == ENOENT)
        return sgx_problem(p, ST_NOT_FOUND, "%s: no such file", path);
    if (!file)
        return io_problem(path, p);
    status = read_open(file, path, root, p);
    fclose(file);
    return status;
}

/* ---- writing ---------------------------------------------------------------- */

static bool write_roles(FILE *file, const struct devroot *root)
{
    for (unsigned role = 0; role < ROLE_COUNT; role++) {
        if (PEM_write_PrivateKey(file, root->keys[role], NULL, NULL, 0, NULL, NULL) != 1 ||
            PEM_write_X509(file, root->certificates[role]) != 1)
            return false;
    }
    return fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* Writes a new file by `write`, then gives it its name unless somebody was faster. */
static enum status write_once(const char *path, mode_t mode, const struct devroot *root,
                              bool (*write)(FILE *, const struct devroot *), struct sgx_problem *p)
{
    char temporary[PATH_MAX + 16];
    enum status status = ST_OK;
    FILE *file;
    bool written;
    int fd;

    snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
    fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        status = io_problem(temporary, p);
        if (fd >= 0) {
            close(fd);
            unlink(temporary);
        }
        return status;
    }
    written = write(file, root) && fchmod(fd, mode) == 0;
    written = fclose(file) == 0 && written;
    if (!written || (link(temporary, path) != 0 && errno != EEXIST))
        status = io_problem(path, p);
    unlink(temporary);
    return status;
}

static enum status create_root(const char *path, const struct devroot_platform *platform,
                               struct sgx_problem *p)
{
    struct devroot made;
    enum status status = devroot_make(platform, &made, p);

    if (status != ST_OK)
        return status;
    status = write_once(path, 0600, &made, write_roles, p);
    devroot_release(&made);
    return status;
}

static bool write_public(FILE *file, const struct devroot *root)
{
    return fputs(root->root_pem, file) >= 0 && fflush(file) == 0;
}

/* ---- opening ---------------------------------------------------------------- */

static enum status fill_texts(struct devroot *root, struct sgx_problem *p)
{
    X509 **c = root->certificates;

    root->root_pem = pem_chain((X509 *[]){c[ROLE_ROOT]}, 1);
    root->platform_chain = pem_chain((X509 *[]){c[ROLE_PLATFORM_CA], c[ROLE_ROOT]}, 2);
    root->signer_chain = pem_chain((X509 *[]){c[ROLE_SIGNER], c[ROLE_ROOT]}, 2);
    root->pck_chain = pem_chain((X509 *[]){c[ROLE_PCK], c[ROLE_PLATFORM_CA], c[ROLE_ROOT]}, 3);
    if (!root->root_pem || !root->platform_chain || !root->signer_chain || !root->pck_chain)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    return ST_OK;
}

static enum status open_in(const char *folder, struct devroot *root, struct sgx_problem *p)
{
    char secret[PATH_MAX], public[PATH_MAX];
    enum status status = join(folder, SECRET_FILE, secret, p);

    if (status == ST_OK)
        status = join(folder, PUBLIC_FILE, public, p);
    if (status == ST_OK)
        status = read_root(secret, root, p);
    if (status == ST_NOT_FOUND) {
        status = create_root(secret, &root->platform, p);
        if (status == ST_OK)
            status = read_root(secret, root, p);
    }
    if (status == ST_OK)
        status = fill_texts(root, p);
    if (status == ST_OK && access(public, F_OK) != 0)
        status = write_once(public, 0644, root, write_public, p);
    return status;
}

enum status devroot_open(const char *folder, const struct devroot_platform *platform,
                         struct devroot **out, struct sgx_problem *p)
{
    struct devroot *root = calloc(1, sizeof(*root));
    enum status status;

    *out = NULL;
    if (!root)
        return sgx_problem(p, ST_NO_MEMORY, "out of memory");
    root->platform = *platform;
    status = make_folder(folder, p);
    if (status == ST_OK)
        status = open_in(folder, root, p);
    if (status != ST_OK)
        devroot_close(root);
    else
        *out = root;
    return status;
}

void devroot_close(struct devroot *root)
{
    if (!root)
        return;
    devroot_release(root);
    free(root);
}

const char *devroot_root_pem(const struct devroot *root)
{
    return root->root_pem;
}

const char *devroot_pck_chain(const struct devroot *root)
{
    return root->pck_chain;
}

enum status devroot_certify(const struct devroot *root, const uint8_t report[DEVROOT_REPORT_BYTES],
                            uint8_t signature[64], struct sgx_problem *p)
{
    if (sign_pair(root->keys[ROLE_PCK], report, DEVROOT_REPORT_BYTES, signature))
        return ST_OK;
    return sgx_problem(p, ST_NO_MEMORY, "the quoting enclave's report cannot be signed");
}
