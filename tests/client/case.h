/* A forged quote, verified as tests do. */
#ifndef RECLAVE_TESTS_CLIENT_CASE_H
#define RECLAVE_TESTS_CLIENT_CASE_H

#include "client/reclave_client.h"
#include "tests/client/forge/forge.h"

/* A verifier that trusts the forgery's root, has its collateral and FORGE_NOW for time. */
struct reclave_verifier *case_verifier(const struct forgery *forgery, const char *policy);

/* Fails the test unless the verdict is consistent in itself and ended at this step. */
void case_expect(const struct reclave_verdict *verdict, enum reclave_step step);

/* forge, verify, free. */
void case_run(const struct recipe *recipe, const char *policy, struct reclave_verdict *verdict);

#endif
