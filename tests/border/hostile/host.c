#include "tests/border/hostile/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CANARY       0xa5
#define CANARY_BYTES 64u
#define STACK_BYTES  65536u

int enter_steady(vdso_sgx_enter_enclave_t enter, unsigned long rdi, unsigned long rsi,
                 unsigned long rdx, unsigned leaf, struct sgx_enclave_run *run, void *stack_top);

void select_tests(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
}

/* ---- enclaves ---------------------------------------------------------- */

static void path_in_build(char *path, size_t room, const char *rest)
{
    const char *build = getenv("BUILD");

    snprintf(path, room, "%s/%s", build ? build : "build", rest);
}

static bool named_eager(void)
{
    const char *end = strrchr(program_invocation_short_name, '-');

    return end && strcmp(end, "-eager") == 0;
}

static void open_image(struct image *image)
{
    const char *chosen = getenv("RECLAVE_HOSTILE_IMAGE");
    struct message why = {""};
    char path[512];

    path_in_build(path, sizeof(path),
                  named_eager() ? "tests/hostile/eager.rci"
                                : "lib/reclave/images/reclave-lazy.rci");
    if (image_open(chosen ? chosen : path, image, &why) != ST_OK)
        fail_msg("%s", why.text);
}

/* A buffer of BUFFER_ROOM between canaries; free(buffer - CANARY_BYTES). */
static uint8_t *guarded_buffer(void)
{
    uint8_t *memory = aligned_alloc(CANARY_BYTES, BUFFER_ROOM + 2 * CANARY_BYTES);

    assert_non_null(memory);
    memset(memory, CANARY, BUFFER_ROOM + 2 * CANARY_BYTES);
    return memory + CANARY_BYTES;
}

static void free_guarded(uint8_t *buffer)
{
    free(buffer - CANARY_BYTES);
}

void host_take_bundle(struct host *host, const char *name)
{
    char rest[128];
    char path[512];
    struct stat info;
    int fd;

    snprintf(rest, sizeof(rest), "tests/hostile/%s.rcl", name);
    path_in_build(path, sizeof(path), rest);
    free(host->bundle);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    host->bundle_bytes = (uint64_t)info.st_size;
    host->bundle = loader_buffer_alloc(host->bundle_bytes);
    assert_non_null(host->bundle);
    assert_int_equal(read(fd, host->bundle, host->bundle_bytes), host->bundle_bytes);
    close(fd);
}

struct host *host_open(void)
{
    static const struct sgx_driver *driver;
    struct host *host = calloc(1, sizeof(*host));
    struct sgx_cpu cpu = {0};
    struct message why = {""};

    assert_non_null(host);
    open_image(&host->image);
    cpu.sgx1_only = !(host->image.header->flags & IMAGE_LAZY);
    if (!driver)
        assert_int_equal(sgx_driver_select(SGX_EMULATOR, &cpu, &driver), ST_OK);
    if (enclave_create(&host->image, &(struct enclave_options){.driver = driver}, &host->enclave,
                       &why) != ST_OK)
        fail_msg("%s", why.text);
    assert_int_equal(enclave_slot_count(host->enclave), HOST_SLOTS);
    host->fd = enclave_fd(host->enclave);
    for (unsigned i = 0; i < HOST_SLOTS; i++) {
        host->target[i] = (struct target){
            .slot = enclave_slot(host->enclave, i),
            .number = i,
            .fd = host->fd,
            .base = enclave_base(host->enclave),
            .input = guarded_buffer(),
            .output = guarded_buffer(),
            .log = guarded_buffer(),
            .stack = aligned_alloc(CANARY_BYTES, STACK_BYTES),
        };
        assert_non_null(host->target[i].stack);
    }
    host_take_bundle(host, "witness");
    return host;
}

struct host *host_open_initialised(void)
{
    struct host *host = host_open();
    struct entry_init init = {
        .flags = host->enclave->rdtsc ? INIT_RDTSC : 0, .cpu_level = 2, .role = ROLE_WORKER};

    assert_int_equal(call(&host->target[0], ENTRY_INIT, &init, sizeof(init)), ST_OK);
    return host;
}

void host_close(struct host *host)
{
    for (unsigned i = 0; i < HOST_SLOTS; i++) {
        free_guarded(host->target[i].input);
        free_guarded(host->target[i].output);
        free_guarded(host->target[i].log);
        free(host->target[i].stack);
    }
    free(host->bundle);
    enclave_destroy(host->enclave);
    image_close(&host->image);
    free(host);
}

/* ---- one step at a time ------------------------------------------------- */

struct exit_registers {
    uint64_t rdi, others; /* others: everything that must be zero, or-ed */
};

static int on_exit_of_enclave(long rdi, long rsi, long rdx, long rsp, long r8, long r9,
                              struct sgx_enclave_run *run)
{
    struct exit_registers *out = (struct exit_registers *)(uintptr_t)run->user_data;

    (void)rsp;
    out->rdi = (uint64_t)rdi;
    out->others = (uint64_t)(rsi | rdx | r8 | r9);
    return 0;
}

