/* A temporary directory of one build: private, empty, gone afterwards. */
#ifndef RECLAVE_TOOLCHAIN_BUNDLE_WORKDIR_H
#define RECLAVE_TOOLCHAIN_BUNDLE_WORKDIR_H

#include "toolchain/bundle/complaint.h"
#include "toolchain/bundle/text.h"

#include <limits.h>

struct workdir {
    char path[PATH_MAX];
};

/* In $TMPDIR, else /tmp. Release with workdir_remove, which removes what is inside, too. */
MUST_CHECK enum status workdir_create(struct workdir *dir, const struct complaint *complaint);
void workdir_remove(struct workdir *dir);

/* Whole files by their name in the directory. */
MUST_CHECK enum status workdir_write(const struct workdir *dir, const char *name, const void *data,
                                     size_t bytes, const struct complaint *complaint);
/* Appends to *out. */
MUST_CHECK enum status workdir_read(const struct workdir *dir, const char *name, struct text *out,
                                    const struct complaint *complaint);

#endif
