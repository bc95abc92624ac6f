/* What a host learns: everything on its socket and in its memory is searched for what it must not
 * know. In the clear the same search finds it, so the search works. */
#include "abi/bundle.h"
#include "client/invoke/invoke.h"
#include "tests/served/recorder.h"
#include "tests/served/world.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET  "7c1e5b-the caller's own secret-93fd"
#define CLEAR   "2b90aa-everybody may read this--41c7"
#define LOGGED  "log: 7c1e5b-the caller"
#define CODE_AT 6 /* samples of the function's code */

static struct world world;
static struct function function;

/* ---- the host's memory ---- */

struct memory {
    uint8_t *data;
    size_t count;
};

static bool is_enclave(const char *line)
{
    return strstr(line, "sgx_enclave") || strstr(line, "[v"); /* vvar, vdso: the kernel's */
}

static void add_range(struct memory *memory, int fd, uint64_t from, uint64_t to)
{
    size_t bytes = to - from;

    memory->data = realloc(memory->data, memory->count + bytes);
    assert_non_null(memory->data);
    if (pread(fd, memory->data + memory->count, bytes, (off_t)from) == (ssize_t)bytes)
        memory->count += bytes;
    else
        fail_msg("%llx..%llx cannot be read", (unsigned long long)from, (unsigned long long)to);
}

/* All that the worker's process has, but for the enclave's pages. */
static struct memory memory_of(pid_t pid)
{
    struct memory memory = {NULL, 0};
    char path[64], line[512];
    FILE *maps;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    maps = fopen(path, "re");
    assert_non_null(maps);
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    while (fgets(line, sizeof(line), maps)) {
        unsigned long long from, to;
        char readable;

        assert_int_equal(sscanf(line, "%llx-%llx %c", &from, &to, &readable), 3);
        if (readable == 'r' && !is_enclave(line))
            add_range(&memory, fd, from, to);
    }
    close(fd);
    fclose(maps);
    assert_true(memory.count > 1 << 20);
    return memory;
}

static bool holds(const struct memory *memory, const void *needle, size_t bytes)
{
    return memmem(memory->data, memory->count, needle, bytes) != NULL;
}

/* ---- what must stay unknown ---- */

/* 32 bytes of code that are not just padding. */
static const uint8_t *code_sample(unsigned number)
{
    struct bundle_header header;
    const uint8_t *code;

    memcpy(&header, function.file.data, sizeof(header));
    code = function.file.data + sizeof(header) + header.manifest_bytes;
    return code + header.code_bytes / 4 / CODE_AT * number + 64;
}

static void expect_secrets_unknown(const struct memory *memory)
{
    assert_false(holds(memory, SECRET, strlen(SECRET)));
    assert_false(holds(memory, SECRET + 8, 16)); /* nor a piece of it */
    assert_false(holds(memory, LOGGED, strlen(LOGGED)));
}

static void expect_code(const struct memory *memory, bool known)
{
    unsigned found = 0;

    for (unsigned i = 0; i < CODE_AT; i++)
        found += holds(memory, code_sample(i), 32);
    assert_int_equal(found, known ? CODE_AT : 0);
}

