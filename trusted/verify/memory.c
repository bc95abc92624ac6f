/* Memory operands: policy section 4. */
#include "trusted/verify/rules.h"

static bool is_access(const struct insn *insn)
{
    enum kind kind = insn->form->kind;

    return insn->memory && kind != KIND_LEA && kind != KIND_NOP;
}

uint32_t access_bytes(const struct insn *insn)
{
    return insn->form->width ? insn->form->width : insn->size;
}

/* %gs or %fs with a 32-bit address: any sum of registers and displacement stays in 4 GiB. */
static enum verify_reason check_short_address(const struct insn *insn)
{
    if (insn->base == SFI_REG_RSP || insn->base == BASE_RIP)
        return VERIFY_STACK_BASE;
    return VERIFY_OK;
}

/* %fs:disp(%reg): what is proven is that %reg < 4 GiB; the guard behind takes the rest. */
static enum verify_reason check_proven(struct checker *checker, const struct insn *insn)
{
    if (insn->base == SFI_REG_RSP || insn->base == BASE_RIP)
        return VERIFY_STACK_BASE;
    if (insn->base == BASE_NONE)
        return VERIFY_BASE;
    if (insn->index != INDEX_NONE)
        return VERIFY_INDEX;
    if (insn->disp < 0 || insn->disp >= LINEAR_DISP_MAX)
        return VERIFY_DISPLACEMENT;
    if (!(checker->zero & 1u << insn->base))
        return VERIFY_NOT_EXTENDED;
    forbid_targets(checker, checker->zeroed[insn->base]);
    checker->result->proven++;
    return VERIFY_OK;
}

static enum verify_reason check_cage(const struct insn *insn)
{
    if (!(insn->prefixes & PREFIX_67))
        return VERIFY_ADDRESS_SIZE;
    return check_short_address(insn);
}

static enum verify_reason check_linear(struct checker *checker, const struct insn *insn)
{
    enum verify_reason reason =
        insn->prefixes & PREFIX_67 ? check_short_address(insn) : check_proven(checker, insn);

    if (!reason && insn->form->rm & WRITE)
        reason = check_store(checker, insn);
    return reason;
}

static enum verify_reason check_stack(const struct insn *insn)
{
    if (insn->index != INDEX_NONE)
        return VERIFY_INDEX;
    if (insn->disp < -SFI_STACK_DISP_MAX || insn->disp > SFI_STACK_DISP_MAX)
        return VERIFY_DISPLACEMENT;
    return VERIFY_OK;
}

static enum verify_reason check_rodata(const struct checker *checker, const struct insn *insn)
{
    const struct verify_request *request = checker->request;
    int64_t start = (int64_t)request->text_offset + checker->offset + insn->length + insn->disp;
    int64_t end = start + access_bytes(insn);

    if (insn->form->rm & WRITE)
        return VERIFY_RODATA_WRITE;
    if (start < SFI_RODATA_OFF || end > SFI_RODATA_OFF + (int64_t)request->rodata_bytes)
        return VERIFY_RODATA_RANGE;
    return VERIFY_OK;
}

enum verify_reason check_memory(struct checker *checker, const struct insn *insn)
{
    if (!is_access(insn))
        return VERIFY_OK;
    if (insn->prefixes & PREFIX_FS)
        return check_linear(checker, insn);
    if (insn->prefixes & PREFIX_GS)
        return check_cage(insn);
    if (insn->prefixes & PREFIX_67)
        return VERIFY_ADDRESS_SIZE;
    if (insn->base == SFI_REG_RSP)
        return check_stack(insn);
    if (insn->base == BASE_RIP)
        return check_rodata(checker, insn);
    return is_mark(checker, insn) ? VERIFY_OK : VERIFY_BASE; /* check_marks() */
}

/* Does the instruction touch memory close to %rsp without fail? Not those which may have
 * nothing to do: shifts by 0, prefetches. */
static bool probes_stack(const struct insn *insn)
{
    const struct form *form = insn->form;

    if (form->kind == KIND_STACK || form->kind == KIND_CALL)
        return true;
    if (!is_access(insn) || form->kind == KIND_HINT || form->flags & (ZERO_NEVER | ZERO_COUNT))
        return false;
    return insn->base == SFI_REG_RSP && insn->disp >= -SFI_PROBE_DISP_MAX &&
           insn->disp <= SFI_PROBE_DISP_MAX;
}

enum verify_reason check_stack_probe(struct checker *checker, const struct insn *insn)
{
    if (checker->step_unprobed && !probes_stack(insn)) {
        checker->offset = checker->step_offset;
        return VERIFY_STACK_UNPROBED;
    }
    checker->step_unprobed = false;
    return VERIFY_OK;
}
