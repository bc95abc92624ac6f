/* What a host learns: everything on its socket and in its memory is searched for what it must not
 * know. In the clear the same search finds it, so the search works. */
#include "abi/bundle.h"
#include "abi/sealed.h"
#include "client/invoke/invoke.h"
#include "tests/served/recorder.h"
#include "tests/served/world.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET  "7c1e5b-the caller's own secret-93fd"
#define CLEAR   "2b90aa-everybody may read this--41c7"
#define CODE_AT 6 /* samples of the function's code */
#define PIECE   16

static struct world world;
static struct function function, loaded;

/* What the function makes of an input: tests/guests/told_apart.c. */
struct texts {
    char input[64], output[64], log[64];
};

static struct texts texts_of(const char *input)
{
    size_t bytes = strlen(input);
    struct texts texts = {0};

    memcpy(texts.input, input, bytes);
    strcpy(texts.log, "log: ");
    for (size_t i = 0; i < bytes; i++) {
        texts.output[i] = input[bytes - 1 - i];
        texts.log[5 + i] = (char)(input[i] ^ 1);
    }
    return texts;
}

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

/* The same search for what must be there and for what must not: any piece of it counts. */
static void expect_text(const struct memory *memory, const char *what, const char *text, bool known)
{
    bool found = false;

    for (size_t at = 0; at + PIECE <= strlen(text); at++)
        found |= holds(memory, text + at, PIECE);
    if (found != known)
        fail_msg("the %s is %sknown", what, found ? "" : "not ");
}

static void expect_texts(const struct memory *memory, const char *input, bool known)
{
    struct texts texts = texts_of(input);

    expect_text(memory, "input", texts.input, known);
    expect_text(memory, "output", texts.output, known);
    expect_text(memory, "log", texts.log, known);
}

static void expect_code(const struct memory *memory, bool known)
{
    unsigned found = 0;

    for (unsigned i = 0; i < CODE_AT; i++)
        found += holds(memory, code_sample(i), 32);
    if ((found != 0) != known)
        fail_msg("%u pieces of code are known", found);
}

