#include "trusted/verify/verify.h"

#include "trusted/verify/rules.h"

#define VERIFY_GATES_MAX 32 /* bits of verify_result.gates_used; fewer than fit the gates page */

/* Decodes from a copy, so that decode() reads no byte behind the text's end; what lies behind
 * then reads as zero. */
static __attribute__((noinline)) enum verify_reason decode_last(const uint8_t *code, uint32_t left,
                                                                struct insn *insn)
{
    uint8_t tail[DECODE_READS] = {0};
    enum verify_reason reason;

    for (uint32_t i = 0; i < left; i++)
        tail[i] = code[i];
    reason = decode(tail, insn);
    if (!reason && insn->length > left)
        return VERIFY_TRUNCATED;
    return reason;
}

static enum verify_reason decode_within(const uint8_t *code, uint32_t left, struct insn *insn)
{
    return left < DECODE_READS ? decode_last(code, left, insn) : decode(code, insn);
}

static bool is_direct(const struct insn *insn)
{
    return insn->form->imm == IMM_REL8 || insn->form->imm == IMM_REL32;
}

static enum verify_reason check_instruction(struct checker *checker, struct insn *insn)
{
    const struct verify_request *request = checker->request;
    uint32_t left = request->text_bytes - checker->offset;
    enum verify_reason reason = decode_within(request->text + checker->offset, left, insn);

    if (reason)
        return reason;
    if (checker->offset % SFI_BUNDLE_BYTES + insn->length > SFI_BUNDLE_BYTES)
        return VERIFY_CROSSES_BUNDLE;
    checker->result->instructions++;
    return rules_check(checker, insn);
}

/* One bundle: every byte belongs to one instruction. */
static enum verify_reason check_bundle(struct checker *checker, struct insn *insn)
{
    uint32_t start = checker->offset;
    uint32_t left = checker->request->text_bytes - start;
    uint32_t end = start + (left < SFI_BUNDLE_BYTES ? left : SFI_BUNDLE_BYTES);
    struct verify_bundle *bundle = &checker->request->scratch[start / SFI_BUNDLE_BYTES];
    uint32_t starts = 0, branches = 0;

    rules_enter_bundle(checker);
    while (checker->offset < end) {
        enum verify_reason reason = check_instruction(checker, insn);
        uint32_t bit = 1u << checker->offset % SFI_BUNDLE_BYTES;

        if (reason)
            return reason;
        starts |= bit;
        branches |= is_direct(insn) ? bit : 0;
        checker->offset += insn->length;
    }
    bundle->targets = starts & ~checker->no_target;
    bundle->branches = branches;
    return VERIFY_OK;
}

/* Pass 1: every instruction, in order. */
static enum verify_reason check_text(struct checker *checker)
{
    uint32_t last = 0;
    struct insn insn;

    while (checker->offset < checker->request->text_bytes) {
        enum verify_reason reason = check_bundle(checker, &insn);

        if (reason)
            return reason;
        last = checker->offset - insn.length;
    }
    if (!rules_ends_flow(&insn)) {
        checker->offset = last;
        return VERIFY_FALLS_OFF;
    }
    return VERIFY_OK;
}

/* The direct branch at `code`: no prefix goes before, so its first bytes tell its length.
 * Returns the target's distance from `code`. */
static int64_t branch_distance(const uint8_t *code)
{
    unsigned opcode_bytes = code[0] == 0x0f ? 2 : 1;
    const uint8_t *rel = code + opcode_bytes;

    if (code[0] == 0xeb || (code[0] & 0xf0) == 0x70)
        return (int64_t)opcode_bytes + 1 + (int8_t)rel[0];
    return (int64_t)opcode_bytes + 4 +
           (int32_t)(rel[0] | (uint32_t)rel[1] << 8 | (uint32_t)rel[2] << 16 |
                     (uint32_t)rel[3] << 24);
}

static enum verify_reason check_target(struct checker *checker)
{
    const struct verify_request *request = checker->request;
    int64_t target = checker->offset + branch_distance(request->text + checker->offset);
    int64_t zone_target = target + request->text_offset;
    const struct verify_bundle *bundle;

    if (target >= 0 && target < request->text_bytes) {
        bundle = &request->scratch[target / SFI_BUNDLE_BYTES];
        return bundle->targets >> (target % SFI_BUNDLE_BYTES) & 1 ? VERIFY_OK : VERIFY_TARGET;
    }
    if (zone_target < 0 || zone_target % GATE_ENTRY_BYTES ||
        zone_target / GATE_ENTRY_BYTES >= request->gate_count)
        return VERIFY_TARGET_OUTSIDE;
    checker->result->gates_used |= 1u << zone_target / GATE_ENTRY_BYTES;
    return VERIFY_OK;
}

/* Pass 2: where direct branches lead. */
static enum verify_reason check_targets(struct checker *checker)
{
    uint64_t bundles = VERIFY_SCRATCH_COUNT(checker->request->text_bytes);

    for (uint32_t i = 0; i < bundles; i++) {
        uint32_t branches = checker->request->scratch[i].branches;

        for (; branches; branches &= branches - 1) {
            enum verify_reason reason;

            checker->offset = i * SFI_BUNDLE_BYTES + (uint32_t)__builtin_ctz(branches);
            reason = check_target(checker);
            if (reason)
                return reason;
        }
    }
    return VERIFY_OK;
}

static bool request_is_sound(const struct verify_request *request)
{
    return request->text_bytes > 0 && request->text_offset >= SFI_TEXT_OFF &&
           request->text_offset % SFI_BUNDLE_BYTES == 0 && request->text_offset < SFI_TEXT_END &&
           request->text_bytes <= SFI_TEXT_END - request->text_offset &&
           request->rodata_bytes <= SFI_RODATA_MAX && request->gate_count <= VERIFY_GATES_MAX &&
           request->linear < VERIFY_LINEAR_COUNT &&
           request->scratch_count >= VERIFY_SCRATCH_COUNT(request->text_bytes);
}

enum verify_reason verify_text(const struct verify_request *request, struct verify_result *result)
{
    struct checker checker = {.request = request, .result = result};

    *result = (struct verify_result){0};
    if (!request_is_sound(request)) {
        result->reason = VERIFY_REQUEST;
        return result->reason;
    }
    result->reason = check_text(&checker);
    if (!result->reason) {
        checker.offset = 0;
        result->reason = check_targets(&checker);
    }
    result->offset = result->reason ? checker.offset : 0;
    return result->reason;
}