unsigned enter(struct target *t, unsigned leaf, uint64_t rdi, uint64_t rsi, uint64_t rdx,
               enum status *status)
{
    struct exit_registers registers = {0};

    t->run = (struct sgx_enclave_run){
        .tcs = t->slot->tcs,
        .user_handler = (uintptr_t)on_exit_of_enclave,
        .user_data = (uintptr_t)&registers,
    };
    *status = ST_SGX_ENTER;
    if (enter_steady(t->slot->enclave->driver->enter, rdi, rsi, rdx, leaf, &t->run,
                     t->stack + STACK_BYTES) != 0)
        abort(); /* a bug of this file */
    if (t->run.function == ENCLU_EEXIT)
        *status = registers.others ? ST_CORRUPT : (enum status)registers.rdi;
    return t->run.function;
}

/* ST_CORRUPT is no answer of L0's to a call of these tests but the one of enter() above. */
static enum status must_exit(struct target *t, unsigned leaf, uint64_t rdi, uint64_t rsi,
                             uint64_t rdx)
{
    enum status status;
    unsigned end = enter(t, leaf, rdi, rsi, rdx, &status);

    if (end != ENCLU_EEXIT)
        fail_msg("call %#llx: leaf %u ended with exception %u, code %#x, enclave+%#llx",
                 (unsigned long long)rdi, end, t->run.exception_vector, t->run.exception_error_code,
                 (unsigned long long)(t->run.exception_addr - t->base));
    return status;
}

enum status call(struct target *t, uint64_t number, void *argument, uint64_t bytes)
{
    return must_exit(t, ENCLU_EENTER, number, (uintptr_t)argument, bytes);
}

enum status resume(struct target *t)
{
    return must_exit(t, ENCLU_ERESUME, 0, 0, 0);
}

void call_interrupted(struct target *t, uint64_t number, void *argument, uint64_t bytes)
{
    enum status status;
    unsigned end = enter(t, ENCLU_EENTER, number, (uintptr_t)argument, bytes, &status);

    if (end != ENCLU_ERESUME)
        fail_msg("call %#llx was not interrupted: leaf %u, status %d", (unsigned long long)number,
                 end, (int)status);
}

void enter_refused(struct target *t)
{
    enum status status;

    assert_int_equal(enter(t, ENCLU_EENTER, ENTRY_NULL, 0, 0, &status), ENCLU_EENTER);
    assert_int_equal(t->run.exception_vector, VECTOR_GP);
}

void resume_refused(struct target *t)
{
    enum status status;

    assert_int_equal(enter(t, ENCLU_ERESUME, 0, 0, 0, &status), ENCLU_ERESUME);
    assert_int_equal(t->run.exception_vector, VECTOR_GP);
}

struct entry_stats stats_of(struct target *t)
{
    struct entry_stats stats = {0};

    assert_int_equal(call(t, ENTRY_STATS, &stats, sizeof(stats)), ST_OK);
    return stats;
}

enum slot_state state_of(struct target *t)
{
    return (enum slot_state)stats_of(t).state;
}

/* ---- proper calls --------------------------------------------------------- */

enum status boot(struct target *t)
{
    return call(t, ENTRY_BOOT, NULL, 0);
}

enum status load_bundle(struct host *host, struct target *t)
{
    t->loaded = (struct entry_load){
        .bundle = (uintptr_t)host->bundle,
        .bundle_bytes = host->bundle_bytes,
    };
    return call(t, ENTRY_LOAD, &t->loaded, sizeof(t->loaded));
}

void restrict_pages(struct target *t, uint64_t offset, uint64_t bytes, uint64_t permissions)
{
    struct sgx_enclave_restrict_permissions request = {
        .offset = offset,
        .length = bytes,
        .permissions = permissions,
    };

    assert_int_equal(
        t->slot->enclave->driver->ioctl(t->fd, SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &request), 0);
}

void restrict_code(struct target *t)
{
    if (t->loaded.restrict_bytes) /* SGX1 cannot */
        restrict_pages(t, t->loaded.restrict_offset, t->loaded.restrict_bytes,
                       SECINFO_R | SECINFO_X);
}

enum status finish_load(struct target *t)
{
    memset(t->log, CANARY, BUFFER_ROOM);
    t->invocation = (struct entry_invocation){
        .log = (uintptr_t)t->log,
        .log_limit = BUFFER_ROOM,
    };
    return call(t, ENTRY_FINISH_LOAD, &t->invocation, sizeof(t->invocation));
}

void make_ready(struct host *host, struct target *t)
{
    assert_int_equal(load_bundle(host, t), ST_OK);
    restrict_code(t);
    assert_int_equal(finish_load(t), ST_OK);
}

struct entry_invocation *invocation_of(struct target *t, const char *input)
{
    size_t bytes = strlen(input);

