/* Random bytes: L0's generator, in pieces through a buffer in the cage that is wiped after use. */
#include "sandboxed/wasi/calls.h"
#include "sandboxed/wasi/gates.h"

#define RANDOM_OFF (L1_STATE_OFF + offsetof(struct l1_state, random))

static void wipe_piece(void)
{
    volatile uint8_t CAGE *piece = l1_state()->random;

    for (uint32_t i = 0; i < RANDOM_PIECE; i++)
        piece[i] = 0;
}

enum wasi_errno wasi_random_get(guest_address buffer, uint32_t bytes)
{
    uint32_t piece;

    if (!guest_has(buffer, bytes))
        return E_FAULT;
    for (uint32_t done = 0; done < bytes; done += piece) {
        piece = bytes - done < RANDOM_PIECE ? bytes - done : RANDOM_PIECE;
        if (!gate1_random(RANDOM_OFF, piece) || !copy_to_guest(buffer + done, RANDOM_OFF, piece)) {
            wipe_piece();
            return E_IO;
        }
    }
    wipe_piece();
    return E_SUCCESS;
}
