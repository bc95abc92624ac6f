/* Stores to linear memory and the marks that follow them: policy section 4.2. */
#include "trusted/verify/rules.h"

#define SHIFT_BYTES 4 /* shrl $SFI_MARK_SHIFT, %r11d */
#define MARK_BYTES  9 /* movb $1, SFI_MARKS_OFF(%r14,%r11) */

static bool is_shift(const uint8_t *code, unsigned length)
{
    return length == SHIFT_BYTES && code[0] == 0x41 && code[1] == 0xc1 && code[2] == 0xeb &&
           code[3] == SFI_MARK_SHIFT;
}

bool is_mark(const struct checker *checker, const struct insn *insn)
{
    const uint8_t *code = checker->request->text + checker->offset;

    return insn->length == MARK_BYTES && code[0] == 0x43 && code[1] == 0xc6 && code[2] == 0x84 &&
           code[3] == 0x1e && code[4] == (SFI_MARKS_OFF & 0xff) &&
           code[5] == (SFI_MARKS_OFF >> 8 & 0xff) && code[6] == (SFI_MARKS_OFF >> 16 & 0xff) &&
           code[7] == SFI_MARKS_OFF >> 24 && code[8] == 1;
}

/* leal ADDRESS, %r11d, or movl %eREG, %r11d: the address of %fs:(%REG). `address`: as the memory
 * operand of a store would have it. */
static bool makes_address(const struct checker *checker, const struct insn *insn,
                          struct insn *address)
{
    const uint8_t *code = checker->request->text + checker->offset;
    uint8_t opcode = code[insn->rex];

    if (insn->size != 4)
        return false;
    if (insn->form->kind == KIND_LEA) {
        *address = *insn;
        return insn->reg == SFI_REG_SCRATCH;
    }
    if (insn->memory || (opcode != 0x89 && opcode != 0x8b))
        return false;
    *address = (struct insn){.index = INDEX_NONE};
    address->base = opcode == 0x89 ? insn->reg : insn->rm;
    return (opcode == 0x89 ? insn->rm : insn->reg) == SFI_REG_SCRATCH;
}

static bool same_registers(const struct insn *a, const struct insn *b)
{
    return a->base == b->base && a->index == b->index && a->scale == b->scale;
}

/* Does a mark of `address` stand for all that is pending? */
static bool covers(const struct checker *checker, const struct insn *address)
{
    return same_registers(&checker->store, address) && address->disp <= checker->low &&
           checker->high - address->disp <= SFI_MARK_TAIL;
}

/* The store whose mark is missing is to blame. */
static enum verify_reason unmarked(struct checker *checker)
{
    checker->offset = checker->store_offset;
    return VERIFY_UNMARKED;
}

/* Takes the store up among those that wait for one mark. Whether one can reach them all is seen
 * when it comes. */
static enum verify_reason await_mark(struct checker *checker, const struct insn *insn)
{
    int64_t low = insn->disp, high = low + access_bytes(insn);

    if (checker->stores == STORES_MARKED) {
        checker->stores = STORES_PENDING;
        checker->store = *insn;
        checker->store_offset = checker->offset;
        checker->low = low;
        checker->high = high;
    }
    checker->low = low < checker->low ? low : checker->low;
    checker->high = high > checker->high ? high : checker->high;
    if (!same_registers(&checker->store, insn))
        return unmarked(checker);
    return VERIFY_OK;
}

enum verify_reason check_store(struct checker *checker, const struct insn *insn)
{
    if (checker->request->linear == VERIFY_LINEAR_READ_ONLY)
        return VERIFY_LINEAR_WRITE;
    if (checker->request->linear == VERIFY_LINEAR_FREE)
        return VERIFY_OK;
    return await_mark(checker, insn);
}

static bool needs(const struct checker *checker, unsigned reg)
{
    return reg == checker->store.base || reg == checker->store.index;
}

enum verify_reason check_store_register(struct checker *checker, unsigned reg)
{
    if (checker->stores == STORES_PENDING && needs(checker, reg))
        return unmarked(checker);
    return VERIFY_OK;
}

/* The third instruction of a mark, and so the first two: nothing can come between or lead there. */
static enum verify_reason complete_mark(struct checker *checker)
{
    if (checker->mark != MARK_PAGE)
        return VERIFY_MARK;
    forbid_targets(checker, checker->mark_start);
    checker->result->marks++;
    checker->mark = MARK_NONE;
    if (checker->stores != STORES_MARKED && covers(checker, &checker->address))
        checker->stores = STORES_MARKED;
    return VERIFY_OK;
}

static void follow_mark(struct checker *checker, const struct insn *insn)
{
    const uint8_t *code = checker->request->text + checker->offset;

    if (makes_address(checker, insn, &checker->address)) {
        checker->mark = MARK_ADDRESS;
        checker->mark_start = checker->offset % SFI_BUNDLE_BYTES;
    } else if (checker->mark == MARK_ADDRESS && is_shift(code, insn->length)) {
        checker->mark = MARK_PAGE;
    } else {
        checker->mark = MARK_NONE;
    }
}

enum verify_reason check_marks(struct checker *checker, const struct insn *insn)
{
    bool begun = checker->stores == STORES_CLOSING;

    if (is_mark(checker, insn))
        return complete_mark(checker);
    if (checker->request->linear != VERIFY_LINEAR_MARKED)
        return VERIFY_OK; /* and complete_mark() finds no beginning */
    follow_mark(checker, insn);
    if (checker->stores == STORES_MARKED)
        return VERIFY_OK;
    if (begun ? checker->mark != MARK_PAGE : insn->form->kind >= KIND_CALL)
        return unmarked(checker);
    if (checker->mark == MARK_ADDRESS && needs(checker, SFI_REG_SCRATCH))
        checker->stores = STORES_CLOSING;
    return VERIFY_OK;
}
