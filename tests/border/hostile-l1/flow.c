/* Where control can go: jumps, gates' return addresses, stacks that gates are called on. */
#include "tests/border/hostile-l1/attacks.h"
#include "tests/border/hostile-l1/scene.h"

#include "abi/gates.h"
#include "abi/sfi.h"
#include "tests/border/places.h"
#include "tests/border/symbols.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- jumps -------------------------------------------------------------------------- */

static uint64_t text_end(const struct scene *scene)
{
    uint64_t offset = GATE_PAGE_BYTES;

    while (pages_at(&scene->before, L1_CODE_OFF + offset))
        offset += PAGE_BYTES;
    return offset;
}

static void jump(struct scene *scene, uint64_t offset, uint64_t value)
{
    struct order order = {.kind = ORDER_JUMP, .argument = {offset, value}};
    uint64_t target = offset & SFI_BRANCH_MASK;
    struct expected expected = {END_ANY, (uint32_t)value};

    if (target == GATE1_RETURN * GATE_ENTRY_BYTES)
        expected.end = END_ANSWER;
    else if (target == GATE1_EXIT * GATE_ENTRY_BYTES)
        expected.end = END_EXIT;
    else if (target == GATE1_TRAP * GATE_ENTRY_BYTES)
        expected.end = value == TRAP_OUTPUT_LIMIT ? END_OUTPUT_LIMIT : END_RUNTIME;
    else if (target >= GATE1_COUNT * GATE_ENTRY_BYTES && target < GATE_PAGE_BYTES)
        expected.end = END_RUNTIME; /* HLT */
    else if (target >= text_end(scene))
        expected.end = END_RUNTIME; /* no page */
    if (expected.end == END_ANY)
        scene->timeout_ms = 20; /* its own code may well loop */
    scene_attack(scene, &order, expected);
}

void jumps_reach_gates_and_own_text(void **state)
{
    static struct scene scene;
    uint64_t target[SCENE_TARGETS];
    uint64_t end;

    scene_open(&scene, *state);
    scene_targets(&scene, target);
    end = text_end(&scene);
    for (uint64_t offset = 0; offset < GATE_PAGE_BYTES; offset += SFI_BUNDLE_BYTES) {
        jump(&scene, offset, 0xfedcba9876543210);
        jump(&scene, offset, 0);
    }
    for (uint64_t offset = GATE_PAGE_BYTES; offset < end; offset += SFI_BUNDLE_BYTES)
        jump(&scene, offset, target[offset / SFI_BUNDLE_BYTES % SCENE_TARGETS]);
    jump(&scene, end, 1);
    jump(&scene, end + PAGE_BYTES, 1);
    jump(&scene, SFI_TEXT_END - SFI_BUNDLE_BYTES, 1);
    jump(&scene, SFI_RODATA_OFF, 1); /* cut: gate 0 */
    jump(&scene, UINT64_MAX, 1);
    for (size_t i = 0; i < SCENE_TARGETS; i++) { /* and addresses, cut */
        jump(&scene, target[i], target[i]);
        for (unsigned number = 0; number < GATE1_COUNT; number++)
            jump(&scene, number * GATE_ENTRY_BYTES + number, target[i]);
    }
    scene_close(&scene);
}

void returns_are_values(void **state)
{
    static const uint64_t values[] = {0,          1,          76,         0xffff,     0x10000,
                                      0x7fffffff, 0x80000000, 0xffffffff, CAGE_BYTES, UINT64_MAX};
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t i = 0; i < COUNT(values); i++)
        jump(&scene, GATE1_RETURN * GATE_ENTRY_BYTES, values[i]);
    scene_close(&scene);
}

/* ---- return addresses --------------------------------------------------------------- */

/* The runtime hides instructions in an immediate (runtime/attacks.S): movq (%rbx), %rax. */
static uint64_t hidden_instructions(const struct scene *scene)
{
    static const uint8_t immediate[] = {0x48, 0xb9, 0x48, 0x8b, 0x03, 0xeb, 0x03};
    struct needle needle = {immediate, sizeof(immediate), sizeof(immediate)};
    uint64_t offset = 0;

    for (uint64_t at = L1_CODE_OFF + GATE_PAGE_BYTES; at < L1_CODE_OFF + text_end(scene); at += 32)
        if (pages_find(&scene->before, &needle, at, 1, NULL, NULL))
            offset = at + 2;
    assert_int_not_equal(offset, 0);
    return offset;
}

static void gate_returns_to(struct scene *scene, uint64_t address, uint64_t rbx)
{
    static const struct {
        unsigned number;
        uint64_t a, b;
    } calls[] = {
        {GATE1_RANDOM, L1_STATE_OFF + 2048, 8},
        {GATE1_RANDOM, UINT64_MAX, UINT64_MAX},
        {GATE1_COMMIT, REGION_STDOUT, 1},
    };

    for (size_t i = 0; i < COUNT(calls); i++) {
        struct order order = {
            .kind = ORDER_RETURN,
            .argument = {calls[i].number * GATE_ENTRY_BYTES, calls[i].a, calls[i].b, address, rbx}};

        scene_attack(scene, &order, (struct expected){END_MISUSE, 0});
    }
}

