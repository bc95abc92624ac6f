/* Before there is a function: whether the runtime may run at all, and what it can do at boot. */
#include "tests/border/hostile-l1/attacks.h"
#include "tests/border/hostile-l1/intact.h"
#include "tests/border/hostile-l1/scene.h"

#include "sgx/emu/instrument.h"
#include "tests/border/places.h"
#include "tests/border/residue/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LOOP_TIMEOUT_MS 30

static enum status boot(struct border *border, unsigned slot)
{
    uint64_t timeout_ms = slot == BOOT_LOOP ? LOOP_TIMEOUT_MS : SCENE_TIMEOUT_MS;

    return slot_call(enclave_slot(border->enclave, slot), ENTRY_BOOT, NULL, 0, timeout_ms);
}

static uint32_t state_of(struct border *border, unsigned slot)
{
    struct entry_stats stats = {0};

    assert_int_equal(slot_stats(enclave_slot(border->enclave, slot), &stats), ST_OK);
    return (uint32_t)stats.state;
}

void a_runtime_that_breaks_the_policy_never_runs(void **state)
{
    struct border border;

    (void)state;
    border_open(&border, "unconfined-l1-lazy");
    assert_int_equal(boot(&border, 0), ST_BUNDLE_CODE);
    assert_int_equal(state_of(&border, 0), SLOT_POISONED);
    assert_int_equal(boot(&border, 0), ST_SLOT_POISONED);
    border_close(&border);
}

static const struct {
    unsigned slot;
    enum status status;
} boots[] = {
    {BOOT_RANDOM, ST_OK},     {BOOT_TRAP, ST_CORRUPT},   {BOOT_EXIT, ST_OK},
    {BOOT_FAULT, ST_CORRUPT}, {BOOT_RETURN, ST_CORRUPT}, {BOOT_WILD, ST_OK},
    {BOOT_COMMIT, ST_OK},     {BOOT_LOOP, ST_CORRUPT},
};

/* No random bytes at boot: S0 is the same everywhere. */
static void random_was_refused(const struct scene *scene)
{
    struct place place = place_of_region(BOOT_RANDOM, REGION_L1_STATE);
    uint64_t answer;

    assert_int_equal(emu_peek(scene->border.fd, place.offset + BOOT_ANSWER_OFF - L1_STATE_OFF,
                              &answer, sizeof(answer)),
                     ST_OK);
    assert_int_equal(answer, 0x100);
}

/* The runtime has noted what its registers held. */
static void entered_clean(const struct scene *scene, unsigned slot)
{
    struct place place = place_of_region(slot, REGION_L1_STATE);
    uint64_t seen[3];

    assert_int_equal(emu_peek(scene->border.fd, place.offset + ENTRY_SEEN_OFF - L1_STATE_OFF, seen,
                              sizeof(seen)),
                     ST_OK);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(seen[i], 0);
}

void attacks_at_boot(void **state)
{
    static struct scene scene;

    scene_open(&scene, *state);
    for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
        unsigned slot = boots[i].slot;
        bool booted = boots[i].status == ST_OK;

        assert_int_equal(boot(&scene.border, slot), boots[i].status);
        assert_int_equal(state_of(&scene.border, slot), booted ? SLOT_BOOTED : SLOT_POISONED);
        pages_take(&scene.now, &scene.border);
        others_are_as_before(&scene.before, &scene.now, slot);
        assert_int_equal(secrets_learnt(&scene.now, slot, SCENE_SECRET), 0);
        entered_clean(&scene, slot);
        if (slot == BOOT_RANDOM)
            random_was_refused(&scene);
        if (booted) {
            border_load(&scene.border, slot, &scene.guest, NULL);
            scene_must_serve(&scene, slot);
            scene_must_serve(&scene, slot);
        }
        scene_must_serve(&scene, SCENE_ATTACKED);
        scene_must_serve(&scene, SCENE_OTHER);
        pages_take(&scene.before, &scene.border);
    }
    scene_close(&scene);
}
