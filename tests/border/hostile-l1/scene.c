#include "tests/border/hostile-l1/scene.h"

#include "base/bytes.h"
#include "base/status.h"
#include "tests/border/hostile-l1/evidence.h"
#include "tests/border/hostile-l1/inside.h"
#include "tests/border/hostile-l1/intact.h"
#include "tests/border/places.h"
#include "tests/border/residue/compare.h"
#include "tests/border/residue/secret.h"
#include "tests/border/symbols.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define UNTOUCHED 0xee /* of the host's buffers */

static struct scene *open_scene; /* NULL: none; still open in a teardown: its test failed */

/* ---- one invocation ----------------------------------------------------------------- */

static void submit(struct scene *scene, unsigned slot, const struct order *order, bool evidence)
{
    struct border_call *call = &scene->call;
    enum status status;

    call->input = order;
    call->input_bytes = sizeof(*order);
    memset(call->output, UNTOUCHED, sizeof(call->output));
    memset(call->log, UNTOUCHED, sizeof(call->log));
    border_prepare(call);
    if (scene->output_limit)
        call->result.output_limit = scene->output_limit;
    if (scene->log_limit)
        call->result.log_limit = scene->log_limit;
    if (evidence)
        evidence_ask(call);
    status = slot_invoke(enclave_slot(scene->border.enclave, slot), &call->result,
                         scene->timeout_ms ? scene->timeout_ms : SCENE_TIMEOUT_MS);
    if (status != ST_OK)
        fail_msg("the invocation: %s", status_text(status));
}

static const struct answer *answer_of(const struct scene *scene)
{
    const struct border_call *call = &scene->call;

    if (call->result.outcome != OUTCOME_OK || call->result.output_bytes < sizeof(struct answer))
        return NULL;
    return (const struct answer *)(const void *)call->output;
}

static bool answered(const struct scene *scene, const struct order *order, uint32_t error)
{
    const struct answer *answer = answer_of(scene);

    return answer && scene->call.result.output_bytes == sizeof(*answer) && answer->error == error &&
           answer->check == order_check(order);
}

void scene_must_serve(struct scene *scene, unsigned slot)
{
    static unsigned requests;
    struct order order = {.kind = ORDER_NONE};

    for (unsigned i = 0; i < 7; i++)
        order.argument[i] = (++requests) * 0x9e3779b97f4a7c15u;
    submit(scene, slot, &order, false);
    if (!answered(scene, &order, 0))
        fail_msg("slot %u does not answer: outcome %u trap %u", slot,
                 (unsigned)scene->call.result.outcome, (unsigned)scene->call.result.trap);
    border_rewind(&scene->border, slot);
}

/* ---- what must hold ----------------------------------------------------------------- */

static void end_must_be(const struct scene *scene, const struct order *order,
                        struct expected expected)
{
    const struct entry_invocation *result = &scene->call.result;
    bool trap = result->outcome == OUTCOME_TRAP;
    bool right = false;

    switch (expected.end) {
    case END_ANY:
        right = result->outcome == OUTCOME_OK || result->outcome == OUTCOME_FUNCTION_ERROR ||
                result->outcome == OUTCOME_TRAP || result->outcome == OUTCOME_ABORTED_BY_HOST;
        break;
    case END_ANSWER:
        right = answered(scene, order, expected.value);
        break;
    case END_RUNTIME:
        right = trap && result->trap == TRAP_RUNTIME;
        break;
    case END_MISUSE:
        right = trap && result->trap == TRAP_MACHINE_FAULT;
        break;
    case END_OUTPUT_LIMIT:
        right = trap && result->trap == TRAP_OUTPUT_LIMIT;
        break;
    case END_EXIT:
        right = result->outcome == (expected.value ? OUTCOME_FUNCTION_ERROR : OUTCOME_OK) &&
                result->exit_code == (int32_t)expected.value;
        break;
    case END_ABORTED:
        right = result->outcome == OUTCOME_ABORTED_BY_HOST;
        break;
    }
    if (!right)
        fail_msg("ended otherwise than %u: outcome %u trap %u exit %lld, %llu bytes of output",
                 expected.end, (unsigned)result->outcome, (unsigned)result->trap,
                 (long long)result->exit_code, (unsigned long long)result->output_bytes);
}

