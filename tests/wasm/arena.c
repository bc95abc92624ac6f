#include "tests/wasm/arena.h"

#include "abi/gates.h"
#include "abi/geometry.h"
#include "abi/sfi.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

struct arena_exit {
    uint64_t trap, value;
};

/* arena_enter.S */
struct arena_exit arena_enter(const void *entry, uint64_t call, uint8_t *stack_top, uint8_t *linear,
                              uint8_t *cage, const void *return_gate);
void arena_leave(void);
void arena_gate_wasi(void);
void arena_gate_trap(void);
void arena_gate_grow(void);
void arena_gate_return(void);
void arena_gate_data(void);
/* called by it */
uint64_t arena_wasi(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
uint64_t arena_grow(uint64_t what, uint64_t pages);
uint64_t arena_data(uint64_t target, uint64_t offset, uint64_t bytes);

struct arena_calls arena_calls;
static arena_wasi_answer *answer_by;

static struct {
    uint8_t *reserved, *slot; /* slot: aligned to SLOT_STRIDE */
    bool marked;              /* the bundle marks what it writes of linear memory */
    uint64_t linear_bytes, linear_max, table_bytes, table_max, stack_bytes, rodata_bytes;
    unsigned entry_offset;
    uint32_t selector;
} arena;

#define RESERVED_BYTES (2 * SLOT_STRIDE)
#define SIGNAL_STACK   65536

static uint8_t signal_stack[SIGNAL_STACK];

static void must(bool done, const char *what)
{
    if (!done) {
        perror(what);
        exit(1);
    }
}

static void commit(uint64_t offset, uint64_t bytes, int protection)
{
    if (bytes)
        must(mprotect(arena.slot + offset, bytes, protection) == 0, "mprotect");
}

/* Runs with the function's %fs: no TLS, so no stack protector and no errno. Continues in
 * arena_leave. What L0 concludes from EXITINFO, this concludes from the address. */
__attribute__((optimize("no-stack-protector"))) static void on_fault(int signal, siginfo_t *info,
                                                                     void *context)
{
    ucontext_t *machine = context;
    uint64_t offset = (uint64_t)info->si_addr - (uint64_t)arena.slot;
    enum trap trap = TRAP_MACHINE_FAULT;

    if (signal == SIGSEGV && offset >= SLOT_LINEAR && offset < SLOT_CODE)
        trap = TRAP_MEMORY_OUT_OF_BOUNDS;
    else if (signal == SIGSEGV && offset >= SLOT_L2_CAGE + L2_STACK_OFF - 0x100000 &&
             offset < SLOT_L2_CAGE + L2_STACK_OFF)
        trap = TRAP_STACK_EXHAUSTED;
    machine->uc_mcontext.gregs[REG_RBX] = trap;
    machine->uc_mcontext.gregs[REG_RBP] = 0;
    machine->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)arena_leave;
}

static void catch_faults(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};

    action.sa_sigaction = on_fault;
    must(sigaltstack(&stack, NULL) == 0, "sigaltstack");
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        must(sigaction(signals[i], &action, NULL) == 0, "sigaction");
}

/* movabs $target, %rax; jmp *%rax */
static void write_gate(unsigned gate, void (*target)(void))
{
    uint8_t *at = arena.slot + SLOT_CODE + gate * GATE_ENTRY_BYTES;
    uint64_t address = (uint64_t)target;

    memcpy(at, "\x48\xb8", 2);
    memcpy(at + 2, &address, sizeof(address));
    memcpy(at + 10, "\xff\xe0", 2);
}

