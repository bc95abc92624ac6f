#include "tests/border/residue/keys.h"

#include "sgx/emu/instrument.h"
#include "tests/border/places.h"
#include "tests/border/symbols.h"
#include "trusted/monitor/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct keys keys_of(int fd)
{
    static struct enclave_state state;
    struct keys keys;

    assert_int_equal(emu_peek(fd, monitor_symbol("enclave"), &state, sizeof(state)), ST_OK);
    memcpy(keys.signing, state.signing.secret, sizeof(keys.signing));
    memcpy(keys.receiving, state.receiving.secret, sizeof(keys.receiving));
    return keys;
}

void keys_home(uint64_t *from, uint64_t *to)
{
    *from = monitor_symbol("enclave") + offsetof(struct enclave_state, signing);
    *to = monitor_symbol("enclave") + offsetof(struct enclave_state, identity);
}

void sessions_home(unsigned slot, uint64_t *from, uint64_t *to)
{
    *from = place_of_control(slot, PLACE_SLOT).offset + offsetof(struct slot, sessions);
    *to = *from + sizeof(struct session_table);
}

void keys_in_public(int fd, uint8_t receiving[32], uint8_t policy_sha256[32])
{
    static struct enclave_state state;

    assert_int_equal(emu_peek(fd, monitor_symbol("enclave"), &state, sizeof(state)), ST_OK);
    memcpy(receiving, state.receiving.public_key, 32);
    memcpy(policy_sha256, state.policy_sha256, 32);
}
