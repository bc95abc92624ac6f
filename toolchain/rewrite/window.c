#include "toolchain/rewrite/window.h"

#include <string.h>

/* A locked group that does not fit the rest of a bundle moves to the next one: long groups cost
 * more padding than the guards they save. By measurement (bench/sfi). */
#define GROUP_BYTES_MAX 20

static void forget(struct window *window)
{
    window->count = 0;
    window->tied = false;
    window->copied = -1;
    memset(window->prover, -1, sizeof(window->prover));
}

void window_open(struct window *window, FILE *out, struct rewrite_counts *counts)
{
    window->out = out;
    window->counts = counts;
    window->written = 0;
    forget(window);
}

/* Instruction `first` and those locked together with it. Returns the next one. */
static int write_group(struct window *window, int first)
{
    int end = first + 1;
    bool locked = window->held[first].group >= 0;

    while (locked && end < window->count && window->held[end].group == first)
        end++;
    if (locked)
        fputs("\t.bundle_lock\n", window->out);
    window->written += (uint64_t)(end - first);
    for (int i = first; i < end; i++)
        insn_print(&window->held[i].insn, window->out);
    if (locked)
        fputs("\t.bundle_unlock\n", window->out);
    return end;
}

void window_flush(struct window *window)
{
    for (int at = 0; at < window->count;)
        at = write_group(window, at);
    forget(window);
}

static void write_oldest(struct window *window)
{
    int gone = write_group(window, 0);

    window->count -= gone;
    memmove(window->held, window->held + gone, (size_t)window->count * sizeof(window->held[0]));
    for (int i = 0; i < window->count; i++)
        window->held[i].group = window->held[i].group < 0 ? -1 : window->held[i].group - gone;
    for (int reg = 0; reg < 16; reg++)
        window->prover[reg] = window->prover[reg] < gone ? -1 : window->prover[reg] - gone;
    if (window->prover[REG_R11] < 0)
        window->copied = -1;
}

static void make_room(struct window *window, int instructions)
{
    while (window->count > WINDOW_INSTRUCTIONS - instructions)
        write_oldest(window);
}

static void note_effects(struct window *window, const struct insn *insn)
{
    uint32_t writes = insn_writes(insn), zeroes = insn_zeroes(insn);

    for (int reg = 0; reg < 16; reg++)
        if (zeroes >> reg & 1)
            window->prover[reg] = window->count - 1;
        else if (writes >> reg & 1)
            window->prover[reg] = -1;
    if (writes >> REG_R11 & 1 || (window->copied >= 0 && writes >> window->copied & 1))
        window->copied = -1;
}

/* Where a group from `prover` on would start: groups do not overlap. */
static int group_start(const struct window *window, int prover)
{
    return window->held[prover].group >= 0 ? window->held[prover].group : prover;
}

static bool fits(const struct window *window, int prover, unsigned bytes)
{
    if (prover < 0)
        return false;
    for (int i = group_start(window, prover); i < window->count; i++)
        bytes += window->held[i].bytes;
    return bytes <= GROUP_BYTES_MAX;
}

static void lock_from(struct window *window, int prover)
{
    int start = group_start(window, prover);

    for (int i = start; i < window->count; i++)
        window->held[i].group = start;
}

void window_put(struct window *window, const struct insn *insn)
{
    struct held *held;

    make_room(window, 1);
    held = &window->held[window->count++];
    *held = (struct held){*insn, insn_length_at_most(insn), -1};
    note_effects(window, insn);
    if (window->tied)
        lock_from(window, window->count - 2);
    window->tied = false;
}

void window_tie(struct window *window)
{
    window->tied = true;
}

static void put_copy(struct window *window, unsigned reg)
{
    struct operand from = operand_general(reg, 4), to = operand_general(REG_R11, 4);
    struct insn copy = insn_make("movl", &from, &to);

    make_room(window, 2);
    window_put(window, &copy);
    window->copied = (int)reg;
}

/* A register that is proven, close enough, to hold the base's value; REG_NONE: there is none. */
static unsigned proven_base(const struct window *window, const struct insn *insn)
{
    struct insn copy = *insn;
    unsigned reg = insn_memory(&copy)->base;
    unsigned bytes = insn_length_at_most(insn) + 1; /* r11 may cost a REX prefix */

    if (fits(window, window->prover[reg], bytes))
        return reg;
    if (window->copied == (int)reg && fits(window, window->prover[REG_R11], bytes))
        return REG_R11;
    return REG_NONE;
}

unsigned window_guarded_base(struct window *window, const struct insn *insn, bool *copies)
{
    unsigned proven;

    make_room(window, 1);
    proven = proven_base(window, insn);
    *copies = proven == REG_NONE;
    return *copies ? REG_R11 : proven;
}

unsigned window_put_guarded(struct window *window, const struct insn *insn)
{
    struct insn access = *insn;
    struct operand *memory = insn_memory(&access);
    unsigned proven;
    int prover;

    make_room(window, 1);
    proven = proven_base(window, insn);
    if (proven != REG_NONE) {
        memory->base = (uint8_t)proven;
        window->counts->elided++;
    } else {
        put_copy(window, memory->base);
        memory->base = REG_R11;
        window->counts->guards++;
    }
    prover = window->prover[memory->base];
    window_put(window, &access);
    lock_from(window, prover);
    return memory->base;
}
