/*
 * The daemon's functions: bundles by digest, modules by digest, and what was compiled of them, in
 *   FOLDER/bundles/ID.rcl        ID: SHA-256 of the file
 *   FOLDER/modules/SHA256.wasm
 *   FOLDER/compiled/SHA256-ABI.SFI.rcl    of a module, by this version of Reclave
 *   FOLDER/build/                while compiling
 * All of it can be made again from what was uploaded; bundles/ and modules/ are the copies. Any
 * thread.
 */
#ifndef RECLAVE_HOST_ACTION_STORE_H
#define RECLAVE_HOST_ACTION_STORE_H

#include "host/action/code.h"
#include "host/pool/pool.h"

struct store;

struct store_options {
    const char *folder;  /* made if missing, mode 0700 */
    const char *program; /* `reclave`, to build with; borrowed */
    unsigned compilers;  /* at a time; 0: 2 */
};

MUST_CHECK enum status store_open(const struct store_options *options, struct store **out,
                                  struct message *why);
/* Kills what compiles, at once; store_add of modules that would have to be compiled, those under
 * way included, ends with ST_BUSY from now on. Any thread; may be repeated. NULL is fine. */
void store_stop(struct store *store);
/* No other thread uses it any more. */
void store_close(struct store *store);

/* One bundle in memory, shared by all who hold it. */
struct stored {
    struct pool_function function; /* memory_limit 0: set it in a copy */
    char id[65];
    char bundle_sha256[65]; /* what evidence names: without the signature; of a sealed one as its
                             * header says */
    char wasm_sha256[65];   /* the module's, as the bundle claims; of a sealed one "" */
    bool compiled_here;     /* of a plaintext module */
};

/* Keeps what was uploaded and, of a module, what it compiles to (from the cache if it is there).
 * The caller releases *out. Statuses of code_decode and compile_module_confined; ST_BUSY: too many
 * compilers run already, or store_stop. */
MUST_CHECK enum status store_add(struct store *store, const struct code *code,
                                 const struct stored **out, struct message *why);
/* ST_NOT_FOUND. Bundles that were uploaded only. */
MUST_CHECK enum status store_find(struct store *store, const char *id, const struct stored **out,
                                  struct message *why);
void store_release(struct store *store, const struct stored *stored);

/* After an upgrade: compiles modules whose bundle is of another version, in the calling thread, and
 * calls `cannot` for each bundle that this version, or for sealed ones this pool, cannot run. */
void store_upgrade(struct store *store, struct pool *pool,
                   void (*cannot)(void *context, const char *id, const char *why), void *context);

/* As SHA-256 in hexadecimal. */
void store_digest(const void *bytes, size_t size, char hex[65]);

#endif
