#include "tests/rewrite/life.h"

#include "abi/entry.h"
#include "abi/gates.h"
#include "abi/geometry.h"
#include "sandboxed/wasi/dispatch.h"
#include "sandboxed/wasi/gates.h"
#include "sandboxed/wasi/state.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CAGE_MAPPED  0x40000000u /* layer 1's cage up to the end of the stderr window */
#define OUTPUT_LIMIT (1u << 20)

uint8_t *hosted_cage;
uint8_t *hosted_guest;

static struct {
    uint32_t selector;
    bool exited;
    uint8_t next_random;
} world;

static void must(bool done, const char *what)
{
    if (!done) {
        perror(what);
        exit(1);
    }
}

static void commit(uint64_t offset, uint64_t bytes)
{
    must(mprotect(hosted_cage + offset, bytes, PROT_READ | PROT_WRITE) == 0, "mprotect");
}

/* ---- layer 1's gates ---------------------------------------------------------------- */

void gate1_exit(uint64_t code)
{
    world.exited = true;
    arena_end(TRAP_NONE, code);
}

void gate1_trap(uint64_t trap)
{
    arena_end((enum trap)trap, 0);
}

uint64_t gate1_commit(uint64_t region, uint64_t bytes)
{
    commit(region == REGION_STDOUT ? STDOUT_OFF : STDERR_OFF, bytes);
    return 1;
}

uint64_t gate1_random(uint64_t offset, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i++)
        hosted_cage[offset + i] = world.next_random++;
    return 1;
}

uint64_t gate1_write(uint64_t address, uint64_t offset, uint64_t bytes)
{
    uint64_t size = l1_page()->linear_bytes;

    must(address <= size && bytes <= size - address, "a write to linear memory");
    memcpy(hosted_guest + address, hosted_cage + offset, bytes);
    return 1;
}

static uint64_t answer(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    if (call == WASI_SCHED_YIELD)
        return world.selector;
    hosted_guest = arena_linear(&l1_page()->linear_bytes);
    return l1_dispatch(call, a, b, c, d, 0);
}

/* ---- a life --------------------------------------------------------------------------- */

/* As L0 does before S1: time stands still, nothing has come in. */
static void boot(uint32_t selector)
{
    memset(&world, 0, sizeof(world));
    world.selector = selector;
    hosted_cage =
        mmap(NULL, CAGE_MAPPED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    must(hosted_cage != MAP_FAILED, "mmap");
    commit(L1_PAGE_OFF, L1_PAGE_MAX);
    commit(L1_STATE_OFF, PAGE_BYTES);
    l1_page()->version = RECLAVE_ABI_VERSION;
    l1_page()->fixed = 1;
    l1_page()->stdout_limit = OUTPUT_LIMIT;
    l1_page()->stderr_limit = OUTPUT_LIMIT;
    must(l1_dispatch(L1_BOOT, 0, 0, 0, 0, 0) == 0, "boot");
}

static void begin_invocation(const struct life_input *input)
{
    static const char strings[] = "program\0NAME=value"; /* its end is the last NUL */

    commit(STDIN_OFF, input->bytes + 1);
    memcpy(hosted_cage + STDIN_OFF, input->data, input->bytes);
    l1_page()->stdin_bytes = input->bytes;
    l1_page()->fixed = 0;
    l1_page()->realtime_ns = 1700000000000000000;
    l1_page()->monotonic_ns = 1000000000;
    memcpy(l1_page()->strings, strings, sizeof(strings));
    l1_page()->arg_count = 1;
    l1_page()->arg_bytes = 8;
    l1_page()->env_count = 1;
    l1_page()->env_bytes = sizeof(strings) - 8;
}

/* True: the next call may follow. */
static bool call(struct life *life, unsigned number)
{
    struct arena_result result = arena_call(number, 0);

    life->last_call = number;
    life->trap = result.trap;
    life->exited = world.exited;
    life->value = world.exited ? 0 : result.value;
    life->exit_code = world.exited ? result.value : 0;
    return result.trap == TRAP_NONE && !world.exited;
}

static void run(const struct bundle_view *bundle, const struct life_input *input, struct life *life)
{
    uint32_t exports = bundle->header.exports;

    if (!call(life, CRT_INSTANTIATE) ||
        (exports & BUNDLE_HAS_INITIALIZE && !call(life, CRT_INITIALIZE)) ||
        (exports & BUNDLE_HAS_WIZER && !call(life, CRT_WIZER)))
        return;
    begin_invocation(input);
    if (exports & BUNDLE_HAS_AFTER_REWIND && !call(life, CRT_AFTER_REWIND))
        return;
    call(life, exports & BUNDLE_HAS_START ? CRT_START : CRT_HANDLE);
}

static uint8_t *copy_of(uint64_t offset, uint64_t bytes)
{
    uint8_t *copy = malloc(bytes + 1);

    must(copy != NULL, "malloc");
    memcpy(copy, hosted_cage + offset, bytes);
    return copy;
}

static void observe(struct life *life)
{
    const uint8_t *linear = arena_linear(&life->linear_bytes);

    life->output_bytes = l1_page()->stdout_bytes;
    life->log_bytes = l1_page()->stderr_bytes;
    life->log_dropped = l1_page()->stderr_dropped;
    life->output = copy_of(STDOUT_OFF, life->output_bytes);
    life->log = copy_of(STDERR_OFF, life->log_bytes);
    life->calls = arena_calls;
    SHA256(linear, life->linear_bytes, life->linear_sha256);
}

void life_run(const struct bundle_view *bundle, const struct life_input *input, struct life *life)
{
    memset(life, 0, sizeof(*life));
    boot(input->selector);
    arena_open(bundle);
    arena_answer_by(answer);
    run(bundle, input, life);
    observe(life);
    arena_answer_by(NULL);
    arena_close();
    must(munmap(hosted_cage, CAGE_MAPPED) == 0, "munmap");
}

void life_free(struct life *life)
{
    free(life->output);
    free(life->log);
    memset(life, 0, sizeof(*life));
}

/* ---- comparing --------------------------------------------------------------------------- */

static bool same_bytes(const uint8_t *a, uint64_t a_bytes, const uint8_t *b, uint64_t b_bytes)
{
    return a_bytes == b_bytes && memcmp(a, b, a_bytes) == 0;
}

static bool same_gates(const struct arena_calls *a, const struct arena_calls *b)
{
    return memcmp(a->wasi, b->wasi, sizeof(a->wasi)) == 0 && a->grow == b->grow &&
           a->data == b->data &&
           memcmp(a->last_arguments, b->last_arguments, sizeof(a->last_arguments)) == 0;
}

const char *life_difference(const struct life *a, const struct life *b)
{
    if (a->last_call != b->last_call)
        return "the call that ended it";
    if (a->trap != b->trap)
        return "the trap";
    if (a->exited != b->exited || a->exit_code != b->exit_code)
        return "the exit code";
    if (!same_bytes(a->output, a->output_bytes, b->output, b->output_bytes))
        return "the output";
    if (!same_bytes(a->log, a->log_bytes, b->log, b->log_bytes) || a->log_dropped != b->log_dropped)
        return "the log";
    if (a->trap == TRAP_NONE && (uint32_t)a->value != (uint32_t)b->value)
        return "the result";
    if (a->trap == TRAP_STACK_EXHAUSTED)
        return NULL;
    if (!same_gates(&a->calls, &b->calls))
        return "the calls of gates";
    if (!same_bytes(a->linear_sha256, 32, b->linear_sha256, 32) ||
        a->linear_bytes != b->linear_bytes)
        return "linear memory";
    return NULL;
}
