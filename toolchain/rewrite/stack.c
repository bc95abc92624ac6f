/*
 * Steps of %rsp (policy 5.2). A step is held back over instructions that do not
 * look at %rsp, as `lea`, which leaves the flags alone: then it often comes to
 * stand before a push, a pop or an access that probes the stack anyway.
 */
#include "toolchain/rewrite/rewriter.h"

#include "abi/sfi.h"

#define STEPS_MAX 256 /* a frame of 1 MiB */

bool stack_is_step(const struct insn *insn, int64_t *step)
{
    const struct operand *from = &insn->operands[0], *to = &insn->operands[1];

    if (insn->count != 2 || !operand_is_general(to) || to->reg.number != REG_SP ||
        to->reg.bytes != 8)
        return false;
    if (from->kind == OPERAND_IMMEDIATE && span_is(insn->name, "addq"))
        *step = from->value;
    else if (from->kind == OPERAND_IMMEDIATE && span_is(insn->name, "subq"))
        *step = -from->value;
    else if (insn->mnemonic->kind == INSN_LEA && from->base == REG_SP && from->index == REG_NONE)
        *step = from->value;
    else
        return false;
    return true;
}

/* `add` and `sub` are a byte shorter, but change flags. */
static struct insn make_step(int64_t step, bool keep_flags)
{
    struct operand moved = operand_stack(step), stack = operand_general(REG_SP, 8);
    struct operand amount = operand_immediate(step < 0 ? -step : step);

    if (keep_flags)
        return insn_make("leaq", &moved, &stack);
    return insn_make(step < 0 ? "subq" : "addq", &amount, &stack);
}

static void put_step(struct rewriter *rewriter)
{
    struct insn insn = make_step(rewriter->step, rewriter->step_moved);

    window_put(&rewriter->window, &insn);
    window_tie(&rewriter->window);
    rewriter->step = 0;
}

static void put_probe(struct rewriter *rewriter)
{
    struct operand top = operand_stack(0), scratch = operand_general(REG_R11, 8);
    struct insn insn = insn_make("movq", &top, &scratch);

    window_put(&rewriter->window, &insn);
    rewriter->counts.probes++;
}

static void put_probed_step(struct rewriter *rewriter)
{
    if (!rewriter->step)
        return;
    mark_release(rewriter, REG_R11);
    put_step(rewriter);
    put_probe(rewriter);
}

void stack_write_step(struct rewriter *rewriter)
{
    struct insn insn;

    if (!rewriter->step)
        return;
    insn = make_step(rewriter->step, rewriter->step_moved);
    insn_print(&insn, rewriter->out);
    rewriter->step = 0;
}

/* Whole steps go out at once, the rest is held back. */
bool stack_add_step(struct rewriter *rewriter, int64_t step)
{
    int64_t most = step < 0 ? -SFI_STACK_STEP_MAX : SFI_STACK_STEP_MAX;

    if (step / most >= STEPS_MAX)
        return refuse(rewriter, "the stack frame is larger than 1 MiB");
    put_probed_step(rewriter);
    rewriter->step_moved = false;
    for (; step / most >= 1 && step != most; step -= most) {
        rewriter->step = most;
        put_probed_step(rewriter);
    }
    rewriter->step = step;
    return true;
}

/* Does it touch memory close to %rsp without fail? Shifts and bit scans need not. */
static bool probes(const struct insn *insn)
{
    struct insn copy = *insn;
    const struct operand *memory = insn_memory(&copy);

    if (insn->mnemonic->kind == INSN_PUSH || insn->mnemonic->kind == INSN_POP)
        return true;
    return insn_accesses(insn) && memory->base == REG_SP && memory->index == REG_NONE &&
           memory->segment == 0 && memory->value >= -SFI_PROBE_DISP_MAX &&
           memory->value <= SFI_PROBE_DISP_MAX && !(insn->mnemonic->flags & (SHIFT | MAY_KEEP));
}

void stack_before(struct rewriter *rewriter, const struct insn *insn)
{
    enum mnemonic_kind kind = (enum mnemonic_kind)insn->mnemonic->kind;

    if (!rewriter->step)
        return;
    if (probes(insn))
        put_step(rewriter);
    else if (kind >= INSN_PUSH || insn_mentions(insn, REG_SP))
        put_probed_step(rewriter);
    else
        rewriter->step_moved = true;
}

void stack_before_label(struct rewriter *rewriter)
{
    put_probed_step(rewriter);
}