void return_addresses_are_checked(void **state)
{
    static struct scene scene;
    uint64_t target[SCENE_TARGETS];
    uint64_t code, end;

    scene_open(&scene, *state);
    code = scene.border.base + L1_CODE_OFF;
    end = text_end(&scene);
    scene_targets(&scene, target);
    for (size_t i = 0; i < SCENE_TARGETS; i++)
        gate_returns_to(&scene, scene.border.base + hidden_instructions(&scene), target[i]);
    for (unsigned i = 1; i < SFI_BUNDLE_BYTES; i++)
        gate_returns_to(&scene, code + GATE_PAGE_BYTES + i, target[i % SCENE_TARGETS]);
    for (uint64_t offset = 0; offset < GATE_PAGE_BYTES; offset += SFI_BUNDLE_BYTES)
        gate_returns_to(&scene, code + offset, target[1]);
    const uint64_t addresses[] = {
        0,
        32,
        GATE_PAGE_BYTES, /* an offset: no address */
        code - 32,
        code + end,
        code + end + PAGE_BYTES,
        code + SFI_TEXT_END,
        code + SFI_RODATA_OFF,
        code + SFI_CODE_ZONE,
        (uint64_t)1 << 47,
        (uint64_t)1 << 63,
        (uint64_t)1 << 63 | code,
        UINT64_MAX,
        UINT64_MAX - 31,
        scene.border.base + place_of_region(SCENE_ATTACKED, REGION_CODE).offset + GATE_PAGE_BYTES,
        scene.border.base + place_of_region(SCENE_ATTACKED, REGION_CODE).offset,
        scene.border.base + place_of_region(SCENE_ATTACKED, REGION_L1_STACK).offset,
        scene.border.base + place_of_region(SCENE_ATTACKED, REGION_LINEAR).offset,
        scene.border.base + monitor_symbol("layer_leave"),
        scene.border.base + monitor_symbol("layer_enter"),
        scene.border.base + monitor_symbol("exit_scrubbing"),
        scene.border.base + monitor_symbol("monitor_entry"),
        (scene.border.base + monitor_symbol("layer_leave")) & ~(uint64_t)31,
        (uint64_t)&scene, /* the host's */
        (uint64_t)&scene & ~(uint64_t)31,
    };
    for (size_t i = 0; i < COUNT(addresses); i++)
        gate_returns_to(&scene, addresses[i], target[3]);
    for (size_t i = 0; i < SCENE_TARGETS; i++) {
        gate_returns_to(&scene, target[i], target[i]);
        gate_returns_to(&scene, target[i] & ~(uint64_t)31, target[i]);
    }
    scene_close(&scene);
}

/* ---- the stack at a gate ------------------------------------------------------------ */

static void gate_after(struct scene *scene, uint64_t pushes, unsigned move, uint64_t count,
                       unsigned number)
{
    bool random = number == GATE1_RANDOM;
    struct order order = {.kind = ORDER_STACK,
                          .argument = {move, count, number * GATE_ENTRY_BYTES,
                                       random ? L1_STATE_OFF + 2048 : 0, random ? 8 : 0, pushes}};

    scene_attack(scene, &order, (struct expected){END_ANY, 0});
}

/* The stack is nearly empty when an attack begins; so many pushes leave some 40 words. */
#define NEARLY_FULL (L1_STACK_MAX / 8 - 58)

void gates_on_a_stack_at_its_edge(void **state)
{
    static struct scene scene;

    scene_open(&scene, *state);
    for (unsigned number = 0; number < GATE1_COUNT; number++) {
        for (unsigned move = 0; move < STACK_MOVE_COUNT; move++)
            for (unsigned count = 1; count <= 3; count++)
                gate_after(&scene, 100, move, count, number);
        for (unsigned count = 1; count <= 40; count++) /* up to its end and beyond */
            gate_after(&scene, 0, STACK_POP, count, number);
        for (unsigned count = 1; count <= 64; count += 3)
            gate_after(&scene, 0, STACK_ABOVE, count, number);
        for (unsigned count = 1; count < 200; count += 9)
            gate_after(&scene, 0, STACK_BYTE_UP, count, number);
        for (unsigned count = 1; count <= 70; count++) /* down to its start and beyond */
            gate_after(&scene, NEARLY_FULL, STACK_BELOW, count, number);
        for (unsigned count = 1; count <= 400; count += 13)
            gate_after(&scene, NEARLY_FULL, STACK_BYTE_DOWN, count, number);
    }
    scene_close(&scene);
}

/* ---- no return ---------------------------------------------------------------------- */

/* Kicks until an abort has its effect, counted, not timed: the first one is noted and obeyed at the
 * end of the gate. A few more may fall into the same gate; a loop in gates that is aborted by luck
 * takes many. */
#define KICKS_MAX 20u

void endless_loops_are_aborted(void **state)
{
    static struct scene scene;

    scene_open(&scene, *state);
    for (unsigned i = 0; i < 6; i++) {
        struct order order = {.kind = ORDER_LOOP, .argument = {i % 2}};
        struct slot *slot = enclave_slot(scene.border.enclave, SCENE_ATTACKED);
        uint64_t kicks = slot_counters(slot).kicks;

        scene.timeout_ms = 20;
        scene_attack(&scene, &order, (struct expected){END_ABORTED, 0});
        assert_in_range(slot_counters(slot).kicks - kicks, 1, KICKS_MAX);
    }
    scene_close(&scene);
}
