/* The parts of `reclave invoke`. */
#ifndef RECLAVE_CLI_INVOKE_H
#define RECLAVE_CLI_INVOKE_H

#include "cli/attested.h"
#include "cli/function_file.h"
#include "cli/node.h"
#include "cli/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INVOKE_STRINGS_MAX 256

struct invoke_options {
    struct trust_options trust; /* trust.policy: --verify */
    const char *function, *worker, *input, *evidence;
    const char *keeper; /* what `reclave keeper describe` wrote; NULL: the worker's own quote */
    struct reclave_fleet_options fleet;
    struct node node;                         /* url: --node, instead of worker */
    const char *args[INVOKE_STRINGS_MAX + 1]; /* the function's name first */
    const char *env[INVOKE_STRINGS_MAX];
    size_t arg_count, env_count; /* arg_count: without the name */
    uint8_t nonce[NONCE_MAX];
    size_t nonce_bytes;
    uint64_t slot, timeout_ms, output_limit;
    uint32_t padding;
    bool encrypt, session, input_lines, has_slot, has_enclave, json;
};

/* All that one run of the command holds. */
struct invoke {
    const struct invoke_options *options;
    struct function_file function;
    struct client *client;
    struct node node;                  /* with --node there is no client */
    struct reclave_verifier *verifier; /* NULL: --verify was not given */
    struct attested attested;          /* likewise empty, and with --keeper */
    struct blob keeper;                /* --keeper's file */
    struct reclave_enclave *enclave;   /* or the fleet */
    struct reclave_session *session;
    struct blob certificate; /* of the worker that answered last, as it came with the answer */
    unsigned slot;
};

/* invoke_worker.c: what goes to the worker and comes back. On failure why says what to do. */

/* Finds the function in a slot, or loads it. */
MUST_CHECK enum status invoke_place(struct invoke *invoke, struct message *why);
/* One request; a refusal by worker or enclave is a failure. The caller frees *reply. */
MUST_CHECK enum status invoke_call(struct invoke *invoke, enum frame_type type, json_t *head,
                                   const void *body, size_t bytes, struct client_reply *reply,
                                   struct message *why);
/* A part of the answer's body, by the keys that give the lengths of the parts before and its own.
 * False: the answer contradicts itself. */
MUST_CHECK bool invoke_part(const struct client_reply *reply, const char *key, size_t *at,
                            const uint8_t **data, size_t *bytes);

/* invoke_sealed.c, invoke_plain.c: one invocation on this input. *ok: it ended well. */
MUST_CHECK enum status invoke_sealed(struct invoke *invoke, const struct blob *input, bool *ok,
                                     struct message *why);
MUST_CHECK enum status invoke_plain(struct invoke *invoke, const struct blob *input, bool *ok,
                                    struct message *why);
MUST_CHECK enum status invoke_open_session(struct invoke *invoke, struct message *why);

/* invoke_print.c: results to stdout, the rest to stderr. */
MUST_CHECK enum status invoke_print(const struct invoke *invoke, const void *output, size_t bytes,
                                    struct message *why);
void invoke_print_log(const void *log, size_t bytes);
void invoke_print_claims(const struct invoke *invoke, const struct reclave_claims *claims);
/* The evidence, complete and accepted, and the quote that it is rooted in. */
MUST_CHECK enum status invoke_save_evidence(const struct invoke *invoke, const void *file,
                                            size_t bytes, struct message *why);

#endif
