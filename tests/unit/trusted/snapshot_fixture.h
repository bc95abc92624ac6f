/* A slot's regions and a snapshot store in ordinary memory, each in an allocation of its own, so
 * that the sanitizers see every step beyond them. */
#ifndef RECLAVE_TESTS_UNIT_TRUSTED_SNAPSHOT_FIXTURE_H
#define RECLAVE_TESTS_UNIT_TRUSTED_SNAPSHOT_FIXTURE_H

#include "trusted/snapshot/snapshot.h"

#define STORE_PAGES 8192u

struct memory {
    struct region_view views[REGION_SNAPSHOT_COUNT];
};

extern struct snapshot_set set;
extern uint32_t store_limit; /* pages that the store may have */

/* An empty set; for cmocka's setup and teardown. */
int snapshots_begin(void **state);
int snapshots_end(void **state);

/* Each region has this many pages, zeroed. */
void memory_new(struct memory *memory, uint32_t pages);
/* One region anew. */
void memory_resize(struct memory *memory, unsigned region, uint32_t pages);
void memory_free(struct memory *memory);
uint8_t *memory_page(const struct memory *memory, unsigned region, uint32_t page);
/* Fails the test unless all that both have is equal, and the rest of either is zero. */
void memory_must_equal(const struct memory *memory, const struct memory *expected);
void memory_copy(struct memory *to, const struct memory *from);

/* ST_OK is expected. */
const struct snapshot *captured(const struct memory *memory);
/* snapshot.h's definition, by OpenSSL. */
void digest_of(const struct memory *memory, uint8_t digest[32]);
/* Nothing is taken, and every page that ever was holds its list link at most. */
void store_must_be_empty(void);

#endif
