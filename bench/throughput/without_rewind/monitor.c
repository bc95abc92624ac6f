/*
 * UNSAFE, for bench/throughput alone: a monitor whose slots are READY after an invocation without
 * having been rewound. Each call finds what the last one left, secrets included.
 *
 * It is the ordinary monitor, linked with --wrap=invoke: nothing in trusted/ knows of it, and its
 * image has another MRENCLAVE, which no policy names.
 */
#include "trusted/monitor/monitor.h"

#include "sandboxed/wasi/state.h"

#include <string.h>

enum status __real_invoke(struct slot *slot, struct entry_invocation *request);
enum status __wrap_invoke(struct slot *slot, struct entry_invocation *request);

enum status __wrap_invoke(struct slot *slot, struct entry_invocation *request)
{
    enum status status = __real_invoke(slot, request);

    if (slot->state == SLOT_DIRTY) {
        /* All that the next call cannot do without: it reads its input from the start. */
        memset((uint8_t *)slot_l1_page(slot) - L1_PAGE_OFF + L1_STATE_OFF, 0,
               sizeof(((struct l1_state *)0)->stdin_at));
        slot_set_state(slot, SLOT_READY);
    }
    return status;
}
