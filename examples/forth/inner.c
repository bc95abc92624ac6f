/* The inner interpreter: runs tokens. */
#include "forth.h"

#include <stdio.h>

const char *const primitive_names[PRIMITIVES] = {
#define WORD(name, symbol, in, out) name,
#include "words.def"
#undef WORD
};

static const struct effect {
    uint8_t in, out;
} effects[PRIMITIVES] = {
#define WORD(name, symbol, in, out) {in, out},
#include "words.def"
#undef WORD
};

struct run {
    struct forth *forth;
    uint32_t next; /* address of the next token; 0: the outer interpreter's */
};

/* ---- the return stack ---------------------------------------------------------- */

static bool push_return(struct forth *forth, uint32_t value)
{
    if (forth->return_depth == RETURN_CELLS)
        return forth_fail(forth, "too deep a recursion, or too many >r");
    forth->returns[forth->return_depth++] = value;
    return true;
}

static uint32_t pop_return(struct forth *forth)
{
    if (forth->return_depth)
        return forth->returns[--forth->return_depth];
    forth_fail(forth, "the return stack is empty");
    return 0;
}

/* The one `below` others. */
static uint32_t peek_return(struct forth *forth, uint32_t below)
{
    if (below < forth->return_depth)
        return forth->returns[forth->return_depth - 1 - below];
    forth_fail(forth, "the return stack is empty");
    return 0;
}

/* ---- groups of primitives -------------------------------------------------------- */

static void divide(struct forth *forth, int64_t dividend, uint32_t divisor, uint32_t *quotient,
                   uint32_t *remainder)
{
    int32_t by = (int32_t)divisor;

    if (by == 0) {
        forth_fail(forth, "division by zero");
        by = 1;
    }
    *quotient = (uint32_t)(dividend / by);
    *remainder = (uint32_t)(dividend % by);
}

static uint32_t follow(struct run *run)
{
    uint32_t value;

    cell_read(run->forth, run->next, &value);
    run->next += CELL;
    return value;
}

/* A loop's limit and, on top of it, its index are on the return stack. */
static void enter_loop(struct run *run, uint32_t limit, uint32_t index)
{
    if (push_return(run->forth, limit))
        push_return(run->forth, index);
}

/* Goes back unless the index passed the border between limit - 1 and limit. */
static void continue_loop(struct run *run, uint32_t step)
{
    struct forth *forth = run->forth;
    uint32_t target = follow(run);
    uint32_t index = pop_return(forth), limit = pop_return(forth);
    uint32_t before = index - limit, after = before + step;

    if ((int32_t)((before ^ after) & (before ^ step)) < 0)
        return;
    enter_loop(run, limit, index + step);
    run->next = target;
}

static void type(struct forth *forth, uint32_t address, uint32_t bytes)
{
    if (memory_check(forth, address, bytes))
        fwrite(forth->memory + address, 1, bytes, stdout);
}

static void type_string(struct run *run)
{
    uint32_t bytes = follow(run);

    type(run->forth, run->next, bytes);
    run->next += (bytes + CELL - 1) & ~(CELL - 1);
}

static uint32_t fetch_byte(struct forth *forth, uint32_t address)
{
    return memory_check(forth, address, 1) ? forth->memory[address] : 0;
}

static void store_byte(struct forth *forth, uint32_t address, uint32_t value)
{
    if (memory_check(forth, address, 1))
        forth->memory[address] = (uint8_t)value;
}

static void add_to_cell(struct forth *forth, uint32_t address, uint32_t value)
{
    uint32_t old;

    if (cell_read(forth, address, &old))
        cell_write(forth, address, old + value);
}

static uint32_t truth(bool condition)
{
    return condition ? UINT32_MAX : 0;
}

/* s[0], s[1], ...: what the primitive takes, deepest first, then what it leaves. */
static void arithmetic(struct forth *forth, enum primitive primitive, uint32_t *s)
{
    int32_t a = (int32_t)s[0], b = (int32_t)s[1];
    uint32_t other;

    switch (primitive) {
    case P_ADD:
        s[0] += s[1];
        break;
    case P_SUBTRACT:
        s[0] -= s[1];
        break;
    case P_MULTIPLY:
        s[0] *= s[1];
        break;
    case P_DIVIDE:
        divide(forth, a, s[1], &s[0], &other);
        break;
    case P_MOD:
        divide(forth, a, s[1], &other, &s[0]);
        break;
    case P_DIVIDE_MOD:
        divide(forth, a, s[1], &s[1], &s[0]);
        break;
    case P_MULTIPLY_DIVIDE_MOD:
        divide(forth, (int64_t)a * b, s[2], &s[1], &s[0]);
        break;
    case P_NEGATE:
        s[0] = 0 - s[0];
        break;
    case P_ABS:
        s[0] = a < 0 ? 0 - s[0] : s[0];
        break;
    case P_MIN:
        s[0] = a < b ? s[0] : s[1];
        break;
    case P_MAX:
        s[0] = a > b ? s[0] : s[1];
        break;
    case P_INCREMENT:
        s[0]++;
        break;
    case P_DECREMENT:
        s[0]--;
        break;
    case P_LEFT:
        s[0] = s[1] < 32 ? s[0] << s[1] : 0;
        break;
    case P_RIGHT:
        s[0] = s[1] < 32 ? s[0] >> s[1] : 0;
        break;
    case P_AND:
        s[0] &= s[1];
        break;
    case P_OR:
        s[0] |= s[1];
        break;
    case P_XOR:
        s[0] ^= s[1];
        break;
    case P_INVERT:
        s[0] = ~s[0];
        break;
    case P_EQUAL:
        s[0] = truth(a == b);
        break;
    case P_UNEQUAL:
        s[0] = truth(a != b);
        break;
    case P_LESS:
        s[0] = truth(a < b);
        break;
    case P_GREATER:
        s[0] = truth(a > b);
        break;
    case P_BELOW:
        s[0] = truth(s[0] < s[1]);
        break;
    case P_IS_ZERO:
        s[0] = truth(a == 0);
        break;
    case P_IS_NEGATIVE:
        s[0] = truth(a < 0);
        break;
    default:
        s[0] *= CELL;
        break; /* P_CELLS */
    }
}

