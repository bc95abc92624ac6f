/* The state of one rewriting, shared by its parts. */
#ifndef RECLAVE_TOOLCHAIN_REWRITE_REWRITER_H
#define RECLAVE_TOOLCHAIN_REWRITE_REWRITER_H

#include "toolchain/rewrite/window.h"

/* Stores to linear memory that one mark will stand for. */
struct pending_mark {
    bool open;              /* there are some */
    struct operand address; /* base, index, scale */
    int64_t low, high;      /* displacements of the first byte and behind the last byte */
};

struct rewriter {
    FILE *out;
    bool marks; /* rewrite_options */
    struct window window;
    struct rewrite_counts counts;
    struct rewrite_problem *problem;
    unsigned line;
    bool in_text;            /* the current section holds code */
    struct span function;    /* announced by .type; its label comes next */
    uint64_t function_start; /* window.written at the last function's label */
    int64_t step;            /* of %rsp, not yet written; 0: none */
    bool step_moved;         /* flags are no longer what the step made them */
    struct pending_mark mark;
    bool flags_lost;  /* a mark has changed the flags since an instruction made them */
    bool guard_given; /* by the input (rewrite.h): it waits for its access, ... */
    unsigned guarded; /* ... this register is the one */
};

/* Notes the first problem, at the current line. Returns false. */
__attribute__((format(printf, 2, 3))) bool refuse(struct rewriter *rewriter, const char *format,
                                                  ...);

/* instruction.c. False: refused. */
bool rewrite_instruction(struct rewriter *rewriter, const struct insn *insn);
/* directive.c: name starts with '.'. */
bool rewrite_directive(struct rewriter *rewriter, struct span name, struct span arguments);

/* branch.c */
bool rewrite_branch(struct rewriter *rewriter, const struct insn *insn);

/* stack.c: %rsp moves by at most SFI_STACK_STEP_MAX, and an access follows. */
bool stack_is_step(const struct insn *insn, int64_t *step);
bool stack_add_step(struct rewriter *rewriter, int64_t step);
/* What is put next is `insn`: puts a step that must come before it, tied to it or to a probe. */
void stack_before(struct rewriter *rewriter, const struct insn *insn);
/* The step, if there is one, directly before what is written next: a call. */
void stack_write_step(struct rewriter *rewriter);
/* A label or a directive goes out next. */
void stack_before_label(struct rewriter *rewriter);

/* memory.c: turns the memory operand into one of the policy's forms; may put instructions that
 * prepare %r11. False: refused. */
bool confine_memory(struct rewriter *rewriter, struct insn *insn);

/* mark.c: before each instruction; what it accesses has its final registers. */
void mark_before(struct rewriter *rewriter, const struct insn *insn);
/* ... when nothing comes before it any more. False: refused, it reads flags that a mark changed. */
bool mark_flags(struct rewriter *rewriter, const struct insn *insn);
/* ... after it was put, in its final form. */
void mark_after(struct rewriter *rewriter, const struct insn *insn);
/* Something writes this register: puts the mark that still needs it. */
void mark_release(struct rewriter *rewriter, unsigned reg);
/* Puts the mark that is waited for, if any. */
void mark_now(struct rewriter *rewriter);

/* What nothing of the input may still be waiting for before a label or directive. */
bool rewriter_settle(struct rewriter *rewriter);

#endif
