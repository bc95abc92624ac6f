#include "host/action/store.h"

#include "abi/bundle.h"
#include "abi/entry.h"
#include "abi/sealed.h"
#include "abi/sfi.h"
#include "host/action/compile.h"
#include "host/action/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_COMPILERS 2u
#define COMPILER_WAIT_S   55 /* for a place; a client waits 60 s */
#define BUNDLE_FILE_MAX   (300u << 20)

struct entry {
    struct stored stored; /* first: what callers hold */
    struct entry *next;
    uint8_t *bytes;
    unsigned users;
};

struct store {
    char folder[PATH_MAX - 256];
    const char *program;
    pthread_mutex_t lock;
    pthread_cond_t compiler_ended; /* or stopping; CLOCK_MONOTONIC */
    unsigned compilers;            /* that may still start */
    bool stopping;
    int stop_fd; /* an eventfd: readable when stopping */
    struct entry *entries;
};

static void to_hex(const uint8_t digest[32], char hex[65])
{
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void store_digest(const void *bytes, size_t size, char hex[65])
{
    uint8_t digest[32];

    SHA256(bytes, size, digest);
    to_hex(digest, hex);
}

/* ---- paths ---- */

static void path_of(const struct store *store, const char *kind, const char *name,
                    char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s/%s", store->folder, kind, name);
}

static void bundle_path(const struct store *store, const char *id, char path[PATH_MAX])
{
    char name[80];

    snprintf(name, sizeof(name), "%s.rcl", id);
    path_of(store, "bundles", name, path);
}

static void compiled_path(const struct store *store, const char *wasm, char path[PATH_MAX])
{
    char name[128];

    snprintf(name, sizeof(name), "%s-%u.%u.rcl", wasm, RECLAVE_ABI_VERSION, SFI_POLICY_VERSION);
    path_of(store, "compiled", name, path);
}

static void module_path(const struct store *store, const char *wasm, char path[PATH_MAX])
{
    char name[80];

    snprintf(name, sizeof(name), "%s.wasm", wasm);
    path_of(store, "modules", name, path);
}

static enum status make_folder(const char *path, struct message *why)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return ST_OK;
    message_set(why, "cannot make the folder %s: %s", path, strerror(errno));
    return ST_IO;
}

static enum status make_folders(struct store *store, struct message *why)
{
    static const char *const kinds[] = {"bundles", "modules", "compiled", "build"};
    enum status status = make_folder(store->folder, why);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && status == ST_OK; i++) {
        char path[PATH_MAX];

        path_of(store, kinds[i], "", path);
        status = make_folder(path, why);
    }
    return status;
}

static void init_lock(struct store *store)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&store->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&store->compiler_ended, &attributes);
    pthread_condattr_destroy(&attributes);
}

static enum status make_stop(struct store *store, struct message *why)
{
    store->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (store->stop_fd >= 0)
        return ST_OK;
    message_set(why, "eventfd: %s", strerror(errno));
    return ST_IO;
}

enum status store_open(const struct store_options *options, struct store **out, struct message *why)
{
    struct store *store = calloc(1, sizeof(*store));
    enum status status;

    *out = NULL;
    if (!store)
        return ST_NO_MEMORY;
    if ((size_t)snprintf(store->folder, sizeof(store->folder), "%s", options->folder) >=
        sizeof(store->folder)) {
        free(store);
        message_set(why, "%.100s...: the path is too long", options->folder);
        return ST_OUT_OF_RANGE;
    }
    store->program = options->program;
    store->compilers = options->compilers ? options->compilers : DEFAULT_COMPILERS;
    init_lock(store);
    status = make_stop(store, why);
    if (status == ST_OK)
        status = make_folders(store, why);
    if (status == ST_OK)
        *out = store;
    else
        store_close(store);
    return status;
}

