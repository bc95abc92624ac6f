/* Parts of `reclave keeper`. Each verb's function is called with argv[0] = "reclave keeper VERB"
 * and returns the exit code: 0 done, 1 refused or failed, 2 wrong usage. */
#ifndef RECLAVE_CLI_KEEPER_H
#define RECLAVE_CLI_KEEPER_H

#include "client/keeper/fleet.h"
#include "client/keeper/statement.h"
#include "cli/trust.h"
#include "client/reclave_invoke.h"
#include "host/keeper/client.h"

#include <argp.h>
#include <jansson.h>
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

/* An argp child for --verify and what cli/trust.h has; its input is a zeroed struct trust_options.
 */
extern const struct argp keeper_trust_argp;

/* Connects; false: a message is on stderr. */
bool keeper_connect(const char *verb, const char *socket, struct keeper_client *client);

/* The keeper behind the socket, as its quote for a fresh challenge has it, verified like a caller
 * would (reclave_fleet_verify, any owner unless the policy names some): the description that
 * callers need; the caller's to release. NULL: a message is on stderr. */
json_t *keeper_know(const char *verb, struct keeper_client *client,
                    struct reclave_verifier *verifier, struct fleet_keeper *view);

/* ---- files -------------------------------------------------------------------------------- */

/* A file of exactly `bytes` bytes; false: a message is on stderr. */
bool keeper_read_exactly(const char *verb, const char *path, void *to, size_t bytes,
                         const char *what);
/* Signs a statement with an owner's key file; false: a message is on stderr. */
bool keeper_sign(const char *verb, const char *key, enum statement_kind kind, void *statement);
/* A function key's file: 64 hexadecimal digits; false: a message is on stderr. The caller wipes. */
bool keeper_function_key(const char *verb, const char *path, uint8_t key[FUNCTION_KEY_BYTES]);
bool keeper_public_key(const char *verb, const char *key, uint8_t public_key[SIGNING_KEY_BYTES]);

/* text: exactly 2 * bytes hexadecimal digits; otherwise argp_error. */
void keeper_parse_hex(struct argp_state *state, const char *option, const char *text, uint8_t *to,
                      size_t bytes);

#endif
