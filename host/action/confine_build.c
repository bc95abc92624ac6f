#include "host/action/confine_build.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPU_SECONDS  60u
#define MEMORY_BYTES (UINT64_C(2) << 30) /* address space of each process */
#define FILE_BYTES   (UINT64_C(512) << 20)
#define FILES        256u

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUN  (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define WRITE                                                                                      \
    (READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                        \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG)
#define HANDLED                                                                                    \
    (RUN | WRITE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |                   \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* ---- files ---- */

static int allow(int ruleset, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access,
                                              .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    int failed;

    if (rule.parent_fd < 0)
        return errno == ENOENT ? 0 : -1; /* what is not there need not be allowed */
    failed = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return failed;
}

static int restrict_files(const char *folder, const char *sdk)
{
    static const char *const programs[] = {"/usr", "/bin", "/lib", "/lib64"};
    struct landlock_ruleset_attr handled = {.handled_access_fs = HANDLED};
    int ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled.handled_access_fs), 0);
    int failed = ruleset < 0;

    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs) && !failed; i++)
        failed = allow(ruleset, programs[i], RUN);
    failed =
        failed || allow(ruleset, "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE) ||
        allow(ruleset, "/etc/alternatives", READ) ||
        allow(ruleset, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE) ||
        allow(ruleset, sdk, READ) || allow(ruleset, folder, WRITE) ||
        syscall(SYS_landlock_restrict_self, ruleset, 0);
    if (ruleset >= 0)
        close(ruleset);
    return failed ? -1 : 0;
}

/* ---- everything else ---- */

static int restrict_calls(void)
{
    static const int refused[] = {SCMP_SYS(socket),
                                  SCMP_SYS(ptrace),
                                  SCMP_SYS(process_vm_readv),
                                  SCMP_SYS(process_vm_writev),
                                  SCMP_SYS(bpf),
                                  SCMP_SYS(io_uring_setup),
                                  SCMP_SYS(userfaultfd),
                                  SCMP_SYS(perf_event_open),
                                  SCMP_SYS(keyctl),
                                  SCMP_SYS(add_key),
                                  SCMP_SYS(request_key),
                                  SCMP_SYS(mount),
                                  SCMP_SYS(unshare),
                                  SCMP_SYS(setns),
                                  SCMP_SYS(init_module),
                                  SCMP_SYS(finit_module),
                                  SCMP_SYS(kexec_load),
                                  SCMP_SYS(reboot),
                                  SCMP_SYS(setsid)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int failed = filter ? 0 : -ENOMEM;

    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused) && !failed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    failed = failed ? failed : seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return failed;
}

static int limit(int what, uint64_t most)
{
    struct rlimit both = {most, most};

    return setrlimit(what, &both);
}

enum status confine_build(const char *folder, const char *sdk, struct message *why)
{
    if (limit(RLIMIT_CPU, CPU_SECONDS) || limit(RLIMIT_AS, MEMORY_BYTES) ||
        limit(RLIMIT_FSIZE, FILE_BYTES) || limit(RLIMIT_NOFILE, FILES) || limit(RLIMIT_CORE, 0) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        message_set(why, "cannot limit the build: %s", strerror(errno));
        return ST_IO;
    }
    if (restrict_files(folder, sdk) != 0) {
        message_set(why, "cannot confine the build to %s (Landlock): %s", folder, strerror(errno));
        return ST_UNSUPPORTED;
    }
    if (restrict_calls() != 0) {
        message_set(why, "cannot confine the build (seccomp)");
        return ST_UNSUPPORTED;
    }
    return ST_OK;
}
