#include "tests/wasi/machine.h"

#include "sandboxed/wasi/gates.h"

#include <string.h>
#include <sys/mman.h>

#define CAGE_MAPPED 0x40000000u /* the cage up to the end of the stderr window */
#define FILLING     0xa5        /* of linear memory, to see what a call has written */

uint8_t *hosted_cage;
uint8_t *hosted_guest;
struct machine machine;

static jmp_buf leave;

static void commit(uint64_t cage_offset, uint64_t bytes)
{
    assert_return_code(mprotect(hosted_cage + cage_offset, bytes, PROT_READ | PROT_WRITE), 0);
}

static uint8_t *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_ptr_not_equal(p, MAP_FAILED);
    return p;
}

int machine_setup(void **state)
{
    (void)state;
    machine = (struct machine){.commit_limit = STDIO_MAX, .random_left = 1000};
    hosted_cage = reserve(CAGE_MAPPED);
    hosted_guest = reserve(MACHINE_LINEAR_BYTES + PAGE_BYTES);
    assert_return_code(mprotect(hosted_guest, MACHINE_LINEAR_BYTES, PROT_READ | PROT_WRITE), 0);
    memset(hosted_guest, FILLING, MACHINE_LINEAR_BYTES);
    commit(L1_PAGE_OFF, L1_PAGE_MAX);
    commit(L1_STATE_OFF, PAGE_BYTES);
    l1_page()->version = 1;
    l1_page()->linear_bytes = MACHINE_LINEAR_BYTES;
    l1_page()->stdout_limit = 1 << 20;
    l1_page()->stderr_limit = 1 << 20;
    memset(l1_state(), 0x5a, sizeof(struct l1_state)); /* boot depends on nothing */
    assert_int_equal(wasi(L1_BOOT, 0, 0, 0, 0), 0);
    return 0;
}

int machine_teardown(void **state)
{
    (void)state;
    munmap(hosted_cage, CAGE_MAPPED);
    munmap(hosted_guest, MACHINE_LINEAR_BYTES + PAGE_BYTES);
    return 0;
}

void machine_input(const void *data, size_t bytes)
{
    commit(STDIN_OFF, bytes + 1);
    memcpy(hosted_cage + STDIN_OFF, data, bytes);
    l1_page()->stdin_bytes = bytes;
}

void machine_strings(uint32_t arg_count, const char *args, uint32_t arg_bytes, uint32_t env_count,
                     const char *env, uint32_t env_bytes)
{
    struct l1_page *page = l1_page();

    memcpy(page->strings, args, arg_bytes);
    memcpy(page->strings + arg_bytes, env, env_bytes);
    page->arg_count = arg_count;
    page->arg_bytes = arg_bytes;
    page->env_count = env_count;
    page->env_bytes = env_bytes;
}

void gate1_exit(uint64_t code)
{
    machine.exit_code = code;
    longjmp(leave, ENDED_EXIT);
}

void gate1_trap(uint64_t trap)
{
    machine.trap = trap;
    longjmp(leave, ENDED_TRAP);
}

uint64_t gate1_commit(uint64_t region, uint64_t bytes)
{
    machine.commits++;
    assert_true(region == REGION_STDOUT || region == REGION_STDERR);
    assert_true(bytes > 0 && bytes <= STDIO_MAX);
    if (bytes > machine.commit_limit)
        return 0;
    commit(region == REGION_STDOUT ? STDOUT_OFF : STDERR_OFF, bytes);
    return 1;
}

uint64_t gate1_random(uint64_t offset, uint64_t bytes)
{
    machine.random_calls++;
    assert_true(bytes > 0 && bytes <= 256);
    if (machine.random_left == 0)
        return 0;
    machine.random_left--;
    for (uint64_t i = 0; i < bytes; i++)
        hosted_cage[offset + i] = machine.random_next++;
    return 1;
}

/* Layer 1 has checked both ranges: what L0 would refuse is a mistake of its. */
uint64_t gate1_write(uint64_t address, uint64_t offset, uint64_t bytes)
{
    machine.writes++;
    assert_true(bytes > 0 && bytes <= MACHINE_LINEAR_BYTES);
    assert_true(address <= MACHINE_LINEAR_BYTES - bytes);
    if (machine.refuse_writes)
        return 0;
    memcpy(hosted_guest + address, hosted_cage + offset, bytes);
    return 1;
}

enum ending enter(uint64_t *result, uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    int ending = setjmp(leave);

    if (ending)
        return (enum ending)ending;
    *result = l1_dispatch(call, a, b, c, d, 0xdeadbeefdeadbeef);
    return ENDED_RETURN;
}

uint64_t wasi(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t result = UINT64_MAX;

    assert_int_equal(enter(&result, call, a, b, c, d), ENDED_RETURN);
    return result;
}

uint8_t *guest(uint32_t at)
{
    return hosted_guest + at;
}

uint16_t get16(uint32_t at)
{
    return guest_load16(at);
}

uint32_t get32(uint32_t at)
{
    return guest_load32(at);
}

uint64_t get64(uint32_t at)
{
    return guest_load64(at);
}

void put32(uint32_t at, uint32_t value)
{
    memcpy(hosted_guest + at, &value, sizeof(value));
}

void put64(uint32_t at, uint64_t value)
{
    memcpy(hosted_guest + at, &value, sizeof(value));
}

void put_iovec(uint32_t at, uint32_t buffer, uint32_t bytes)
{
    put32(at, buffer);
    put32(at + 4, bytes);
}

void assert_guest_untouched(void)
{
    for (uint32_t i = 0; i < MACHINE_LINEAR_BYTES; i++)
        assert_int_equal(hosted_guest[i], FILLING);
}
