/*
 * L0 on the host: slots in ordinary memory, no enclave. Tests link the monitor
 * files that they examine and this in place of the rest.
 */
#ifndef RECLAVE_TESTS_UNIT_TRUSTED_MOCK_H
#define RECLAVE_TESTS_UNIT_TRUSTED_MOCK_H

#include "trusted/monitor/monitor.h"

/* A sparse reservation with ELRANGE's geometry for `slots` slots; slot 0 is returned, zeroed, with
 * its number set. Everything in it is readable and writable. */
struct slot *mock_enclave(unsigned slots, uint32_t image_flags);
void mock_release(void);
/* Sets one region's limits in the layout. */
void mock_region(unsigned region, uint32_t present, uint32_t max);

/* EACCEPT as an emulator would answer: success, until calls reach mock_eaccept_fails_at (0: at
 * once), then mock_eaccept_result. What the last call was given is kept. */
extern uint64_t mock_eaccept_result;
extern unsigned mock_eaccept_calls, mock_eaccept_fails_at;
extern uint8_t *mock_eaccept_page;
extern uint64_t mock_eaccept_flags;

#endif