static void buffer_must_be_within(const uint8_t *buffer, size_t room, uint64_t bytes,
                                  uint64_t limit)
{
    assert_in_range(bytes, 0, limit);
    for (size_t i = (size_t)round_up(bytes, 8); i < room; i++) /* L0 writes words */
        if (buffer[i] != UNTOUCHED)
            fail_msg("byte %zu of a buffer was written, %llu were to be", i,
                     (unsigned long long)bytes);
}

static void host_got_no_more(const struct scene *scene)
{
    const struct border_call *call = &scene->call;

    buffer_must_be_within(call->output, sizeof(call->output), call->result.output_bytes,
                          call->result.output_limit);
    buffer_must_be_within(call->log, sizeof(call->log), call->result.log_bytes,
                          call->result.log_limit);
    for (unsigned i = 0; i < 2; i++) { /* the generator may have moved on: neither state */
        const struct pages *pages = i ? &scene->now : &scene->before;

        assert_int_equal(secrets_in_bytes(pages, SCENE_ATTACKED, SCENE_SECRET, call->output,
                                          call->result.output_bytes),
                         0);
        assert_int_equal(secrets_in_bytes(pages, SCENE_ATTACKED, SCENE_SECRET, call->log,
                                          call->result.log_bytes),
                         0);
    }
}

static const struct thread_block *thread_in(const struct pages *pages)
{
    const struct page *page =
        pages_at(pages, place_of_control(SCENE_ATTACKED, PLACE_THREAD).offset);

    assert_non_null(page);
    return (const struct thread_block *)(const void *)page->bytes;
}

/* What gates and layers are entered by. */
static void thread_block_must_be_good(const struct scene *scene)
{
    const struct thread_block *good = &scene->served;
    const struct thread_block *now = thread_in(&scene->now);

    assert_int_equal(now->canary, good->canary);
    assert_memory_equal(&now->linear_base, &good->linear_base,
                        offsetof(struct thread_block, caller_rsp) -
                            offsetof(struct thread_block, linear_base));
    assert_int_equal(now->layer, 0);
}

/* Not each time: the blinding of evidence moves the slot's generator on, and what an attack may
 * have learnt of its state is looked for as it is afterwards. */
static bool wants_evidence(const struct scene *scene)
{
    return scene->attacks % 3 == 0;
}

/* ---- an attack ---------------------------------------------------------------------- */

const struct order_result *scene_attack(struct scene *scene, const struct order *order,
                                        struct expected expected)
{
    static struct answer answer;

    scene->attacks++;
    scene->under_way = *order;
    plant_secret_of_l0(&scene->border, SCENE_ATTACKED);
    submit(scene, SCENE_ATTACKED, order, wants_evidence(scene));
    memset(&answer, 0, sizeof(answer));
    if (answer_of(scene))
        answer = *answer_of(scene);
    pages_take(&scene->now, &scene->border);
    end_must_be(scene, order, expected);
    host_got_no_more(scene);
    assert_int_equal(secrets_learnt(&scene->now, SCENE_ATTACKED, SCENE_SECRET), 0);
    assert_int_equal(
        foreign_differences(&scene->before, &scene->now, SCENE_ATTACKED, &scene->known_dirty), 0);
    thread_block_must_be_good(scene);
    if (wants_evidence(scene))
        evidence_must_be_true(enclave_slot(scene->border.enclave, SCENE_ATTACKED), &scene->call,
                              &scene->guest);
    border_rewind(&scene->border, SCENE_ATTACKED);
    pages_take(&scene->now, &scene->border);
    assert_int_equal(compare_pages(&scene->before, &scene->now, SCENE_ATTACKED, &scene->known), 0);
    scene->output_limit = scene->log_limit = scene->timeout_ms = 0;
    scene_must_serve(scene, SCENE_ATTACKED);
    scene_must_serve(scene, SCENE_OTHER);
    pages_take(&scene->before, &scene->border);
    return &answer.result;
}

/* ---- the scene ---------------------------------------------------------------------- */

static void fill_with_secret(struct scene *scene, unsigned slot)
{
    struct order order = {.kind = ORDER_NONE};

    memcpy(order.payload, secret(), SECRET_BYTES);
    submit(scene, slot, &order, false);
    assert_true(answered(scene, &order, 0));
}