/* A mark per page of linear memory, as L0 commits them: whole pages of marks. */
static void commit_marks(void)
{
    uint64_t marks = (arena.linear_bytes + PAGE_BYTES - 1) / PAGE_BYTES;

    if (arena.marked)
        commit(SLOT_MARKS, (marks + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES,
               PROT_READ | PROT_WRITE);
}

static void load_code(const struct bundle_view *bundle)
{
    const struct bundle_header *header = &bundle->header;

    uint8_t *zone = arena.slot + SLOT_CODE;

    commit(SLOT_CODE, GATE_PAGE_BYTES + header->code_bytes, PROT_READ | PROT_WRITE);
    commit(SLOT_CODE + CODE_RODATA_OFF, header->rodata_bytes, PROT_READ | PROT_WRITE);
    write_gate(GATE2_WASI, arena_gate_wasi);
    write_gate(GATE2_TRAP, arena_gate_trap);
    write_gate(GATE2_GROW, arena_gate_grow);
    write_gate(GATE2_RETURN, arena_gate_return);
    write_gate(GATE2_DATA, arena_gate_data);
    memcpy(zone + GATE_PAGE_BYTES, bundle->code, header->code_bytes);
    memcpy(zone + CODE_RODATA_OFF, bundle->rodata, header->rodata_bytes);
    commit(SLOT_CODE, GATE_PAGE_BYTES + header->code_bytes, PROT_READ | PROT_EXEC);
    commit(SLOT_CODE + CODE_RODATA_OFF, header->rodata_bytes, PROT_READ);
}

void arena_open(const struct bundle_view *bundle)
{
    const struct bundle_header *header = &bundle->header;

    memset(&arena_calls, 0, sizeof(arena_calls));
    arena.reserved =
        mmap(NULL, RESERVED_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    must(arena.reserved != MAP_FAILED, "mmap");
    arena.slot =
        (uint8_t *)(((uintptr_t)arena.reserved + SLOT_STRIDE - 1) & ~(uintptr_t)(SLOT_STRIDE - 1));
    arena.linear_bytes = header->memory_initial;
    arena.linear_max = header->memory_max;
    arena.table_bytes = header->tables_initial;
    arena.table_max = header->tables_max;
    arena.stack_bytes = header->stack_bytes;
    arena.rodata_bytes = header->rodata_bytes;
    arena.entry_offset = header->entry_offset;
    commit(SLOT_L2_CAGE + L2_STATE_OFF, header->state_bytes, PROT_READ | PROT_WRITE);
    commit(SLOT_L2_CAGE + L2_TABLES_OFF, arena.table_bytes, PROT_READ | PROT_WRITE);
    commit(SLOT_L2_CAGE + L2_STACK_OFF, arena.stack_bytes, PROT_READ | PROT_WRITE);
    arena.marked = header->tracking == BUNDLE_TRACK_MARK;
    commit(SLOT_LINEAR, arena.linear_bytes, PROT_READ | PROT_WRITE);
    commit_marks();
    load_code(bundle);
    catch_faults();
}

void arena_close(void)
{
    must(munmap(arena.reserved, RESERVED_BYTES) == 0, "munmap");
}

struct arena_result arena_call(unsigned call, uint32_t selector)
{
    uint8_t *cage = arena.slot + SLOT_L2_CAGE;
    struct arena_exit left;

    arena.selector = selector;
    left = arena_enter(arena.slot + SLOT_CODE + arena.entry_offset, call,
                       cage + L2_STACK_OFF + arena.stack_bytes, arena.slot + SLOT_LINEAR, cage,
                       arena.slot + SLOT_CODE + GATE2_RETURN * GATE_ENTRY_BYTES);
    return (struct arena_result){left.trap, left.value};
}

void arena_answer_by(arena_wasi_answer *answer)
{
    answer_by = answer;
}

uint8_t *arena_linear(uint64_t *bytes)
{
    *bytes = arena.linear_bytes;
    return arena.slot + SLOT_LINEAR;
}

void arena_read(uint32_t offset, void *target, size_t bytes)
{
    must(offset + bytes <= arena.linear_bytes, "arena_read");
    memcpy(target, arena.slot + SLOT_LINEAR + offset, bytes);
}

/* Linear memory as it was when the watch began; what has grown since was zero. */
static struct {
    uint8_t *copy;
    uint64_t bytes;
} watch;

void arena_watch_marks(void)
{
    must(arena.marked, "arena_watch_marks");
    free(watch.copy);
    watch.bytes = arena.linear_bytes;
    watch.copy = malloc(watch.bytes + 1);
    must(watch.copy != NULL, "malloc");
    memcpy(watch.copy, arena.slot + SLOT_LINEAR, watch.bytes);
    memset(arena.slot + SLOT_MARKS, 0, arena.linear_bytes / PAGE_BYTES);
}

static bool is_covered(uint64_t at)
{
    const uint8_t *marks = arena.slot + SLOT_MARKS;

    if (marks[at / PAGE_BYTES])
        return true;
    return at / PAGE_BYTES > 0 && marks[at / PAGE_BYTES - 1] && at % PAGE_BYTES < SFI_MARK_TAIL - 1;
}

bool arena_marks_cover(uint64_t *unmarked)
{
    const uint8_t *linear = arena.slot + SLOT_LINEAR;

    for (uint64_t at = 0; at < arena.linear_bytes; at++)
        if (linear[at] != (at < watch.bytes ? watch.copy[at] : 0) && !is_covered(at)) {
            *unmarked = at;
            return false;
        }
    return true;
}

unsigned arena_marked_pages(void)
{
    unsigned pages = 0;

    for (uint64_t page = 0; page < arena.linear_bytes / PAGE_BYTES; page++)
        pages += arena.slot[SLOT_MARKS + page];
    return pages;
}

void arena_read_state(void *target, size_t bytes)
{
    memcpy(target, arena.slot + SLOT_L2_CAGE + L2_STATE_OFF, bytes);
}

static uint8_t *kept;

void arena_keep(void)
{
    kept = arena.reserved;
}

void arena_close_kept(void)
{
    must(munmap(kept, RESERVED_BYTES) == 0, "munmap");
}

uint64_t arena_wasi(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    const uint64_t arguments[5] = {a, b, c, d, 0};

    if (call < sizeof(arena_calls.wasi) / sizeof(arena_calls.wasi[0]))
        arena_calls.wasi[call]++;
    memcpy(arena_calls.last_arguments, arguments, sizeof(arguments));
    if (answer_by)
        return answer_by(call, a, b, c, d);
    if (call == WASI_SCHED_YIELD)
        return arena.selector;
    return call == WASI_NOSYS ? 52 : 0; /* ENOSYS */
}

uint64_t arena_grow(uint64_t what, uint64_t pages)
{
    uint64_t bytes = pages * PAGE_BYTES;

    arena_calls.grow++;
    if (what == GROW_LINEAR && bytes <= arena.linear_max - arena.linear_bytes) {
        commit(SLOT_LINEAR + arena.linear_bytes, bytes, PROT_READ | PROT_WRITE);
        arena.linear_bytes += bytes;
        commit_marks();
        return 1;
    }
    if (what == GROW_TABLES && bytes <= arena.table_max) {
        if (bytes > arena.table_bytes)
            arena.table_bytes = bytes;
        commit(SLOT_L2_CAGE + L2_TABLES_OFF, arena.table_bytes, PROT_READ | PROT_WRITE);
        return 1;
    }
    return 0;
}

static bool inside(uint64_t at, uint64_t bytes, uint64_t start, uint64_t size)
{
    return at >= start && at - start <= size && bytes <= size - (at - start);
}

/* As L0 does for what it writes itself. */
static void mark(uint64_t start, uint64_t bytes)
{
    if (arena.marked && bytes)
        memset(arena.slot + SLOT_MARKS + start / PAGE_BYTES, 1,
               (start + bytes - 1) / PAGE_BYTES - start / PAGE_BYTES + 1);
}

uint64_t arena_data(uint64_t target, uint64_t offset, uint64_t bytes)
{
    uint64_t cage_offset = target & UINT32_MAX;
    uint8_t *to;

    arena_calls.data++;
    if (!inside(offset, bytes, 0, arena.rodata_bytes))
        return 0;
    if (target == (GATE2_DATA_CAGE | cage_offset)) {
        if (!inside(cage_offset, bytes, L2_TABLES_OFF, arena.table_bytes))
            return 0;
        to = arena.slot + SLOT_L2_CAGE + cage_offset;
    } else {
        if (!inside(target, bytes, 0, arena.linear_bytes))
            return 0;
        to = arena.slot + SLOT_LINEAR + target;
        mark(target, bytes);
    }
    memcpy(to, arena.slot + SLOT_CODE + CODE_RODATA_OFF + offset, bytes);
    return 1;
}
