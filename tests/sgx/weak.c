#include "tests/sgx/weak.h"

#include "toolchain/image/measure.h"
#include "toolchain/image/sigstruct.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct sgx_cpu weak_cpu;

#define MEASURED_PAGES 64

/* What the test added, measured a second time by the toolchain's code. */
static struct measurement *measurement;

const struct sgx_driver *weak_driver(void)
{
    static const struct sgx_driver *driver;

    if (!driver)
        assert_int_equal(sgx_driver_select(SGX_EMULATOR, &weak_cpu, &driver), ST_OK);
    return driver;
}

/* ---- building ------------------------------------------------------------ */

int weak_add(struct weak *w, uint64_t offset, const void *from, size_t bytes, uint64_t secinfo,
             bool measure)
{
    struct sgx_secinfo info = {.flags = secinfo};
    struct sgx_enclave_add_pages call = {
        .src = (uint64_t)from,
        .offset = offset,
        .length = bytes,
        .secinfo = (uint64_t)&info,
        .flags = measure ? SGX_PAGE_MEASURE : 0,
    };
    int error = w->driver->ioctl(w->fd, SGX_IOC_ENCLAVE_ADD_PAGES, &call) == 0 ? 0 : errno;

    for (uint64_t done = 0; done < call.count; done += PAGE_BYTES) {
        assert_int_equal(measure_add_page(measurement, offset + done, secinfo), ST_OK);
        if (measure)
            assert_int_equal(
                measure_extend_page(measurement, offset + done, (const uint8_t *)from + done),
                ST_OK);
    }
    return error;
}

