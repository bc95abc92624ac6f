/* How long the kernel lets others run before it is a service's turn. */
#ifndef RECLAVE_HOST_DAEMON_SLICE_H
#define RECLAVE_HOST_DAEMON_SLICE_H

/* Asks for short time slices for this process, its threads and the workers it starts: a thread that
 * wakes for a request then waits less for a CPU that others use (Linux 6.12, EEVDF; earlier kernels
 * take no notice). It gets no more CPU time by that, only sooner, and needs no privilege. Before
 * any thread is started. */
void slice_shorten(void);

#endif
