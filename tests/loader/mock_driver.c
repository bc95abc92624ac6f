#include "tests/loader/mock_driver.h"

#include "abi/sgx_arch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cmocka.h>

#define MOCK_FD 1000

struct mock mock;

static void (*kick_handler)(int, siginfo_t *, void *);

void mock_reset(void)
{
    memset(&mock, 0, sizeof(mock));
    mock.cpuid_eax = 3;
    mock.cpuid_edx = 36u << 8;
}

void mock_play(const struct mock_step *script, size_t length)
{
    mock.script = script;
    mock.script_length = length;
    mock.at = 0;
}

bool mock_done(void)
{
    return mock.at == mock.script_length;
}

static bool fails(void)
{
    if (++mock.calls != mock.fail_at)
        return false;
    errno = mock.fail_errno;
    return true;
}

/* ---- kernel ---- */

static int mock_open(void)
{
    if (fails())
        return -1;
    mock.descriptors++;
    return MOCK_FD;
}

static int mock_close(int fd)
{
    assert_int_equal(fd, MOCK_FD);
    mock.descriptors--;
    return 0;
}

static int add_pages(struct sgx_enclave_add_pages *call)
{
    uint64_t bytes = call->length;

    assert_int_equal(call->src % 4096, 0);
    assert_int_equal(call->count, 0);
    assert_int_equal(call->flags, SGX_PAGE_MEASURE);
    if (mock.add_limit && bytes > mock.add_limit)
        bytes = mock.add_limit;
    call->count = bytes;
    mock.pages_added += bytes / 4096;
    if (bytes == call->length)
        return 0;
    errno = EINTR;
    return -1;
}

/* Is this the ioctl that misbehaves? Then *result and *count are its answer. */
static bool odd(uint64_t length, uint64_t *count, int *result)
{
    static const int errors[MOCK_ODD_COUNT] = {
        [MOCK_ODD_EINTR] = EINTR, [MOCK_ODD_EAGAIN] = EAGAIN, [MOCK_ODD_EBUSY] = EBUSY};

    if (mock.odd == MOCK_ODD_NONE || ++mock.page_ioctls != mock.odd_at)
        return false;
    *count = mock.odd == MOCK_ODD_TOO_MUCH ? length + 4096 : 0;
    errno = errors[mock.odd];
    *result = errno ? -1 : 0;
    return true;
}

static int early(void)
{
    errno = mock.early_errno ? mock.early_errno : EAGAIN;
    return -1;
}

static int restrict_pages(struct sgx_enclave_restrict_permissions *call)
{
    uint64_t bytes = call->length;
    int result;

    if (odd(call->length, (uint64_t *)&call->count, &result))
        return result;
    if (mock.restrict_limit && bytes > mock.restrict_limit)
        bytes = mock.restrict_limit;
    if (mock.restrict_calls++ == 0)
        mock.restricted_offset = call->offset;
    assert_int_equal(call->offset, mock.restricted_offset + mock.restricted_bytes);
    mock.restricted_bytes += bytes;
    mock.restricted_permissions = call->permissions;
    call->count = bytes;
    return bytes == call->length ? 0 : early();
}

/* *to: how far the range was taken before. */
static int take_trimmed(uint64_t offset, uint64_t bytes, uint64_t *to, uint64_t *count)
{
    uint64_t taken = mock.trim_limit && bytes > mock.trim_limit ? mock.trim_limit : bytes;
    int result;

    if (odd(bytes, count, &result))
        return result;
    mock.trim_calls++;
    assert_int_equal(offset, *to);
    assert_int_equal(offset + bytes, mock.trim_end);
    *to += taken;
    *count = taken;
    return taken == bytes ? 0 : early();
}

static int modify_types(struct sgx_enclave_modify_types *call)
{
    assert_int_equal(call->page_type, PT_TRIM);
    return take_trimmed(call->offset, call->length, &mock.typed_to, (uint64_t *)&call->count);
}

static int remove_pages(struct sgx_enclave_remove_pages *call)
{
    assert_int_equal(mock.typed_to, mock.trim_end); /* and accepted: the script */
    return take_trimmed(call->offset, call->length, &mock.removed_to, (uint64_t *)&call->count);
}

static int mock_ioctl(int fd, unsigned long request, void *argument)
{
    assert_int_equal(fd, MOCK_FD);
    if (fails())
        return -1;
    switch (request) {
    case SGX_IOC_ENCLAVE_CREATE:
        return 0;
    case SGX_IOC_ENCLAVE_ADD_PAGES:
        return add_pages(argument);
    case SGX_IOC_ENCLAVE_INIT:
        mock.inits++;
        return 0;
    case SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS:
        return restrict_pages(argument);
    case SGX_IOC_ENCLAVE_MODIFY_TYPES:
        return modify_types(argument);
    case SGX_IOC_ENCLAVE_REMOVE_PAGES:
        return remove_pages(argument);
    default:
        fail_msg("unexpected ioctl %lx", request);
        return -1;
    }
}

static void *mock_mmap(void *address, size_t length, int protection, int flags, int fd,
                       off_t offset)
{
    if (fails())
        return MAP_FAILED;
    if (fd < 0) {
        void *at = mmap(address, length, protection, flags, fd, offset);

        if (at != MAP_FAILED)
            mock.reserved_bytes += length;
        return at;
    }
    assert_true(mock.map_count < sizeof(mock.maps) / sizeof(mock.maps[0]));
    assert_true(flags & MAP_SHARED && flags & MAP_FIXED);
    mock.maps[mock.map_count++] = (struct mock_map){(uint64_t)offset, length, protection};
    return address;
}

