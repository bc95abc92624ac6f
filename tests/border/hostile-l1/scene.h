/*
 * An enclave with the hostile runtime, one attack at a time, and all that must hold after each:
 *
 *   slot 0   READY with attacker.wat: where the attacks happen
 *   slot 1   DIRTY, full of a secret: what the attacks must not read
 *   slot 2   READY: the neighbour that must go on working
 *
 * The evidence of every third attack is true (evidence.h). After an attack, before the rewind: L0's
 * memory, code, snapshots and other slots are what they were but for L0's own counts; no eight
 * bytes of a secret of L0's or slot 1's are in slot 0's cages, its linear memory or what the host
 * received. After the rewind: slot 0 equals S1. Then slots 0 and 2 answer rightly.
 */
#ifndef RECLAVE_TESTS_BORDER_HOSTILE_L1_SCENE_H
#define RECLAVE_TESTS_BORDER_HOSTILE_L1_SCENE_H

#include "tests/border/harness.h"
#include "tests/border/hostile-l1/orders.h"
#include "tests/border/pages.h"
#include "tests/border/residue/known.h"
#include "trusted/monitor/thread.h"

#include <stdbool.h>
#include <stdint.h>

#define SCENE_ATTACKED 0u
#define SCENE_SECRET   1u
#define SCENE_OTHER    2u

/* Of what must end by itself, on however slow a machine. */
#define SCENE_TIMEOUT_MS 60000u

struct scene {
    struct border border;
    struct border_file guest;
    struct border_call call;              /* of the last attack */
    struct pages before, now;             /* around it: before; after it or after the rewind */
    struct known_list known, known_dirty; /* after and before the rewind */
    struct thread_block served;           /* slot 0's after a good invocation */
    /* Of the next attack; 0: the harness's. */
    uint64_t output_limit, log_limit, timeout_ms;
    unsigned attacks;
    struct order under_way;
};

/* How an attack must end. */
enum end {
    END_ANY,          /* in no other way than an invocation may */
    END_ANSWER,       /* the function answers, undisturbed; fd_seek returned `value` */
    END_RUNTIME,      /* TRAP_RUNTIME */
    END_MISUSE,       /* TRAP_MACHINE_FAULT: a gate refused */
    END_OUTPUT_LIMIT, /* TRAP_OUTPUT_LIMIT */
    END_EXIT,         /* as by proc_exit(value) */
    END_ABORTED,
};

struct expected {
    enum end end;
    uint32_t value;
};

void scene_open(struct scene *scene, const char *image);
void scene_close(struct scene *scene);
/* Of every test: after a failure it names the attack, and closes the scene. */
int scene_teardown(void **state);

/* Everything above; a failure names the attack. The result, zero without an answer, is valid until
 * the next one. */
const struct order_result *scene_attack(struct scene *scene, const struct order *order,
                                        struct expected expected);

/* Are these bytes of slot 0's layer 1 cage all committed? */
bool scene_cage_committed(const struct scene *scene, uint64_t offset, uint64_t bytes);

/* Addresses that an attacker would like to reach: L0's, layer 2's code, slot 1's. */
#define SCENE_TARGETS 12
void scene_targets(const struct scene *scene, uint64_t targets[SCENE_TARGETS]);

/* A good request and a rewind, in any slot that is READY. */
void scene_must_serve(struct scene *scene, unsigned slot);

#endif
