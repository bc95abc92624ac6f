#include "tests/verify/run/generate.h"

#include <stdbool.h>
#include <string.h>

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

uint32_t random_below(uint64_t *state, uint32_t below)
{
    return (uint32_t)((random_next(state) >> 32) * below >> 32);
}

static bool one_in(uint64_t *state, uint32_t n)
{
    return random_below(state, n) == 0;
}

enum verify_reason verify_program(struct program *program, struct verify_result *result)
{
    struct verify_request request = {
        .text = program->text,
        .text_bytes = program->bytes,
        .text_offset = SFI_TEXT_OFF,
        .rodata_bytes = PROGRAM_RODATA,
        .gate_count = PROGRAM_GATES,
        .linear = program->marked ? VERIFY_LINEAR_MARKED : VERIFY_LINEAR_FREE,
        .scratch = program->map,
        .scratch_count = PROGRAM_MAX / SFI_BUNDLE_BYTES,
    };

    return verify_text(&request, result);
}

void random_instruction(uint64_t *state, uint8_t *code)
{
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0x67, 0x65, 0x64, 0x2e, 0xf0};
    uint8_t *at = code;

    for (int i = 0; i < 32; i++)
        code[i] = (uint8_t)random_next(state);
    switch (random_below(state, 8)) {
    case 0:
    case 1:
    case 2:
        *at++ = 0x65;
        *at++ = 0x67;
        break;
    case 3:
        *at++ = 0x64;
        *at++ = 0x67;
        break;
    case 4:
        *at++ = prefixes[random_below(state, sizeof(prefixes))];
        break;
    default:
        break;
    }
    if (one_in(state, 3))
        *at++ = 0x66;
    else if (one_in(state, 6))
        *at++ = one_in(state, 2) ? 0xf2 : 0xf3;
    if (one_in(state, 2))
        *at++ = 0x40 | (uint8_t)random_below(state, 16);
    if (one_in(state, 2)) {
        *at++ = 0x0f;
        if (one_in(state, 8))
            *at++ = one_in(state, 2) ? 0x38 : 0x3a;
    }
    at++; /* opcode */
    if (one_in(state, 3))
        *at |= 0xc0; /* register */
    else if (one_in(state, 3))
        *at = (uint8_t)((*at & 0x38) | 0x44), at[1] = 0x24; /* disp8(%rsp) */
    else if (one_in(state, 4))
        *at = (uint8_t)((*at & 0x38) | 0x05); /* disp32(%rip) */
}

/* shrl $12, %r11d; movb $1, SFI_MARKS_OFF(%r14,%r11) */
#define MARK 0x41, 0xc1, 0xeb, 0x0c, 0x43, 0xc6, 0x84, 0x1e, 0, 0, 0, 0x20, 1

/* Sequences that random bytes would rarely hit, with small random changes. Returns the length. */
static unsigned sequence(uint64_t *state, uint8_t *code)
{
    static const struct {
        uint8_t bytes[32];
        uint8_t length;
    } known[] = {
        {{0x41, 0x81, 0xe3, 0xe0, 0xff, 0xff, 0x0f, 0x4d, 0x01, 0xf3, 0x41, 0xff, 0xe3}, 13},
        {{0x41, 0x81, 0xe3, 0xe0, 0xff, 0xff, 0x0f, 0x4d, 0x01, 0xf3, 0x41, 0xff, 0xd3}, 13},
        {{0x41, 0xbb, 0x20, 0x10, 0x00, 0x00}, 6},             /* movl $0x1020, %r11d */
        {{0x41, 0xbb, 0x67, 0x10, 0x00, 0x00}, 6},             /* movl $0x1067, %r11d */
        {{0x41, 0x89, 0xc3, 0x64, 0x41, 0x8b, 0x5b, 0x08}, 8}, /* proof and load */
        {{0x41, 0x89, 0xc3, 0x64, 0x41, 0x89, 0x9b, 0, 0, 0, 0x3f}, 11},
        {{0x89, 0xc9, 0x64, 0x48, 0x8b, 0x01}, 6}, /* movl %ecx, %ecx; movq %fs:(%rcx), %rax */
        {{0x48, 0x83, 0xec, 0x40, 0x50}, 5},       /* step and push */
        {{0x48, 0x83, 0xc4, 0x40, 0x41, 0x5b}, 6}, /* step and pop */
        {{0x48, 0x81, 0xec, 0, 0x10, 0, 0, 0x4c, 0x8b, 0x1c, 0x24}, 11},
        {{0x48, 0x8d, 0x64, 0x24, 0x80, 0x50}, 6}, /* step by lea */
        {{0x8b, 0x05, 0x00, 0xf0, 0xff, 0x0f}, 6}, /* rip-relative load */
        {{0x53}, 1},
        {{0x5b}, 1},
        {{0xe8, 0, 0, 0, 0}, 5},
        {{0xe9, 0, 0, 0, 0}, 5},
        {{0x75, 0x05}, 2},
        {{0x0f, 0x84, 0x20, 0, 0, 0}, 6},
        /* marks; movl %ebx, %fs:(%eax) and its mark; the same in two */
        {{0x41, 0x89, 0xc3, MARK}, 16},
        {{0x44, 0x8d, 0x58, 0xf8, MARK}, 17},
        {{0x64, 0x67, 0x89, 0x18, 0x41, 0x89, 0xc3, MARK}, 20},
        {{0x64, 0x67, 0x89, 0x18}, 4},
        /* movups %xmm0, %fs:40(%eax); addq %rbx, %fs:(%eax) and ... %fs:60(%eax) */
        {{0x64, 0x67, 0x0f, 0x11, 0x40, 0x28, 0x41, 0x89, 0xc3, MARK}, 22},
        {{0x64, 0x67, 0x48, 0x01, 0x18, 0x64, 0x67, 0x89, 0x58, 0x3c, 0x41, 0x89, 0xc3, MARK}, 26},
        /* movb %bl, %fs:-8(%eax,%ecx,4); movl %ebx, %fs:8(%r11) behind its guard */
        {{0x64, 0x67, 0x88, 0x5c, 0x88, 0xf8, 0x44, 0x8d, 0x5c, 0x88, 0xf8, MARK}, 24},
        {{0x41, 0x89, 0xc3, 0x64, 0x41, 0x89, 0x5b, 0x08, 0x45, 0x8d, 0x5b, 0x08, MARK}, 25},
    };
    unsigned i = random_below(state, sizeof(known) / sizeof(known[0]));

    memcpy(code, known[i].bytes, sizeof(known[i].bytes));
    if (one_in(state, 3))
        code[random_below(state, known[i].length)] ^= (uint8_t)(1u << random_below(state, 8));
    if (code[0] == 0x75)
        code[1] = (uint8_t)random_next(state);
    if (code[0] == 0xe9 || code[0] == 0xe8)
        code[1] = (uint8_t)random_next(state),
        code[2] = code[3] = code[4] = code[1] >> 7 ? 0xff : 0;
    return known[i].length;
}

