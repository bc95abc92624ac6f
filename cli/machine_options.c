#include "cli/machine_options.h"

#include "base/status.h"
#include "cli/data_dir.h"
#include "cli/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETAIN_MIB_DEFAULT 16
#define ENCLAVE_MIB_MAX    (UINT64_C(1) << 20) /* 1 TiB */
#define WATCH_MAX          1000000

enum key {
    KEY_PAGES = 0x200,
    KEY_ENCLAVE_SIZE,
    KEY_BACKEND,
    KEY_EMULATE,
    KEY_RETAIN,
    KEY_TENANCY,
};

static const struct argp_option options[] = {
    {"pages", KEY_PAGES, "eager|lazy", 0,
     "Add enclave pages when needed (lazy, the default; needs SGX2) or all at the start", 10},
    {"enclave-size", KEY_ENCLAVE_SIZE, "MIB", 0,
     "Eager: the size of the enclave image (default 256). Lazy: most memory the enclave may take "
     "(default: the EPC)",
     10},
    {"backend", KEY_BACKEND, "auto|sgx|emulator", 0,
     "Hardware or the emulator, which protects nothing (default: hardware where there is any)", 10},
    {"emulate", KEY_EMULATE, "CPU", 0,
     "The emulated CPU: sgx1 or sgx2, with ,epc=MIB and ,elrange=BITS as wanted; watch=N: enclave "
     "memory is hidden from the host after every N-th exit (default 1), which costs time",
     10},
    {"retain", KEY_RETAIN, "MIB", 0,
     "Memory that a function may keep beyond what it had when it was loaded; what an invocation "
     "takes above that is given back (default 16; lazy enclaves)",
     10},
    {"tenancy", KEY_TENANCY, "sequential|shared", 0,
     "May functions of different tenants be in the enclave at a time? (default sequential: no)",
     10},
    {0},
};

uint64_t parse_number(struct argp_state *state, const char *option, const char *text, uint64_t low,
                      uint64_t high)
{
    uint64_t value = 0;

    if (!number_parse(text, low, high, &value))
        argp_error(state, "%s: '%s' is not a whole number from %llu to %llu", option, text,
                   (unsigned long long)low, (unsigned long long)high);
    return value;
}

static void parse_pages(struct argp_state *state, const char *text, struct machine_options *machine)
{
    if (!strcmp(text, "lazy"))
        machine->engine.pages = ENGINE_PAGES_LAZY;
    else if (!strcmp(text, "eager"))
        machine->engine.pages = ENGINE_PAGES_EAGER;
    else
        argp_error(state, "--pages: '%s' is neither eager nor lazy", text);
}

static void parse_backend(struct argp_state *state, const char *text,
                          struct machine_options *machine)
{
    if (!strcmp(text, "auto"))
        machine->engine.backend = SGX_AUTO;
    else if (!strcmp(text, "sgx"))
        machine->engine.backend = SGX_HARDWARE;
    else if (!strcmp(text, "emulator"))
        machine->engine.backend = SGX_EMULATOR;
    else
        argp_error(state, "--backend: '%s' is none of auto, sgx, emulator", text);
}

static void parse_cpu_property(struct argp_state *state, const char *word, struct sgx_cpu *cpu)
{
    if (!strcmp(word, "sgx1"))
        cpu->sgx1_only = 1;
    else if (!strcmp(word, "sgx2"))
        cpu->sgx1_only = 0;
    else if (!strncmp(word, "epc=", 4))
        cpu->epc_bytes = parse_number(state, "--emulate epc", word + 4, 1, ENCLAVE_MIB_MAX) << 20;
    else if (!strncmp(word, "elrange=", 8))
        cpu->elrange_bits = (unsigned)parse_number(state, "--emulate elrange", word + 8, 21, 47);
    else if (!strncmp(word, "watch=", 6))
        cpu->watch_every = (unsigned)parse_number(state, "--emulate watch", word + 6, 1, WATCH_MAX);
    else
        argp_error(state, "--emulate: '%s' is none of sgx1, sgx2, epc=MIB, elrange=BITS, watch=N",
                   word);
}

static void parse_emulate(struct argp_state *state, const char *text,
                          struct machine_options *machine)
{
    char words[128];
    char *rest = NULL;

    if ((size_t)snprintf(words, sizeof(words), "%s", text) >= sizeof(words))
        argp_error(state, "--emulate: too long");
    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        parse_cpu_property(state, word, &machine->cpu);
    machine->cpu_given = true;
}

static void parse_tenancy(struct argp_state *state, const char *text,
                          struct machine_options *machine)
{
    if (!strcmp(text, "sequential"))
        machine->engine.shared_tenancy = false;
    else if (!strcmp(text, "shared"))
        machine->engine.shared_tenancy = true;
    else
        argp_error(state, "--tenancy: '%s' is neither sequential nor shared", text);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct machine_options *machine = state->input;

    switch (key) {
    case KEY_PAGES:
        parse_pages(state, argument, machine);
        return 0;
    case KEY_ENCLAVE_SIZE:
        machine->engine.enclave_mib =
            parse_number(state, "--enclave-size", argument, 1, ENCLAVE_MIB_MAX);
        return 0;
    case KEY_BACKEND:
        parse_backend(state, argument, machine);
        return 0;
    case KEY_EMULATE:
        parse_emulate(state, argument, machine);
        return 0;
    case ARGP_KEY_INIT:
        machine->engine.retain_mib = RETAIN_MIB_DEFAULT;
        return 0;
    case KEY_RETAIN:
        machine->engine.retain_mib = parse_number(state, "--retain", argument, 0, ENCLAVE_MIB_MAX);
        return 0;
    case KEY_TENANCY:
        parse_tenancy(state, argument, machine);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp machine_argp = {.options = options, .parser = parse};

enum status machine_options_finish(struct machine_options *machine)
{
    enum status status =
        data_dir_path("images", machine->images_folder, sizeof(machine->images_folder));

    if (status != ST_OK) {
        fprintf(stderr,
                "reclave: no folder of enclave images: build them with make, or set "
                "RECLAVE_DATA_DIR (%s)\n",
                status_text(status));
        return status;
    }
    machine->engine.images_folder = machine->images_folder;
    machine->engine.emulated_cpu = machine->cpu_given ? &machine->cpu : NULL;
    return ST_OK;
}
