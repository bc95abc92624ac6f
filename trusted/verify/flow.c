/* Jumps and calls: policy section 6. Direct targets wait for verify.c's second pass. */
#include "trusted/verify/rules.h"

#define MASK_BYTES 7 /* andl $SFI_BRANCH_MASK, %r11d */
#define BASE_BYTES 3 /* addq %r14, %r11 */

void forbid_targets(struct checker *checker, unsigned from)
{
    unsigned to = checker->offset % SFI_BUNDLE_BYTES;

    /* Bits from + 1 .. to; the shifts by 31 give 0. */
    checker->no_target |= ((2u << to) - 1) & ~((2u << from) - 1);
}

static bool is_mask(const uint8_t *code, unsigned length)
{
    return length == MASK_BYTES && code[0] == 0x41 && code[1] == 0x81 && code[2] == 0xe3 &&
           code[3] == (SFI_BRANCH_MASK & 0xff) && code[4] == (SFI_BRANCH_MASK >> 8 & 0xff) &&
           code[5] == (SFI_BRANCH_MASK >> 16 & 0xff) && code[6] == SFI_BRANCH_MASK >> 24;
}

static bool is_base(const uint8_t *code, unsigned length)
{
    return length == BASE_BYTES && code[0] == 0x4d && code[1] == 0x01 && code[2] == 0xf3;
}

/* The guard: three instructions in a row, within a bundle, none of them a direct target but
 * the first. */
static void follow_guard(struct checker *checker, const struct insn *insn)
{
    const uint8_t *code = checker->request->text + checker->offset;

    if (is_mask(code, insn->length)) {
        checker->guard = GUARD_MASKED;
        checker->guard_start = checker->offset % SFI_BUNDLE_BYTES;
    } else if (checker->guard == GUARD_MASKED && is_base(code, insn->length)) {
        checker->guard = GUARD_TARGET;
    } else {
        checker->guard = GUARD_NONE;
    }
}

static enum verify_reason check_computed(struct checker *checker, const struct insn *insn)
{
    if (insn->rm != SFI_REG_SCRATCH)
        return VERIFY_INDIRECT;
    if (checker->guard != GUARD_TARGET)
        return VERIFY_UNMASKED;
    forbid_targets(checker, checker->guard_start);
    checker->result->computed++;
    return VERIFY_OK;
}

/* A return address is a bundle's start: computed jumps can lead to nothing else. */
static enum verify_reason check_call(const struct checker *checker, const struct insn *insn)
{
    if ((checker->offset + insn->length) % SFI_BUNDLE_BYTES)
        return VERIFY_CALL_UNALIGNED;
    return VERIFY_OK;
}

static enum verify_reason check_branch(struct checker *checker, const struct insn *insn)
{
    enum kind kind = insn->form->kind;
    enum verify_reason reason = VERIFY_OK;

    if (kind == KIND_CALL_REG || kind == KIND_JUMP_REG)
        reason = check_computed(checker, insn);
    if (!reason && (kind == KIND_CALL_REG || kind == KIND_CALL))
        reason = check_call(checker, insn);
    if (kind == KIND_CALL || kind == KIND_JUMP || kind == KIND_JCC)
        checker->result->direct++;
    return reason;
}

enum verify_reason check_flow(struct checker *checker, const struct insn *insn)
{
    enum verify_reason reason = check_branch(checker, insn);

    follow_guard(checker, insn);
    return reason;
}

bool rules_ends_flow(const struct insn *insn)
{
    enum kind kind = insn->form->kind;

    return kind == KIND_STOP || kind == KIND_JUMP || kind == KIND_JUMP_REG;
}
