/* Stopping an enclave's thread at a chosen place: by single steps, or by taking a page away. */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_STEER_H
#define RECLAVE_TESTS_BORDER_HOSTILE_STEER_H

#include "tests/border/hostile/host.h"

enum zone { ZONE_L0, ZONE_L1, ZONE_L2, ZONE_ELSEWHERE };

/* The thread came into `zone` from `from` and has executed `later` more instructions there. */
struct place {
    enum zone zone;
    enum zone from;
    unsigned later;
};

/* The call is entered, or resumed, step by step until the place; then an interrupt brings the
 * thread out. It must get there: fails the test otherwise. */
void call_until(struct target *t, uint64_t number, void *argument, uint64_t bytes,
                const struct place *place);
void resume_until(struct target *t, const struct place *place);
/* The same, after exactly so many instructions; false: the call ended before (status in *status).
 */
bool call_steps(struct target *t, uint64_t number, void *argument, uint64_t bytes,
                unsigned instructions, enum status *status);
bool resume_steps(struct target *t, unsigned instructions, enum status *status);

/* The call is entered until it touches the page at this offset: #PF. The page stays away. */
void call_until_page(struct target *t, uint64_t number, void *argument, uint64_t bytes,
                     uint64_t offset);
void resume_until_page(struct target *t, uint64_t offset);
void take_page(struct target *t, uint64_t offset);
void give_page(struct target *t, uint64_t offset);

#endif
