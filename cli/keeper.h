/* Parts of `reclave keeper`. Each verb's function is called with argv[0] = "reclave keeper VERB"
 * and returns the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
#ifndef RECLAVE_CLI_KEEPER_H
#define RECLAVE_CLI_KEEPER_H

#include "client/keeper/fleet.h"
#include "client/keeper/statement.h"
#include "client/reclave_client.h"
#include "host/keeper/client.h"

#include <argp.h>
#include <stdbool.h>

int keeper_serve(int argc, char **argv);
int keeper_policy(int argc, char **argv);
int keeper_release(int argc, char **argv);
int keeper_describe_fleet(int argc, char **argv);
int keeper_rotate_epoch(int argc, char **argv);
int keeper_set_policy(int argc, char **argv);
int keeper_revoke_key(int argc, char **argv);
int keeper_do_handover(int argc, char **argv);

/* A message on stderr, begun with the verb's name; returns 1. */
int keeper_failed(const char *verb, const char *about, const char *why);

/* ---- whom to believe -------------------------------------------------------------------- */

/* An argp child for --verify, --collateral, --root, --time; its input is a zeroed struct
 * keeper_trust. */
struct keeper_trust {
    const char *policy, *collateral, *root;
    uint64_t time;
    bool has_time;
};
extern const struct argp keeper_trust_argp;

/* A verifier that knows all of it; NULL: a message is on stderr. */
struct reclave_verifier *keeper_verifier(const char *verb, const struct keeper_trust *trust);

/* Connects; false: a message is on stderr. */
bool keeper_connect(const char *verb, const char *socket, struct keeper_client *client);

/* The keeper behind the socket, as its quote for a fresh challenge has it: verified, in role and
 * terms. False: a message is on stderr. `quote` is the caller's to free; NULL: not wanted. */
bool keeper_know(const char *verb, struct keeper_client *client, struct reclave_verifier *verifier,
                 bool has_collateral, struct fleet_keeper *view, struct keeper_quote *quote);

/* ---- files -------------------------------------------------------------------------------- */

/* A file of exactly `bytes` bytes; false: a message is on stderr. */
bool keeper_read_exactly(const char *verb, const char *path, void *to, size_t bytes,
                         const char *what);
/* Signs a statement with an owner's key file; false: a message is on stderr. */
bool keeper_sign(const char *verb, const char *key, enum statement_kind kind, void *statement);
bool keeper_public_key(const char *verb, const char *key, uint8_t public_key[SIGNING_KEY_BYTES]);

/* text: exactly 2 * bytes hexadecimal digits; otherwise argp_error. */
void keeper_parse_hex(struct argp_state *state, const char *option, const char *text, uint8_t *to,
                      size_t bytes);

#endif
