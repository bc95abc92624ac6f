/* Starting `reclave worker` and talking to it, for end-to-end tests. */
#ifndef RECLAVE_TESTS_WORKER_PROCESS_H
#define RECLAVE_TESTS_WORKER_PROCESS_H

#include "host/worker/client.h"

#include <sys/types.h>

struct process {
    pid_t pid;
    char folder[64]; /* of the socket; process_folder makes it */
    char socket[96];
};

/* <build>/<name>, from this test's own place <build>/tests/; valid until the next call. */
const char *process_program(const char *name);

void process_folder(struct process *process);
void process_remove_folder(struct process *process);

/* Starts the worker on process->socket with further arguments (NULL-terminated) and returns when
 * it listens. */
void process_start(struct process *process, const char *const *arguments);
/* Its exit code; 128 + the signal that killed it. */
int process_wait(struct process *process);

/* Builds build/guests/NAME.wasm into FOLDER/NAME.rcl with `reclave build`; the file's bytes,
 * malloc'ed. */
uint8_t *build_guest(const struct process *process, const char *name, size_t *bytes);
/* With further options, as a shell reads them; $KEY is a fresh owner's key. */
uint8_t *build_guest_with(const struct process *process, const char *name, const char *options,
                          size_t *bytes);

/* client_call that must get an answer; its status is returned. */
enum status ask(struct client *client, enum frame_type type, json_t *head, const void *body,
                size_t body_bytes, struct client_reply *reply);

const char *reply_text(const struct client_reply *reply, const char *key);
long long reply_number(const struct client_reply *reply, const char *key);

#endif