static int run_cli(const char *format, ...)
{
    char options[1024], command[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(options, sizeof(options), format, arguments);
    va_end(arguments);
    snprintf(command, sizeof(command), "%s invoke %s", process_program("bin/reclave"), options);
    return system(command);
}

static void write_to(const char *name, const void *data, size_t bytes)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", world.process.folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

/* `reclave invoke` through the recorder; the worker is new and learns the function from it. */
static struct recorder record(const char *file, const char *options, const char *input)
{
    const char *folder = world.process.folder;
    struct recorder recorder;

    write_to("input", input, strlen(input));
    write_to("policy", "{}", 2);
    write_to("root", world.root.data, world.root.count);
    recorder_start(&recorder, folder, world.process.socket);
    assert_int_equal(run_cli("%s/%s --worker %s --verify %s/policy --root %s/root --input %s/input "
                             "%s >%s/output 2>%s/log",
                             folder, file, recorder.socket, folder, folder, folder, options, folder,
                             folder),
                     0);
    recorder_stop(&recorder);
    return recorder;
}

static void expect_file(const char *name, const char *text)
{
    char path[128], data[256] = "";
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", world.process.folder, name);
    file = fopen(path, "re");
    assert_non_null(file);
    (void)!fread(data, 1, sizeof(data) - 1, file);
    fclose(file);
    assert_string_equal(data, text);
}

static uint8_t function_key[RECLAVE_FUNCTION_KEY_BYTES];

static void seal_function(void)
{
    char error[RECLAVE_ERROR_BYTES];
    void *sealed;
    size_t bytes;

    for (size_t i = 0; i < sizeof(function_key); i++)
        function_key[i] = (uint8_t)(0xa7 * i + 0x35);
    assert_true(reclave_bundle_seal(world.enclave, function.file.data, function.file.count,
                                    function.sha256, function_key, &sealed, &bytes, error));
    write_to("sealed.rcl", sealed, bytes);
    free(sealed);
}

static void a_recording_host_sees_ciphertext(void **state)
{
    struct recorder recorder;
    struct memory seen;

    (void)state;
    seal_function();
    recorder = record("sealed.rcl", "--encrypt", SECRET);
    expect_file("output", SECRET);
    expect_file("log", "log: " SECRET);
    seen = (struct memory){recorder.seen, recorder.count};
    assert_true(seen.count > function.file.count); /* the bundle was on the way */
    expect_secrets_unknown(&seen);
    expect_code(&seen, false);
    assert_false(holds(&seen, function_key, sizeof(function_key)));
    recorder_free(&recorder);
}

static void the_hosts_memory_holds_none_of_it(void **state)
{
    struct memory memory = memory_of(world.process.pid);

    (void)state;
    expect_secrets_unknown(&memory);
    expect_code(&memory, false);
    assert_false(holds(&memory, function_key, sizeof(function_key)));
    free(memory.data);
}

static void a_sessions_keys_are_unknown_to_the_host(void **state)
{
    char error[RECLAVE_ERROR_BYTES];
    struct reclave_session *session;
    struct client_reply reply;
    struct memory memory;
    const void *opening;
    size_t bytes;

    (void)state;
    assert_true(reclave_session_new(world.enclave, function.sha256, &session, error));
    opening = reclave_session_message(session, &bytes);
    assert_int_equal(ask(world.client, FRAME_SESSION_OPEN, NULL, opening, bytes, &reply), ST_OK);
    assert_true(reclave_session_open(session, reply.body, reply.body_bytes, error));
    memory = memory_of(world.process.pid);
    assert_false(holds(&memory, session->keys.request_key, AEAD_KEY_BYTES));
    assert_false(holds(&memory, session->keys.response_key, AEAD_KEY_BYTES));
    free(memory.data);
    client_reply_free(&reply);
    reclave_session_free(session);
}

/* The same searches find what was never hidden. */
static void in_the_clear_the_host_knows_all(void **state)
{
    struct recorder recorder;
    struct memory seen, memory;

    (void)state;
    write_to("plain.rcl", function.file.data, function.file.count);
    assert_int_equal(world_load(&world, 0, &function), ST_OK); /* what is recorded is the input */
    recorder = record("plain.rcl", "", CLEAR);
    expect_file("output", CLEAR);
    seen = (struct memory){recorder.seen, recorder.count};
    assert_true(holds(&seen, CLEAR, strlen(CLEAR)));
    recorder_free(&recorder);
    memory = memory_of(world.process.pid);
    assert_true(holds(&memory, CLEAR + 8, 16));
    free(memory.data);
    seen = (struct memory){function.file.data, function.file.count};
    expect_code(&seen, true);
}

static int set_up(void **state)
{
    static const char *const none[] = {NULL};

    (void)state;
    world_open(&world, NULL, none);
    function = function_build(&world, "log_echo", "--logs encrypted");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const left[] = {"input", "policy",     "root",     "output",
                                       "log",   "sealed.rcl", "plain.rcl"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", world.process.folder, left[i]);
        unlink(path);
    }
    function_free(&function);
    world_close(&world);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_host_sees_ciphertext),
        cmocka_unit_test(the_hosts_memory_holds_none_of_it),
        cmocka_unit_test(a_sessions_keys_are_unknown_to_the_host),
        cmocka_unit_test(in_the_clear_the_host_knows_all),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("a host that looks", tests, set_up, tear_down);
}