static void reserve(struct weak *w)
{
    uint64_t start;

    w->reservation_bytes = 2 * WEAK_ELRANGE;
    w->reservation = w->driver->mmap(NULL, w->reservation_bytes, PROT_NONE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(w->reservation != MAP_FAILED);
    start = (uint64_t)w->reservation;
    w->base = (start + WEAK_ELRANGE - 1) & ~(uint64_t)(WEAK_ELRANGE - 1);
}

static void add_tcs(struct weak *w, unsigned i)
{
    static struct sgx_tcs tcs __attribute__((aligned(4096)));
    static uint8_t zeros[2 * PAGE_BYTES] __attribute__((aligned(4096)));

    memset(&tcs, 0, sizeof(tcs));
    tcs.ossa = WEAK_SSA(i);
    tcs.nssa = 2;
    tcs.oentry = WEAK_CODE;
    tcs.ofsbase = WEAK_TLS(i);
    tcs.ogsbase = WEAK_TLS(i) + PAGE_BYTES;
    tcs.fslimit = tcs.gslimit = 0xffff;
    assert_int_equal(weak_add(w, WEAK_TCS(i), &tcs, sizeof(tcs), SECINFO_TCS, true), 0);
    assert_int_equal(
        weak_add(w, WEAK_SSA(i), zeros, sizeof(zeros), SECINFO_REG | SECINFO_R | SECINFO_W, true),
        0);
}

static void add_all(struct weak *w, const struct weak_options *o)
{
    static uint8_t zeros[WEAK_DATA_PAGES * PAGE_BYTES] __attribute__((aligned(4096)));
    unsigned tcs_count = o->tcs_count ? o->tcs_count : 2;

    assert_int_equal(weak_add(w, WEAK_CODE, weak_code, (size_t)(weak_code_end - weak_code),
                              SECINFO_REG | SECINFO_R | SECINFO_X, true),
                     0);
    assert_int_equal(weak_add(w, WEAK_DATA, zeros, sizeof(zeros),
                              SECINFO_REG | SECINFO_R | SECINFO_W, !o->unmeasured_data),
                     0);
    for (unsigned i = 0; i < tcs_count; i++)
        add_tcs(w, i);
}

int weak_init(struct weak *w, const struct weak_options *o)
{
    static struct signing_key *key; /* one per test program */
    struct sigstruct_claims claims = {
        .attributes = w->secs.attributes,
        .attributes_mask = ~(uint64_t)ATTR_INIT,
        .xfrm = w->secs.xfrm,
        .xfrm_mask = UINT64_MAX,
        .miscselect = w->secs.miscselect,
        .miscselect_mask = UINT32_MAX,
        .prod_id = 7,
        .svn = o->svn,
        .date = 0x20240101,
    };
    struct sgx_enclave_init call = {.sigstruct = (uint64_t)&w->sigstruct};

    if (!key)
        assert_int_equal(signing_key_generate(&key), ST_OK);
    assert_int_equal(measure_final(measurement, w->mrenclave), ST_OK);
    memcpy(claims.mrenclave, w->mrenclave, sizeof(claims.mrenclave));
    if (o->bad_hash)
        claims.mrenclave[0] ^= 1;
    assert_int_equal(sigstruct_sign(&claims, key, &w->sigstruct), ST_OK);
    return w->driver->ioctl(w->fd, SGX_IOC_ENCLAVE_INIT, &call) == 0 ? 0 : errno;
}

void weak_map(struct weak *w, uint64_t offset, size_t bytes, int prot)
{
    void *at = (void *)(w->base + offset);

    assert_true(w->driver->mmap(at, bytes, prot, MAP_SHARED | MAP_FIXED, w->fd, 0) == at);
}

static void map_all(struct weak *w, const struct weak_options *o)
{
    const int rw = PROT_READ | PROT_WRITE;
    unsigned tcs_count = o->tcs_count ? o->tcs_count : 2;

    weak_map(w, WEAK_CODE, (size_t)(weak_code_end - weak_code), PROT_READ | PROT_EXEC);
    weak_map(w, WEAK_DATA, WEAK_DATA_PAGES * PAGE_BYTES, rw);
    for (unsigned i = 0; i < tcs_count; i++)
        weak_map(w, WEAK_TCS(i), 3 * PAGE_BYTES, rw);
    weak_map(w, WEAK_HEAP, WEAK_HEAP_PAGES * PAGE_BYTES, rw | PROT_EXEC);
}

void weak_create(struct weak *w, const struct weak_options *options)
{
    static const struct weak_options usual;
    const struct weak_options *o = options ? options : &usual;
    struct sgx_enclave_create call = {.src = (uint64_t)&w->secs};

    memset(w, 0, sizeof(*w));
    w->driver = weak_driver();
    w->fd = w->driver->open();
    assert_true(w->fd >= 0);
    reserve(w);
    w->secs.size = WEAK_ELRANGE;
    w->secs.base = w->base;
    w->secs.ssa_frame_pages = 1;
    w->secs.attributes = ATTR_MODE64BIT | (o->debug ? ATTR_DEBUG : 0);
    w->secs.xfrm = o->xfrm ? o->xfrm : XFRM_LEGACY;
    w->secs.miscselect = o->no_exinfo ? 0 : MISC_EXINFO;
    assert_int_equal(w->driver->ioctl(w->fd, SGX_IOC_ENCLAVE_CREATE, &call), 0);
    measure_free(measurement);
    assert_int_equal(measure_create(1, WEAK_ELRANGE, &measurement), ST_OK);
    if (!o->no_init) {
        add_all(w, o);
        assert_int_equal(weak_init(w, o), 0);
    }
    if (!o->no_map && !o->no_init)
        map_all(w, o);
}

void weak_destroy(struct weak *w)
{
    assert_int_equal(w->driver->munmap(w->reservation, w->reservation_bytes), 0);
    assert_int_equal(w->driver->close(w->fd), 0);
}

/* ---- entering ------------------------------------------------------------ */

static int take_registers(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                          struct sgx_enclave_run *run)
{
    struct weak_exit *out = (struct weak_exit *)run->user_data;

    (void)r8;
    (void)r9;
    out->rdi = (uint64_t)rdi;
    out->rsi = (uint64_t)rsi;
    out->rdx = (uint64_t)rdx;
    out->rsp = (uint64_t)rsp;
    return 0;
}

struct weak_exit weak_call(struct weak *w, unsigned tcs, uint32_t function, uint64_t op, uint64_t a,
                           uint64_t b, uint64_t c)
{
    struct weak_exit out = {0};
    struct sgx_enclave_run run = {
        .tcs = w->base + WEAK_TCS(tcs),
        .user_handler = (uint64_t)take_registers,
        .user_data = (uint64_t)&out,
    };

    out.result = w->driver->enter(op, a, b, function, c, 0, &run);
    out.function = run.function;
    out.vector = run.exception_vector;
    out.error = run.exception_error_code;
    out.address = run.exception_addr;
    return out;
}

uint64_t weak_do(struct weak *w, unsigned tcs, uint64_t op, uint64_t a, uint64_t b)
{
    struct weak_exit out = weak_call(w, tcs, ENCLU_EENTER, op, a, b, 0);

    assert_int_equal(out.result, 0);
    if (out.function != ENCLU_EEXIT)
        print_message("# op %lu: vector %u error %#x address %#lx\n", op, out.vector, out.error,
                      out.address);
    assert_int_equal(out.function, ENCLU_EEXIT);
    return out.rdi;
}

void weak_must_fault(struct weak *w, unsigned tcs, uint64_t op, uint64_t a, uint64_t b,
                     uint16_t vector, uint16_t error)
{
    struct weak_exit out = weak_call(w, tcs, ENCLU_EENTER, op, a, b, 0);

    assert_int_equal(out.function, ENCLU_ERESUME);
    assert_int_equal(out.vector, vector);
    assert_int_equal(out.error, error);
}

struct weak_exit weak_enclu_exit(struct weak *w, uint64_t rax, uint64_t rbx, uint64_t rcx,
                                 uint64_t rdx)
{
    const uint64_t registers[4] = {rax, rbx, rcx, rdx};

    return weak_call(w, 0, ENCLU_EENTER, OP_ENCLU, (uint64_t)registers, 0, 0);
}

uint64_t weak_enclu(struct weak *w, uint64_t rax, uint64_t rbx, uint64_t rcx, uint64_t rdx,
                    uint64_t *flags)
{
    struct weak_exit out = weak_enclu_exit(w, rax, rbx, rcx, rdx);

    assert_int_equal(out.function, ENCLU_EEXIT);
    if (flags)
        *flags = out.rsi;
    return out.rdi;
}

uint64_t weak_secinfo(struct weak *w, uint64_t flags)
{
    const uint64_t offset = WEAK_DATA + (WEAK_DATA_PAGES - 1) * PAGE_BYTES;
    struct sgx_secinfo info = {.flags = flags};

    weak_poke(w, offset, &info, sizeof(info));
    return w->base + offset;
}

uint64_t weak_accept(struct weak *w, uint64_t offset, uint64_t flags)
{
    return weak_enclu(w, ENCLU_EACCEPT, weak_secinfo(w, flags), w->base + offset, 0, NULL);
}

/* ---- looking inside ------------------------------------------------------- */

void weak_peek(struct weak *w, uint64_t offset, void *to, size_t bytes)
{
    assert_int_equal(emu_peek(w->fd, offset, to, bytes), ST_OK);
}

void weak_poke(struct weak *w, uint64_t offset, const void *from, size_t bytes)
{
    assert_int_equal(emu_poke(w->fd, offset, from, bytes), ST_OK);
}

static uint64_t frame_end(unsigned tcs, unsigned index)
{
    return WEAK_SSA(tcs) + (index + 1ull) * PAGE_BYTES;
}

struct sgx_gprs weak_frame(struct weak *w, unsigned tcs, unsigned index)
{
    struct sgx_gprs gprs;

    weak_peek(w, frame_end(tcs, index) - GPRSGX_BYTES, &gprs, sizeof(gprs));
    return gprs;
}

struct sgx_exinfo weak_exinfo(struct weak *w, unsigned tcs, unsigned index)
{
    struct sgx_exinfo info;

    weak_peek(w, frame_end(tcs, index) - GPRSGX_BYTES - EXINFO_BYTES, &info, sizeof(info));
    return info;
}

struct emu_counters weak_counters(struct weak *w)
{
    struct emu_counters counters;

    assert_int_equal(emu_counters(w->fd, &counters), ST_OK);
    return counters;
}

/* ---- ioctls ---------------------------------------------------------------- */

static int finish(int result, uint64_t from_count, uint64_t from_result, uint64_t *count,
                  uint64_t *status)
{
    int error = result == 0 ? 0 : errno;

    if (count)
        *count = from_count;
    if (status)
        *status = from_result;
    return error;
}

int weak_restrict(struct weak *w, uint64_t offset, uint64_t bytes, uint64_t permissions,
                  uint64_t *count, uint64_t *result)
{
    struct sgx_enclave_restrict_permissions call = {offset, bytes, permissions, 0, 0};
    int got = w->driver->ioctl(w->fd, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &call);

    return finish(got, call.count, call.result, count, result);
}

int weak_modify(struct weak *w, uint64_t offset, uint64_t bytes, uint64_t type, uint64_t *count,
                uint64_t *result)
{
    struct sgx_enclave_modify_types call = {offset, bytes, type, 0, 0};
    int got = w->driver->ioctl(w->fd, SGX_IOC_ENCLAVE_MODIFY_TYPES, &call);

    return finish(got, call.count, call.result, count, result);
}

int weak_remove(struct weak *w, uint64_t offset, uint64_t bytes, uint64_t *count)
{
    struct sgx_enclave_remove_pages call = {offset, bytes, 0};
    int got = w->driver->ioctl(w->fd, SGX_IOC_ENCLAVE_REMOVE_PAGES, &call);

    return finish(got, call.count, 0, count, NULL);
}

/* ---- death ------------------------------------------------------------------ */

static void die_in_child(void (*body)(struct weak *), int errors)
{
    struct sigaction default_action = {.sa_handler = SIG_DFL};
    struct weak w;

    /* cmocka's own handlers would turn the death into a failed test. */
    sigaction(SIGABRT, &default_action, NULL);
    weak_create(&w, NULL);
    w.driver->sigaction(SIGSEGV, &default_action, NULL);
    w.driver->sigaction(SIGTRAP, &default_action, NULL);
    dup2(errors, STDERR_FILENO);
    body(&w);
    _exit(0);
}

void weak_must_die(void (*body)(struct weak *), int sig, const char *message)
{
    char text[512] = "";
    int errors[2], status;
    pid_t child;

    assert_int_equal(pipe(errors), 0);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        die_in_child(body, errors[1]);
    close(errors[1]);
    for (size_t got = 0; got < sizeof(text) - 1;) {
        ssize_t n = read(errors[0], text + got, sizeof(text) - 1 - got);

        if (n <= 0)
            break;
        got += (size_t)n;
    }
    close(errors[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), sig);
    assert_non_null(strstr(text, message));
}
