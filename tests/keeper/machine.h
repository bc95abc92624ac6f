/* What the tests with real enclaves share: one emulated machine, one owner, a keeper and workers.
 * All of it asserts. */
#ifndef RECLAVE_TESTS_KEEPER_MACHINE_H
#define RECLAVE_TESTS_KEEPER_MACHINE_H

#include "client/keeper/fleet.h"
#include "client/keeper/statement.h"
#include "host/keeper/admission.h"
#include "host/keeper/keeper.h"
#include "tests/attest/support.h"

struct machine {
    char folder[64]; /* /tmp/..., removed by machine_close */
    char state[128]; /* of the keeper, in it */
    const struct sgx_driver *driver;
    struct quoting *quoting;
    struct test_random random;
    struct signing_key owner;
    struct keeper_start start; /* signed */
};

void machine_open(struct machine *machine);
void machine_close(struct machine *machine);

/* A path in the build under test; valid until the next call. */
const char *in_build(const char *relative);

/* Signs with a key that tests have in memory. */
void sign_statement(const struct signing_key *key, enum statement_kind kind, void *statement);

struct keeper_host *machine_keeper(const struct machine *machine, const char *image,
                                   const char *state, const struct keeper_start *start);
struct fleet_keeper keeper_view(struct keeper_host *keeper);

struct test_worker {
    struct enclave *enclave;
    struct slot *slot;
    struct enclave_policy policy;
    struct worker_certificate certificate;
};
/* Initialised for this keeper, not admitted. */
void worker_open(const struct machine *machine, const char *image, const uint8_t keeper_id[32],
                 bool shared, struct test_worker *worker);
enum status worker_admit(const struct machine *machine, struct test_worker *worker,
                         struct keeper_host *keeper);
void worker_close(struct test_worker *worker);

#endif
