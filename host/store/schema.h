/*
 * The database's tables. Each version is a step from the one before; steps are never changed once
 * released, only added.
 */
#ifndef RECLAVE_HOST_STORE_SCHEMA_H
#define RECLAVE_HOST_STORE_SCHEMA_H

#include "host/loader/message.h"
#include "abi/status.h"

#include <sqlite3.h>

#define SCHEMA_APPLICATION_ID 0x52636c76 /* "Rclv": PRAGMA application_id */

extern const int schema_version; /* PRAGMA user_version of this program's databases */

/* Makes or upgrades the tables in one transaction. ST_CORRUPT: somebody else's database;
 * ST_UNSUPPORTED: newer than this program; others: as of SQLite, why says. `up_to`: schema_version,
 * or less in tests. */
MUST_CHECK enum status schema_upgrade(sqlite3 *handle, const char *path, int up_to,
                                      struct message *why);

#endif
