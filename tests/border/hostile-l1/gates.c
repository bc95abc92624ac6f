/* Layer 1's gates with arguments that a good runtime does not pass, and its page with lies. */
#include "tests/border/hostile-l1/attacks.h"
#include "tests/border/hostile-l1/scene.h"

#include "abi/gates.h"
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct order_result *gate(struct scene *scene, unsigned number, uint64_t a, uint64_t b,
                                       struct expected expected)
{
    struct order order = {.kind = ORDER_GATE, .argument = {number * GATE_ENTRY_BYTES, a, b, 0}};

    return scene_attack(scene, &order, expected);
}

static const struct expected answer = {END_ANSWER, 0};

/* ---- GATE1_COMMIT ------------------------------------------------------------------- */

#define OUTPUT_LIMIT 0x9000u

void commit_takes_output_only(void **state)
{
    static const uint64_t regions[] = {0,         1,
                                       2,         3,
                                       4,         5,
                                       6,         7,
                                       8,         9,
                                       10,        11,
                                       12,        13,
                                       14,        63,
                                       255,       CAGE_BYTES + REGION_STDOUT,
                                       1u << 31,  (uint64_t)1 << 63,
                                       UINT64_MAX};
    static const uint64_t sizes[] = {0,
                                     1,
                                     PAGE_BYTES,
                                     OUTPUT_LIMIT - 1,
                                     OUTPUT_LIMIT,
                                     OUTPUT_LIMIT + 1,
                                     STDIO_MAX,
                                     CAGE_BYTES,
                                     CAGE_BYTES + 1,
                                     (uint64_t)1 << 63,
                                     UINT64_MAX - 4094,
                                     UINT64_MAX};
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t i = 0; i < COUNT(regions); i++) {
        for (size_t j = 0; j < COUNT(sizes); j++) {
            bool output = regions[i] == REGION_STDOUT || regions[i] == REGION_STDERR;

            scene.output_limit = scene.log_limit = OUTPUT_LIMIT;
            assert_int_equal(gate(&scene, GATE1_COMMIT, regions[i], sizes[j], answer)->word[0],
                             output && sizes[j] <= OUTPUT_LIMIT);
        }
    }
    scene_close(&scene);
}

/* ---- GATE1_RANDOM ------------------------------------------------------------------- */

static const uint64_t random_sizes[] = {
    0, 1, 8, 255, 256, 257, PAGE_BYTES, CAGE_BYTES, CAGE_BYTES + 8, UINT64_MAX};

static void random_at(struct scene *scene, uint64_t offset)
{
    for (size_t i = 0; i < COUNT(random_sizes); i++) {
        uint64_t bytes = random_sizes[i];
        bool good = bytes > 0 && bytes <= 256 && scene_cage_committed(scene, offset, bytes);

        /* Filling its page, state or stack is the runtime's own misfortune. */
        const struct order_result *result =
            gate(scene, GATE1_RANDOM, offset, bytes, good ? (struct expected){END_ANY, 0} : answer);

        if (!good)
            assert_int_equal(result->word[0], 0);
    }
}

void random_fills_committed_memory_only(void **state)
{
    static const uint64_t starts[] = {L1_PAGE_OFF, L1_STATE_OFF, L1_STACK_OFF,
                                      STDIN_OFF,   STDOUT_OFF,   STDERR_OFF};
    static struct scene scene;
    uint64_t target[SCENE_TARGETS];

    scene_open(&scene, *state);
    /* Where it harms nobody it must work, or the rest of this means nothing. */
    assert_int_equal(gate(&scene, GATE1_RANDOM, L1_STATE_OFF + 2048, 256, answer)->word[0], 1);
    for (size_t i = 0; i < COUNT(starts); i++) {
        uint64_t end = starts[i];

        while (scene_cage_committed(&scene, end, PAGE_BYTES))
            end += PAGE_BYTES;
        random_at(&scene, starts[i] - 1);
        random_at(&scene, starts[i]);
        random_at(&scene, end - 256);
        random_at(&scene, end - 255);
        random_at(&scene, end - 1);
        random_at(&scene, end);
    }
    random_at(&scene, 0);
    random_at(&scene, CAGE_BYTES - 256);
    random_at(&scene, CAGE_BYTES - 1);
    /* Offsets of layer 2, of the marks, of other slots and, negative, of L0. */
    random_at(&scene, SLOT_L2_CAGE + L2_STATE_OFF);
    random_at(&scene, SLOT_L2_CAGE + L2_STACK_OFF);
    random_at(&scene, SLOT_LINEAR);
    random_at(&scene, SLOT_CODE);
    random_at(&scene, SLOT_CODE + CODE_RODATA_OFF);
    random_at(&scene, SLOT_MARKS);
    random_at(&scene, SLOT_STRIDE + L1_STATE_OFF);
    random_at(&scene, (uint64_t)1 << 63);
    random_at(&scene, UINT64_MAX - 7);
    scene_targets(&scene, target);
    for (size_t i = 0; i < SCENE_TARGETS; i++)
        random_at(&scene, target[i] - scene.border.base - MONITOR_ZONE_BYTES);
    scene_close(&scene);
}

