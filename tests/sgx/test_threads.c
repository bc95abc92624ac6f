/* Several enclaves, several threads in each. */
#include "tests/sgx/weak.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

#define ROUNDS   300
#define ENCLAVES 3

struct worker {
    struct weak *w;
    unsigned tcs;
    unsigned wrong; /* cmocka's assertions belong to the main thread */
};

/* Each thread counts in its own word and takes a fault now and then. */
static void *work(void *argument)
{
    struct worker *me = argument;
    uint64_t at = me->w->base + WEAK_DATA + 8 * me->tcs;

    for (uint64_t i = 1; i <= ROUNDS; i++) {
        struct weak_exit out = weak_call(me->w, me->tcs, ENCLU_EENTER, OP_POKE, at, i, 0);

        me->wrong += out.function != ENCLU_EEXIT;
        out = weak_call(me->w, me->tcs, ENCLU_EENTER, OP_PEEK, at, 0, 0);
        me->wrong += out.rdi != i;
        if (i % 10 == 0) {
            out = weak_call(me->w, me->tcs, ENCLU_EENTER, OP_FAULT, FAULT_UD, 0, 0);
            me->wrong += out.vector != VECTOR_UD;
            weak_call(me->w, me->tcs, ENCLU_EENTER, OP_SKIP, me->w->base + WEAK_SSA(me->tcs), 2, 0);
            out = weak_call(me->w, me->tcs, ENCLU_ERESUME, 0, 0, 0, 0);
            me->wrong += out.function != ENCLU_EEXIT;
        }
    }
    return NULL;
}

static void run_workers(struct worker *workers, size_t count)
{
    pthread_t threads[16];

    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
}

static void threads_in_one_enclave(void **state)
{
    struct worker workers[WEAK_TCS_MAX];
    struct weak w;

    (void)state;
    weak_create(&w, &(struct weak_options){.tcs_count = WEAK_TCS_MAX});
    for (unsigned i = 0; i < WEAK_TCS_MAX; i++)
        workers[i] = (struct worker){&w, i, 0};
    run_workers(workers, WEAK_TCS_MAX);
    weak_destroy(&w);
}

static void threads_in_several_enclaves(void **state)
{
    struct worker workers[ENCLAVES * 2];
    struct weak w[ENCLAVES];

    (void)state;
    for (unsigned i = 0; i < ENCLAVES; i++) {
        weak_create(&w[i], NULL);
        workers[2 * i] = (struct worker){&w[i], 0, 0};
        workers[2 * i + 1] = (struct worker){&w[i], 1, 0};
    }
    run_workers(workers, ENCLAVES * 2);
    for (unsigned i = 0; i < ENCLAVES; i++)
        weak_destroy(&w[i]);
}

static atomic_uint_fast64_t spin_until; /* read by the enclave */

static void *spin(void *argument)
{
    struct worker *me = argument;
    struct weak_exit out =
        weak_call(me->w, me->tcs, ENCLU_EENTER, OP_SPIN, (uint64_t)&spin_until, 0, 0);

    me->wrong = out.function != ENCLU_EEXIT;
    return NULL;
}

/* Until the thread is inside: its TCS is busy. */
static void wait_until_busy(struct weak *w, unsigned tcs)
{
    uint64_t busy = 0;

    while (!busy) {
        weak_peek(w, WEAK_TCS(tcs), &busy, sizeof(busy));
        sched_yield();
    }
}

static void a_busy_tcs_is_gp(void **state)
{
    struct worker worker;
    struct weak_exit out;
    pthread_t thread;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    worker = (struct worker){&w, 0, 0};
    spin_until = 0;
    assert_int_equal(pthread_create(&thread, NULL, spin, &worker), 0);
    wait_until_busy(&w, 0);
    out = weak_call(&w, 0, ENCLU_EENTER, OP_CSSA, 0, 0, 0);
    assert_int_equal(out.function, ENCLU_EENTER);
    assert_int_equal(out.vector, VECTOR_GP);
    out = weak_call(&w, 0, ENCLU_ERESUME, 0, 0, 0, 0);
    assert_int_equal(out.vector, VECTOR_GP);
    assert_int_equal(weak_do(&w, 1, OP_CSSA, 0, 0), 0); /* the other one works */
    /* A kernel can't EREMOVE under a thread's feet. */
    assert_int_equal(emu_hostile_remove(w.fd, WEAK_DATA), ST_BUSY);
    spin_until = 1;
    pthread_join(thread, NULL);
    assert_int_equal(worker.wrong, 0);
    assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 0);
    weak_destroy(&w);
}

/* The host's restriction reaches a thread that is inside all along. */
static void changes_reach_a_running_thread(void **state)
{
    struct worker worker;
    pthread_t thread;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    worker = (struct worker){&w, 0, 0};
    spin_until = 0;
    assert_int_equal(pthread_create(&thread, NULL, spin, &worker), 0);
    wait_until_busy(&w, 0);
    weak_do(&w, 1, OP_POKE, w.base + WEAK_DATA, 1);
    assert_int_equal(weak_restrict(&w, WEAK_DATA, PAGE_BYTES, SECINFO_R, NULL, NULL), 0);
    weak_must_fault(&w, 1, OP_POKE, w.base + WEAK_DATA, 2, VECTOR_PF, 0x8007);
    spin_until = 1;
    pthread_join(thread, NULL);
    assert_int_equal(worker.wrong, 0);
    weak_destroy(&w);
}

static void *enter_once(void *argument)
{
    struct worker *me = argument;

    me->wrong = weak_call(me->w, me->tcs, ENCLU_EENTER, OP_CSSA, 0, 0, 0).function != ENCLU_EEXIT;
    return NULL;
}

/* Threads come and go: their blocks are recycled. */
static void many_short_threads(void **state)
{
    struct worker worker;
    pthread_t thread;
    struct weak w;

    (void)state;
    weak_create(&w, NULL);
    for (int i = 0; i < 200; i++) {
        worker = (struct worker){&w, (unsigned)i % 2, 0};
        assert_int_equal(pthread_create(&thread, NULL, enter_once, &worker), 0);
        pthread_join(thread, NULL);
        assert_int_equal(worker.wrong, 0);
    }
    weak_destroy(&w);
}

static void many_enclaves_one_after_another(void **state)
{
    struct weak w;

    (void)state;
    for (int i = 0; i < 100; i++) {
        weak_create(&w, NULL);
        assert_int_equal(weak_do(&w, 0, OP_CSSA, 0, 0), 0);
        weak_destroy(&w);
    }
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(threads_in_one_enclave), CASE(threads_in_several_enclaves),
        CASE(a_busy_tcs_is_gp),       CASE(changes_reach_a_running_thread),
        CASE(many_short_threads),     CASE(many_enclaves_one_after_another),
    };

    return cmocka_run_group_tests_name("sgx-threads", tests, NULL, NULL);
}