static void free_entry(struct entry *entry)
{
    free(entry->bytes);
    free(entry);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    while (store->entries) {
        struct entry *entry = store->entries;

        store->entries = entry->next;
        free_entry(entry);
    }
    if (store->stop_fd >= 0)
        close(store->stop_fd);
    pthread_cond_destroy(&store->compiler_ended);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* ---- bundles in memory ---- */

static size_t signed_part(const uint8_t *bytes, size_t size)
{
    struct bundle_signature signature;

    if (size < BUNDLE_HEADER_BYTES + sizeof(signature))
        return size;
    memcpy(&signature, bytes + size - sizeof(signature), sizeof(signature));
    return memcmp(signature.magic, BUNDLE_SIGNATURE_MAGIC, sizeof(signature.magic)) == 0
               ? size - sizeof(signature)
               : size;
}

static enum status check_version(const struct bundle_header *header, struct message *why)
{
    if (header->format_version == BUNDLE_FORMAT_VERSION &&
        header->abi_version == RECLAVE_ABI_VERSION && header->sfi_version == SFI_POLICY_VERSION)
        return ST_OK;
    message_set(why,
                "the bundle is of another version (format %u, ABI %u, SFI %u; this is %u, %u, %u): "
                "rebuild it with this version of reclave",
                header->format_version, header->abi_version, header->sfi_version,
                BUNDLE_FORMAT_VERSION, RECLAVE_ABI_VERSION, SFI_POLICY_VERSION);
    return ST_UNSUPPORTED;
}

static enum status describe_bundle(const uint8_t *bytes, size_t size, struct stored *stored,
                                   struct message *why)
{
    struct bundle_header header;

    memcpy(&header, bytes, sizeof(header));
    to_hex(header.wasm_sha256, stored->wasm_sha256);
    store_digest(bytes, signed_part(bytes, size), stored->bundle_sha256);
    return check_version(&header, why);
}

/* What the header says; whether it is true, and whether this version can run it, an enclave finds
 * out. */
static void describe_sealed(const uint8_t *bytes, struct stored *stored)
{
    struct sealed_header header;

    memcpy(&header, bytes, sizeof(header));
    to_hex(header.bundle_sha256, stored->bundle_sha256);
}

/* Takes `bytes` over. */
static enum status make_entry(uint8_t *bytes, size_t size, bool compiled_here, struct entry **out,
                              struct message *why)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    enum status status;

    if (!entry) {
        free(bytes);
        return ST_NO_MEMORY;
    }
    entry->bytes = bytes;
    status = pool_function_describe(bytes, size, &entry->stored.function);
    if (status != ST_OK)
        message_set(why, "the bundle is damaged");
    else if (entry->stored.function.sealed)
        describe_sealed(bytes, &entry->stored);
    else
        status = describe_bundle(bytes, size, &entry->stored, why);
    if (status != ST_OK) {
        free_entry(entry);
        return status;
    }
    to_hex(entry->stored.function.id, entry->stored.id);
    entry->stored.compiled_here = compiled_here;
    *out = entry;
    return ST_OK;
}

/* Under the lock. */
static struct entry *find_entry(struct store *store, const char *id)
{
    struct entry *entry = store->entries;

    while (entry && strcmp(entry->stored.id, id) != 0)
        entry = entry->next;
    if (entry)
        entry->users++;
    return entry;
}

/* Two who load the same bundle at the same time share the first one's. */
static const struct stored *share(struct store *store, struct entry *fresh)
{
    struct entry *entry;

    pthread_mutex_lock(&store->lock);
    entry = find_entry(store, fresh->stored.id);
    if (entry) {
        free_entry(fresh);
    } else {
        entry = fresh;
        entry->users = 1;
        entry->next = store->entries;
        store->entries = entry;
    }
    pthread_mutex_unlock(&store->lock);
    return &entry->stored;
}

void store_release(struct store *store, const struct stored *stored)
{
    struct entry **link = &store->entries;

    if (!stored)
        return;
    pthread_mutex_lock(&store->lock);
    while (*link && &(*link)->stored != stored)
        link = &(*link)->next;
    if (*link && --(*link)->users == 0) {
        struct entry *entry = *link;

        *link = entry->next;
        free_entry(entry);
    }
    pthread_mutex_unlock(&store->lock);
}

