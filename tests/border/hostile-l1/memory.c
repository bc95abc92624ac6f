/* Every form of access that the policy allows, with operands at every edge. */
#include "abi/gates.h"
#include "base/bytes.h"
#include "tests/border/hostile-l1/attacks.h"
#include "tests/border/hostile-l1/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const unsigned width_of[ACCESS_COUNT] = {
    [ACCESS_LOAD_8] = 1,    [ACCESS_LOAD_16] = 2,    [ACCESS_LOAD_32] = 4,   [ACCESS_LOAD_64] = 8,
    [ACCESS_LOAD_128] = 16, [ACCESS_STORE_8] = 1,    [ACCESS_STORE_16] = 2,  [ACCESS_STORE_32] = 4,
    [ACCESS_STORE_64] = 8,  [ACCESS_STORE_128] = 16, [ACCESS_LOAD_PUSH] = 8, [ACCESS_ADD] = 8,
    [ACCESS_SET_BIT] = 8,
};

static const struct order_result *attempt(struct scene *scene, unsigned form, uint64_t first,
                                          uint64_t second, enum end end)
{
    struct order order = {.kind = ORDER_ACCESS, .argument = {form, first, second}};

    return scene_attack(scene, &order, (struct expected){end, 0});
}

/* ---- layer 1's cage ----------------------------------------------------------------- */

#define EDGES_MAX 64

static size_t edges(const struct scene *scene, uint64_t edge[EDGES_MAX])
{
    static const uint64_t starts[] = {L1_PAGE_OFF, L1_STATE_OFF, L1_STACK_OFF,
                                      STDIN_OFF,   STDOUT_OFF,   STDERR_OFF};
    size_t n = 0;

    edge[n++] = 0;
    edge[n++] = 0x7fffffff;
    edge[n++] = 0x80000000;
    edge[n++] = 0xfffffff0;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        uint64_t end = starts[i];

        while (scene_cage_committed(scene, end, PAGE_BYTES))
            end += PAGE_BYTES;
        edge[n++] = starts[i] - 1;
        edge[n++] = starts[i];
        edge[n++] = end - 16;
        edge[n++] = end - 1;
        edge[n++] = end;
    }
    for (unsigned width = 1; width <= 16; width *= 2) /* the last that fits, and one further */
        edge[n++] = CAGE_BYTES - width;
    edge[n++] = CAGE_BYTES - 7;
    edge[n++] = CAGE_BYTES; /* cut to 32 bits */
    edge[n++] = CAGE_BYTES + L1_STATE_OFF;
    edge[n++] = UINT64_MAX;
    assert_in_range(n, 1, EDGES_MAX);
    return n;
}

static void at_all_edges(const char *image, const unsigned *forms, size_t form_count, bool store)
{
    static struct scene scene;
    uint64_t edge[EDGES_MAX];
    size_t count;

    scene_open(&scene, image);
    count = edges(&scene, edge);
    for (size_t f = 0; f < form_count; f++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t offset = edge[i] & 0xffffffff;
            bool there = scene_cage_committed(&scene, offset, width_of[forms[f]]);

            /* A store may make the runtime fail in any way of its own. */
            attempt(&scene, forms[f], edge[i], 0,
                    !there  ? END_RUNTIME
                    : store ? END_ANY
                            : END_ANSWER);
        }
    }
    scene_close(&scene);
}

void reads_stay_in_the_cage(void **state)
{
    static const unsigned forms[] = {ACCESS_LOAD_8,  ACCESS_LOAD_16,  ACCESS_LOAD_32,
                                     ACCESS_LOAD_64, ACCESS_LOAD_128, ACCESS_LOAD_PUSH};

    at_all_edges(*state, forms, sizeof(forms) / sizeof(forms[0]), false);
}

void writes_stay_in_the_cage(void **state)
{
    static const unsigned forms[] = {ACCESS_STORE_8,  ACCESS_STORE_16,  ACCESS_STORE_32,
                                     ACCESS_STORE_64, ACCESS_STORE_128, ACCESS_ADD,
                                     ACCESS_SET_BIT};

    at_all_edges(*state, forms, sizeof(forms) / sizeof(forms[0]), true);
}

/* ---- sums that wrap, and linear memory ---------------------------------------------- */