void scene_open(struct scene *scene, const char *image)
{
    struct order nothing = {.kind = ORDER_NONE};

    memset(scene, 0, sizeof(*scene));
    open_scene = scene;
    evidence_forget();
    scene->guest = border_guest("attacker");
    border_open(&scene->border, image);
    for (unsigned slot = 0; slot < BOOT_HONEST; slot++) {
        border_boot(&scene->border, slot);
        border_load(&scene->border, slot, &scene->guest, NULL);
    }
    fill_with_secret(scene, SCENE_SECRET);
    known_list_with_evidence(SCENE_ATTACKED, &scene->known);
    known_list_before_rewind(SCENE_ATTACKED, &scene->known_dirty);
    submit(scene, SCENE_ATTACKED, &nothing, false);
    assert_true(answered(scene, &nothing, 0));
    plant_secret_of_l0(&scene->border, SCENE_ATTACKED);
    pages_take(&scene->now, &scene->border);
    assert_true(secrets_in_place(&scene->now, SCENE_ATTACKED, SCENE_SECRET));
    scene->served = *thread_in(&scene->now);
    border_rewind(&scene->border, SCENE_ATTACKED);
    pages_take(&scene->before, &scene->border);
}

static void close_scene(struct scene *scene)
{
    border_close(&scene->border);
    border_file_free(&scene->guest);
    pages_free(&scene->before);
    pages_free(&scene->now);
    open_scene = NULL;
}

void scene_close(struct scene *scene)
{
    fprintf(stderr, "# %u attacks\n", scene->attacks);
    close_scene(scene);
}

int scene_teardown(void **state)
{
    const uint64_t *a;

    (void)state;
    if (!open_scene)
        return 0;
    a = open_scene->under_way.argument;
    fprintf(stderr, "# failed at attack %u: kind %llu: %#llx %#llx %#llx %#llx %#llx\n",
            open_scene->attacks, (unsigned long long)open_scene->under_way.kind,
            (unsigned long long)a[0], (unsigned long long)a[1], (unsigned long long)a[2],
            (unsigned long long)a[3], (unsigned long long)a[4]);
    close_scene(open_scene);
    return 0;
}

bool scene_cage_committed(const struct scene *scene, uint64_t offset, uint64_t bytes)
{
    for (unsigned region = REGION_L1_PAGE; region <= REGION_STDERR; region++) {
        struct place place = place_of_region(SCENE_ATTACKED, region);
        uint64_t start = place.offset - MONITOR_ZONE_BYTES - SCENE_ATTACKED * SLOT_STRIDE;

        if (range_inside(offset, bytes, start,
                         (uint64_t)slot_committed(&scene->before, SCENE_ATTACKED, region) *
                             PAGE_BYTES))
            return true;
    }
    return false;
}

void scene_targets(const struct scene *scene, uint64_t targets[SCENE_TARGETS])
{
    uint64_t base = scene->border.base;
    struct place secret_linear = place_of_region(SCENE_SECRET, REGION_LINEAR);
    uint64_t linear_bytes = slot_linear_pages(&scene->before, SCENE_SECRET) * PAGE_BYTES;
    uint64_t all[SCENE_TARGETS] = {
        base,
        base + place_of_control(SCENE_ATTACKED, PLACE_THREAD).offset,
        base + generator_offset(SCENE_ATTACKED),
        base + place_of_control(SCENE_ATTACKED, PLACE_STACK).offset + 0x100,
        base + place_of_control(SCENE_ATTACKED, PLACE_SSA0).offset,
        base + place_of_control(SCENE_ATTACKED, PLACE_TCS).offset,
        base + monitor_symbol("enclave"),
        base + monitor_symbol("layer_leave"),
        base + STORE_OFF,
        base + place_of_region(SCENE_ATTACKED, REGION_CODE).offset + GATE_PAGE_BYTES,
        base + place_of_region(SCENE_SECRET, REGION_L1_PAGE).offset,
        /* the secret: memory ends where committed pages end */
        base + secret_linear.offset +
            (uint64_t)slot_committed(&scene->before, SCENE_SECRET, REGION_LINEAR) * PAGE_BYTES -
            linear_bytes + 64 + offsetof(struct order, payload),
    };

    memcpy(targets, all, sizeof(all));
}