    memset(t->input, 0, BUFFER_ROOM);
    memcpy(t->input, input, bytes);
    memset(t->output, CANARY, BUFFER_ROOM);
    memset(t->log, CANARY, BUFFER_ROOM);
    t->invocation = (struct entry_invocation){
        .input = (uintptr_t)t->input,
        .input_bytes = bytes,
        .output = (uintptr_t)t->output,
        .output_limit = BUFFER_ROOM,
        .log = (uintptr_t)t->log,
        .log_limit = BUFFER_ROOM,
    };
    return &t->invocation;
}

enum status invoke(struct target *t, const char *input)
{
    return call(t, ENTRY_INVOKE, invocation_of(t, input), sizeof(t->invocation));
}

enum status rewind_slot(struct target *t)
{
    struct entry_rewind argument = {0};

    return call(t, ENTRY_REWIND, &argument, sizeof(argument));
}

enum status reset_slot(struct target *t)
{
    struct entry_rewind argument = {0};

    return call(t, ENTRY_RESET, &argument, sizeof(argument));
}

void bring_to(struct host *host, struct target *t, enum slot_state state)
{
    if (state >= SLOT_BOOTED)
        assert_int_equal(boot(t), ST_OK);
    if (state == SLOT_LOADING)
        assert_int_equal(load_bundle(host, t), ST_OK);
    if (state >= SLOT_READY)
        make_ready(host, t);
    if (state == SLOT_DIRTY)
        assert_int_equal(invoke(t, "e: first"), ST_OK);
    assert_int_equal(state_of(t), state);
}

/* ---- what must hold ----------------------------------------------------------- */

/* The guest's own arithmetic: witness.c. */
static uint64_t witness_checksum(void)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < 8192; i++)
        sum = (sum << 7 | sum >> 57) ^ ((i + 1) * 0x9e3779b97f4a7c15u);
    return sum;
}

static int expected_answer(char *text, size_t room, const char *input)
{
    return snprintf(text, room, "count 1\ntable %llu\n%s", (unsigned long long)witness_checksum(),
                    input);
}

bool is_answer(const struct target *t, const char *input)
{
    char expected[256];
    int bytes = expected_answer(expected, sizeof(expected), input);

    return t->invocation.outcome == OUTCOME_OK && t->invocation.output_bytes == (uint64_t)bytes &&
           memcmp(t->output, expected, (size_t)bytes) == 0;
}

void assert_answered(const struct target *t, const char *input)
{
    char expected[256];
    int bytes = expected_answer(expected, sizeof(expected), input);

    assert_int_equal(t->invocation.outcome, OUTCOME_OK);
    assert_int_equal(t->invocation.output_bytes, bytes);
    assert_memory_equal(t->output, expected, (size_t)bytes);
    assert_canaries(t);
}

void assert_invokes(struct target *t)
{
    assert_int_equal(invoke(t, "e: proper"), ST_OK);
    assert_answered(t, "e: proper");
    assert_int_equal(state_of(t), SLOT_DIRTY);
    assert_int_equal(rewind_slot(t), ST_OK);
    assert_int_equal(state_of(t), SLOT_READY);
}

void assert_serves(struct host *host, struct target *t)
{
    enum slot_state state = state_of(t);

    if (state == SLOT_DIRTY && rewind_slot(t) == ST_OK)
        state = SLOT_READY;
    if (state == SLOT_EMPTY)
        assert_int_equal(boot(t), ST_OK);
    else if (state != SLOT_BOOTED && state != SLOT_READY)
        assert_int_equal(reset_slot(t), ST_OK);
    if (state != SLOT_READY)
        make_ready(host, t);
    assert_int_equal(state_of(t), SLOT_READY);
    assert_invokes(t);
    assert_invokes(t);
}

static bool all_canary(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != CANARY)
            return false;
    return true;
}

void assert_no_output(const struct target *t)
{
    assert_true(all_canary(t->output, BUFFER_ROOM));
    assert_canaries(t);
}

void assert_canaries(const struct target *t)
{
    const uint8_t *const buffers[] = {t->input, t->output, t->log};

    for (unsigned i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++) {
        assert_true(all_canary(buffers[i] - CANARY_BYTES, CANARY_BYTES));
        assert_true(all_canary(buffers[i] + BUFFER_ROOM, CANARY_BYTES));
    }
}

/* ---- where the enclave is -------------------------------------------------------- */

#define OFFSET(name, offset, bytes) offset,
static const uint64_t region_offsets[REGION_COUNT] = {REGION_LIST(OFFSET)};
#undef OFFSET

uint64_t region_page(const struct target *t, unsigned region, uint64_t page)
{
    return MONITOR_ZONE_BYTES + t->number * SLOT_STRIDE + region_offsets[region] +
           page * PAGE_BYTES;
}

uint64_t page_flags(const struct target *t, uint64_t offset)
{
    struct emu_page page;

    if (emu_next_page(t->fd, offset, &page) != ST_OK || page.offset != offset)
        return 0;
    return page.flags;
}

void peek_page(const struct target *t, uint64_t offset, uint8_t page[PAGE_BYTES])
{
    assert_int_equal(emu_peek(t->fd, offset, page, PAGE_BYTES), ST_OK);
}