void linear_memory_ends_where_it_ends(void **state)
{
    static const unsigned forms[] = {ACCESS_LINEAR_LOAD, ACCESS_LINEAR_LOAD_128};
    static struct scene scene;
    const uint64_t bytes = 2 * 65536; /* attacker.wat */

    scene_open(&scene, *state);
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        unsigned width = forms[f] == ACCESS_LINEAR_LOAD_128 ? 16 : 8;
        const uint64_t outside[] = {bytes - width + 1, bytes,      LINEAR_MAX - 8,  LINEAR_MAX,
                                    0x7fffffff,        0x80000000, 0xffffffff - 15, 0xffffffff};

        attempt(&scene, forms[f], 4096, 0, END_ANSWER);
        attempt(&scene, forms[f], bytes - width, 0, END_ANSWER);
        attempt(&scene, forms[f], CAGE_BYTES + bytes - width, 0, END_ANSWER); /* cut */
        for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
            attempt(&scene, forms[f], outside[i], 0, END_RUNTIME);
    }
    attempt(&scene, ACCESS_LINEAR_SUM, 0x80000001u - 8 * 512, 512, END_ANSWER); /* 4 GiB: 0 */
    attempt(&scene, ACCESS_LINEAR_SUM, UINT64_MAX, UINT64_MAX, END_RUNTIME);
    for (unsigned form = ACCESS_FAR_LOAD; form <= ACCESS_FAR_LOAD_128; form++) {
        static const uint64_t registers[] = {0,          0x10000,    0x7fffffff,
                                             0xfffffff0, 0xffffffff, UINT64_MAX};

        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
            attempt(&scene, form, registers[i], 0, END_RUNTIME);
    }
    scene_close(&scene);
}

/* Full addresses in registers: 0x67 leaves offsets in the own cage, nothing else. */
void addresses_of_others_are_offsets(void **state)
{
    static const unsigned forms[] = {ACCESS_LOAD_64,   ACCESS_LOAD_128, ACCESS_STORE_64,
                                     ACCESS_LOAD_PUSH, ACCESS_SET_BIT,  ACCESS_LINEAR_LOAD,
                                     ACCESS_FAR_LOAD};
    static struct scene scene;
    uint64_t target[SCENE_TARGETS];

    scene_open(&scene, *state);
    scene_targets(&scene, target);
    for (size_t i = 0; i < SCENE_TARGETS; i++) {
        for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++)
            attempt(&scene, forms[f], target[i], 0, END_ANY);
        for (unsigned form = ACCESS_LOAD_SUM; form <= ACCESS_STORE_SUM; form++) {
            uint64_t cage = scene.border.base + MONITOR_ZONE_BYTES;

            attempt(&scene, form, target[i] - 0x7fffffff, 0, END_ANY);
            attempt(&scene, form, (target[i] - cage - 0x7fffffff) % 8, /* as a distance */
                    (target[i] - cage - 0x7fffffff) / 8, END_ANY);
        }
    }
    scene_close(&scene);
}

/* ---- through the stack pointer ------------------------------------------------------ */

static void move(struct scene *scene, uint64_t pushes, unsigned how, uint64_t count, enum end end)
{
    /* Not by a gate that touches the stack: what it does there is another test. */
    struct order order = {.kind = ORDER_STACK,
                          .argument = {how, count, GATE1_EXIT * GATE_ENTRY_BYTES, 7, 0, pushes}};

    scene_attack(scene, &order, (struct expected){end, 7});
}

/* The stack is nearly empty when an attack begins. */
#define HALF (L1_STACK_MAX / 8 / 2)

void the_stack_does_not_leave(void **state)
{
    static struct scene scene;

    scene_open(&scene, *state);
    for (unsigned form = ACCESS_STACK_LOAD_UP; form <= ACCESS_STACK_STORE_DOWN; form++)
        attempt(&scene, form, 0, 0, END_RUNTIME);
    for (unsigned how = 0; how < STACK_MOVE_COUNT; how++) {
        move(&scene, HALF, how, 1, END_EXIT);
        move(&scene, HALF, how, 1 << 20, END_RUNTIME);
        move(&scene, 0, how, 1 << 20, END_RUNTIME);
    }
    move(&scene, 0, STACK_PUSH, 2 * HALF - 64, END_EXIT);
    move(&scene, 0, STACK_PUSH, 2 * HALF, END_RUNTIME);
    move(&scene, 0, STACK_STEP_DOWN, 3, END_EXIT);
    move(&scene, 0, STACK_STEP_DOWN, 4, END_RUNTIME);
    move(&scene, 0, STACK_STEP_UP, 1, END_RUNTIME);
    scene_close(&scene);
}

/* ---- all of it ---------------------------------------------------------------------- */

void a_spoilt_slot_is_rewound(void **state)
{
    static const uint64_t values[] = {0, 1, 0x5a5a5a5a5a5a5a5a, UINT64_MAX};
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct order order = {.kind = ORDER_SPRAY, .argument = {values[i]}};

        scene_attack(&scene, &order, (struct expected){END_ANY, 0});
    }
    scene_close(&scene);
}