/* Does the verifier take these bytes at this place of a bundle, but for where branches lead and
 * whether a mark follows? */
static bool is_accepted(bool marked, const uint8_t *code, unsigned length, unsigned at)
{
    struct program alone = {.bytes = 2 * SFI_BUNDLE_BYTES, .marked = marked};
    struct verify_result result;
    enum verify_reason reason;

    memset(alone.text, 0x90, SFI_BUNDLE_BYTES);
    memset(alone.text + SFI_BUNDLE_BYTES, SFI_PAD_BYTE, SFI_BUNDLE_BYTES);
    memcpy(alone.text + at, code, length);
    reason = verify_program(&alone, &result);
    return reason == VERIFY_OK || reason == VERIFY_TARGET || reason == VERIFY_TARGET_OUTSIDE ||
           reason == VERIFY_UNMARKED;
}

/* Each of these returns the place behind what it put at `at`, or `at`. */
static unsigned put(bool marked, uint8_t *bundle, unsigned at, const uint8_t *code, unsigned length)
{
    if (at + length > SFI_BUNDLE_BYTES || !is_accepted(marked, code, length, at))
        return at;
    memcpy(bundle + at, code, length);
    return at + length;
}

static unsigned put_sequence(uint64_t *state, bool marked, uint8_t *bundle, unsigned at)
{
    uint8_t code[32];
    unsigned length = sequence(state, code);
    bool is_call = code[0] == 0xe8 || (length == 13 && code[12] == 0xd3);
    unsigned last = SFI_BUNDLE_BYTES - length;

    if (!is_call)
        return put(marked, bundle, at, code, length);
    return at <= last && put(marked, bundle, last, code, length) > last ? SFI_BUNDLE_BYTES : at;
}

static unsigned put_instruction(uint64_t *state, bool marked, uint8_t *bundle, unsigned at)
{
    uint8_t code[32];

    random_instruction(state, code);
    for (unsigned length = 1; length <= 15; length++) {
        if (put(marked, bundle, at, code, length) > at)
            return at + length;
    }
    return at;
}

/* Gaps stay nops. */
static void fill_bundle(uint64_t *state, bool marked, uint8_t *bundle)
{
    unsigned at = 0;

    memset(bundle, 0x90, SFI_BUNDLE_BYTES);
    for (int tries = 0; tries < 60 && at < SFI_BUNDLE_BYTES; tries++)
        at = one_in(state, marked ? 2 : 4) ? put_sequence(state, marked, bundle, at)
                                           : put_instruction(state, marked, bundle, at);
}

void generate_program(uint64_t *state, bool marked, struct program *program)
{
    struct verify_result result;
    unsigned bundles = 2 + random_below(state, 6);

    program->marked = marked;
    program->bytes = (bundles + 1) * SFI_BUNDLE_BYTES;
    for (unsigned i = 0; i < bundles; i++)
        fill_bundle(state, marked, program->text + i * SFI_BUNDLE_BYTES);
    memset(program->text + bundles * SFI_BUNDLE_BYTES, 0xf4, SFI_BUNDLE_BYTES);
    /* What is refused in this company becomes nops, byte by byte. */
    while (verify_program(program, &result) != VERIFY_OK)
        program->text[result.offset] = 0x90;
}
