/* Telling systemd how things stand (sd_notify(3)'s protocol); nothing where NOTIFY_SOCKET is not
 * set. */
#ifndef RECLAVE_HOST_DAEMON_NOTIFY_H
#define RECLAVE_HOST_DAEMON_NOTIFY_H

void notify_systemd(const char *state); /* "READY=1", ... */

#endif
