/*
 * What goes out, with the last few instructions held back: an access that needs
 * a proven register (policy 4.1) is locked into one bundle with the instruction
 * that proves it, if one is near, and gets a guard otherwise.
 */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_WINDOW_H
#define RECLAVE_TOOLCHAIN_REWRITE_WINDOW_H

#include "toolchain/rewrite/insn.h"
#include "toolchain/rewrite/rewrite.h"

#define WINDOW_INSTRUCTIONS 12

struct held {
    struct insn insn;
    unsigned bytes; /* at most */
    int group;      /* index of the first instruction locked together with this one; -1: none */
};

struct window {
    FILE *out;
    struct rewrite_counts *counts;
    struct held held[WINDOW_INSTRUCTIONS];
    int count;
    int prover[16];   /* register's upper half is zero since this instruction; -1: not known */
    bool tied;        /* the next instruction is locked together with the last one */
    uint64_t written; /* instructions so far */
    int copied;       /* r11 holds the low half of this register; -1: of none */
};

void window_open(struct window *window, FILE *out, struct rewrite_counts *counts);
/* Any instruction but a branch. */
void window_put(struct window *window, const struct insn *insn);
/* `insn` accesses %fs:disp(%reg), reg being the base of its memory operand: with that register if
 * it is proven, else with a guarded %r11. Returns the register. */
unsigned window_put_guarded(struct window *window, const struct insn *insn);
/* What that will return, and whether it will write %r11. Nothing may be put in between. */
unsigned window_guarded_base(struct window *window, const struct insn *insn, bool *copies);
/* The next instruction follows the last one immediately, without padding between them. */
void window_tie(struct window *window);
/* Writes all that is held: before labels, branches, directives. */
void window_flush(struct window *window);

#endif
