#include "tests/border/hostile/inside.h"

#include "sgx/emu/instrument.h"
#include "tests/border/symbols.h"
#include "trusted/monitor/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL(number) (SLOT_CONTROL_OFF + (uint64_t)(number)*SLOT_CONTROL_STRIDE)

struct inside look_inside(int fd, unsigned number)
{
    static struct slot slot;
    struct thread_block block;
    static struct enclave_state whole;
    struct inside inside = {0};

    assert_int_equal(emu_peek(fd, CONTROL(number) + CTL_SLOT, &slot, sizeof(slot)), ST_OK);
    assert_int_equal(emu_peek(fd, CONTROL(number) + CTL_TLS, &block, sizeof(block)), ST_OK);
    inside.state = slot.state;
    memcpy(inside.committed, slot.committed, sizeof(inside.committed));
    inside.linear_pages = slot.linear.pages;
    inside.code_pages = slot.function.code_pages;
    inside.stack_pages = slot.function.stack_bytes / PAGE_BYTES;
    memcpy(inside.bundle_sha256, slot.function.bundle_sha256, sizeof(inside.bundle_sha256));
    inside.layer = block.layer;
    assert_int_equal(emu_peek(fd, monitor_symbol("enclave"), &whole, sizeof(whole)), ST_OK);
    inside.store_reached = whole.snapshots.store.reached;
    inside.store_taken = whole.snapshots.store.taken;
    inside.store_locked = whole.snapshots.store.lock != 0;
    return inside;
}
