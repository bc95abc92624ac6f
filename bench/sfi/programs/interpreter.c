/* An interpreter of a register machine's bytecode, dispatching with a switch: primes, then sums. */
#include "program.h"

#define REGISTERS  16
#define CELLS      4096
#define STEPS_MAX  100000000u
#define INPUT_STEP 7 /* the limit grows with each unit of scale */

enum opcode {
    OP_SET,      /* a = immediate */
    OP_COPY,     /* a = b */
    OP_ADD,      /* a = b + c */
    OP_SUBTRACT, /* a = b - c */
    OP_MULTIPLY,
    OP_AND,
    OP_OR,
    OP_XOR,
    OP_SHIFT_LEFT,
    OP_SHIFT_RIGHT,
    OP_LOAD,      /* a = cell[b] */
    OP_STORE,     /* cell[b] = a */
    OP_JUMP,      /* to immediate */
    OP_JUMP_ZERO, /* if a == 0 */
    OP_JUMP_LESS, /* if a < b, to immediate */
    OP_CALL,      /* to immediate; the return address goes to a */
    OP_RETURN,    /* to a */
    OP_NEXT,      /* a = a + immediate */
    OP_HALT
};

struct instruction {
    uint8_t opcode, a, b, c;
    int32_t immediate;
};

struct machine {
    uint32_t registers[REGISTERS];
    uint32_t cells[CELLS];
    uint32_t steps;
};

/* r1: limit, r0: 0. A sieve of cells up to the limit, and a hash of the primes in r9. */
static const struct instruction program[] = {
    /*  0 */ {OP_SET, 2, 0, 0, 0},
    /*  1 */ {OP_STORE, 0, 2, 0, 0}, /* clear: cell[r2] = 0 */
    /*  2 */ {OP_NEXT, 2, 0, 0, 1},
    /*  3 */ {OP_JUMP_LESS, 2, 1, 0, 1},
    /*  4 */ {OP_SET, 2, 0, 0, 2}, /* r2: candidate */
    /*  5 */ {OP_SET, 8, 0, 0, 1}, /* r8: mark */
    /*  6 */ {OP_SET, 9, 0, 0, 17},
    /*  7 */ {OP_LOAD, 3, 2, 0, 0},
    /*  8 */ {OP_JUMP_ZERO, 3, 0, 0, 12},
    /*  9 */ {OP_NEXT, 2, 0, 0, 1},
    /* 10 */ {OP_JUMP_LESS, 2, 1, 0, 7},
    /* 11 */ {OP_HALT, 0, 0, 0, 0},
    /* 12 */ {OP_CALL, 15, 0, 0, 18}, /* a prime: hash it */
    /* 13 */ {OP_ADD, 4, 2, 2, 0},    /* r4: its multiples */
    /* 14 */ {OP_JUMP_LESS, 4, 1, 0, 16},
    /* 15 */ {OP_JUMP, 0, 0, 0, 9},
    /* 16 */ {OP_STORE, 8, 4, 0, 0},
    /* 17 */ {OP_JUMP, 0, 0, 0, 26},
    /* 18 */ {OP_SET, 5, 0, 0, 5}, /* hash: r9 = (r9 << 5 ^ r9 >> 5) + r2 * 3 */
    /* 19 */ {OP_SHIFT_LEFT, 6, 9, 5, 0},
    /* 20 */ {OP_SHIFT_RIGHT, 7, 9, 5, 0},
    /* 21 */ {OP_XOR, 9, 6, 7, 0},
    /* 22 */ {OP_SET, 6, 0, 0, 3},
    /* 23 */ {OP_MULTIPLY, 6, 6, 2, 0},
    /* 24 */ {OP_ADD, 9, 9, 6, 0},
    /* 25 */ {OP_RETURN, 15, 0, 0, 0},
    /* 26 */ {OP_COPY, 10, 4, 0, 0}, /* some arithmetic for each multiple: r11 += r10 & 255 | 1 */
    /* 27 */ {OP_SET, 12, 0, 0, 255},
    /* 28 */ {OP_AND, 10, 10, 12, 0},
    /* 29 */ {OP_OR, 10, 10, 8, 0},
    /* 30 */ {OP_ADD, 11, 11, 10, 0},
    /* 31 */ {OP_SUBTRACT, 13, 11, 2, 0},
    /* 32 */ {OP_ADD, 4, 4, 2, 0},
    /* 33 */ {OP_JUMP, 0, 0, 0, 14},
};

static struct machine machine;

static void interpret(struct machine *m, const struct instruction *code)
{
    uint32_t *r = m->registers;

    for (uint32_t at = 0; m->steps < STEPS_MAX; m->steps++) {
        struct instruction now = code[at++];

        switch ((enum opcode)now.opcode) {
        case OP_SET:
            r[now.a] = (uint32_t)now.immediate;
            break;
        case OP_COPY:
            r[now.a] = r[now.b];
            break;
        case OP_ADD:
            r[now.a] = r[now.b] + r[now.c];
            break;
        case OP_SUBTRACT:
            r[now.a] = r[now.b] - r[now.c];
            break;
        case OP_MULTIPLY:
            r[now.a] = r[now.b] * r[now.c];
            break;
        case OP_AND:
            r[now.a] = r[now.b] & r[now.c];
            break;
        case OP_OR:
            r[now.a] = r[now.b] | r[now.c];
            break;
        case OP_XOR:
            r[now.a] = r[now.b] ^ r[now.c];
            break;
        case OP_SHIFT_LEFT:
            r[now.a] = r[now.b] << (r[now.c] & 31);
            break;
        case OP_SHIFT_RIGHT:
            r[now.a] = r[now.b] >> (r[now.c] & 31);
            break;
        case OP_LOAD:
            r[now.a] = m->cells[r[now.b] % CELLS];
            break;
        case OP_STORE:
            m->cells[r[now.b] % CELLS] = r[now.a];
            break;
        case OP_JUMP:
            at = (uint32_t)now.immediate;
            break;
        case OP_JUMP_ZERO:
            at = r[now.a] == 0 ? (uint32_t)now.immediate : at;
            break;
        case OP_JUMP_LESS:
            at = r[now.a] < r[now.b] ? (uint32_t)now.immediate : at;
            break;
        case OP_CALL:
            r[now.a] = at;
            at = (uint32_t)now.immediate;
            break;
        case OP_RETURN:
            at = r[now.a];
            break;
        case OP_NEXT:
            r[now.a] += (uint32_t)now.immediate;
            break;
        case OP_HALT:
            return;
        }
    }
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0;

    for (uint32_t round = 0; round < scale; round++) {
        for (size_t i = 0; i < REGISTERS; i++)
            machine.registers[i] = 0;
        machine.steps = 0;
        machine.registers[1] = CELLS - 200 + round * INPUT_STEP % 200;
        interpret(&machine, program);
        checksum = mix(checksum, (uint64_t)machine.registers[9] << 32 | machine.steps);
        checksum = mix(checksum, machine.registers[13]);
    }
    return checksum;
}
