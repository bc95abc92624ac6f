/* What instructions write: policy section 5. */
#include "trusted/verify/rules.h"

/* Does the instruction move rsp the one way that is allowed? */
static enum verify_reason check_step(struct checker *checker, int64_t step)
{
    if (step == 0 || step < -SFI_STACK_STEP_MAX || step > SFI_STACK_STEP_MAX)
        return VERIFY_STACK_STEP;
    checker->step_unprobed = true;
    checker->step_offset = checker->offset;
    checker->result->stack_steps++;
    return VERIFY_OK;
}

static enum verify_reason check_rsp(struct checker *checker, const struct insn *insn)
{
    if (insn->size != 8)
        return VERIFY_STACK_POINTER;
    if (insn->form->kind == KIND_STEP)
        return check_step(checker, insn->imm);
    if (insn->form->kind == KIND_LEA && insn->base == SFI_REG_RSP && insn->index == INDEX_NONE)
        return check_step(checker, insn->disp);
    return VERIFY_STACK_POINTER;
}

/* Is the destination's upper half surely zero afterwards? */
static bool zeroes_upper_half(const struct insn *insn)
{
    uint8_t flags = insn->form->flags;

    if (flags & ZERO_ALWAYS)
        return insn->size != 2;
    if (flags & ZERO_NEVER)
        return false;
    if ((flags & ZERO_COUNT) && (insn->imm & 31) == 0)
        return false;
    return insn->size == 4;
}

static enum verify_reason write_general(struct checker *checker, const struct insn *insn,
                                        unsigned reg)
{
    enum verify_reason reason;
    uint32_t bit;

    /* ah, ch, dh, bh */
    if (insn->size == 1 && !insn->rex && reg >= 4)
        reg -= 4;
    bit = 1u << reg;
    if (reg == SFI_REG_CODE)
        return VERIFY_CODE_REGISTER;
    if (reg == SFI_REG_RSP)
        return check_rsp(checker, insn);
    reason = check_store_register(checker, reg);
    if (reason)
        return reason;
    if (zeroes_upper_half(insn)) {
        checker->zero |= bit;
        checker->zeroed[reg] = checker->offset % SFI_BUNDLE_BYTES;
    } else {
        checker->zero &= ~bit;
    }
    return VERIFY_OK;
}

enum verify_reason check_writes(struct checker *checker, const struct insn *insn)
{
    const struct form *form = insn->form;
    enum verify_reason reason = VERIFY_OK;

    if ((form->reg & (GENERAL | WRITE)) == (GENERAL | WRITE))
        reason = write_general(checker, insn, insn->reg);
    if (!reason && (form->rm & (GENERAL | WRITE)) == (GENERAL | WRITE) && !insn->memory)
        reason = write_general(checker, insn, insn->rm);
    if (!reason && (form->flags & OPCODE_REG))
        reason = write_general(checker, insn, insn->opcode_reg);
    if (!reason && (form->implicit & RAX))
        reason = write_general(checker, insn, 0);
    if (!reason && (form->implicit & RDX))
        reason = write_general(checker, insn, 2);
    return reason;
}
