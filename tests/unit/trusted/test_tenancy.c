/* Who may be in the enclave together. */
#include "tests/unit/trusted/mock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 3

static struct slot *slots[SLOTS];

static int set_up(void **state)
{
    (void)state;
    slots[0] = mock_enclave(SLOTS, IMAGE_LAZY);
    for (unsigned i = 1; i < SLOTS; i++)
        slots[i] = (struct slot *)(void *)((uint8_t *)slots[0] + i * SLOT_CONTROL_STRIDE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_release();
    return 0;
}

static enum status enter(unsigned slot, uint8_t tenant)
{
    memset(slots[slot]->function.tenant, tenant, 32);
    return tenant_enter(slots[slot]);
}

static void the_first_one_decides(void **state)
{
    (void)state;
    assert_int_equal(enter(0, 7), ST_OK);
    assert_int_equal(enter(1, 8), ST_OTHER_TENANT);
    assert_int_equal(enter(1, 0), ST_OTHER_TENANT); /* the development tenant is one, too */
    assert_int_equal(enter(1, 7), ST_OK);
}

static void every_byte_counts(void **state)
{
    (void)state;
    assert_int_equal(enter(0, 7), ST_OK);
    for (unsigned i = 0; i < 32; i++) {
        memset(slots[1]->function.tenant, 7, 32);
        slots[1]->function.tenant[i] ^= 0x80;
        assert_int_equal(tenant_enter(slots[1]), ST_OTHER_TENANT);
    }
}

static void the_last_one_to_leave_makes_room(void **state)
{
    (void)state;
    assert_int_equal(enter(0, 7), ST_OK);
    assert_int_equal(enter(1, 7), ST_OK);
    tenant_leave(slots[0]);
    assert_int_equal(enter(0, 8), ST_OTHER_TENANT);
    tenant_leave(slots[1]);
    assert_int_equal(enter(0, 8), ST_OK);
    assert_int_equal(enter(1, 7), ST_OTHER_TENANT);
}

/* Nobody leaves twice, and whoever was refused has nothing to leave. */
static void leaving_counts_once(void **state)
{
    (void)state;
    assert_int_equal(enter(0, 7), ST_OK);
    assert_int_equal(enter(1, 7), ST_OK);
    tenant_leave(slots[0]);
    tenant_leave(slots[0]);
    assert_int_equal(enter(2, 8), ST_OTHER_TENANT);
    tenant_leave(slots[2]);
    assert_int_equal(enter(2, 8), ST_OTHER_TENANT);
    tenant_leave(slots[1]);
    assert_int_equal(enter(2, 8), ST_OK);
}

static void nothing_of_the_last_tenant_is_kept(void **state)
{
    static const uint8_t zero[32];

    (void)state;
    assert_int_equal(enter(0, 7), ST_OK);
    tenant_leave(slots[0]);
    assert_memory_equal(enclave.tenant, zero, 32);
}

static void shared_tenancy_takes_all(void **state)
{
    (void)state;
    enclave.shared_tenancy = true;
    assert_int_equal(enter(0, 7), ST_OK);
    assert_int_equal(enter(1, 8), ST_OK);
    assert_int_equal(enter(2, 0), ST_OK);
    for (unsigned i = 0; i < SLOTS; i++)
        tenant_leave(slots[i]);
    assert_int_equal(enclave.tenant_slots, 0);
}

#define ROUNDS 20000

struct visitor {
    pthread_t thread;
    unsigned slot;
    unsigned inside, met; /* visits; visits with another tenant inside */
};

static uint32_t present[2];

static void *visit(void *argument)
{
    struct visitor *visitor = argument;
    unsigned slot = visitor->slot;

    for (unsigned i = 0; i < ROUNDS; i++) {
        if (enter(slot, (uint8_t)(slot + 1)) != ST_OK)
            continue;
        visitor->inside++;
        __atomic_store_n(&present[slot], 1, __ATOMIC_SEQ_CST);
        visitor->met += __atomic_load_n(&present[1 - slot], __ATOMIC_SEQ_CST);
        __atomic_store_n(&present[slot], 0, __ATOMIC_SEQ_CST);
        tenant_leave(slots[slot]);
    }
    return NULL;
}

static void two_threads_never_meet(void **state)
{
    struct visitor visitors[2] = {{.slot = 0}, {.slot = 1}};

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(visitors[i].thread, NULL);
        assert_int_equal(visitors[i].met, 0);
    }
    /* One of them may have found the other inside each time. */
    assert_true(visitors[0].inside + visitors[1].inside > 0);
    assert_int_equal(enclave.tenant_slots, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_one_decides),    TEST(every_byte_counts),
        TEST(leaving_counts_once),      TEST(the_last_one_to_leave_makes_room),
        TEST(shared_tenancy_takes_all), TEST(nothing_of_the_last_tenant_is_kept),
        TEST(two_threads_never_meet),
    };

    return cmocka_run_group_tests_name("tenancy", tests, NULL, NULL);
}
