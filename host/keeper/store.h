/* The keeper's sealed state on disk. What was written is there after a power loss, or what was
 * there before; never something in between. */
#ifndef RECLAVE_HOST_KEEPER_STORE_H
#define RECLAVE_HOST_KEEPER_STORE_H

#include "abi/status.h"
#include "host/loader/message.h"

#include <stddef.h>
#include <stdint.h>

/* ST_NOT_FOUND: no such file. ST_CORRUPT: not `bytes` long. ST_IO. */
MUST_CHECK enum status store_read(const char *path, void *data, size_t bytes, struct message *why);

/* Writes PATH.new (mode 0600), fsync, rename to PATH, fsync of the folder. On failure PATH is as it
 * was. */
MUST_CHECK enum status store_write(const char *path, const void *data, size_t bytes,
                                   struct message *why);

/* Holds PATH.lock until the process ends or *fd is closed: two keepers on one state would fork it.
 * ST_BUSY. */
MUST_CHECK enum status store_lock(const char *path, int *fd, struct message *why);

/* For tests: called after each step of store_write, by name ("opened", "written", "synced",
 * "renamed"). NULL: nothing is. */
extern void (*store_after_step)(const char *step);

#endif
