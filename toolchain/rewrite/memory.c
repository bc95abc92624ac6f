/* Memory operands: from what gcc means to one of the policy's forms (policy 4). */
#include "toolchain/rewrite/rewriter.h"

#include "abi/sfi.h"

/* The address is cut to 32 bits: M1, M2. */
static void cut_address(struct operand *memory)
{
    memory->address_bytes = 4;
}

/* %r11d becomes the base instead of %rsp, which the other forms do not take. */
static void base_on_copied_stack(struct rewriter *rewriter, struct operand *memory)
{
    struct operand stack = operand_general(REG_SP, 4), scratch = operand_general(REG_R11, 4);
    struct insn copy = insn_make("movl", &stack, &scratch);

    mark_release(rewriter, REG_R11);
    window_put(&rewriter->window, &copy);
    memory->base = REG_R11;
    memory->segment = 'g';
    cut_address(memory);
}

static bool confine_rip(struct rewriter *rewriter, const struct insn *insn)
{
    if (insn_writes_memory(insn))
        return refuse(rewriter, "a write relative to %%rip: sandboxed code has no variables");
    return true;
}

static bool confine_linear(struct rewriter *rewriter, struct operand *memory)
{
    if (memory->base == REG_SP)
        return refuse(rewriter, "an address in linear memory based on the stack pointer");
    if (memory->base == REG_NONE && memory->index == REG_NONE && memory->value < 0)
        return refuse(rewriter, "a constant address beyond linear memory");
    cut_address(memory);
    return true;
}

static bool confine_cage(struct rewriter *rewriter, struct operand *memory)
{
    if (memory->base == REG_SP)
        return refuse(rewriter, "a segment for the stack pointer");
    cut_address(memory);
    return true;
}

static bool confine_native(struct rewriter *rewriter, struct operand *memory)
{
    if (memory->base == REG_SP && memory->index == REG_NONE &&
        memory->value >= -SFI_STACK_DISP_MAX && memory->value <= SFI_STACK_DISP_MAX &&
        memory->address_bytes == 8)
        return true; /* M4 */
    if (memory->base == REG_SP) {
        base_on_copied_stack(rewriter, memory);
        return true;
    }
    if (memory->base == REG_NONE && memory->index == REG_NONE)
        return refuse(rewriter, "an absolute address without segment");
    memory->segment = 'g';
    cut_address(memory);
    return true;
}

bool confine_memory(struct rewriter *rewriter, struct insn *insn)
{
    struct operand *memory = insn_memory(insn);

    if (memory->base == REG_RIP)
        return confine_rip(rewriter, insn);
    if (memory->segment == 'f')
        return confine_linear(rewriter, memory);
    if (memory->segment == 'g')
        return confine_cage(rewriter, memory);
    return confine_native(rewriter, memory);
}
