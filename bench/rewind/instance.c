/* wasmtime by its C API, from the library that the Python package contains. Declared here are the
 * functions used, as version 50 has them: fetching the package does not bring its header. */
#include "bench/common/clock.h"
#include "bench/common/fail.h"
#include "bench/rewind/helper.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY        "wasmtime/linux-x86_64/_libwasmtime.so"
#define FUNCTIONS_KIND 0
#define MEMORY_MAX     (UINT64_C(512) << 20)

struct wasm_instance {
    uint64_t store;
    size_t private;
};
struct wasm_function {
    uint64_t store;
    void *private;
};
struct wasm_extern { /* room beyond the largest member of its union */
    uint8_t kind;
    union {
        struct wasm_function function;
        uint64_t room[8];
    } of;
};
struct wasm_value {
    uint8_t kind; /* 0: i32 */
    union {
        int32_t i32;
        uint64_t room[3];
    } of;
};

/* X(result, name, parameters) */
#define API(X)                                                                                     \
    X(void *, wasm_config_new, (void))                                                             \
    X(void *, wasm_engine_new_with_config, (void *))                                               \
    X(void *, wasmtime_pooling_allocation_config_new, (void))                                      \
    X(void, wasmtime_pooling_allocation_config_max_memory_size_set, (void *, size_t))              \
    X(void, wasmtime_pooling_allocation_config_total_memories_set, (void *, uint32_t))             \
    X(void, wasmtime_pooling_allocation_config_total_core_instances_set, (void *, uint32_t))       \
    X(void, wasmtime_pooling_allocation_strategy_set, (void *, const void *))                      \
    X(void *, wasmtime_module_new, (void *, const uint8_t *, size_t, void **))                     \
    X(void, wasmtime_module_delete, (void *))                                                      \
    X(void *, wasmtime_linker_new, (void *))                                                       \
    X(void, wasmtime_linker_delete, (void *))                                                      \
    X(void *, wasmtime_linker_instantiate_pre, (const void *, const void *, void **))              \
    X(void, wasmtime_instance_pre_delete, (void *))                                                \
    X(void *, wasmtime_instance_pre_instantiate,                                                   \
      (const void *, void *, struct wasm_instance *, void **))                                     \
    X(void *, wasmtime_store_new, (void *, void *, void (*)(void *)))                              \
    X(void *, wasmtime_store_context, (void *))                                                    \
    X(void, wasmtime_store_delete, (void *))                                                       \
    X(bool, wasmtime_instance_export_get,                                                          \
      (void *, const struct wasm_instance *, const char *, size_t, struct wasm_extern *))          \
    X(void *, wasmtime_func_call,                                                                  \
      (void *, const struct wasm_function *, const struct wasm_value *, size_t,                    \
       struct wasm_value *, size_t, void **))

static struct {
#define MEMBER(result, name, parameters) result(*name) parameters;
    API(MEMBER)
#undef MEMBER
    void *engine, *module, *pre;
} wasmtime;

static char library[PATH_MAX];

/* ---- before the helper starts ---------------------------------------------------- */

int instance_prepare(char why[256])
{
    char folder[PATH_MAX], command[3 * PATH_MAX];
    ssize_t bytes = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    FILE *output;

    if (bytes < 0)
        bench_fail("/proc/self/exe: cannot read it");
    folder[bytes] = '\0';
    *strrchr(folder, '/') = '\0';
    snprintf(command, sizeof(command),
             "'%s/sfi-programs/wasmtime-setup' '%s/sfi-programs/wasmtime-packages' 2>&1", folder,
             folder);
    output = popen(command, "re");
    if (!output || !fgets(why, 256, output))
        why[0] = '\0';
    why[strcspn(why, "\n")] = '\0';
    if (!output || pclose(output) != 0)
        return -1;
    if ((size_t)snprintf(library, sizeof(library), "%s/sfi-programs/wasmtime-packages/" LIBRARY,
                         folder) >= sizeof(library) ||
        access(library, R_OK) != 0) {
        strcpy(why, "the package has no " LIBRARY);
        return -1;
    }
    return 0;
}

/* ---- in the helper ----------------------------------------------------------------- */

static void *symbol(void *object, const char *name)
{
    void *found = dlsym(object, name);

    if (!found)
        bench_fail("%s: no %s", library, name);
    return found;
}

static void must(const void *error, const void *trap, const char *what)
{
    if (error || trap)
        bench_fail("wasmtime: cannot %s", what);
}

static void make_engine(void)
{
    void *object = dlopen(library, RTLD_NOW | RTLD_LOCAL), *config, *pool;

    if (!object)
        bench_fail("%s", dlerror());
#define LOOK_UP(result, name, parameters) *(void **)(void *)&wasmtime.name = symbol(object, #name);
    API(LOOK_UP)
#undef LOOK_UP
    config = wasmtime.wasm_config_new();
    pool = wasmtime.wasmtime_pooling_allocation_config_new();
    wasmtime.wasmtime_pooling_allocation_config_max_memory_size_set(pool, MEMORY_MAX);
    wasmtime.wasmtime_pooling_allocation_config_total_memories_set(pool, 2);
    wasmtime.wasmtime_pooling_allocation_config_total_core_instances_set(pool, 2);
    wasmtime.wasmtime_pooling_allocation_strategy_set(config, pool);
    wasmtime.engine = wasmtime.wasm_engine_new_with_config(config);
    if (!wasmtime.engine)
        bench_fail("wasmtime has no engine with a pool");
}

static void open_module(uint32_t pages)
{
    size_t bytes;
    uint8_t *module = module_make(pages, &bytes);
    void *linker;

    if (!wasmtime.engine)
        make_engine();
    if (wasmtime.module) {
        wasmtime.wasmtime_instance_pre_delete(wasmtime.pre);
        wasmtime.wasmtime_module_delete(wasmtime.module);
    }
    must(wasmtime.wasmtime_module_new(wasmtime.engine, module, bytes, &wasmtime.module), NULL,
         "compile the module");
    linker = wasmtime.wasmtime_linker_new(wasmtime.engine);
    must(wasmtime.wasmtime_linker_instantiate_pre(linker, wasmtime.module, &wasmtime.pre), NULL,
         "link the module");
    wasmtime.wasmtime_linker_delete(linker);
    free(module);
}

static double cycle(uint32_t dirty)
{
    uint64_t start = clock_ns();
    void *store = wasmtime.wasmtime_store_new(wasmtime.engine, NULL, NULL);
    void *context = wasmtime.wasmtime_store_context(store), *trap = NULL, *error;
    struct wasm_value number = {.of.i32 = (int32_t)dirty};
    struct wasm_instance instance;
    struct wasm_extern touch;

    error = wasmtime.wasmtime_instance_pre_instantiate(wasmtime.pre, context, &instance, &trap);
    must(error, trap, "instantiate");
    if (!wasmtime.wasmtime_instance_export_get(context, &instance, "t", 1, &touch) ||
        touch.kind != FUNCTIONS_KIND)
        bench_fail("wasmtime: the module's function is not there");
    error = wasmtime.wasmtime_func_call(context, &touch.of.function, &number, 1, NULL, 0, &trap);
    must(error, trap, "call the function");
    wasmtime.wasmtime_store_delete(store);
    return (double)(clock_ns() - start) / 1000;
}

const struct helper_work instance_work = {open_module, cycle};
