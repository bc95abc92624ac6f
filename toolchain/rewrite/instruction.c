/* One instruction: what sandboxed code may do, in the form that the policy wants. */
#include "toolchain/rewrite/rewriter.h"

#include "abi/sfi.h"

static bool has_plain_operands(const struct insn *insn)
{
    for (unsigned i = 0; i < insn->count; i++)
        if (insn->operands[i].indirect || insn->operands[i].kind == OPERAND_TARGET)
            return false;
    return true;
}

/* ---- guards that the input brings along (rewrite.h) ---------------------------- */

static bool is_register(const struct operand *operand, unsigned number, unsigned bytes)
{
    return operand_is_general(operand) && operand->reg.number == number &&
           operand->reg.bytes == bytes;
}

/* movl %eX, %r11d */
static bool opens_guard(const struct insn *insn)
{
    return span_is(insn->name, "movl") && insn->count == 2 &&
           operand_is_general(&insn->operands[0]) && insn->operands[0].reg.bytes == 4 &&
           insn->operands[0].reg.number != REG_R11 && insn->operands[0].reg.number != REG_R14 &&
           insn->operands[0].reg.number != REG_SP && is_register(&insn->operands[1], REG_R11, 4);
}

static bool mark_before_guarded(struct rewriter *rewriter, const struct insn *insn)
{
    struct insn access = *insn;
    bool copies;

    insn_memory(&access)->base = (uint8_t)window_guarded_base(&rewriter->window, insn, &copies);
    if (copies)
        mark_release(rewriter, REG_R11);
    mark_before(rewriter, &access);
    return mark_flags(rewriter, insn);
}

/* The register named by the given guard takes the place of %r11, and the window decides. */
static bool use_guard(struct rewriter *rewriter, struct insn *insn)
{
    struct operand *memory = insn_memory(insn);

    if (memory->segment != 'f' || memory->base != REG_R11 || memory->index != REG_NONE ||
        memory->address_bytes != 8)
        return refuse(rewriter, "%%r11 is for guards: this is not %%fs:disp(%%r11)");
    if (memory->value < 0 || memory->value >= LINEAR_DISP_MAX)
        return refuse(rewriter, "the displacement behind a guard is out of range");
    memory->base = (uint8_t)rewriter->guarded;
    stack_before(rewriter, insn);
    if (!mark_before_guarded(rewriter, insn))
        return false;
    memory->base = (uint8_t)window_put_guarded(&rewriter->window, insn);
    mark_after(rewriter, insn);
    return true;
}

static bool follow_guard(struct rewriter *rewriter, const struct insn *given)
{
    struct insn insn = *given;

    rewriter->guard_given = false;
    if (!insn_accesses(given) || given->mnemonic->kind != INSN_PLAIN ||
        !has_plain_operands(given) || given->mnemonic->flags & WRITES_BOTH ||
        insn_writes(given) >> REG_SP & 1)
        return refuse(rewriter, "%%r11 is for guards: no plain access follows the guard");
    for (unsigned i = 0; i < insn.count; i++)
        if (!operand_is_memory(&insn.operands[i]) &&
            (operand_mentions(&insn.operands[i], REG_R11) ||
             operand_mentions(&insn.operands[i], REG_R14)))
            return refuse(rewriter, "%%r11 and %%r14 are the rewriter's");
    return use_guard(rewriter, &insn);
}

/* ---- all others ----------------------------------------------------------------- */

static bool check_operands(struct rewriter *rewriter, const struct insn *insn)
{
    enum mnemonic_kind kind = (enum mnemonic_kind)insn->mnemonic->kind;
    struct insn copy = *insn;
    const struct operand *memory = insn_memory(&copy);

    if (insn_mentions(insn, REG_R11) || insn_mentions(insn, REG_R14))
        return refuse(rewriter, "%%r11 and %%r14 are the rewriter's: compile with -ffixed-r11 "
                                "-ffixed-r14");
    if (kind < INSN_CALL && !has_plain_operands(insn))
        return refuse(rewriter, "an operand that only branches have");
    if (kind == INSN_MOVABS && (insn->count != 2 || insn->operands[0].kind != OPERAND_IMMEDIATE ||
                                !operand_is_general(&insn->operands[1])))
        return refuse(rewriter, "the only movabsq for sandboxed code loads a constant");
    if (kind == INSN_BIT && memory && insn->operands[0].kind != OPERAND_IMMEDIATE)
        return refuse(rewriter, "a bit of memory chosen by a register may lie anywhere");
    if (insn->mnemonic->flags & WRITES_BOTH && memory)
        return refuse(rewriter, "an exchange with memory is atomic, which nobody needs here");
    if (insn->mnemonic->flags & WRITES_BOTH && insn->count != 2)
        return refuse(rewriter, "an exchange has two operands");
    if (kind == INSN_LEA && (!memory || memory->segment || insn->count != 2))
        return refuse(rewriter, "not an address to compute");
    if (kind == INSN_POP && memory)
        return refuse(rewriter, "a pop to memory");
    return true;
}

bool rewrite_instruction(struct rewriter *rewriter, const struct insn *given)
{
    struct insn insn = *given;
    int64_t step;

    rewriter->counts.instructions++;
    if (!rewriter->in_text)
        return refuse(rewriter, "an instruction outside of text");
    if (rewriter->guard_given)
        return follow_guard(rewriter, given);
    if (opens_guard(given)) {
        rewriter->guard_given = true;
        rewriter->guarded = given->operands[0].reg.number;
        return true;
    }
    if (!check_operands(rewriter, given))
        return false;
    mark_before(rewriter, given);
    if (given->mnemonic->kind >= INSN_CALL)
        return mark_flags(rewriter, given) && rewrite_branch(rewriter, given);
    if (stack_is_step(given, &step))
        return stack_add_step(rewriter, step);
    if (insn_writes(given) >> REG_SP & 1)
        return refuse(rewriter, "the stack pointer is written other than by a constant step");
    stack_before(rewriter, given);
    if (insn_accesses(&insn) && !confine_memory(rewriter, &insn))
        return false;
    if (!mark_flags(rewriter, given))
        return false;
    window_put(&rewriter->window, &insn);
    mark_after(rewriter, &insn);
    return true;
}
