/*
 * The hostile runtime while S1 comes into being: attacker_init.wat passes an order to it from
 * _initialize. Whatever it does then, others and L0's secrets are untouched, the load ends in one
 * of the ways of a load, and after a reset the slot is what it was: a good function that is loaded
 * next has the same S1 as ever, and serves.
 */
#include "tests/border/hostile-l1/attacks.h"
#include "tests/border/hostile-l1/intact.h"
#include "tests/border/hostile-l1/scene.h"

#include "abi/gates.h"
#include "base/status.h"
#include "sgx/emu/instrument.h"
#include "tests/border/places.h"
#include "tests/border/residue/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define TIMEOUT_MS      SCENE_TIMEOUT_MS
#define LOOP_TIMEOUT_MS 30
#define RESULT_AT       528
#define INIT_OUTPUT     0x10000u /* most output before S1: trusted/monitor/l1page.c */
#define PLACE_OF_ORDER  "[here the test puts its order"

static struct scene scene;
static struct border_file bundle;
static struct order *order_in_bundle;
static struct pages booted;           /* after the last reset of a good function */
static uint8_t good_digest[32];       /* S1 of the good function */
static uint8_t good_page[PAGE_BYTES]; /* layer 1's, in S1 */
static struct slot_load last;         /* of the last attack */
static struct order_result result;    /* ... if the load succeeded */

static struct slot *attacked(void)
{
    return enclave_slot(scene.border.enclave, SCENE_ATTACKED);
}

static void open_loading(const char *image)
{
    scene_open(&scene, image);
    bundle = border_guest("attacker_init");
    order_in_bundle = memmem(bundle.bytes, bundle.size, PLACE_OF_ORDER, strlen(PLACE_OF_ORDER));
    assert_non_null(order_in_bundle);
    border_reset(&scene.border, SCENE_ATTACKED);
    border_load(&scene.border, SCENE_ATTACKED, &scene.guest, good_digest);
    scene_must_serve(&scene, SCENE_ATTACKED);
    border_reset(&scene.border, SCENE_ATTACKED);
    pages_take(&booted, &scene.border);
    known_list_for_s1(SCENE_ATTACKED, &scene.known); /* S1's pages come and go */
}

static void close_loading(void)
{
    pages_free(&booted);
    border_file_free(&bundle);
    scene_close(&scene);
}

static void take_result(void)
{
    uint64_t linear = place_of_region(SCENE_ATTACKED, REGION_LINEAR).offset +
                      ((uint64_t)slot_committed(&scene.now, SCENE_ATTACKED, REGION_LINEAR) -
                       slot_linear_pages(&scene.now, SCENE_ATTACKED)) *
                          PAGE_BYTES;

    assert_int_equal(emu_peek(scene.border.fd, linear + RESULT_AT, &result, sizeof(result)), ST_OK);
}

/* L0 writes layer 1's page anew for S1, whatever the runtime left there. */
static void page_must_be_good(void)
{
    const struct page *page =
        pages_at(&scene.now, place_of_region(SCENE_ATTACKED, REGION_L1_PAGE).offset);

    assert_non_null(page);
    if (scene.attacks == 1) /* the one that does nothing */
        memcpy(good_page, page->bytes, PAGE_BYTES);
    assert_memory_equal(page->bytes, good_page, PAGE_BYTES);
}

/* The slot is BOOTED again; a good function is loaded, serves and goes. */
static void reset_must_heal(void)
{
    uint8_t digest[32];

    border_reset(&scene.border, SCENE_ATTACKED);
    pages_take(&scene.now, &scene.border);
    assert_int_equal(slot_state(&scene.now, SCENE_ATTACKED), SLOT_BOOTED);
    assert_int_equal(compare_pages(&booted, &scene.now, SCENE_ATTACKED, &scene.known), 0);
    border_load(&scene.border, SCENE_ATTACKED, &scene.guest, digest);
    assert_memory_equal(digest, good_digest, sizeof(digest));
    scene_must_serve(&scene, SCENE_ATTACKED);
    scene_must_serve(&scene, SCENE_OTHER);
    border_reset(&scene.border, SCENE_ATTACKED);
    pages_take(&booted, &scene.border);
}

