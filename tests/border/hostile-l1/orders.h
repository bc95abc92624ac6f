/*
 * What the tests ask of the hostile runtime: an order lies in the function's memory, and the
 * function hands its address to fd_seek. Included by the runtime (C and assembly) and by the tests.
 *
 *   attacker.wat   reads an order from its input and passes it on, then writes a struct answer
 *   runtime/       carries it out with what the SFI policy allows, or does what a good runtime does
 */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_ORDERS_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_ORDERS_H

/* fd_seek's descriptor that means: an order. */
#define ORDER_DESCRIPTOR 0x7fffffff

/* order.kind, and what argument[] means. Offsets "in the code zone" are from layer 1's R14. */
#define ORDER_NONE   0 /* nothing: fd_seek answers 0 */
#define ORDER_ACCESS 1 /* form (ACCESS_*), first register, second register */
#define ORDER_GATE   2 /* a call: offset in the code zone, RDI, RSI, RDX */
#define ORDER_JUMP   3 /* offset in the code zone, value of every register */
#define ORDER_RETURN 4 /* forged return address for a gate: offset, RDI, RSI, address, RBX */
#define ORDER_STACK                                                                                \
    5                   /* move (STACK_*), how often, then a jump: offset, RDI, RSI; pushes before \
                         */
#define ORDER_FORGE   6 /* offset in layer 1's page, value; then ORDER_NONE */
#define ORDER_POINTER 7 /* fd_read with memory claimed to be endless: address, bytes */
#define ORDER_LOOP    8 /* never returns; argument: 1: in gates */
#define ORDER_SPRAY   9 /* overwrites all that it can reach with this value, then answers */
#define ORDER_ENTRY   10 /* what registers held when this call entered: vectors ORed, others ORed */

/* ACCESS_*: one memory operand of each kind that the policy allows. B and C are the registers. */
#define ACCESS_LOAD_8           0 /* %gs:(B) */
#define ACCESS_LOAD_16          1
#define ACCESS_LOAD_32          2
#define ACCESS_LOAD_64          3
#define ACCESS_LOAD_128         4
#define ACCESS_STORE_8          5
#define ACCESS_STORE_16         6
#define ACCESS_STORE_32         7
#define ACCESS_STORE_64         8
#define ACCESS_STORE_128        9
#define ACCESS_LOAD_SUM         10 /* %gs:0x7fffffff(B, C, 8) */
#define ACCESS_STORE_SUM        11
#define ACCESS_LOAD_PUSH        12 /* pushq %gs:(B) */
#define ACCESS_ADD              13 /* addq %rax, %gs:(B) */
#define ACCESS_SET_BIT          14 /* btsq $63, %gs:(B) */
#define ACCESS_LINEAR_LOAD      15 /* %fs:(B), with 0x67 */
#define ACCESS_LINEAR_LOAD_128  16
#define ACCESS_LINEAR_SUM       17 /* %fs:0x7fffffff(B, C, 8), with 0x67 */
#define ACCESS_FAR_LOAD         18 /* %fs:LINEAR_DISP_MAX - 1(B), 64-bit, B proven */
#define ACCESS_FAR_LOAD_128     19
#define ACCESS_STACK_LOAD_UP    20 /* 0xffff(%rsp) */
#define ACCESS_STACK_LOAD_DOWN  21
#define ACCESS_STACK_STORE_UP   22
#define ACCESS_STACK_STORE_DOWN 23
#define ACCESS_COUNT            24

/* STACK_*: what moves %rsp. */
#define STACK_PUSH       0
#define STACK_POP        1
#define STACK_STEP_DOWN  2 /* 4096, probed */
#define STACK_STEP_UP    3
#define STACK_BYTE_DOWN  4 /* 1, probed */
#define STACK_BYTE_UP    5
#define STACK_BELOW      6 /* 8, probed at 128(%rsp): %rsp may leave what is committed */
#define STACK_ABOVE      7 /* 8, probed at -128(%rsp) */
#define STACK_CALL       8 /* a call that does not return */
#define STACK_MOVE_COUNT 9

/* What stores write, in each of their bytes. */
#define STORED_BYTE 0xa7

/* At boot there are no orders: the runtime looks at which slot it is booted in. */
#define BOOT_HONEST 3 /* in slots 0 to 2 it boots as a good runtime does */
#define BOOT_RANDOM 3 /* GATE1_RANDOM, then boots; the gate's answer is BOOT_ANSWER_OFF */
#define BOOT_TRAP   4
#define BOOT_EXIT   5
#define BOOT_FAULT  6
#define BOOT_RETURN 7 /* a forged return address for GATE1_RANDOM */
#define BOOT_WILD   8 /* GATE1_RETURN with wild registers, on an empty stack */
#define BOOT_COMMIT 9 /* all output that is allowed before S1, written */
#define BOOT_LOOP   10
#define BOOT_COUNT  11
/* In layer 1's cage: end of its state. */
#define BOOT_ANSWER_OFF (L1_STATE_OFF + L1_STATE_MAX - 8)
/* Registers at the last entry, for ORDER_ENTRY: 16 bytes of vectors, 8 of all others but arguments.
 */
#define ENTRY_SEEN_OFF (L1_STATE_OFF + L1_STATE_MAX - 64)
/* There, too: a struct order_result on its way to linear memory, which only L0 writes. */
#define RESULT_OFF (L1_STATE_OFF + 3072)

#ifndef __ASSEMBLER__

#include <stdint.h>

struct order {
    uint64_t kind;
    uint64_t argument[7];
    uint8_t payload[32]; /* the function and the runtime handle it as any data */
};

/* Of ORDER_ACCESS: what was loaded. Of ORDER_GATE: registers after it, and vectors ORed. */
struct order_result {
    uint64_t word[16];
};

struct answer {
    uint64_t error; /* fd_seek's result */
    uint64_t check; /* ORDER_CHECK() of the order, computed by the function around the call */
    struct order_result result;
};

/* The guest holds each term in a local while the runtime runs. */
static inline uint64_t order_check(const struct order *order)
{
    const uint64_t *w = order->argument;

    return (order->kind * 0x9e3779b97f4a7c15u + 1) ^ (w[0] * 3) ^ (w[1] + 0x123456789abcdefu) ^
           (w[2] * 5 + 7) ^ (w[3] * 11) ^ (w[4] + w[5] * 13);
}

#endif
#endif
