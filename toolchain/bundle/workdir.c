#include "toolchain/bundle/workdir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status workdir_create(struct workdir *dir, const struct complaint *complaint)
{
    const char *parent = getenv("TMPDIR");
    int bytes;

    if (!parent || parent[0] != '/')
        parent = "/tmp";
    bytes = snprintf(dir->path, sizeof(dir->path), "%s/reclave-build-XXXXXX", parent);
    if (bytes < 0 || (size_t)bytes >= sizeof(dir->path))
        return complain(complaint, ST_OUT_OF_RANGE, "TMPDIR is too long");
    if (!mkdtemp(dir->path))
        return complain_errno(complaint, "create a temporary directory in", parent);
    return ST_OK;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

void workdir_remove(struct workdir *dir)
{
    if (nftw(dir->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "reclave: cannot remove %s: %s\n", dir->path, strerror(errno));
}

static enum status workdir_path(const struct workdir *dir, const char *name, char path[PATH_MAX],
                                const struct complaint *complaint)
{
    int bytes = snprintf(path, PATH_MAX, "%s/%s", dir->path, name);

    if (bytes < 0 || bytes >= PATH_MAX)
        return complain(complaint, ST_OUT_OF_RANGE, "the path of %s is too long", name);
    return ST_OK;
}

static enum status write_all(int file, const char *data, size_t bytes)
{
    while (bytes) {
        ssize_t done = write(file, data, bytes);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ST_IO;
        data += done;
        bytes -= (size_t)done;
    }
    return ST_OK;
}

enum status workdir_write(const struct workdir *dir, const char *name, const void *data,
                          size_t bytes, const struct complaint *complaint)
{
    char path[PATH_MAX];
    enum status status = workdir_path(dir, name, path, complaint);
    int file;

    if (status != ST_OK)
        return status;
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return complain_errno(complaint, "create", path);
    if (write_all(file, data, bytes) != ST_OK)
        status = complain_errno(complaint, "write", path);
    if (close(file) != 0 && status == ST_OK)
        status = complain_errno(complaint, "write", path);
    return status;
}

enum status workdir_read(const struct workdir *dir, const char *name, struct text *out,
                         const struct complaint *complaint)
{
    char path[PATH_MAX], block[65536];
    enum status status = workdir_path(dir, name, path, complaint);
    ssize_t got;
    int file;

    if (status != ST_OK)
        return status;
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return complain_errno(complaint, "open", path);
    while ((got = read(file, block, sizeof(block))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = complain_errno(complaint, "read", path);
            break;
        }
        text_add(out, block, (size_t)got);
    }
    close(file);
    if (status == ST_OK && out->failed)
        status = complain(complaint, ST_NO_MEMORY, "out of memory");
    return status;
}