static void attack(const struct order *order, enum status expected, uint64_t timeout_ms)
{
    enum status status;

    scene.attacks++;
    scene.under_way = *order;
    memcpy(order_in_bundle, order, sizeof(*order));
    plant_secret_of_l0(&scene.border, SCENE_ATTACKED);
    pages_take(&scene.before, &scene.border);
    last = (struct slot_load){
        .bundle = bundle.bytes, .bundle_bytes = bundle.size, .timeout_ms = timeout_ms};
    status = slot_load(attacked(), &last);
    if (status != expected)
        fail_msg("loading: %s, outcome %u trap %u", status_text(status),
                 (unsigned)last.initial.outcome, (unsigned)last.initial.trap);
    pages_take(&scene.now, &scene.border);
    assert_int_equal(slot_state(&scene.now, SCENE_ATTACKED),
                     status == ST_OK ? SLOT_READY : SLOT_DIRTY);
    others_are_as_before(&scene.before, &scene.now, SCENE_ATTACKED);
    assert_int_equal(secrets_learnt(&scene.now, SCENE_ATTACKED, SCENE_SECRET), 0);
    if (status == ST_OK) {
        page_must_be_good();
        take_result();
    }
    reset_must_heal();
}

static void begin(const char *image)
{
    open_loading(image);
    attack(&(struct order){.kind = ORDER_NONE}, ST_OK, TIMEOUT_MS);
}

/* ---- gates -------------------------------------------------------------------------- */

/* RAX as the gate left it. */
static uint64_t gate(unsigned number, uint64_t a, uint64_t b, enum status expected)
{
    struct order order = {.kind = ORDER_GATE, .argument = {number * GATE_ENTRY_BYTES, a, b, 0}};

    attack(&order, expected, TIMEOUT_MS);
    return result.word[0];
}

static void commit_up_to_the_limit(void)
{
    assert_int_equal(gate(GATE1_COMMIT, REGION_STDOUT, INIT_OUTPUT, ST_OK), 1);
    assert_int_equal(gate(GATE1_COMMIT, REGION_STDERR, INIT_OUTPUT, ST_OK), 1);
    assert_int_equal(gate(GATE1_COMMIT, REGION_STDOUT, INIT_OUTPUT + 1, ST_OK), 0);
    assert_int_equal(gate(GATE1_COMMIT, REGION_STDERR, UINT64_MAX, ST_OK), 0);
    assert_int_equal(gate(GATE1_COMMIT, REGION_STDIN, PAGE_BYTES, ST_OK), 0);
    assert_int_equal(gate(GATE1_COMMIT, REGION_L2_STATE, PAGE_BYTES, ST_OK), 0);
    assert_int_equal(gate(GATE1_COMMIT, REGION_LINEAR, PAGE_BYTES, ST_OK), 0);
    assert_int_equal(gate(GATE1_COMMIT, REGION_CODE, PAGE_BYTES, ST_OK), 0);
    assert_int_equal(gate(GATE1_COMMIT, REGION_MARKS, PAGE_BYTES, ST_OK), 0);
}

/* Random bytes before S1 are a risk that the function did not accept: no S1 with them. */
static void random_is_known_to_l0(void)
{
    static const uint64_t nowhere[] = {0,
                                       L1_STATE_OFF - 1,
                                       L1_STATE_OFF + L1_STATE_MAX,
                                       STDIN_OFF - 8,
                                       SLOT_LINEAR,
                                       SLOT_CODE,
                                       SLOT_MARKS,
                                       CAGE_BYTES - 8,
                                       (uint64_t)1 << 63,
                                       UINT64_MAX};

    gate(GATE1_RANDOM, L1_STATE_OFF + 2048, 256, ST_BUNDLE_RANDOM);
    gate(GATE1_RANDOM, L1_STATE_OFF + 2048, 1, ST_BUNDLE_RANDOM);
    assert_int_equal(gate(GATE1_RANDOM, L1_STATE_OFF + 2048, 257, ST_OK), 0);
    assert_int_equal(gate(GATE1_RANDOM, L1_STATE_OFF + 2048, 0, ST_OK), 0);
    for (size_t i = 0; i < COUNT(nowhere); i++)
        assert_int_equal(gate(GATE1_RANDOM, nowhere[i], 8, ST_OK), 0);
}

