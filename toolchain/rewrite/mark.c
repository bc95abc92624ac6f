/*
 * Marks (policy 4.2). A store's mark is held back while it may be: further stores through the same
 * registers then share it. It goes out before anything that ends its time: a change of those
 * registers, a branch, a label, a store that it cannot stand for, or an instruction that writes
 * flags, for the mark writes them, too, and nobody can tell here who will read them. Right behind a
 * store nobody reads them: sandboxed/wasm stores by assembler statements, over which gcc keeps no
 * flags. That is relied upon by nobody: a reader of flags behind a mark is refused.
 */
#include "toolchain/rewrite/rewriter.h"

#include "abi/sfi.h"

#include <string.h>

static bool is_store(const struct insn *insn)
{
    struct insn copy = *insn;

    return insn_writes_memory(insn) && insn_memory(&copy)->segment == 'f';
}

static bool same_registers(const struct operand *a, const struct operand *b)
{
    return a->base == b->base && a->index == b->index &&
           (a->index == REG_NONE || a->scale == b->scale);
}

/* At most so many bytes are written. */
static unsigned width_of(const struct insn *insn)
{
    static const char *const eight[] = {"movsd", "movlps", "movhps", "movlpd", "movhpd"};

    if (insn->size)
        return insn->size;
    if (span_is(insn->name, "movss"))
        return 4;
    for (size_t i = 0; i < sizeof(eight) / sizeof(eight[0]); i++)
        if (span_is(insn->name, eight[i]))
            return 8;
    return 16;
}

struct span_of_bytes {
    int64_t low, high;
};

static struct span_of_bytes union_with(const struct pending_mark *pending, const struct insn *insn)
{
    struct insn copy = *insn;
    int64_t low = insn_memory(&copy)->value, high = low + width_of(insn);

    if (pending->open && pending->low < low)
        low = pending->low;
    if (pending->open && pending->high > high)
        high = pending->high;
    return (struct span_of_bytes){low, high};
}

static bool shares(const struct pending_mark *pending, const struct insn *store)
{
    struct insn copy = *store;
    struct span_of_bytes bytes = union_with(pending, store);

    return same_registers(&pending->address, insn_memory(&copy)) &&
           bytes.high - bytes.low <= SFI_MARK_TAIL;
}

static bool needs(const struct pending_mark *pending, unsigned reg)
{
    return pending->open && (pending->address.base == reg || pending->address.index == reg);
}

static bool ends_wait(const struct pending_mark *pending, const struct insn *insn)
{
    uint32_t writes = insn_writes(insn);

    for (unsigned reg = 0; reg < 16; reg++)
        if (writes >> reg & 1 && needs(pending, reg))
            return true;
    return is_store(insn) ? !shares(pending, insn) : insn->mnemonic->flags & WRITES_FLAGS;
}

/* The register alone where its displacement is within reach: a move is cheaper than a sum. */
static struct insn make_address(const struct pending_mark *pending)
{
    struct operand scratch = operand_general(REG_R11, 4), address = pending->address;

    if (address.base != REG_NONE && address.index == REG_NONE && pending->low >= 0 &&
        pending->high <= SFI_MARK_TAIL) {
        struct operand base = operand_general(address.base, 4);

        return insn_make("movl", &base, &scratch);
    }
    address.segment = 0;
    address.address_bytes = 8;
    address.value = pending->low;
    return insn_make("leal", &address, &scratch);
}

static void put_mark(struct rewriter *rewriter)
{
    struct operand scratch = operand_general(REG_R11, 4);
    struct operand shift = operand_immediate(SFI_MARK_SHIFT), one = operand_immediate(1);
    struct operand place = {.kind = OPERAND_MEMORY,
                            .value = SFI_MARKS_OFF,
                            .base = REG_R14,
                            .index = REG_R11,
                            .scale = 1,
                            .address_bytes = 8};
    struct insn address = make_address(&rewriter->mark);
    struct insn page = insn_make("shrl", &shift, &scratch);
    struct insn mark = insn_make("movb", &one, &place);

    window_put(&rewriter->window, &address);
    window_tie(&rewriter->window);
    window_put(&rewriter->window, &page);
    window_tie(&rewriter->window);
    window_put(&rewriter->window, &mark);
}

void mark_now(struct rewriter *rewriter)
{
    if (!rewriter->mark.open)
        return;
    put_mark(rewriter);
    rewriter->counts.marks++;
    rewriter->mark.open = false;
    rewriter->flags_lost = true;
    rewriter->step_moved = true;
}

void mark_release(struct rewriter *rewriter, unsigned reg)
{
    if (needs(&rewriter->mark, reg))
        mark_now(rewriter);
}

void mark_before(struct rewriter *rewriter, const struct insn *insn)
{
    if (insn->mnemonic->kind >= INSN_CALL || ends_wait(&rewriter->mark, insn))
        mark_now(rewriter);
}

bool mark_flags(struct rewriter *rewriter, const struct insn *insn)
{
    uint16_t flags = insn->mnemonic->flags;

    if (flags & READS_FLAGS && rewriter->flags_lost)
        return refuse(rewriter, "%.*s reads flags that the mark of a store has changed",
                      (int)insn->name.bytes, insn->name.at);
    if (flags & WRITES_FLAGS || insn->mnemonic->kind >= INSN_CALL)
        rewriter->flags_lost &= insn->mnemonic->kind == INSN_BRANCH;
    return true;
}

void mark_after(struct rewriter *rewriter, const struct insn *insn)
{
    struct pending_mark *pending = &rewriter->mark;
    struct insn copy = *insn;
    struct span_of_bytes bytes;

    if (!rewriter->marks || !is_store(insn))
        return;
    bytes = union_with(pending, insn);
    pending->address = *insn_memory(&copy);
    pending->low = bytes.low;
    pending->high = bytes.high;
    pending->open = true;
}
