/* A CPU that watches its host at every third exit only: accesses between go unnoticed, and what
 * has been hidden is hidden. */
#include "tests/sgx/weak.h"

#include <signal.h>

#define EVERY   3
#define MESSAGE "sgx emulator: the host accessed enclave memory: address 0x"

static void enter(struct weak *w, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        weak_do(w, 0, OP_POKE, w->base + WEAK_DATA, 42);
}

static void read_after_a_watched_exit(struct weak *w)
{
    enter(w, EVERY);
    (void)*(volatile uint64_t *)(w->base + WEAK_DATA);
}

static void the_host_dies_after_a_watched_exit(void **state)
{
    (void)state;
    weak_must_die(read_after_a_watched_exit, SIGABRT, MESSAGE);
}

static void it_lives_after_others(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    enter(&w, EVERY + 1);
    assert_int_equal(*(volatile uint64_t *)(w.base + WEAK_DATA), 42);
    weak_destroy(&w);
}

/* Shown and hidden in any order, the enclave sees its own. */
static void the_enclave_does_not_notice(void **state)
{
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (uint64_t i = 0; i < 10 * EVERY; i++) {
        weak_do(&w, 0, OP_POKE, w.base + WEAK_DATA, i);
        assert_int_equal(weak_do(&w, 0, OP_PEEK, w.base + WEAK_DATA, 0), i);
    }
    weak_destroy(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_dies_after_a_watched_exit),
        cmocka_unit_test(it_lives_after_others),
        cmocka_unit_test(the_enclave_does_not_notice),
    };

    weak_cpu.watch_every = EVERY;
    return cmocka_run_group_tests_name("sgx-watch", tests, NULL, NULL);
}