static void ends_are_no_snapshot(void)
{
    static const uint64_t values[] = {0, 1, TRAP_OUTPUT_LIMIT, TRAP_COUNT, UINT64_MAX};

    for (size_t i = 0; i < COUNT(values); i++) {
        gate(GATE1_TRAP, values[i], 0, ST_BUNDLE_INIT);
        assert_int_equal(last.initial.trap,
                         values[i] == TRAP_OUTPUT_LIMIT ? TRAP_OUTPUT_LIMIT : TRAP_RUNTIME);
        gate(GATE1_EXIT, values[i], 0, ST_BUNDLE_INIT);
        assert_int_equal(last.initial.exit_code, (int32_t)values[i]);
    }
}

void gates_while_loading(void **state)
{
    begin(*state);
    commit_up_to_the_limit();
    random_is_known_to_l0();
    ends_are_no_snapshot();
    /* A return with wild registers is a return; behind the last gate there is none. */
    gate(GATE1_RETURN, UINT64_MAX, UINT64_MAX, ST_OK);
    for (unsigned number = GATE1_COUNT; number < GATE_PAGE_BYTES / GATE_ENTRY_BYTES; number += 41)
        gate(number, L1_STATE_OFF, 8, ST_BUNDLE_INIT);
    close_loading();
}

/* ---- what L0 reads back, and all that is captured ------------------------------------- */

void forgeries_while_loading(void **state)
{
    static const uint64_t values[] = {0, INIT_OUTPUT + 1, UINT64_MAX};

    begin(*state);
    for (size_t offset = 0; offset < offsetof(struct l1_page, strings); offset += 8)
        for (size_t i = 0; i < COUNT(values); i++)
            attack(&(struct order){.kind = ORDER_FORGE, .argument = {offset, values[i]}}, ST_OK,
                   TIMEOUT_MS);
    for (size_t i = 0; i < COUNT(values); i++)
        attack(&(struct order){.kind = ORDER_SPRAY, .argument = {values[i]}}, ST_OK, TIMEOUT_MS);
    close_loading();
}

/* ---- jumps, returns, the stack, time ---------------------------------------------------- */

static void returns_while_loading(void)
{
    uint64_t target[SCENE_TARGETS];

    scene_targets(&scene, target);
    for (size_t i = 0; i < SCENE_TARGETS; i++) {
        struct order order = {
            .kind = ORDER_RETURN,
            .argument = {GATE1_COMMIT * GATE_ENTRY_BYTES, REGION_STDOUT, 8, target[i], 0}};

        attack(&order, ST_BUNDLE_INIT, TIMEOUT_MS);
        assert_int_equal(last.initial.trap, TRAP_MACHINE_FAULT);
    }
}

static void accesses_while_loading(void)
{
    uint64_t target[SCENE_TARGETS];

    scene_targets(&scene, target);
    for (size_t i = 0; i < SCENE_TARGETS; i++) {
        struct order order = {.kind = ORDER_ACCESS,
                              .argument = {ACCESS_FAR_LOAD_128, target[i] | 0x80000000}};

        attack(&order, ST_BUNDLE_INIT, TIMEOUT_MS);
        assert_int_equal(last.initial.trap, TRAP_RUNTIME);
    }
}

void wild_flow_while_loading(void **state)
{
    begin(*state);
    returns_while_loading();
    accesses_while_loading();
    for (unsigned how = 0; how < STACK_MOVE_COUNT; how++) {
        struct order order = {.kind = ORDER_STACK,
                              .argument = {how, 1 << 20, GATE1_EXIT * GATE_ENTRY_BYTES, 7, 0, 0}};

        attack(&order, ST_BUNDLE_INIT, TIMEOUT_MS);
    }
    for (uint64_t in_gates = 0; in_gates < 2; in_gates++) {
        attack(&(struct order){.kind = ORDER_LOOP, .argument = {in_gates}}, ST_BUNDLE_INIT,
               LOOP_TIMEOUT_MS);
        assert_int_equal(last.initial.outcome, OUTCOME_ABORTED_BY_HOST);
    }
    close_loading();
}
