#include "abi/gates.h"
#include "bench/common/fail.h"
#include "bench/sfi/sfi.h"
#include "tests/wasm/arena.h"

#include <stdio.h>
#include <stdlib.h>

void confined_read(const struct program *program, enum variant variant, struct confined *out)
{
    char name[64];

    snprintf(name, sizeof(name), SFI_FOLDER "/%s%s.rcl", program->name,
             variant == MARKED ? ".marked" : "");
    out->file = bench_file_read(name);
    if (bundle_read(out->file.data, out->file.bytes, &out->view) != ST_OK)
        bench_fail("%s is not a bundle of this version", name);
}

void confined_free(struct confined *confined)
{
    free(confined->file.data);
}

static uint64_t call(unsigned what, uint32_t scale)
{
    struct arena_result result = arena_call(what, scale);

    if (result.trap != TRAP_NONE)
        bench_fail("a bundle ended with trap %d", result.trap);
    return result.value;
}

/* programs/handle_arena.c: the result is where the checksum lies. */
static struct sample time_call(uint32_t scale)
{
    double start = cpu_us();
    uint64_t place = call(CRT_HANDLE, scale);
    struct sample sample = {.us = cpu_us() - start};

    arena_read((uint32_t)place, &sample.checksum, sizeof(sample.checksum));
    return sample;
}

struct sample confined_call(const struct confined *confined, uint32_t scale)
{
    struct sample sample;

    arena_open(&confined->view);
    call(CRT_INSTANTIATE, 0);
    time_call(scale);
    sample = time_call(scale);
    arena_close();
    return sample;
}
