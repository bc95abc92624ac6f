/*
 * A Forth: integers of 32 bits, one memory, no operating system.
 *
 * Source text goes word by word through the outer interpreter (outer.c), which
 * executes a word or, between : and ;, appends its token to the definition. A token is a
 * primitive's number (words.def) or the address of a definition's tokens; the inner
 * interpreter (inner.c) runs both. All addresses are offsets in `memory` and checked, as are
 * both stacks: a program can be wrong in any way and ends with a message.
 *
 * Nothing is ever freed, because nothing needs to be: what an invocation defines and
 * allots is gone when the enclave is rewound.
 */
#ifndef FORTH_H
#define FORTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CELL           4u
#define MEMORY_BYTES   (40u << 20)
#define MEMORY_FIRST   1024u /* below: primitives' numbers, never addresses of definitions */
#define STACK_CELLS    256u
#define RETURN_CELLS   1024u
#define OPEN_MAX       32u /* control structures inside each other */
#define WORD_BYTES_MAX 31u

struct text { /* not terminated */
    const char *start;
    size_t bytes;
};

/* A control structure that is being compiled. */
enum open_kind { OPEN_IF, OPEN_BEGIN, OPEN_WHILE, OPEN_DO };
struct open {
    enum open_kind kind;
    uint32_t address; /* IF, WHILE, DO: of the branch to fill in; BEGIN: to go back to */
};

struct forth {
    uint8_t memory[MEMORY_BYTES];
    uint32_t here;   /* first free byte */
    uint32_t latest; /* newest definition; 0: none */
    uint32_t data[STACK_CELLS], depth;
    uint32_t returns[RETURN_CELLS], return_depth;
    struct open open[OPEN_MAX];
    uint32_t open_count;
    uint32_t definition; /* the one that is being compiled; 0: none */
    struct text source;  /* what is left of it */
    unsigned line;
    struct text word;  /* the one at work */
    const char *error; /* NULL: none */
};

/* An empty dictionary. */
void forth_start(struct forth *forth);
/* Output goes to stdout. False: stopped at forth->line, forth->word, because of forth->error. */
bool forth_interpret(struct forth *forth, struct text source);

/* main.c: one invocation; the exit code. */
int handle(void);

/* ---- between the parts ------------------------------------------------------- */

/* Sets the first error; always false. */
bool forth_fail(struct forth *forth, const char *error);

/* memory.c */
bool cell_fail(struct forth *forth, uint32_t address);
bool memory_check(struct forth *forth, uint32_t address, uint32_t bytes);
bool memory_allot(struct forth *forth, uint32_t bytes);
bool memory_append(struct forth *forth, uint32_t cell);

static inline bool cell_exists(uint32_t address)
{
    return address % CELL == 0 && address >= MEMORY_FIRST && address <= MEMORY_BYTES - CELL;
}

/* A failure leaves 0 in *value and sets the error. */
static inline bool cell_read(struct forth *forth, uint32_t address, uint32_t *value)
{
    *value = 0;
    if (!cell_exists(address))
        return cell_fail(forth, address);
    memcpy(value, forth->memory + address, CELL);
    return true;
}

static inline bool cell_write(struct forth *forth, uint32_t address, uint32_t value)
{
    if (!cell_exists(address))
        return cell_fail(forth, address);
    memcpy(forth->memory + address, &value, CELL);
    return true;
}

/* dictionary.c */
enum word_kind {
    WORD_UNKNOWN,
    WORD_TOKEN,    /* value is its token */
    WORD_CONSTANT, /* value is what it pushes */
};
enum word_kind dictionary_find(struct forth *forth, struct text name, uint32_t *value);
/* A definition that is not found until dictionary_reveal. */
bool dictionary_begin(struct forth *forth, struct text name, enum word_kind kind);
void dictionary_reveal(struct forth *forth);

/* inner.c */
enum primitive {
#define WORD(name, symbol, in, out) P_##symbol,
#include "words.def"
#undef WORD
    PRIMITIVES
};
extern const char *const primitive_names[PRIMITIVES];
bool forth_execute(struct forth *forth, uint32_t token);

#endif