static int mock_mprotect(void *address, size_t length, int protection)
{
    return mprotect(address, length, protection);
}

static int mock_munmap(void *address, size_t length)
{
    mock.reserved_bytes -= length;
    return munmap(address, length);
}

/* The timer's own: such a signal finds this thread outside any enclave. */
static void on_signal(int signal_number, siginfo_t *info, void *context)
{
    mock.signals++;
    kick_handler(signal_number, info, context);
}

static int mock_sigaction(int signal_number, const struct sigaction *action, struct sigaction *old)
{
    struct sigaction counted = *action;

    if (fails())
        return -1;
    kick_handler = action->sa_sigaction;
    counted.sa_sigaction = on_signal;
    return sigaction(signal_number, &counted, old);
}

static void mock_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    memset(out, 0, 4 * sizeof(out[0]));
    if (leaf != 0x12 || subleaf != 0)
        return;
    out[0] = mock.cpuid_eax;
    out[3] = mock.cpuid_edx;
}

/* ---- processor and enclave ---- */

/* What Linux shows a handler after an AEX. True: the handler broke out. */
static bool tick(const struct sgx_enclave_run *run, bool at_aep)
{
    static const uint8_t aep[3] = {0x0f, 0x01, 0xd7};
    static const uint8_t elsewhere[3] = {0x90, 0x90, 0x90};
    ucontext_t context = {0};
    greg_t *regs = context.uc_mcontext.gregs;

    regs[REG_RIP] = (greg_t)(uintptr_t)(at_aep ? aep : elsewhere);
    regs[REG_RAX] = ENCLU_ERESUME;
    regs[REG_RBX] = (greg_t)run->tcs;
    kick_handler(0, NULL, &context);
    if (regs[REG_RBX])
        return false;
    mock.breakouts++;
    return true;
}

static int leave(struct sgx_enclave_run *run, unsigned function, uint64_t rdi)
{
    sgx_enclave_user_handler_t handler = (sgx_enclave_user_handler_t)(uintptr_t)run->user_handler;

    run->function = function;
    return handler((long)rdi, 0, 0, 0, 0, 0, run);
}

static int fault(struct sgx_enclave_run *run, unsigned function, unsigned vector, uint64_t address)
{
    run->exception_vector = (uint16_t)vector;
    run->exception_error_code = 6;
    run->exception_addr = address;
    return leave(run, function, 0);
}

static int end(const struct mock_step *step, struct sgx_enclave_run *run)
{
    switch (step->end) {
    case MOCK_FAULT:
        return fault(run, ENCLU_ERESUME, VECTOR_PF, step->value);
    case MOCK_REFUSE:
        return fault(run, ENCLU_EENTER, VECTOR_GP, 0);
    case MOCK_TICK:
        if (tick(run, true))
            return fault(run, ENCLU_ERESUME, VECTOR_GP, 0);
        return leave(run, ENCLU_EEXIT, step->value);
    case MOCK_TICK_ELSEWHERE:
        if (tick(run, false))
            return fault(run, ENCLU_ERESUME, VECTOR_GP, 0);
        return leave(run, ENCLU_EEXIT, step->value);
    case MOCK_RUN:
        while (!tick(run, true))
            ;
        return fault(run, ENCLU_ERESUME, VECTOR_GP, 0);
    case MOCK_RUN_TIMED:
        for (sig_atomic_t seen = mock.signals;; seen = mock.signals) {
            while (mock.signals == seen)
                ;
            if (tick(run, true))
                return fault(run, ENCLU_ERESUME, VECTOR_GP, 0);
        }
    default:
        return leave(run, ENCLU_EEXIT, step->value);
    }
}

__attribute__((used)) int mock_enter_scripted(unsigned long rdi, unsigned long rsi,
                                              unsigned long rdx, unsigned leaf, unsigned long r8,
                                              unsigned long r9, struct sgx_enclave_run *run);

int mock_enter_scripted(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned leaf,
                        unsigned long r8, unsigned long r9, struct sgx_enclave_run *run)
{
    const struct mock_step *step = &mock.script[mock.at];

    (void)rdx;
    if (mock.at >= mock.script_length)
        fail_msg("entry %zu is not in the script: leaf %u, call 0x%lx", mock.at, leaf, rdi);
    mock.at++;
    assert_int_equal(leaf, step->leaf);
    assert_int_equal(r8 | r9, 0);
    if (leaf == ENCLU_EENTER) {
        assert_int_equal(rdi, step->rdi);
        if (mock.on_enter)
            mock.on_enter(rdi, rsi);
    }
    return end(step, run);
}

/* As the vDSO, which gives its caller the enclave's values of R12 to R15. */
int mock_enter(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned leaf,
               unsigned long r8, unsigned long r9, struct sgx_enclave_run *run);
__asm__(".text\n"
        "mock_enter:\n\t"
        "endbr64\n\t"
        "xor %r12d, %r12d\n\t"
        "xor %r13d, %r13d\n\t"
        "xor %r14d, %r14d\n\t"
        "xor %r15d, %r15d\n\t"
        "jmp mock_enter_scripted");

const struct sgx_driver mock_driver = {
    .name = "mock",
    .open = mock_open,
    .close = mock_close,
    .ioctl = mock_ioctl,
    .mmap = mock_mmap,
    .mprotect = mock_mprotect,
    .munmap = mock_munmap,
    .enter = mock_enter,
    .sigaction = mock_sigaction,
    .cpuid = mock_cpuid,
};