/* ---- GATE1_WRITE -------------------------------------------------------------------- */

#define LINEAR_BYTES (2 * 65536u) /* attacker.wat */

static uint64_t write_answer(struct scene *scene, uint64_t address, uint64_t offset, uint64_t bytes)
{
    struct order order = {.kind = ORDER_GATE,
                          .argument = {GATE1_WRITE * GATE_ENTRY_BYTES, address, offset, bytes}};

    return scene_attack(scene, &order, answer)->word[0];
}

void writes_reach_linear_memory_only(void **state)
{
    static const uint64_t bad_addresses[] = {
        LINEAR_BYTES - 7, LINEAR_BYTES,      LINEAR_MAX,        0xffffffff,
        CAGE_BYTES,       CAGE_BYTES + 4096, (uint64_t)1 << 63, -(uint64_t)PAGE_BYTES,
        UINT64_MAX};
    static const uint64_t bad_offsets[] = {0,
                                           L1_PAGE_OFF - 1,
                                           L1_STATE_OFF + L1_STATE_MAX - 7,
                                           L1_STACK_OFF + L1_STACK_MAX,
                                           STDIO_MAX + STDIN_OFF,
                                           CAGE_BYTES,
                                           CAGE_BYTES + L1_STATE_OFF,
                                           SLOT_L2_CAGE + L2_STATE_OFF,
                                           SLOT_LINEAR,
                                           SLOT_CODE,
                                           SLOT_MARKS,
                                           SLOT_STRIDE + L1_STATE_OFF,
                                           (uint64_t)1 << 63,
                                           UINT64_MAX - 7};
    static const uint64_t bad_sizes[] = {L1_STATE_MAX + 1, LINEAR_BYTES + 1, CAGE_BYTES,
                                         (uint64_t)1 << 63, UINT64_MAX};
    static struct scene scene;
    uint64_t target[SCENE_TARGETS];

    scene_open(&scene, *state);
    /* Where it harms nobody it must work, or the rest of this means nothing. */
    assert_int_equal(write_answer(&scene, 8192, L1_STATE_OFF, 8), 1);
    assert_int_equal(write_answer(&scene, LINEAR_BYTES - 8, L1_STATE_OFF, 8), 1);
    assert_int_equal(write_answer(&scene, 8192, L1_STATE_OFF, L1_STATE_MAX), 1);
    for (size_t i = 0; i < COUNT(bad_addresses); i++)
        assert_int_equal(write_answer(&scene, bad_addresses[i], L1_STATE_OFF, 8), 0);
    for (size_t i = 0; i < COUNT(bad_offsets); i++)
        assert_int_equal(write_answer(&scene, 8192, bad_offsets[i], 8), 0);
    for (size_t i = 0; i < COUNT(bad_sizes); i++)
        assert_int_equal(write_answer(&scene, 8192, L1_STATE_OFF, bad_sizes[i]), 0);
    scene_targets(&scene, target);
    for (size_t i = 0; i < SCENE_TARGETS; i++) {
        uint64_t cage = scene.border.base + MONITOR_ZONE_BYTES;

        assert_int_equal(write_answer(&scene, target[i], L1_STATE_OFF, 8), 0);
        assert_int_equal(write_answer(&scene, 8192, target[i], 8), 0);
        assert_int_equal(write_answer(&scene, target[i] - cage - SLOT_LINEAR, L1_STATE_OFF, 8), 0);
        assert_int_equal(write_answer(&scene, 8192, target[i] - cage, 8), 0);
    }
    scene_close(&scene);
}

/* ---- GATE1_TRAP, GATE1_EXIT --------------------------------------------------------- */

void traps_have_one_name(void **state)
{
    static const uint64_t more[] = {255, 256 + TRAP_OUTPUT_LIMIT, CAGE_BYTES + TRAP_OUTPUT_LIMIT,
                                    (uint64_t)1 << 63, UINT64_MAX};
    static struct scene scene;

    scene_open(&scene, *state);
    for (uint64_t trap = 0; trap < TRAP_COUNT + 4; trap++)
        gate(&scene, GATE1_TRAP, trap, UINT64_MAX,
             (struct expected){trap == TRAP_OUTPUT_LIMIT ? END_OUTPUT_LIMIT : END_RUNTIME, 0});
    for (size_t i = 0; i < COUNT(more); i++)
        gate(&scene, GATE1_TRAP, more[i], 0, (struct expected){END_RUNTIME, 0});
    scene_close(&scene);
}

