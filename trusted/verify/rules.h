/* The policy's rules, and what they remember on the way through the text. */
#ifndef RECLAVE_TRUSTED_VERIFY_RULES_H
#define RECLAVE_TRUSTED_VERIFY_RULES_H

#include "trusted/verify/decode.h"
#include "trusted/verify/verify.h"

/* How far the guard of a computed jump or call has come: r11 is ... */
enum guard {
    GUARD_NONE,   /* anything */
    GUARD_MASKED, /* a masked offset, by the instruction right before */
    GUARD_TARGET, /* code base and masked offset, by the two instructions right before */
};

/* How far a mark has come (policy 4.2): r11 is ... */
enum mark {
    MARK_NONE,    /* anything */
    MARK_ADDRESS, /* an address, by the instruction right before */
    MARK_PAGE,    /* the page it lies in, by the two instructions right before */
};

/* Stores to linear memory whose mark is still to come, all through the same registers. */
enum stores {
    STORES_MARKED,  /* none */
    STORES_PENDING, /* their registers must not change */
    STORES_CLOSING, /* their mark has begun by changing r11, one of these: it must be completed */
};

struct checker {
    const struct verify_request *request;
    struct verify_result *result;
    uint32_t offset; /* of the current instruction, from text[0] */

    /* Since the bundle's start: */
    uint32_t zero;       /* bit R: register R's upper half is zero ... */
    uint8_t zeroed[16];  /* ... by the instruction at this byte of the bundle */
    enum guard guard;    /* r11 */
    uint8_t guard_start; /* byte of the bundle where the guard's first instruction is */
    enum mark mark;      /* r11 */
    struct insn address; /* since MARK_ADDRESS: the instruction that made it */
    uint8_t mark_start;  /* byte of the bundle where that is */
    uint32_t no_target;  /* bytes behind which something proven is used: no direct target */

    /* Since the previous instruction, across bundles: */
    bool step_unprobed;
    uint32_t step_offset;

    /* Since the first store that is pending, across bundles: */
    enum stores stores;
    struct insn store;     /* the first of them: base, index, scale */
    uint32_t store_offset; /* ... and where it is */
    int64_t low, high;     /* displacements of the first byte and behind the last byte written */
};

/* Forgets what any computed jump to a bundle's start would make untrue. */
void rules_enter_bundle(struct checker *checker);

/* All rules for the decoded instruction at checker->offset, which lies within its bundle. */
MUST_CHECK enum verify_reason rules_check(struct checker *checker, const struct insn *insn);

/* Is it impossible that the next instruction runs after this one? */
bool rules_ends_flow(const struct insn *insn);

/* Parts of rules_check(), in its order. */
MUST_CHECK enum verify_reason check_stack_probe(struct checker *checker, const struct insn *insn);
MUST_CHECK enum verify_reason check_memory(struct checker *checker, const struct insn *insn);
MUST_CHECK enum verify_reason check_flow(struct checker *checker, const struct insn *insn);
MUST_CHECK enum verify_reason check_marks(struct checker *checker, const struct insn *insn);
MUST_CHECK enum verify_reason check_writes(struct checker *checker, const struct insn *insn);

/* memory.c: bytes of the memory operand. */
uint32_t access_bytes(const struct insn *insn);

/* marks.c: is it the third instruction of a mark, by its bytes? */
bool is_mark(const struct checker *checker, const struct insn *insn);
/* The instruction writes linear memory. */
MUST_CHECK enum verify_reason check_store(struct checker *checker, const struct insn *insn);
/* The instruction writes general register `reg`: does a pending store still need it? */
MUST_CHECK enum verify_reason check_store_register(struct checker *checker, unsigned reg);

/* A fact established by the instruction at byte `from` of the bundle is used by the current
 * one: no direct branch may lead behind the first and up to the second. */
void forbid_targets(struct checker *checker, unsigned from);

#endif
