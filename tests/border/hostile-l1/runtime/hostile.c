/*
 * A runtime that is malicious by design. It passes the verifier, boots, and serves its function
 * well, until it gets an order.
 */
#include "tests/border/hostile-l1/orders.h"
#include "tests/border/hostile-l1/runtime/attacks.h"

#include "sandboxed/wasi/calls.h"
#include "sandboxed/wasi/dispatch.h"
#include "sandboxed/wasi/gates.h"
#include "sandboxed/wasi/segments.h"
#include "sandboxed/wasi/state.h"

#define WILD 0xfedcba9876543210u

static volatile uint64_t CAGE *cage_word(uint64_t offset)
{
    return (volatile uint64_t CAGE *)(uintptr_t)offset;
}

/* Every slot runs the same code; only addresses tell them apart. */
static unsigned own_slot(void)
{
    volatile uint8_t here = 0;
    uint64_t address;

    __asm__("leaq %1, %0" : "=r"(address) : "m"(here));
    return (unsigned)((address >> SLOT_SHIFT) - 1) % 16;
}

static uint64_t boot(void)
{
    uint64_t answer = l1_dispatch(L1_BOOT, 0, 0, 0, 0, 0);

    switch (own_slot()) {
    case BOOT_RANDOM:
        *cage_word(BOOT_ANSWER_OFF) = 0x100 | gate1_random(L1_STATE_OFF + 2048, 32);
        break;
    case BOOT_TRAP:
        gate1_trap(1);
    case BOOT_EXIT:
        gate1_exit(WILD);
    case BOOT_FAULT:
        *cage_word(0) = WILD;
        break;
    case BOOT_RETURN:
        attack_return(GATE1_RANDOM * GATE_ENTRY_BYTES, L1_STATE_OFF, 8, attack_hidden(), WILD);
    case BOOT_WILD:
        attack_stack(STACK_POP, 2, GATE1_RETURN * GATE_ENTRY_BYTES, WILD, WILD, 0);
    case BOOT_COMMIT:
        if (gate1_commit(REGION_STDOUT, l1_page()->stdout_limit))
            *cage_word(STDOUT_OFF + l1_page()->stdout_limit - 8) = WILD;
        l1_page()->stdout_bytes = WILD;
        break;
    case BOOT_LOOP:
        for (;;)
            *cage_word(BOOT_ANSWER_OFF) += 1;
    default:
        break;
    }
    return answer;
}

static uint64_t guest_word(uint32_t address)
{
    return *GUEST_AT(u64_any, address);
}

static void forge(uint64_t offset, uint64_t value)
{
    *(volatile u64_any CAGE *)(uintptr_t)(uint32_t)(L1_PAGE_OFF + offset) = value;
}

static void read_anywhere(uint32_t address, uint32_t bytes)
{
    l1_page()->linear_bytes = UINT64_MAX;
    l1_page()->stdin_bytes = UINT64_MAX;
    (void)guest_store32(0, address);
    (void)guest_store32(4, bytes);
    (void)wasi_fd_read(0, 0, 1, 8);
}

static void loop(uint64_t in_gates)
{
    for (;;)
        if (in_gates)
            (void)gate1_random(L1_STATE_OFF + 2048, 256);
}

static void spray_cage(uint64_t from, uint64_t bytes, uint64_t value)
{
    for (uint64_t at = 0; at < bytes; at += 8)
        *cage_word(from + at) = value;
}

/* Everything but the stack that it runs on, which is spoilt below and above its own frame. */
static void spray(uint64_t value)
{
    uint64_t linear_bytes = l1_page()->linear_bytes;
    uint64_t output = l1_page()->stdout_limit & ~(uint64_t)7;

    spray_cage(L1_STACK_OFF, L1_STACK_MAX / 2, value);
    if (gate1_commit(REGION_STDOUT, output))
        spray_cage(STDOUT_OFF, output, value);
    spray_cage(L1_STATE_OFF, L1_STATE_MAX, value);
    spray_cage(L1_PAGE_OFF, PAGE_BYTES, value);
    for (uint64_t at = 0; at < linear_bytes;
         at += PAGE_BYTES) /* what L1_STATE_OFF is full of now */
        (void)gate1_write(at, L1_STATE_OFF, PAGE_BYTES);
}

static void clear_result(void)
{
    for (uint64_t at = 0; at < sizeof(struct order_result); at += 8)
        *cage_word(RESULT_OFF + at) = 0;
}

static void pass_result(uint32_t out)
{
    (void)gate1_write(out, RESULT_OFF, sizeof(struct order_result));
}

/* 24 bytes: what the entry has noted. */
static void tell_entry(uint32_t out)
{
    (void)gate1_write(out, ENTRY_SEEN_OFF, 24);
}

static uint64_t carry_out(uint32_t order, uint32_t out)
{
    uint64_t a = guest_word(order + 8), b = guest_word(order + 16), c = guest_word(order + 24);
    uint64_t d = guest_word(order + 32), e = guest_word(order + 40);

    switch (guest_word(order)) {
    case ORDER_ACCESS:
        clear_result();
        attack_access(a, b, c, RESULT_OFF);
        pass_result(out);
        break;
    case ORDER_GATE:
        clear_result();
        attack_gate(a, b, c, d, RESULT_OFF);
        pass_result(out);
        break;
    case ORDER_JUMP:
        attack_jump(a, b);
    case ORDER_RETURN:
        attack_return(a, b, c, d, e);
    case ORDER_STACK:
        attack_stack(a, b, c, d, e, guest_word(order + 48));
    case ORDER_FORGE:
        forge(a, b);
        break;
    case ORDER_POINTER:
        read_anywhere((uint32_t)a, (uint32_t)b);
        break;
    case ORDER_LOOP:
        loop(a);
        break;
    case ORDER_SPRAY:
        spray(a);
        break;
    case ORDER_ENTRY:
        tell_entry(out);
        break;
    default:
        break;
    }
    return 0;
}

uint64_t hostile_dispatch(uint64_t call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    if (call == L1_BOOT)
        return boot();
    if (call == WASI_FD_SEEK && (uint32_t)a == ORDER_DESCRIPTOR)
        return carry_out((uint32_t)b, (uint32_t)d);
    return l1_dispatch(call, a, b, c, d, e);
}
