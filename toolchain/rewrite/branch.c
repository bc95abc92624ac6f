/* Calls, jumps, returns (policy 6). */
#include "toolchain/rewrite/rewriter.h"

#include "abi/sfi.h"

/* %r11 holds the target; what is done with it, "jmp" or "call", ends the group. */
static void write_computed(struct rewriter *rewriter, const char *what, const char *align)
{
    window_flush(&rewriter->window);
    rewriter->window.written++;
    fprintf(rewriter->out,
            "\t.bundle_lock%s\n\tandl\t$%u, %%r11d\n\taddq\t%%r14, %%r11\n\t%s\t*%%r11\n"
            "\t.bundle_unlock\n",
            align, SFI_BRANCH_MASK, what);
}

static bool rewrite_return(struct rewriter *rewriter, const struct insn *insn)
{
    struct operand scratch = operand_general(REG_R11, 8);
    struct insn pop = insn_make("popq", &scratch, NULL);

    if (insn->count)
        return refuse(rewriter, "a return that drops arguments");
    stack_before(rewriter, &pop);
    window_put(&rewriter->window, &pop);
    write_computed(rewriter, "jmp", "");
    rewriter->counts.returns++;
    return true;
}

/* jmp *TARGET, call *TARGET */
static bool rewrite_computed(struct rewriter *rewriter, const struct insn *insn)
{
    bool is_call = insn->mnemonic->kind == INSN_CALL;
    const struct operand *target = &insn->operands[0];
    bool in_memory = operand_is_memory(target);
    struct operand scratch = operand_general(REG_R11, in_memory ? 8 : 4);
    struct operand from = *target;
    struct insn load;

    if (!in_memory && (!operand_is_general(target) || target->reg.bytes != 8))
        return refuse(rewriter, "not a target for a computed jump");
    from.indirect = false;
    from.reg.bytes = 4;
    load = insn_make(in_memory ? "movq" : "movl", &from, &scratch);
    stack_before_label(rewriter); /* a probe would overwrite %r11 */
    if (in_memory && !confine_memory(rewriter, &load))
        return false;
    window_put(&rewriter->window, &load);
    write_computed(rewriter, is_call ? "call" : "jmp", is_call ? " align_to_end" : "");
    rewriter->counts.computed++;
    return true;
}

/* The step before a call is locked together with it: padding would come between. Padding would
 * also come before a function's label, which is to start a bundle. */
static void write_call(struct rewriter *rewriter, const struct insn *insn)
{
    window_flush(&rewriter->window);
    if (rewriter->window.written == rewriter->function_start)
        fputs("\tnop\n", rewriter->out);
    rewriter->window.written++;
    fputs("\t.bundle_lock align_to_end\n", rewriter->out);
    stack_write_step(rewriter);
    insn_print(insn, rewriter->out);
    fputs("\t.bundle_unlock\n", rewriter->out);
    rewriter->counts.calls++;
}

static void write_plain(struct rewriter *rewriter, const struct insn *insn)
{
    stack_before_label(rewriter);
    window_flush(&rewriter->window);
    rewriter->window.written++;
    insn_print(insn, rewriter->out);
}

bool rewrite_branch(struct rewriter *rewriter, const struct insn *insn)
{
    const struct operand *target = &insn->operands[0];

    if (insn->mnemonic->kind == INSN_RETURN)
        return rewrite_return(rewriter, insn);
    if (insn->mnemonic->kind == INSN_STOP && insn->count == 0) {
        write_plain(rewriter, insn);
        return true;
    }
    if (insn->count != 1)
        return refuse(rewriter, "a branch has one operand");
    if (target->kind == OPERAND_TARGET) {
        if (insn->mnemonic->kind == INSN_CALL)
            write_call(rewriter, insn);
        else
            write_plain(rewriter, insn);
        return true;
    }
    if (!target->indirect || insn->mnemonic->kind == INSN_BRANCH)
        return refuse(rewriter, "not a target for a direct branch");
    return rewrite_computed(rewriter, insn);
}
