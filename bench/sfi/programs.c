#include "bench/sfi/sfi.h"

#include "bench/common/fail.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
const struct program programs[PROGRAM_COUNT] = {
    {"gemm",        "dense matrix product",                 60},
    {"jacobi",      "five-point stencil",                  120},
    {"lu",          "LU factorisation",                     60},
    {"floyd",       "shortest paths, integers",             20},
    {"cg",          "sparse conjugate gradients",           60},
    {"nbody",       "gravitation, square roots",           200},
    {"fft",         "Fourier transform",                   150},
    {"sha256",      "SHA-256",                              70},
    {"sort",        "quicksort by function pointer, radix", 20},
    {"hash",        "hash table of words",                 100},
    {"json",        "JSON, parsed and printed",            250},
    {"regex",       "backtracking regular expressions",     11},
    {"interpreter", "bytecode interpreter",                180},
    {"lz",          "LZ77, compressed and back",            22},
    {"queens",      "recursion",                          1200},
};
/* clang-format on */

const char *variant_name(enum variant variant)
{
    static const char *const names[VARIANT_COUNT] = {
        [NATIVE_CLANG] = "clang",
        [NATIVE_SCALAR] = "clang, scalar",
        [NATIVE_GCC] = "gcc",
        [WASM2C_GUARD] = "wasm2c, guards",
        [WASM2C_CHECKS] = "wasm2c, checks",
        [CONFINED] = "Reclave",
        [MARKED] = "Reclave, marked",
        [INSIDE] = "Reclave, inside",
        [WASMTIME] = "wasmtime",
    };

    return names[variant];
}

double cpu_us(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        bench_fail("no clock of the thread's CPU time");
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

void sfi_path(const char *name, const char *suffix, char path[PATH_MAX])
{
    ssize_t bytes = readlink("/proc/self/exe", path, PATH_MAX - 1);
    size_t room;
    char *end;

    if (bytes < 0)
        bench_fail("/proc/self/exe: cannot read it");
    path[bytes] = '\0';
    end = strrchr(path, '/') + 1;
    room = PATH_MAX - (size_t)(end - path);
    if ((size_t)snprintf(end, room, SFI_FOLDER "/%s%s", name, suffix) >= room)
        bench_fail("the path of %s is too long", name);
}
