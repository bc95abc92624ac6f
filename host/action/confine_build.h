/* What `reclave build --confined FOLDER` gives up before it looks at a stranger's module. */
#ifndef RECLAVE_HOST_ACTION_CONFINE_BUILD_H
#define RECLAVE_HOST_ACTION_CONFINE_BUILD_H

#include "abi/status.h"
#include "host/loader/message.h"

/*
 * This process and all that it starts (wasm2c, gcc, as, ld): may write in `folder` only and read
 * the system's programs and libraries, the SDK and the folder (Landlock); has no network and looks
 * at no other process (seccomp); has limits on processor time, memory, processes and file sizes.
 * ST_UNSUPPORTED: the kernel has no Landlock or seccomp, nothing is to be built.
 */
MUST_CHECK enum status confine_build(const char *folder, const char *sdk, struct message *why);

#endif
