/* Two slots that load at a time: the driver would answer EBUSY to the second one's ioctl while the
 * first one's is under way, so the loader must not make it. */
#include "host/loader/internal.h"
#include "tests/border/harness.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static const struct sgx_driver *emulator;
static _Atomic int inside;       /* ioctls under way */
static _Atomic int overlaps;     /* that met another one */
static _Atomic pid_t second_tid; /* once the second thread is on its way */
static _Atomic int held;         /* the first ioctl waits for the second thread */

/* Does it sleep? It has nothing to wait for but the loader's lock. */
static bool sleeps(pid_t tid)
{
    char path[64], state = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
    file = fopen(path, "r");
    if (!file)
        return false;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    fclose(file);
    return state == 'S';
}

/* The first one stays inside until the second thread is in here as well, or waits outside. */
static int slow_ioctl(int fd, unsigned long request, void *argument)
{
    int result, error;

    if (atomic_fetch_add(&inside, 1) > 0)
        atomic_fetch_add(&overlaps, 1);
    if (atomic_exchange(&held, 1) == 0)
        while (!overlaps && !(second_tid && sleeps(second_tid)))
            sched_yield();
    result = emulator->ioctl(fd, request, argument);
    error = errno;
    atomic_fetch_sub(&inside, 1);
    errno = error;
    return result;
}

struct loading {
    struct slot *slot;
    struct slot_load load;
    enum status status;
};

static void *load_second(void *argument)
{
    struct loading *loading = argument;

    while (!held)
        sched_yield();
    atomic_store(&second_tid, gettid());
    loading->status = slot_load(loading->slot, &loading->load);
    return NULL;
}

static void ioctls_of_an_enclave_never_overlap(void **state)
{
    struct border_file guest = border_guest("hello");
    struct loading loadings[2];
    struct sgx_driver slow;
    struct border border;
    pthread_t second;

    (void)state;
    border_open(&border, "reclave-lazy");
    emulator = border.driver;
    slow = *emulator;
    slow.ioctl = slow_ioctl;
    for (unsigned i = 0; i < 2; i++) {
        border_boot(&border, i);
        loadings[i] = (struct loading){.slot = enclave_slot(border.enclave, i),
                                       .load = {.bundle = guest.bytes, .bundle_bytes = guest.size}};
    }
    border.enclave->driver = &slow;
    assert_int_equal(pthread_create(&second, NULL, load_second, &loadings[1]), 0);
    loadings[0].status = slot_load(loadings[0].slot, &loadings[0].load);
    pthread_join(second, NULL);
    border.enclave->driver = emulator;
    assert_int_equal(overlaps, 0);
    assert_true(second_tid != 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(loadings[i].status, ST_OK);
    border_close(&border);
    border_file_free(&guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ioctls_of_an_enclave_never_overlap)};

    return cmocka_run_group_tests_name("border-ioctl", tests, NULL, NULL);
}