static void rotate(uint32_t *s)
{
    uint32_t first = s[0];

    s[0] = s[1];
    s[1] = s[2];
    s[2] = first;
}

static void swap(uint32_t *s)
{
    uint32_t first = s[0];

    s[0] = s[1];
    s[1] = first;
}

static uint32_t pick(struct forth *forth, const uint32_t *s)
{
    if (s[0] < (uint32_t)(s - forth->data))
        return *(s - 1 - s[0]);
    forth_fail(forth, "the stack is empty");
    return 0;
}

/* Words on stacks, memory, output and the order of execution; the others are arithmetic. */
static void perform(struct run *run, enum primitive primitive, uint32_t *s)
{
    struct forth *forth = run->forth;

    switch (primitive) {
    case P_LIT:
        s[0] = follow(run);
        break;
    case P_BRANCH:
        run->next = follow(run);
        break;
    case P_BRANCH_0:
        run->next = s[0] ? run->next + CELL : follow(run);
        break;
    case P_DO:
        enter_loop(run, s[0], s[1]);
        run->next += CELL;
        break;
    case P_QUESTION_DO:
        if (s[0] == s[1]) {
            run->next = follow(run);
        } else {
            enter_loop(run, s[0], s[1]);
            run->next += CELL;
        }
        break;
    case P_LOOP:
        continue_loop(run, 1);
        break;
    case P_PLUS_LOOP:
        continue_loop(run, s[0]);
        break;
    case P_TYPE_STRING:
        type_string(run);
        break;
    case P_EXIT:
        run->next = pop_return(forth);
        break;
    case P_DUP:
        s[1] = s[0];
        break;
    case P_DROP:
    case P_TWO_DROP:
        break;
    case P_SWAP:
        swap(s);
        break;
    case P_OVER:
        s[2] = s[0];
        break;
    case P_ROT:
        rotate(s);
        break;
    case P_NIP:
        s[0] = s[1];
        break;
    case P_TWO_DUP:
        s[2] = s[0];
        s[3] = s[1];
        break;
    case P_PICK:
        s[0] = pick(forth, s);
        break;
    case P_DEPTH:
        s[0] = forth->depth - 1;
        break;
    case P_TO_R:
        push_return(forth, s[0]);
        break;
    case P_R_FROM:
        s[0] = pop_return(forth);
        break;
    case P_R_FETCH:
    case P_I:
        s[0] = peek_return(forth, 0);
        break;
    case P_J:
        s[0] = peek_return(forth, 2);
        break;
    case P_FETCH:
        cell_read(forth, s[0], &s[0]);
        break;
    case P_STORE:
        cell_write(forth, s[1], s[0]);
        break;
    case P_ADD_STORE:
        add_to_cell(forth, s[1], s[0]);
        break;
    case P_BYTE_FETCH:
        s[0] = fetch_byte(forth, s[0]);
        break;
    case P_BYTE_STORE:
        store_byte(forth, s[1], s[0]);
        break;
    case P_HERE:
        s[0] = forth->here;
        break;
    case P_ALLOT:
        memory_allot(forth, s[0]);
        break;
    case P_COMMA:
        memory_append(forth, s[0]);
        break;
    case P_PRINT:
        printf("%d ", (int)s[0]);
        break;
    case P_EMIT:
        putchar((int)(s[0] & 0x7f));
        break;
    case P_TYPE:
        type(forth, s[0], s[1]);
        break;
    default:
        arithmetic(forth, primitive, s);
        break;
    }
}

/* ---- the loop ------------------------------------------------------------------------ */

static bool call(struct run *run, uint32_t address)
{
    if (!push_return(run->forth, run->next))
        return false;
    run->next = address;
    return true;
}

/* P_EXECUTE is the one that goes on with another token. */
static bool step(struct run *run, uint32_t token)
{
    struct forth *forth = run->forth;
    uint32_t *s;

    while (token < PRIMITIVES) {
        const struct effect *effect = &effects[token];

        if (forth->depth < effect->in)
            return forth_fail(forth, "the stack is empty");
        if (forth->depth - effect->in + effect->out > STACK_CELLS)
            return forth_fail(forth, "the stack is full");
        s = forth->data + forth->depth - effect->in;
        forth->depth += (uint32_t)effect->out - effect->in;
        if (token != P_EXECUTE) {
            perform(run, token, s);
            return !forth->error;
        }
        token = s[0];
    }
    return call(run, token);
}

bool forth_execute(struct forth *forth, uint32_t token)
{
    struct run run = {.forth = forth};

    if (!step(&run, token))
        return false;
    while (run.next) {
        cell_read(forth, run.next, &token);
        run.next += CELL;
        if (forth->error || !step(&run, token))
            return false;
    }
    return true;
}
