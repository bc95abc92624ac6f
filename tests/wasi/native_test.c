/*
 * Layer 1 as it will run: its machine code, its segments, its gates. The sources' behaviour is
 * tested elsewhere; here it is that the compiled image reaches exactly its two windows, at any
 * base, and keeps nothing that depends on where it lies.
 */
#include "tests/wasi/native.h"

#include "abi/gates.h"
#include "abi/geometry.h"
#include "abi/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#define LINEAR_BYTES  0x20000u
#define HWCAP2_FSGS   2u /* AT_HWCAP2: user mode may set FS and GS base */
#define RESERVED      (2 * CAGE_BYTES)
#define CODE_RESERVED 0x100000u /* of the text, and of the read-only data */

struct place {
    uint8_t *reservation, *cage, *linear, *code;
    struct native_world world;
};

static struct place place;

uint64_t native_commit(uint64_t region, uint64_t bytes)
{
    uint64_t offset = region == REGION_STDOUT ? STDOUT_OFF : STDERR_OFF;

    return mprotect(place.cage + offset, bytes, PROT_READ | PROT_WRITE) == 0;
}

uint64_t native_random(uint64_t offset, uint64_t bytes)
{
    memset(place.cage + offset, 0x77, bytes);
    return 1;
}

uint64_t native_write(uint64_t address, uint64_t offset, uint64_t bytes)
{
    memcpy(place.linear + address, place.cage + offset, bytes);
    return 1;
}

static uint8_t *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_ptr_not_equal(p, MAP_FAILED);
    return p;
}

static void make_usable(uint8_t *at, size_t bytes)
{
    assert_return_code(mprotect(at, bytes, PROT_READ | PROT_WRITE), 0);
}

/* jmp *0(%rip), then the address. */
static void put_gate(unsigned gate, void (*target)(void))
{
    static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
    uint8_t *entry = place.code + gate * GATE_ENTRY_BYTES;

    memcpy(entry, jump, sizeof(jump));
    memcpy(entry + sizeof(jump), &target, sizeof(target));
}

/* A file of the build; `to` is page aligned, and its room gets this protection. */
static size_t load_file(const char *name, uint8_t *to, size_t room, int protection)
{
    const char *build = getenv("BUILD");
    char path[4096];
    FILE *file;
    size_t bytes;

    snprintf(path, sizeof(path), "%s/sandboxed/%s", build ? build : "build", name);
    file = fopen(path, "rb");
    assert_non_null(file);
    bytes = fread(to, 1, room, file);
    assert_true(bytes < room);
    fclose(file);
    assert_return_code(mprotect(to, room, protection), 0);
    return bytes;
}

/* Masked branches keep the low 28 bits of an address: a code zone is aligned to 256 MiB. */
static void load_code(void)
{
    uint8_t *rodata;

    place.code = reserve(2ull * CODE_RODATA_OFF + CODE_RESERVED);
    place.code += -(uintptr_t)place.code % CODE_RODATA_OFF;
    rodata = place.code + CODE_RODATA_OFF;
    make_usable(place.code, CODE_RESERVED);
    make_usable(rodata, CODE_RESERVED);
    put_gate(GATE1_RETURN, native_gate_return);
    put_gate(GATE1_EXIT, native_gate_exit);
    put_gate(GATE1_COMMIT, native_gate_commit);
    put_gate(GATE1_RANDOM, native_gate_random);
    put_gate(GATE1_TRAP, native_gate_trap);
    put_gate(GATE1_WRITE, native_gate_write);
    assert_true(load_file("l1.bin", place.code + L1_ENTRY_OFF, CODE_RESERVED - L1_ENTRY_OFF,
                          PROT_READ | PROT_EXEC) > 0);
    assert_return_code(mprotect(place.code, GATE_PAGE_BYTES, PROT_READ | PROT_EXEC), 0);
    load_file("l1-rodata.bin", rodata, CODE_RESERVED, PROT_READ);
}

static uint64_t enter(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    const uint64_t arguments[5] = {a, b, c, d, 0};
    uint64_t top = (uint64_t)place.cage + L1_STACK_OFF + L1_STACK_MAX - 8;

    place.world.stack = top;
    *(uint64_t *)(uintptr_t)top = (uint64_t)place.code + GATE1_RETURN * GATE_ENTRY_BYTES;
    return native_enter(&place.world, call, arguments);
}

static struct l1_page *page(void)
{
    return (struct l1_page *)(place.cage + L1_PAGE_OFF);
}

/* A fresh world. */
static void place_world(void)
{
    uint8_t *start = reserve(RESERVED);

    place.reservation = start;
    place.cage = (uint8_t *)(((uint64_t)start + CAGE_BYTES - 1) & ~(CAGE_BYTES - 1));
    place.linear = reserve(LINEAR_BYTES + PAGE_BYTES) + PAGE_BYTES;
    make_usable(place.linear, LINEAR_BYTES);
    make_usable(place.cage + L1_PAGE_OFF, L1_PAGE_MAX);
    make_usable(place.cage + L1_STATE_OFF, PAGE_BYTES);
    make_usable(place.cage + L1_STACK_OFF + L1_STACK_MAX - PAGE_BYTES, PAGE_BYTES);
    make_usable(place.cage + STDIN_OFF, PAGE_BYTES);
    load_code();
    place.world = (struct native_world){.entry = (uint64_t)place.code + L1_ENTRY_OFF,
                                        .cage = (uint64_t)place.cage,
                                        .linear = (uint64_t)place.linear};
    page()->linear_bytes = LINEAR_BYTES;
    page()->stdout_limit = 1 << 20;
    page()->stderr_limit = 1 << 20;
    assert_int_equal(enter(L1_BOOT, 0, 0, 0, 0), 0);
    assert_int_equal(place.world.end, NATIVE_RETURN);
}

