/* How many programs the test runs: few in check, a million in torture. */
#ifndef RECLAVE_TESTS_VERIFY_RUN_PROGRAMS_H
#define RECLAVE_TESTS_VERIFY_RUN_PROGRAMS_H
extern const unsigned program_count;
extern const unsigned long program_seed;
#endif
