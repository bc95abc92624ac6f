#include "tests/verify/run/cage.h"

#include "trusted/verify/decode.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

/* enter.S */
extern uint64_t cage_registers[16], cage_fs, cage_gs, cage_start, harness_rsp, seen_fs, seen_gs;
extern const uint8_t cage_entered[], cage_leave[];
void cage_enter(void);
void cage_signal(int number, siginfo_t *info, void *context);
void cage_observe(int number, const siginfo_t *info, ucontext_t *context);

#define STATE_BYTES     0x10000 /* committed of each */
#define STACK_BYTES     0x10000
#define STACK_BOTTOM    0x200000
#define LINEAR_BYTES    0x10000
#define MARKS_REACH     0x100000 /* where a mark can lie: of any 32-bit address */
#define HWCAP2_FSGSBASE 2
#define FLAG_DF         0x400
#define FLAG_AC         0x40000

static uint8_t *slot;
static uint8_t *text;
static uint8_t *linear, *marks;
static uint8_t linear_before[LINEAR_BYTES]; /* when the last mark was not yet set */
static bool marked;                         /* the program marks what it writes */
static unsigned long marked_changes;
static uint64_t mark_fault;
static unsigned steps_left;
static bool inside;
static enum verdict verdict;
static char escape[200];

static uint8_t *map(uint64_t offset, size_t bytes, int protection)
{
    void *at =
        mmap(slot + offset, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    if (at == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return at;
}

/* A slot-sized hole, aligned like a slot, with a slot's worth of nothing before and behind. */
static void reserve(void)
{
    uint8_t *whole =
        mmap(NULL, 4 * SLOT_STRIDE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (whole == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    slot = whole + 2 * SLOT_STRIDE - (uintptr_t)whole % SLOT_STRIDE;
}

void cage_take_signals(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    static uint8_t stack[64 * 1024];
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_sigaction = cage_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigfillset(&action.sa_mask);
    sigaltstack(&alternative, NULL);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

void cage_create(void)
{
    uint8_t *gates, *rodata;

    if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
        fprintf(stderr, "no FSGSBASE\n");
        exit(1);
    }
    reserve();
    map(SLOT_L2_CAGE + L2_STATE_OFF, STATE_BYTES, PROT_READ | PROT_WRITE);
    map(SLOT_L2_CAGE + STACK_BOTTOM, STACK_BYTES, PROT_READ | PROT_WRITE);
    linear = map(SLOT_LINEAR + LINEAR_MAX - LINEAR_BYTES, LINEAR_BYTES, PROT_READ | PROT_WRITE);
    marks = map(SLOT_MARKS, PAGE_BYTES, PROT_READ | PROT_WRITE);
    gates = map(SLOT_CODE, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
    memset(gates, SFI_PAD_BYTE, 2 * PAGE_BYTES);
    text = gates + SFI_TEXT_OFF;
    rodata = map(SLOT_CODE + SFI_RODATA_OFF, PROGRAM_RODATA, PROT_READ | PROT_WRITE);
    memset(rodata, 0x5a, PROGRAM_RODATA);
    mprotect(rodata, PROGRAM_RODATA, PROT_READ);
    cage_gs = (uintptr_t)slot + SLOT_L2_CAGE;
    cage_fs = (uintptr_t)slot + SLOT_LINEAR + LINEAR_MAX - LINEAR_BYTES;
    cage_start = (uintptr_t)text;
}

static void set_escape(const ucontext_t *context, const char *format, ...)
{
    uint64_t rip = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    va_list arguments;
    int length;

    length = snprintf(escape, sizeof(escape),
                      "at slot + %#llx: ", (unsigned long long)(rip - (uintptr_t)slot));
    va_start(arguments, format);
    vsnprintf(escape + length, sizeof(escape) - (size_t)length, format, arguments);
    va_end(arguments);
    verdict = ESCAPED;
}

static bool between(uint64_t address, uint64_t low, uint64_t high)
{
    uint64_t offset = address - (uintptr_t)slot;

    return offset >= low && offset < high;
}

static bool is_text(uint64_t rip)
{
    return between(rip, SLOT_CODE + SFI_TEXT_OFF, SLOT_CODE + SFI_TEXT_OFF + PAGE_BYTES);
}

static bool is_gate(uint64_t rip)
{
    return between(rip, SLOT_CODE, SLOT_CODE + GATE_PAGE_BYTES);
}

/* Does byte i of text start an instruction, as the decoder sees it? The CPU has its own opinion
 * at each step. */
static uint8_t starts[PAGE_BYTES];

static bool starts_at(const uint8_t *rip)
{
    return is_text((uintptr_t)rip) && starts[rip - text];
}

/* A general protection fault has no address. hlt and misaligned vector operands raise it, and so
 * does an address that is not canonical, which only an escape can form. */
static bool is_lawful_protection_fault(const uint8_t *code)
{
    while (*code == 0x66 || *code == 0x67 || *code == 0x64 || *code == 0x65 ||
           (*code & 0xf0) == 0x40 || *code == 0xf2 || *code == 0xf3)
        code++;
    return *code == SFI_PAD_BYTE || *code == 0x0f;
}

/* Where a program may go on after a fault, as if from a computed jump: the next bundle, since what
 * the rest of this one relies on has not happened. NULL where a fault must be the end: with %rsp
 * half moved, or by hlt, ud2 and jumps. */
static const uint8_t *after_fault(const uint8_t *code)
{
    struct insn insn;

    if (decode(code, &insn) != VERIFY_OK || insn.form->kind >= KIND_STACK)
        return NULL;
    if (insn.memory && insn.base == SFI_REG_RSP)
        return NULL;
    return code + SFI_BUNDLE_BYTES - (uintptr_t)code % SFI_BUNDLE_BYTES;
}

static void judge_fault(int number, const siginfo_t *info, const ucontext_t *context)
{
    uint64_t rip = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    uint64_t address = (uintptr_t)info->si_addr;
    const uint8_t *code = (const uint8_t *)rip;

    verdict = FAULTED;
    if (number == SIGFPE)
        return;
    if (number == SIGILL && is_text(rip)) {
        if (code[0] != 0x0f || code[1] != 0x0b)
            set_escape(context, "undefined instruction %02x %02x %02x %02x", code[0], code[1],
                       code[2], code[3]);
        return;
    }
    if (number != SIGSEGV) {
        set_escape(context, "signal %d", number);
        return;
    }
    if (info->si_code == SI_KERNEL) {
        if (!is_text(rip) || !is_lawful_protection_fault(code))
            set_escape(context, "general protection fault");
        return;
    }
    if (address == rip && between(rip, SLOT_CODE, SLOT_CODE + SFI_TEXT_END))
        return; /* a computed jump to nowhere */
    if (marked && between(address, SLOT_MARKS, SLOT_MARKS + MARKS_REACH)) {
        mark_fault = address - (uintptr_t)slot - SLOT_MARKS; /* of no page of linear memory */
        return;
    }
    if (!between(address, SLOT_L2_CAGE - SFI_STACK_DISP_MAX, SLOT_CODE))
        set_escape(context, "access of %#llx, slot + %#llx", (unsigned long long)address,
                   (unsigned long long)(address - (uintptr_t)slot));
}

/* The mark of a page stands for that page and SFI_MARK_TAIL - 1 bytes behind it. */
static bool is_covered(uint32_t offset)
{
    uint32_t page = offset / PAGE_BYTES;

    return marks[page] || (page > 0 && marks[page - 1] && offset % PAGE_BYTES < SFI_MARK_TAIL - 1);
}

/* Once per program's start, and where L0 would restore everything: after a fault. */
static void forget_changes(void)
{
    memcpy(linear_before, linear, LINEAR_BYTES);
    memset(marks, 0, PAGE_BYTES);
}

/* Before control goes anywhere else, all that has changed is marked; nothing else is. */
static void judge_marks(const ucontext_t *context)
{
    if (!marked || !memcmp(linear, linear_before, LINEAR_BYTES))
        return;
    for (uint32_t offset = 0; offset < LINEAR_BYTES; offset++)
        if (linear[offset] != linear_before[offset] && !is_covered(offset)) {
            set_escape(context, "byte %#x of linear memory has changed without a mark", offset);
            return;
        }
    marked_changes++;
}

static bool ends_sequence(const uint8_t *rip)
{
    struct insn insn;

    return decode(rip, &insn) == VERIFY_OK && insn.form->kind >= KIND_CALL;
}

static void judge_step(const ucontext_t *context)
{
    const greg_t *registers = context->uc_mcontext.gregs;
    uint64_t rip = (uint64_t)registers[REG_RIP];

    if ((uint64_t)registers[REG_R14] != (uintptr_t)slot + SLOT_CODE)
        set_escape(context, "r14 has changed");
    else if (!between((uint64_t)registers[REG_RSP], SLOT_L2_CAGE, SLOT_L2_CAGE + CAGE_BYTES))
        set_escape(context, "rsp has left its cage");
    else if (registers[REG_EFL] & (FLAG_DF | FLAG_AC))
        set_escape(context, "DF or AC is set");
    else if (seen_fs != cage_fs || seen_gs != cage_gs)
        set_escape(context, "a segment base has changed");
    else if (is_gate(rip) && rip % GATE_ENTRY_BYTES == 0)
        verdict = REACHED_GATE;
    else if (between(rip, SLOT_CODE, SLOT_CODE + SFI_TEXT_END) && !is_gate(rip) && !is_text(rip) &&
             rip % SFI_BUNDLE_BYTES == 0)
        return; /* a computed jump, about to fault */
    else if (!starts_at((const uint8_t *)rip))
        set_escape(context, "control is where no verified instruction starts");
    else if (ends_sequence((const uint8_t *)rip))
        judge_marks(context);
}

/* From cage_signal, with the harness's own %fs. */
void cage_observe(int number, const siginfo_t *info, ucontext_t *context)
{
    greg_t *registers = context->uc_mcontext.gregs;
    const uint8_t *rip = (const uint8_t *)registers[REG_RIP];

    if (number == SIGTRAP && !inside && rip < cage_entered && rip >= (const uint8_t *)cage_enter)
        return; /* on the way in */
    inside = true;
    if (number != SIGTRAP)
        judge_fault(number, info, context);
    else
        judge_step(context);
    if (verdict == FAULTED && starts_at(rip) && after_fault(rip)) {
        verdict = RAN_OUT_OF_STEPS;
        forget_changes();
        registers[REG_RIP] = (greg_t)after_fault(rip);
    }
    if (verdict == RAN_OUT_OF_STEPS && steps_left-- > 0)
        return;
    registers[REG_RIP] = (greg_t)cage_leave;
    registers[REG_EFL] &= ~0x100;
}

static void find_starts(void)
{
    struct insn insn;

    memset(starts, 0, sizeof(starts));
    for (uint32_t at = 0; at < PAGE_BYTES; at += insn.length) {
        starts[at] = 1;
        if (decode(text + at, &insn) != VERIFY_OK)
            insn.length = 1; /* a control's code is not verified */
    }
}

static uint64_t random_register(uint64_t *state)
{
    switch (random_below(state, 7)) {
    case 0:
        return random_next(state);
    case 1:
        return L2_STATE_OFF + random_below(state, STATE_BYTES);
    case 2:
        return random_below(state, LINEAR_BYTES);
    case 3:
        return (uintptr_t)slot + SLOT_L2_CAGE + L2_STATE_OFF + random_below(state, STATE_BYTES);
    case 4: /* around the end of a page */
        return PAGE_BYTES * (1 + random_below(state, LINEAR_BYTES / PAGE_BYTES)) -
               random_below(state, 2 * SFI_MARK_TAIL);
    case 5:
        return (uint64_t)0 - random_below(state, 256);
    default:
        return SFI_TEXT_OFF + SFI_BUNDLE_BYTES * random_below(state, 16);
    }
}

enum verdict cage_run(uint64_t *state, const struct program *program, unsigned steps)
{
    for (unsigned i = 0; i < 16; i++)
        cage_registers[i] = random_register(state);
    cage_registers[SFI_REG_RSP] =
        (uintptr_t)slot + SLOT_L2_CAGE + STACK_BOTTOM + random_below(state, STACK_BYTES / 8) * 8u;
    cage_registers[SFI_REG_CODE] = (uintptr_t)slot + SLOT_CODE;
    memset(text, SFI_PAD_BYTE, PAGE_BYTES);
    memcpy(text, program->text, program->bytes);
    find_starts();
    marked = program->marked;
    mark_fault = UINT64_MAX;
    forget_changes();
    steps_left = steps;
    inside = false;
    verdict = RAN_OUT_OF_STEPS;
    cage_enter();
    return verdict;
}

unsigned long cage_marked_changes(void)
{
    return marked_changes;
}

uint64_t cage_mark_fault(void)
{
    return mark_fault;
}

const char *cage_escape(void)
{
    return escape;
}
