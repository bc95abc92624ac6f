/* The enclave's secret keys, read from the monitor's memory as only an emulator can. */
#ifndef RECLAVE_TESTS_BORDER_RESIDUE_KEYS_H
#define RECLAVE_TESTS_BORDER_RESIDUE_KEYS_H

#include <stdint.h>

struct keys {
    uint8_t signing[32];
    uint8_t receiving[32];
};

struct keys keys_of(int fd);
/* Where the monitor keeps them, from the enclave's base: [*from, *to). */
void keys_home(uint64_t *from, uint64_t *to);
/* The same of a slot's sessions. */
void sessions_home(unsigned slot, uint64_t *from, uint64_t *to);

/* What a caller learns from a quote. */
void keys_in_public(int fd, uint8_t receiving[32], uint8_t policy_sha256[32]);

#endif