/* ---- files ---- */

static enum status keep(const char *path, const void *bytes, size_t size, struct message *why)
{
    struct stat info;

    if (stat(path, &info) == 0 && (size_t)info.st_size == size)
        return ST_OK; /* its name is its digest */
    if (write_whole_file(path, bytes, size) == ST_OK)
        return ST_OK;
    message_set(why, "cannot write %s: %s", path, strerror(errno));
    return ST_IO;
}

static enum status add_bundle(struct store *store, const uint8_t *bytes, size_t size,
                              bool compiled_here, const struct stored **out, struct message *why)
{
    uint8_t *copy = malloc(size);
    struct entry *entry = NULL;
    char path[PATH_MAX];
    enum status status;

    if (!copy)
        return ST_NO_MEMORY;
    memcpy(copy, bytes, size);
    status = make_entry(copy, size, compiled_here, &entry, why);
    if (status != ST_OK)
        return status;
    bundle_path(store, entry->stored.id, path);
    status = compiled_here ? ST_OK : keep(path, bytes, size, why);
    if (status == ST_OK)
        *out = share(store, entry);
    else
        free_entry(entry);
    return status;
}

/* ---- modules ---- */

static bool is_stopping(struct store *store)
{
    bool stopping;

    pthread_mutex_lock(&store->lock);
    stopping = store->stopping;
    pthread_mutex_unlock(&store->lock);
    return stopping;
}

void store_stop(struct store *store)
{
    const uint64_t one = 1;

    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    store->stopping = true;
    pthread_cond_broadcast(&store->compiler_ended);
    pthread_mutex_unlock(&store->lock);
    (void)!write(store->stop_fd, &one, sizeof(one)); /* fails only when it is readable anyway */
}

/* A place among the compilers. */
static enum status begin_compiling(struct store *store, struct message *why)
{
    struct timespec until;
    int waited = 0;
    bool stopping, begun;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += COMPILER_WAIT_S;
    pthread_mutex_lock(&store->lock);
    while (store->compilers == 0 && !store->stopping && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&store->compiler_ended, &store->lock, &until);
    stopping = store->stopping;
    begun = store->compilers > 0 && !stopping;
    store->compilers -= begun;
    pthread_mutex_unlock(&store->lock);
    if (begun)
        return ST_OK;
    message_set(why, stopping ? "the service is shutting down"
                              : "too many modules are being compiled: try again later");
    return ST_BUSY;
}

static void end_compiling(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    store->compilers++;
    pthread_cond_signal(&store->compiler_ended);
    pthread_mutex_unlock(&store->lock);
}

static enum status compile(struct store *store, const uint8_t *wasm, size_t wasm_bytes,
                           const char *path, uint8_t **bundle, size_t *bundle_bytes,
                           struct message *why)
{
    char folder[PATH_MAX];
    enum status status = begin_compiling(store, why);

    if (status != ST_OK)
        return status;
    path_of(store, "build", "", folder);
    folder[strlen(folder) - 1] = 0;
    status = compile_module_confined(store->program, folder, store->stop_fd, wasm, wasm_bytes,
                                     bundle, bundle_bytes, why);
    end_compiling(store);
    if (status == ST_OK)
        status = keep(path, *bundle, *bundle_bytes, why);
    return status;
}

static enum status add_module(struct store *store, const uint8_t *wasm, size_t wasm_bytes,
                              const struct stored **out, struct message *why)
{
    char digest[65], path[PATH_MAX], source[PATH_MAX];
    uint8_t *bundle = NULL;
    size_t bundle_bytes = 0;
    enum status status;

    store_digest(wasm, wasm_bytes, digest);
    module_path(store, digest, source);
    compiled_path(store, digest, path);
    status = read_whole_file(path, BUNDLE_FILE_MAX, &bundle, &bundle_bytes);
    if (status != ST_OK)
        status = compile(store, wasm, wasm_bytes, path, &bundle, &bundle_bytes, why);
    if (status == ST_OK)
        status = keep(source, wasm, wasm_bytes, why);
    if (status == ST_OK)
        status = add_bundle(store, bundle, bundle_bytes, true, out, why);
    free(bundle);
    return status;
}

