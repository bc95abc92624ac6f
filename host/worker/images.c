#include "host/worker/images.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZES_MAX 64

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static size_t list_sizes(const char *folder, uint64_t sizes[SIZES_MAX])
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    if (!directory)
        return 0;
    while (count < SIZES_MAX && (entry = readdir(directory))) {
        unsigned long long mib;
        int end = 0;

        if (sscanf(entry->d_name, "reclave-eager-%llu.rci%n", &mib, &end) == 1 && end > 0 &&
            entry->d_name[end] == 0)
            sizes[count++] = mib;
    }
    closedir(directory);
    qsort(sizes, count, sizeof(*sizes), compare);
    return count;
}

static void say_sizes(const char *folder, uint64_t mib, struct message *why)
{
    uint64_t sizes[SIZES_MAX];
    size_t count = list_sizes(folder, sizes);
    char list[200] = "";
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof(list) - 24; i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%llu", i ? ", " : "",
                                 (unsigned long long)sizes[i]);
    if (count)
        message_set(why, "no enclave image of %llu MiB with eager pages: --enclave-size may be %s",
                    (unsigned long long)mib, list);
    else
        message_set(why, "no enclave images in %s: build them with make, or set RECLAVE_DATA_DIR",
                    folder);
}

enum status images_choose(const char *folder, enum image_pages pages, uint64_t mib, char *path,
                          size_t path_bytes, struct message *why)
{
    int length;

    if (mib == 0)
        mib = IMAGES_DEFAULT_EAGER_MIB;
    if (pages == IMAGE_PAGES_LAZY)
        length = snprintf(path, path_bytes, "%s/reclave-lazy.rci", folder);
    else
        length = snprintf(path, path_bytes, "%s/reclave-eager-%llu.rci", folder,
                          (unsigned long long)mib);
    if (length < 0 || (size_t)length >= path_bytes) {
        message_set(why, "the path of the folder of images is too long");
        return ST_OUT_OF_RANGE;
    }
    if (access(path, R_OK) == 0)
        return ST_OK;
    if (pages == IMAGE_PAGES_LAZY)
        message_set(why, "no enclave image %s: build it with make, or set RECLAVE_DATA_DIR", path);
    else
        say_sizes(folder, mib, why);
    return ST_NOT_FOUND;
}
