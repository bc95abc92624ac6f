/*
 * The daemon's one database: STATE_DIR/reclave.db, SQLite in WAL mode.
 *
 *   struct session *session;
 *   enum status status = database_write(database, &session, why);
 *   if (status == ST_OK) {
 *       status = entity_put(session, ...);
 *       status = session_end(session, status, why);
 *   }
 *
 * What session_end has acknowledged with ST_OK survives SIGKILL and loss of power: the log is
 * synced first. Writers that come at the same time share one sync (group commit); the failure of
 * one undoes that one only.
 *
 * A full disk and a damaged file are refused with advice, and never written over. Any thread; other
 * processes (reclave user, reclave backup) may use the same file at the same time.
 */
#ifndef RECLAVE_HOST_STORE_DATABASE_H
#define RECLAVE_HOST_STORE_DATABASE_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stdbool.h>
#include <stdint.h>

#define DATABASE_FILE "reclave.db" /* in the state directory */

struct database;
struct session; /* one thread's, from its begin to its end */

struct database_options {
    const char *path;
    bool create; /* if it is not there; else ST_NOT_FOUND */
    /* The file's pages are checked first if it has at most this many bytes; 0: not at all. */
    uint64_t check_up_to_bytes;
    unsigned readers; /* that may run at a time; 0: 8 */
};

/* Brings an older schema to this version's. ST_CORRUPT: damaged, or no database of Reclave's;
 * ST_UNSUPPORTED: of a newer version; ST_IO, ST_BUSY, ST_NO_MEMORY. The file is unchanged then. */
MUST_CHECK enum status database_open(const struct database_options *options, struct database **out,
                                     struct message *why);
void database_close(struct database *database);

/* Waits for its turn. Nothing slow may happen before session_end: all writers wait. */
MUST_CHECK enum status database_write(struct database *database, struct session **out,
                                      struct message *why);
/* Sees what was committed before, nothing of what comes after. */
MUST_CHECK enum status database_read(struct database *database, struct session **out,
                                     struct message *why);
/* `status` ST_OK: keeps what was written and returns when it is durable; anything else: undoes it.
 * Returns `status`, or why it could not be kept. */
MUST_CHECK enum status session_end(struct session *session, enum status status,
                                   struct message *why);

/* A consistent copy of a database that may be in use, checked. `to` must not exist. ST_BUSY: it
 * exists. */
MUST_CHECK enum status database_backup(const char *from, const char *to, struct message *why);

/* Milliseconds since 1970. */
int64_t database_now_ms(void);
/* For durations: milliseconds of a clock that nobody sets and that counts while the machine sleeps.
 */
int64_t steady_now_ms(void);

#endif
