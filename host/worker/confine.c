#include "host/worker/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SGX_IOC_TYPE_MASK 0xff00u
#define SGX_IOC_TYPE      0xa400u /* SGX_MAGIC of <asm/sgx.h> */

/* Anything else fails with EPERM: the C library sometimes asks (for the number of processors, say)
 * and goes on without an answer. */
static const int allowed[] = {
    /* memory; the emulator and the loader map code and change protections */
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(membarrier),
    /* the sockets, eventfd and signalfd that it holds */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(poll),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(close),
    /* threads, time and signals */
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(timer_settime),
    SCMP_SYS(timer_delete),
    SCMP_SYS(timer_create),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
};

/* What only an intruder would try. */
static const int deadly[] = {
    SCMP_SYS(execve),      SCMP_SYS(execveat), SCMP_SYS(fork),    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),      SCMP_SYS(bind),     SCMP_SYS(listen),  SCMP_SYS(init_module),
    SCMP_SYS(bpf),         SCMP_SYS(mount),    SCMP_SYS(unshare), SCMP_SYS(io_uring_setup),
    SCMP_SYS(userfaultfd), SCMP_SYS(setns),
};

static int add_rules(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    int failed = 0;

    for (size_t i = 0; i < count && !failed; i++)
        failed = seccomp_rule_add(filter, action, calls[i], 0);
    return failed;
}

/* Calls that are good with one value of one argument only. */
static int add_conditional_rules(scmp_filter_ctx filter, pid_t self)
{
    const struct {
        int call;
        struct scmp_arg_cmp condition;
    } rules[] = {
        {SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, SGX_IOC_TYPE_MASK, SGX_IOC_TYPE)},
        {SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)self)},
        /* the emulator's: while code of its enclave runs, and to copy what an ioctl points to */
        {SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_SYSCALL_USER_DISPATCH)},
        {SCMP_SYS(process_vm_readv), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)self)},
        {SCMP_SYS(process_vm_writev), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)self)},
    };
    int failed = 0;

    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules) && !failed; i++)
        failed =
            seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call, 1, &rules[i].condition);
    return failed;
}

static int add_keeper_rules(scmp_filter_ctx filter, bool reaches_keeper)
{
    const struct scmp_arg_cmp local = SCMP_A0(SCMP_CMP_EQ, AF_UNIX);

    if (!reaches_keeper) /* EPERM, as for the rest: a platform's quoting library may try */
        return 0;
    if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, &local) != 0)
        return -ENOMEM;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
}

static int load_filter(pid_t self, bool reaches_keeper)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int failed = filter ? 0 : -ENOMEM;

    failed = failed ? failed : seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    /* A binary search: the filter runs at every system call. */
    failed = failed ? failed : seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    failed = failed
                 ? failed
                 : add_rules(filter, SCMP_ACT_ALLOW, allowed, sizeof(allowed) / sizeof(*allowed));
    failed =
        failed ? failed
               : add_rules(filter, SCMP_ACT_KILL_PROCESS, deadly, sizeof(deadly) / sizeof(*deadly));
    failed = failed ? failed : add_keeper_rules(filter, reaches_keeper);
    failed = failed ? failed : add_conditional_rules(filter, self);
    failed = failed ? failed : seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return failed;
}

enum status confine_worker(bool reaches_keeper, struct message *why)
{
    static const struct rlimit none = {0, 0};
    int failed;

    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        message_set(why, "cannot give up privileges: %s", strerror(errno));
        return ST_IO;
    }
    failed = load_filter(getpid(), reaches_keeper);
    if (failed) {
        message_set(why, "cannot confine the worker (seccomp): %s", strerror(-failed));
        return ST_UNSUPPORTED;
    }
    return ST_OK;
}