static void remove_world(void)
{
    munmap(place.reservation, RESERVED);
    munmap(place.linear - PAGE_BYTES, LINEAR_BYTES + PAGE_BYTES);
}

static int setup(void **state)
{
    (void)state;
    if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGS))
        return 0;
    place_world();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (place.reservation)
        remove_world();
    place.reservation = NULL;
    return 0;
}

#define NEEDS_FSGSBASE()                                                                           \
    do {                                                                                           \
        if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGS)) {                                               \
            print_message("# no FSGSBASE instructions on this machine\n");                         \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static void put_iovec(uint32_t at, uint32_t buffer, uint32_t bytes)
{
    memcpy(place.linear + at, &buffer, 4);
    memcpy(place.linear + at + 4, &bytes, 4);
}

static uint32_t get32(uint32_t at)
{
    uint32_t value;

    memcpy(&value, place.linear + at, 4);
    return value;
}

static void copies_input_to_output(void **state)
{
    (void)state;
    NEEDS_FSGSBASE();
    memcpy(place.cage + STDIN_OFF, "the quick brown fox jumps over the lazy dog", 43);
    page()->stdin_bytes = 43;
    put_iovec(0x100, LINEAR_BYTES - 43, 100);
    assert_int_equal(enter(WASI_FD_READ, 0, 0x100, 1, 0x200), 21); /* EFAULT */
    put_iovec(0x100, LINEAR_BYTES - 43, 43);
    assert_int_equal(enter(WASI_FD_READ, 0, 0x100, 1, 0x200), 0);
    assert_int_equal(get32(0x200), 43);
    assert_int_equal(enter(WASI_FD_WRITE, 1, 0x100, 1, 0x200), 0);
    assert_int_equal(enter(WASI_FD_WRITE, 2, 0x100, 1, 0x200), 0);
    assert_int_equal(place.world.end, NATIVE_RETURN);
    assert_int_equal(page()->stdout_bytes, 43);
    assert_memory_equal(place.cage + STDOUT_OFF, place.cage + STDIN_OFF, 43);
    assert_memory_equal(place.cage + STDERR_OFF, place.cage + STDIN_OFF, 43);
}

static void random_bytes_pass_through_the_gate(void **state)
{
    (void)state;
    NEEDS_FSGSBASE();
    assert_int_equal(enter(WASI_RANDOM_GET, 0x1000, 1000, 0, 0), 0);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(place.linear[0x1000 + i], 0x77);
    assert_int_equal(place.linear[0x1000 + 1000], 0);
}

static void exit_and_trap_leave_by_their_gates(void **state)
{
    (void)state;
    NEEDS_FSGSBASE();
    assert_int_equal(enter(WASI_PROC_EXIT, 42, 0, 0, 0), 42);
    assert_int_equal(place.world.end, NATIVE_EXIT);
    page()->stdout_limit = 10;
    put_iovec(0x100, 0x1000, 11);
    assert_int_equal(enter(WASI_FD_WRITE, 1, 0x100, 1, 0x200), TRAP_OUTPUT_LIMIT);
    assert_int_equal(place.world.end, NATIVE_TRAP);
}

static void unknown_calls_return(void **state)
{
    (void)state;
    NEEDS_FSGSBASE();
    assert_int_equal(enter(WASI_NOSYS, 0, 0, 0, 0), 52);
    assert_int_equal(enter(UINT64_MAX, 0, 0, 0, 0), 52);
}

/* All that layer 1 keeps, after boot and some calls, at two bases for everything. */
static void state_does_not_depend_on_the_base(void **state)
{
    static uint8_t first[PAGE_BYTES];
    uint8_t *first_cage, *first_code;

    (void)state;
    NEEDS_FSGSBASE();
    for (int round = 0; round < 2; round++) {
        put_iovec(0x100, 0x1000, 100);
        assert_int_equal(enter(WASI_FD_WRITE, 2, 0x100, 1, 0x200), 0);
        assert_int_equal(enter(WASI_CLOCK_TIME_GET, 1, 0, 0x300, 0), 0);
        assert_int_equal(enter(WASI_RANDOM_GET, 0x400, 16, 0, 0), 0);
        assert_int_equal(enter(WASI_FD_CLOSE, 0, 0, 0, 0), 0);
        if (round == 0) {
            memcpy(first, place.cage + L1_STATE_OFF, sizeof(first));
            first_cage = place.cage;
            first_code = place.code;
            place_world(); /* while the first is still mapped */
        }
    }
    assert_ptr_not_equal(place.cage, first_cage);
    assert_ptr_not_equal(place.code, first_code);
    assert_memory_equal(place.cage + L1_STATE_OFF, first, sizeof(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copies_input_to_output, setup, teardown),
        cmocka_unit_test_setup_teardown(random_bytes_pass_through_the_gate, setup, teardown),
        cmocka_unit_test_setup_teardown(exit_and_trap_leave_by_their_gates, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_calls_return, setup, teardown),
        cmocka_unit_test_setup_teardown(state_does_not_depend_on_the_base, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