enum status store_add(struct store *store, const struct code *code, const struct stored **out,
                      struct message *why)
{
    *out = NULL;
    if (code->kind == CODE_WASM)
        return add_module(store, code->bytes, code->size, out, why);
    return add_bundle(store, code->bytes, code->size, false, out, why);
}

static bool is_id(const char *id)
{
    return strlen(id) == 64 && strspn(id, "0123456789abcdef") == 64;
}

enum status store_find(struct store *store, const char *id, const struct stored **out,
                       struct message *why)
{
    struct entry *entry;
    char path[PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status;

    *out = NULL;
    if (!is_id(id)) {
        message_set(why, "'%.80s' is no digest", id);
        return ST_NOT_FOUND;
    }
    pthread_mutex_lock(&store->lock);
    entry = find_entry(store, id);
    pthread_mutex_unlock(&store->lock);
    if (entry) {
        *out = &entry->stored;
        return ST_OK;
    }
    bundle_path(store, id, path);
    if (read_whole_file(path, BUNDLE_FILE_MAX, &bytes, &size) != ST_OK) {
        message_set(why, "there is no function %s here", id);
        return ST_NOT_FOUND;
    }
    status = make_entry(bytes, size, false, &entry, why);
    if (status != ST_OK)
        return status;
    if (strcmp(entry->stored.id, id) != 0) {
        message_set(why, "%s is damaged: upload it again", path);
        free_entry(entry);
        return ST_CORRUPT;
    }
    *out = share(store, entry);
    return ST_OK;
}

/* ---- after an upgrade ---- */

static void for_each(const struct store *store, const char *kind,
                     void (*visit)(const char *path, const char *name, void *context),
                     void *context)
{
    char folder[PATH_MAX], path[PATH_MAX + 256];
    const struct dirent *item;
    DIR *directory;

    path_of(store, kind, "", folder);
    directory = opendir(folder);
    while (directory && (item = readdir(directory))) {
        if (item->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s%s", folder, item->d_name);
        visit(path, item->d_name, context);
    }
    if (directory)
        closedir(directory);
}

/* Ends early, and without complaints, when the store stops. */
struct upgrade {
    struct store *store;
    struct pool *pool;
    void (*cannot)(void *context, const char *id, const char *why);
    void *context;
};

static void upgrade_module(const char *path, const char *name, void *context)
{
    struct upgrade *upgrade = context;
    const struct stored *stored = NULL;
    struct message why = {""};
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (is_stopping(upgrade->store) ||
        read_whole_file(path, BUNDLE_FILE_MAX, &bytes, &size) != ST_OK)
        return;
    if (add_module(upgrade->store, bytes, size, &stored, &why) != ST_OK &&
        !is_stopping(upgrade->store))
        upgrade->cannot(upgrade->context, name, why.text);
    store_release(upgrade->store, stored);
    free(bytes);
}

static void check_bundle(const char *path, const char *name, void *context)
{
    struct upgrade *upgrade = context;
    struct message why = {""};
    struct entry *entry = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;

    if (is_stopping(upgrade->store) ||
        read_whole_file(path, BUNDLE_FILE_MAX, &bytes, &size) != ST_OK)
        return;
    if (make_entry(bytes, size, false, &entry, &why) != ST_OK) {
        upgrade->cannot(upgrade->context, name, why.text);
        return;
    }
    if (!pool_can_read(upgrade->pool, &entry->stored.function))
        upgrade->cannot(upgrade->context, name,
                        "it is sealed for an enclave that has ended: seal it again");
    free_entry(entry);
}

void store_upgrade(struct store *store, struct pool *pool,
                   void (*cannot)(void *context, const char *id, const char *why), void *context)
{
    struct upgrade upgrade = {store, pool, cannot, context};

    for_each(store, "modules", upgrade_module, &upgrade);
    for_each(store, "bundles", check_bundle, &upgrade);
}
