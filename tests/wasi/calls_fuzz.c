/*
 * Layer 1 under any sequence of calls and any linear memory. The input is a list of steps:
 * a byte that selects a call or a write to linear memory, then its operands. Beyond the
 * sanitizers and the guards around everything committed, layer 1's own promises are checked
 * after each step.
 */
#include "tests/wasi/machine.h"

#include <stdlib.h>
#include <string.h>

#define STEP_POKE 0x80u /* this bit of a step: write 4 bytes instead of calling */
#define LIMIT     5000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct steps {
    const uint8_t *at, *end;
};

static uint8_t take8(struct steps *steps)
{
    return steps->at < steps->end ? *steps->at++ : 0;
}

/* Two bytes give a number near or inside linear memory or a small one, six any of 32 bits. */
static uint32_t take_operand(struct steps *steps)
{
    uint32_t low = take8(steps);
    uint32_t high = take8(steps);

    if (high < 0x80)
        return high << 8 | low;
    if (high < 0xc0)
        return MACHINE_LINEAR_BYTES - 64 + low;
    for (int i = 0; i < 4; i++)
        low = low << 8 | take8(steps);
    return low;
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_promises(enum ending ending, uint64_t result)
{
    static const uint8_t zero[RANDOM_PIECE];

    require(ending != ENDED_TRAP || machine.trap == TRAP_OUTPUT_LIMIT);
    require(ending != ENDED_RETURN || result <= 76); /* the last errno, notcapable */
    require(l1_page()->stdout_bytes <= l1_page()->stdout_limit);
    require(l1_page()->stderr_bytes <= l1_page()->stderr_limit);
    require(l1_state()->stdin_at <= l1_page()->stdin_bytes);
    require(memcmp(l1_state()->random, zero, sizeof(zero)) == 0);
}

static enum ending step(struct steps *steps)
{
    uint8_t selector = take8(steps);
    uint32_t operands[4];
    uint64_t result = 0;
    enum ending ending;

    if (selector & STEP_POKE) {
        uint32_t at = take_operand(steps);

        if (at <= MACHINE_LINEAR_BYTES - 4)
            put32(at, take_operand(steps));
        return ENDED_RETURN;
    }
    if (selector == L1_BOOT) /* L0's alone */
        selector = WASI_NOSYS;
    for (int i = 0; i < 4; i++)
        operands[i] = take_operand(steps);
    ending = enter(&result, selector, operands[0], operands[1], operands[2], operands[3]);
    check_promises(ending, result);
    return ending;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct steps steps = {data, data + size};
    void *state = NULL;

    machine_setup(&state);
    machine_strings(2, "prog\0arg", 9, 1, "NAME=VALUE", 11);
    machine_input("some input for the function to read", 35);
    l1_page()->stdout_limit = LIMIT;
    l1_page()->stderr_limit = LIMIT;
    machine.random_left = 1000;
    while (steps.at < steps.end && step(&steps) == ENDED_RETURN)
        ;
    machine_teardown(&state);
    return 0;
}
