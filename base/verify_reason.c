/* Words for refusals. */
#include "base/verify_reason.h"

const char *verify_reason_text(enum verify_reason reason)
{
    switch (reason) {
    case VERIFY_OK:
        return "keeps to the SFI policy";
    case VERIFY_REQUEST:
        return "sizes or offsets contradict one another";
    case VERIFY_TRUNCATED:
        return "an instruction runs past the end of the code";
    case VERIFY_CROSSES_BUNDLE:
        return "an instruction crosses a 32-byte boundary";
    case VERIFY_PREFIX:
        return "a prefix is repeated, misplaced or without effect";
    case VERIFY_NOT_LISTED:
        return "not an allowed instruction";
    case VERIFY_LEGACY:
        return "undefined in 64-bit mode";
    case VERIFY_KERNEL:
        return "enters or asks the kernel, the hypervisor or SGX";
    case VERIFY_PRIVILEGED:
        return "privileged instruction";
    case VERIFY_SEGMENT:
        return "reads or writes a segment register or base";
    case VERIFY_FLAGS:
        return "touches control flags";
    case VERIFY_STATE:
        return "touches extended or control state";
    case VERIFY_IDENTITY:
        return "illegal in an enclave, or not repeatable";
    case VERIFY_STRING:
        return "string instruction";
    case VERIFY_FAR:
        return "far transfer";
    case VERIFY_X87:
        return "x87 instruction";
    case VERIFY_MMX:
        return "MMX instruction";
    case VERIFY_VECTOR:
        return "VEX, EVEX, XOP or REX2 encoding";
    case VERIFY_ATOMIC:
        return "locked or atomic instruction";
    case VERIFY_CACHE:
        return "fence, cache control or non-temporal access";
    case VERIFY_EXTENSION:
        return "instruction beyond x86-64-v2";
    case VERIFY_BASE:
        return "memory operand without %gs, %fs, %rsp or %rip";
    case VERIFY_ADDRESS_SIZE:
        return "%gs needs a 32-bit address, and only %gs and %fs may have one";
    case VERIFY_INDEX:
        return "an index register where none may be";
    case VERIFY_STACK_BASE:
        return "%rsp or %rip as a base under a segment";
    case VERIFY_DISPLACEMENT:
        return "displacement out of range";
    case VERIFY_NOT_EXTENDED:
        return "the upper half of %fs's base register is not proven zero";
    case VERIFY_RODATA_RANGE:
        return "%rip-relative access outside the read-only data";
    case VERIFY_RODATA_WRITE:
        return "write to read-only data";
    case VERIFY_BIT_INDEX:
        return "bit test of memory with a register index";
    case VERIFY_IMPLICIT_LIST:
        return "implicit or unbounded operand: enter, moffs, maskmov, pop to memory";
    case VERIFY_LINEAR_WRITE:
        return "write to linear memory, which is a gate's to do";
    case VERIFY_UNMARKED:
        return "write to linear memory whose mark does not follow";
    case VERIFY_MARK:
        return "a mark without address and shift right before, or where no marks are";
    case VERIFY_CODE_REGISTER:
        return "writes %r14";
    case VERIFY_STACK_POINTER:
        return "writes %rsp";
    case VERIFY_STACK_STEP:
        return "moves %rsp by nothing or too much";
    case VERIFY_STACK_UNPROBED:
        return "moves %rsp without touching the stack right after";
    case VERIFY_RETURN:
        return "return instruction";
    case VERIFY_INDIRECT:
        return "jump or call through memory or another register than %r11";
    case VERIFY_UNMASKED:
        return "jump or call through %r11 without mask and base right before";
    case VERIFY_COUNTED_BRANCH:
        return "loop or jrcxz";
    case VERIFY_CALL_UNALIGNED:
        return "a call does not end its bundle";
    case VERIFY_TARGET:
        return "a branch leads into an instruction or a guarded sequence";
    case VERIFY_TARGET_OUTSIDE:
        return "a branch leads out of the code and to no gate";
    case VERIFY_FALLS_OFF:
        return "control can pass the end of the code";
    case VERIFY_REASON_COUNT:
        break;
    }
    return "unknown reason";
}
