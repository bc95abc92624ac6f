/*
 * Runs a bundle's code in this process, without an enclave: a slot's address
 * space (abi/geometry.h), the gates page, both segment bases. It stands in for
 * L0 to test what sandboxed/wasm and toolchain/bundle make of a module. One
 * arena at a time, one thread.
 */
#ifndef RECLAVE_TESTS_WASM_ARENA_H
#define RECLAVE_TESTS_WASM_ARENA_H

#include "toolchain/bundle/read.h"

#include <stdbool.h>

struct arena_result {
    enum trap trap; /* TRAP_NONE: returned */
    uint64_t value; /* what it returned */
};

/* Maps a slot and puts the code in; the cage, tables and linear memory are zero. Exits the test
 * program when the machine refuses. */
void arena_open(const struct bundle_view *bundle);
void arena_close(void);

/* Enters the bundle as L0 does, with enum crt_call. `selector` is what WASI's sched_yield
 * returns: the module's way to ask what it shall do. */
struct arena_result arena_call(unsigned call, uint32_t selector);

/* Who answers WASI calls instead of the arena, on the host's own stack; NULL: the arena. */
typedef uint64_t arena_wasi_answer(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void arena_answer_by(arena_wasi_answer *answer);
/* For such an answer: arena_call returns with this. */
__attribute__((noreturn)) void arena_end(enum trap trap, uint64_t value);

/* All of linear memory, where it is until arena_close. */
uint8_t *arena_linear(uint64_t *bytes);
/* A copy of a part of it. The range must be committed. */
void arena_read(uint32_t offset, void *target, size_t bytes);
/* The first bytes of the cage's state region. */
void arena_read_state(void *target, size_t bytes);

/* From here on, what the code writes of linear memory must lie in a marked page or in the bytes
 * behind one that its mark stands for (docs/sfi-policy.md, 4.2). */
void arena_watch_marks(void);
/* Does it? *unmarked: the first byte that changed without a mark. Needs a bundle with marks. */
bool arena_marks_cover(uint64_t *unmarked);
unsigned arena_marked_pages(void);

/* Leaves the arena mapped, so that the next arena_open gets another address. */
void arena_keep(void);
void arena_close_kept(void);

/* What the module has asked for through gates since arena_open. */
struct arena_calls {
    unsigned wasi[32]; /* by WASI_* number */
    unsigned grow, data;
    uint64_t last_arguments[5]; /* of the last WASI call */
};
extern struct arena_calls arena_calls;

#endif
