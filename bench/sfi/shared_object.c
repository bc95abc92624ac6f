#include "bench/common/fail.h"
#include "bench/sfi/sfi.h"

#include <dlfcn.h>

run_function *shared_object_open(const struct program *program, enum variant variant)
{
    static const char *const suffixes[VARIANT_COUNT] = {[NATIVE_CLANG] = ".clang.so",
                                                        [NATIVE_SCALAR] = ".scalar.so",
                                                        [NATIVE_GCC] = ".gcc.so",
                                                        [WASM2C_GUARD] = ".guard.so",
                                                        [WASM2C_CHECKS] = ".checks.so"};
    char path[PATH_MAX];
    union {
        void *symbol;
        run_function *run;
    } found;
    void *object;

    sfi_path(program->name, suffixes[variant], path);
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object)
        bench_fail("%s; `make bench` builds it", dlerror());
    found.symbol = dlsym(object, "run");
    if (!found.symbol)
        bench_fail("%s: %s", path, dlerror());
    return found.run;
}

struct sample shared_object_call(run_function *run, uint32_t scale)
{
    double start = cpu_us();
    uint64_t checksum = run(scale);

    return (struct sample){cpu_us() - start, checksum};
}