static void expect_key_unknown(const struct memory *memory, const char *what, const uint8_t *key,
                               size_t bytes)
{
    for (size_t at = 0; at + 8 <= bytes; at++)
        if (holds(memory, key + at, 8))
            fail_msg("8 bytes of the %s are known", what);
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

static const char *contents_of(const char *name)
{
    static char data[512];
    char path[128];
    FILE *file;

    memset(data, 0, sizeof(data));
    snprintf(path, sizeof(path), "%s/%s", world.process.folder, name);
    file = fopen(path, "re");
    assert_non_null(file);
    (void)!fread(data, 1, sizeof(data) - 1, file);
    fclose(file);
    return data;
}

static void expect_file(const char *name, const char *text)
{
    assert_string_equal(contents_of(name), text);
}

/* What the caller is told of the end. */
static void expect_said(const char *text)
{
    if (!strstr(contents_of("log"), text))
        fail_msg("\"%s\" is not in \"%s\"", text, contents_of("log"));
}

static uint8_t function_key[RECLAVE_FUNCTION_KEY_BYTES];
static struct wrapped_key wrapped;

static void seal_function(void)
{
    char error[RECLAVE_ERROR_BYTES];
    void *sealed;
    size_t bytes;

    for (size_t i = 0; i < sizeof(function_key); i++)
        function_key[i] = (uint8_t)(0xa7 * i + 0x35);
    assert_true(reclave_bundle_seal(world.enclave, function.file.data, function.file.count,
                                    function.sha256, function_key, &sealed, &bytes, error));
    memcpy(&wrapped, (uint8_t *)sealed + sizeof(struct sealed_header), sizeof(wrapped));
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
    expect_file("output", texts_of(SECRET).output);
    expect_file("log", texts_of(SECRET).log);
    seen = (struct memory){recorder.seen, recorder.count};
    assert_true(seen.count > function.file.count); /* the bundle was on the way */
    expect_texts(&seen, SECRET, false);
    expect_code(&seen, false);
    assert_true(holds(&seen, &wrapped, sizeof(wrapped))); /* the key was on the way, wrapped */
    expect_key_unknown(&seen, "function key", function_key, sizeof(function_key));
    recorder_free(&recorder);
}

static void the_hosts_memory_holds_none_of_it(void **state)
{
    struct memory memory = memory_of(world.process.pid);

    (void)state;
    expect_texts(&memory, SECRET, false);
    expect_code(&memory, false);
    assert_true(holds(&memory, &wrapped.enc, sizeof(wrapped.enc))); /* what it was sent is kept */
    expect_key_unknown(&memory, "function key", function_key, sizeof(function_key));
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
    /* what it was sent is there: the encapsulated key, before the tag */
    assert_true(holds(&memory, (const uint8_t *)opening + bytes - AEAD_TAG_BYTES - HPKE_ENC_BYTES,
                      HPKE_ENC_BYTES));
    expect_key_unknown(&memory, "request key", session->keys.request_key, AEAD_KEY_BYTES);
    expect_key_unknown(&memory, "response key", session->keys.response_key, AEAD_KEY_BYTES);
    free(memory.data);
    client_reply_free(&reply);
    reclave_session_free(session);
}

/* The same searches find what was never hidden, each of them, in traffic and in memory. */
static void in_the_clear_the_host_knows_all(void **state)
{
    struct recorder recorder;
    struct client_reply reply;
    struct memory seen, memory;

    (void)state;
    write_to("plain.rcl", function.file.data, function.file.count);
    assert_int_equal(ask(world.client, FRAME_RESET, NULL, NULL, 0, &reply), ST_OK);
    client_reply_free(&reply);
    recorder = record("plain.rcl", "", CLEAR);
    expect_file("output", texts_of(CLEAR).output);
    seen = (struct memory){recorder.seen, recorder.count};
    expect_texts(&seen, CLEAR, true);
    expect_code(&seen, true);
    recorder_free(&recorder);
    memory = memory_of(world.process.pid);
    expect_texts(&memory, CLEAR, true);
    expect_code(&memory, true);
    free(memory.data);
}

/* ---- a host that lies about the end ---- */

/* `reclave invoke` in the clear or encrypted, of a function in slot 0, while the host says `to` for
 * `from`. Its exit code. */
static int told(const char *options, const char *from, const char *to)
{
    const char *folder = world.process.folder;
    struct recorder recorder;
    char digest[65];
    int result;

    for (unsigned i = 0; i < 32; i++)
        snprintf(digest + 2 * i, 3, "%02x", loaded.sha256[i]);
    recorder_start(&recorder, folder, world.process.socket);
    recorder.from = from;
    recorder.to = to;
    result = run_cli("%s --worker %s --verify %s/policy --root %s/root %s </dev/null >%s/output "
                     "2>%s/log",
                     digest, recorder.socket, folder, folder, options, folder, folder);
    recorder_stop(&recorder);
    assert_int_equal(recorder.changes != 0, from != NULL);
    recorder_free(&recorder);
    return WEXITSTATUS(result);
}

static void load(const char *guest)
{
    function_free(&loaded);
    loaded = function_build(&world, guest, "");
    assert_int_equal(world_load(&world, 0, &loaded), ST_OK);
}

#define GOOD  "\"ok\":true"
#define BAD   "\"ok\":null"
#define WORSE "\"ok\":false"
#define FINE  "\"ok\":true "

static void a_forged_failure_is_not_believed(void **state)
{
    (void)state;
    load("hello");
    assert_int_equal(told("", NULL, NULL), 0);
    assert_int_equal(told("", GOOD, BAD), 0);
    assert_int_equal(told("", "\"outcome\":\"ok\"", "\"outcome\":\"no\""), 0);
    assert_int_equal(told("--encrypt", GOOD, BAD), 0);
    assert_int_equal(told("--encrypt", "\"outcome\":\"ok\"", "\"outcome\":\"no\""), 0);
}

static void a_forged_success_is_not_believed(void **state)
{
    (void)state;
    load("exit_code");
    assert_int_equal(told("--arg 7", NULL, NULL), 1);
    assert_int_equal(told("--arg 7", WORSE, FINE), 1);
    expect_said("the function reported an error: exit code 7");
    assert_int_equal(told("--encrypt --arg 7", WORSE, FINE), 1);
    expect_said("the function reported an error: exit code 7");
    load("endless_loop");
    assert_int_equal(told("--timeout 100", WORSE, FINE), 1);
    expect_said("the function did not finish: aborted-by-host");
    assert_int_equal(told("--encrypt --timeout 100", WORSE, FINE), 1);
    expect_said("the function did not finish: aborted-by-host");
}

static int set_up(void **state)
{
    static const char *const none[] = {NULL};
    const char *build = getenv("BUILD");
    char path[512], keep_freed[PATH_MAX];

    (void)state;
    snprintf(path, sizeof(path), "%s/tests/keep-freed.so", build ? build : "build");
    assert_non_null(realpath(path, keep_freed));
    assert_int_equal(setenv("LD_PRELOAD", keep_freed, 1), 0);
    world_open(&world, NULL, none);
    assert_int_equal(unsetenv("LD_PRELOAD"), 0);
    function = function_build(&world, "told_apart", "--logs encrypted");
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
    function_free(&loaded);
    world_close(&world);
    return 0;
}

/* An argument chooses tests by a pattern. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_host_sees_ciphertext),
        cmocka_unit_test(the_hosts_memory_holds_none_of_it),
        cmocka_unit_test(a_sessions_keys_are_unknown_to_the_host),
        cmocka_unit_test(in_the_clear_the_host_knows_all),
        cmocka_unit_test(a_forged_failure_is_not_believed),
        cmocka_unit_test(a_forged_success_is_not_believed),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("a host that looks", tests, set_up, tear_down);
}