void exit_codes_are_values(void **state)
{
    static const uint64_t codes[] = {0, 1, 0x7fffffff, 0x80000000, CAGE_BYTES, UINT64_MAX};
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t i = 0; i < COUNT(codes); i++)
        gate(&scene, GATE1_EXIT, codes[i], 0, (struct expected){END_EXIT, (uint32_t)codes[i]});
    scene_close(&scene);
}

/* ---- registers behind a gate -------------------------------------------------------- */

/* RAX is the result; all that L0's code used is gone, all that it must keep is there. */
static void registers_must_be_clean(const struct order_result *result)
{
    for (unsigned i = 1; i < 10; i++) /* RCX RDX RSI RDI R8 R9 R10, vectors */
        assert_int_equal(result->word[i], 0);
    for (unsigned i = 10; i < 14; i++) /* RBX R12 R13 R15 */
        assert_int_equal(result->word[i], 0xfedcba9876543210);
}

void gates_leave_no_registers(void **state)
{
    static struct scene scene;

    scene_open(&scene, *state);
    for (unsigned i = 0; i < 3; i++) {
        registers_must_be_clean(gate(&scene, GATE1_RANDOM, L1_STATE_OFF + 2048, 256, answer));
        registers_must_be_clean(gate(&scene, GATE1_RANDOM, UINT64_MAX, UINT64_MAX, answer));
        registers_must_be_clean(gate(&scene, GATE1_COMMIT, REGION_STDOUT, 1 << 16, answer));
        registers_must_be_clean(gate(&scene, GATE1_COMMIT, UINT64_MAX, UINT64_MAX, answer));
    }
    scene_close(&scene);
}

/* What layer 2 kept in registers when it called is its own: attacker.wat has values in all kinds.
 */
void layer_1_enters_clean(void **state)
{
    static struct scene scene;
    struct order order = {.kind = ORDER_ENTRY, .argument = {77, 78, 79, 80, 81, 82}};
    const struct order_result *result;

    scene_open(&scene, *state);
    result = scene_attack(&scene, &order, answer);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(result->word[i], 0);
    scene_close(&scene);
}

/* ---- layer 1's page ----------------------------------------------------------------- */

static void forge(struct scene *scene, size_t offset, uint64_t value, enum end end)
{
    struct order order = {.kind = ORDER_FORGE, .argument = {offset, value}};

    scene_attack(scene, &order, (struct expected){end, 0});
}

/* The function writes its answer after that, and honest code adds to what is forged. */
void forged_results_are_cut(void **state)
{
    static const size_t fields[] = {
        offsetof(struct l1_page, stdout_bytes), offsetof(struct l1_page, stderr_bytes),
        offsetof(struct l1_page, stderr_dropped), offsetof(struct l1_page, stdout_limit),
        offsetof(struct l1_page, stderr_limit)};
    static const uint64_t values[] = {0,
                                      1,
                                      63,
                                      64,
                                      65,
                                      4000,
                                      4096,
                                      4104,
                                      0x8000,
                                      0x8001,
                                      0x1ff00,
                                      0x20000,
                                      0x20008,
                                      STDIO_MAX,
                                      CAGE_BYTES,
                                      CAGE_BYTES + 64,
                                      (uint64_t)1 << 63,
                                      UINT64_MAX - 7,
                                      UINT64_MAX};
    static const uint64_t limits[] = {0, 64, 160, 4096, 0x20000};
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t f = 0; f < COUNT(fields); f++) {
        for (size_t v = 0; v < COUNT(values); v++) {
            for (size_t l = 0; l < COUNT(limits); l++) {
                scene.output_limit = scene.log_limit = limits[l];
                forge(&scene, fields[f], values[v], END_ANY);
            }
        }
    }
    scene_close(&scene);
}

void forged_facts_harm_nobody(void **state)
{
    static const uint64_t pointers[] = {0x10000,    0x1fff8,    0x20000,
                                        LINEAR_MAX, 0x80000000, 0xfffffff8};
    static const uint64_t values[] = {0, 1, 0x7fffffff, CAGE_BYTES, UINT64_MAX};
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t offset = 0; offset < offsetof(struct l1_page, strings); offset += 8)
        for (size_t v = 0; v < COUNT(values); v++)
            forge(&scene, offset, values[v], END_ANY);
    for (size_t i = 0; i < COUNT(pointers); i++) {
        struct order order = {.kind = ORDER_POINTER, .argument = {pointers[i], UINT32_MAX}};

        scene_attack(&scene, &order, answer); /* L0 refuses the write */
    }
    scene_close(&scene);
}
