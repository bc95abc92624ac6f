#include "trusted/verify/rules.h"

void rules_enter_bundle(struct checker *checker)
{
    checker->zero = 0;
    checker->guard = GUARD_NONE;
    checker->mark = MARK_NONE;
    checker->no_target = 0;
}

enum verify_reason rules_check(struct checker *checker, const struct insn *insn)
{
    enum verify_reason reason = check_stack_probe(checker, insn);

    if (!reason)
        reason = check_memory(checker, insn);
    if (!reason)
        reason = check_flow(checker, insn);
    if (!reason)
        reason = check_marks(checker, insn);
    if (!reason)
        reason = check_writes(checker, insn);
    return reason;
}
