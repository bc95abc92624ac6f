#include "toolchain/bundle/build.h"

#include "abi/bundle.h"
#include "abi/entry.h"
#include "abi/geometry.h"
#include "abi/sfi.h"
#include "toolchain/bundle/compile.h"
#include "toolchain/bundle/contract.h"
#include "toolchain/bundle/normalise.h"
#include "toolchain/bundle/owner_key.h"
#include "toolchain/bundle/read.h"
#include "toolchain/bundle/tool.h"
#include "toolchain/bundle/translate.h"
#include "toolchain/bundle/validate.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define MIB              (UINT64_C(1) << 20)
#define NORMALISED_NAME  "module.wasm"
#define GENERATED_C_NAME "generated.c"
#define GENERATED_H_NAME "generated.h"

/* One build, from options to file. */
struct build {
    struct bundle_build_options options; /* defaults filled in */
    struct complaint complaint;
    struct workdir dir;
    struct wasm_module module;
    struct contract contract;
    bool marks;
    struct flat_code flat;
    char toolchain[BUNDLE_TOOLCHAIN_MAX];
};

/* ---- options --------------------------------------------------------------------- */

static void fill_in_defaults(struct bundle_build_options *options)
{
    if (!options->version)
        options->version = BUNDLE_DEFAULT_VERSION;
    if (!options->cpu_level)
        options->cpu_level = BUNDLE_DEFAULT_CPU_LEVEL;
    if (!options->memory_mib)
        options->memory_mib = BUNDLE_DEFAULT_MEMORY_MIB;
    if (!options->stack_kib)
        options->stack_kib = BUNDLE_DEFAULT_STACK_KIB;
}

static enum status check_options(const struct build *build)
{
    const struct bundle_build_options *options = &build->options;
    const struct complaint *complaint = &build->complaint;

    if (!options->wasm || !options->sdk_dir || !options->name)
        return complain(complaint, ST_INVALID_ARGUMENT, "bundle_build: incomplete options");
    if (options->wasm_bytes > BUNDLE_WASM_LIMIT)
        return complain(complaint, ST_UNSUPPORTED,
                        "the module has %zu MiB, more than the limit of %u MiB: strip it "
                        "(wasm-strip) or split the function",
                        options->wasm_bytes >> 20, BUNDLE_WASM_LIMIT >> 20);
    if (!bundle_name_valid(options->name, strlen(options->name)))
        return complain(complaint, ST_INVALID_ARGUMENT,
                        "the name must be 1 to %d characters of A-Z a-z 0-9 . _ -",
                        BUNDLE_NAME_MAX);
    if (!bundle_version_valid(options->version, strlen(options->version)))
        return complain(complaint, ST_INVALID_ARGUMENT,
                        "the version must be 1 to %d printable ASCII characters",
                        BUNDLE_VERSION_MAX);
    for (size_t i = 0; i < options->env_allow_count; i++)
        if (!bundle_env_name_valid(options->env_allow[i], strlen(options->env_allow[i])))
            return complain(complaint, ST_INVALID_ARGUMENT,
                            "\"%s\" is not the name of an environment variable",
                            options->env_allow[i]);
    if (options->logs && !bundle_logs_valid(options->logs, strlen(options->logs)))
        return complain(complaint, ST_INVALID_ARGUMENT,
                        "logs of encrypted invocations are encrypted, none or clear, not \"%s\"",
                        options->logs);
    if (options->encrypted_input && !options->sign_key)
        return complain(complaint, ST_INVALID_ARGUMENT,
                        "a function that demands encrypted input must be signed by its owner: "
                        "give a key (reclave key new, --sign)");
    if (options->encrypted_input && options->logs && strcmp(options->logs, "clear") == 0)
        return complain(complaint, ST_INVALID_ARGUMENT,
                        "a function that demands encrypted input cannot have its logs readable by "
                        "the host: logs may be encrypted or none");
    if (options->cpu_level < 2 || options->cpu_level > 4)
        return complain(complaint, ST_INVALID_ARGUMENT, "the CPU level must be 2, 3 or 4");
    if (options->cpu_level > 2)
        return complain(complaint, ST_UNSUPPORTED,
                        "SFI policy %d covers x86-64-v2 only: build for CPU level 2",
                        SFI_POLICY_VERSION);
    if (options->memory_mib > LINEAR_MAX / MIB)
        return complain(complaint, ST_INVALID_ARGUMENT, "the memory limit can be %u MiB at most",
                        (unsigned)(LINEAR_MAX / MIB));
    if (options->stack_kib < 16 || options->stack_kib > L2_STACK_MAX / 1024)
        return complain(complaint, ST_INVALID_ARGUMENT, "the stack must have 16 to %u KiB",
                        L2_STACK_MAX / 1024);
    return ST_OK;
}

/* ---- steps ----------------------------------------------------------------------- */

static enum status run_wasm2c(struct build *build, struct text *header, struct text *source)
{
    const char *const argv[] = {"wasm2c", "--module-name",  TRANSLATE_MODULE_NAME,
                                "-o",     GENERATED_C_NAME, NORMALISED_NAME,
                                NULL};
    struct text normalised = {0};
    enum status status;

    normalise_module(&build->module, &normalised);
    status = normalised.failed ? complain(&build->complaint, ST_NO_MEMORY, "out of memory")
                               : workdir_write(&build->dir, NORMALISED_NAME, normalised.data,
                                               normalised.bytes, &build->complaint);
    text_free(&normalised);
    if (status == ST_OK)
        status = tool_run(&build->dir, argv, "wasm2c refuses the module", &build->complaint);
    if (status == ST_OK)
        status = workdir_read(&build->dir, GENERATED_H_NAME, header, &build->complaint);
    if (status == ST_OK)
        status = workdir_read(&build->dir, GENERATED_C_NAME, source, &build->complaint);
    return status;
}

static enum status compile(struct build *build)
{
    const struct compile_options how = {.sdk_dir = build->options.sdk_dir,
                                        .cpu_level = build->options.cpu_level,
                                        .marks = build->marks,
                                        .unconfined = build->options.unconfined};
    struct text header = {0}, source = {0}, unit = {0};
    enum status status = run_wasm2c(build, &header, &source);

    if (status == ST_OK)
        status =
            translate(&build->module, &build->contract, &header, &source, &unit, &build->complaint);
    text_free(&source);
    text_free(&header);
    if (status == ST_OK)
        status = compile_module(&build->dir, &unit, &how, &build->flat, &build->complaint);
    text_free(&unit);
    if (status == ST_OK)
        status = compile_toolchain(&build->dir, build->toolchain, sizeof(build->toolchain),
                                   &build->complaint);
    return status;
}

/* ---- the file --------------------------------------------------------------------- */

static void add_field(struct text *out, unsigned kind, const void *value, size_t bytes)
{
    struct bundle_field field = {(uint16_t)kind, (uint16_t)bytes};

    text_add(out, &field, sizeof(field));
    text_add(out, value, bytes);
}

static enum status write_manifest(const struct build *build, struct text *out)
{
    const struct bundle_build_options *options = &build->options;
    static const char zeros[8];

    add_field(out, FIELD_NAME, options->name, strlen(options->name));
    add_field(out, FIELD_VERSION, options->version, strlen(options->version));
    for (size_t i = 0; i < options->env_allow_count; i++)
        add_field(out, FIELD_ENV_ALLOW, options->env_allow[i], strlen(options->env_allow[i]));
    for (uint32_t i = 0; i < build->module.export_count; i++) {
        struct wasm_name name = build->module.exports[i].name;

        /* For information only: names that could not be shown, or a crowd of them, are left out */
        if (build->module.exports[i].kind == KIND_FUNCTION && name.bytes <= BUNDLE_NAME_MAX &&
            bundle_name_valid((const char *)name.text, name.bytes) &&
            out->bytes < BUNDLE_MANIFEST_MAX / 2)
            add_field(out, FIELD_EXPORT, name.text, name.bytes);
    }
    add_field(out, FIELD_TOOLCHAIN, build->toolchain, strlen(build->toolchain));
    if (options->encrypted_input)
        add_field(out, FIELD_INPUT, "encrypted", strlen("encrypted"));
    if (options->logs)
        add_field(out, FIELD_LOGS, options->logs, strlen(options->logs));
    text_add(out, zeros, -out->bytes % 8);
    if (out->bytes > BUNDLE_MANIFEST_MAX)
        return complain(&build->complaint, ST_UNSUPPORTED, "too many names for the manifest");
    return ST_OK;
}

static uint32_t whole_pages(uint64_t bytes)
{
    return (uint32_t)((bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
}

static struct bundle_header make_header(const struct build *build, size_t manifest_bytes)
{
    struct bundle_header header = {
        .format_version = BUNDLE_FORMAT_VERSION,
        .abi_version = RECLAVE_ABI_VERSION,
        .sfi_version = SFI_POLICY_VERSION,
        .cpu_level = build->options.cpu_level,
        .exports = build->contract.exports |
                   (build->options.allow_init_random ? BUNDLE_ALLOW_INIT_RANDOM : 0),
        .tracking = build->marks ? BUNDLE_TRACK_MARK : BUNDLE_TRACK_COPY,
        .manifest_bytes = (uint32_t)manifest_bytes,
        .code_bytes = (uint32_t)build->flat.code.bytes,
        .rodata_bytes = (uint32_t)build->flat.rodata.bytes,
        .entry_offset = build->flat.entry_offset,
        .state_bytes = whole_pages(build->flat.state_bytes),
        .stack_bytes = whole_pages(build->options.stack_kib * 1024),
        .memory_initial = build->contract.memory_initial,
        .memory_max = build->contract.memory_max,
        .tables_initial = build->contract.tables_initial,
        .tables_max = build->contract.tables_max,
    };

    memcpy(header.magic, BUNDLE_MAGIC, sizeof(header.magic));
    sha256(build->options.wasm, build->options.wasm_bytes, header.wasm_sha256);
    return header;
}

static enum status sign(const struct build *build, const struct bundle_header *header,
                        struct text *out)
{
    uint8_t digest[SHA256_BYTES];
    struct signed_content content = {digest, header->wasm_sha256, build->options.version};
    struct bundle_signature signature;
    enum status status;

    sha256(out->data, out->bytes, digest);
    status = owner_key_sign(build->options.sign_key, &content, &signature, &build->complaint);
    if (status == ST_OK)
        text_add(out, &signature, sizeof(signature));
    return status;
}

static enum status write_bundle(const struct build *build, struct text *out)
{
    struct text manifest = {0};
    struct bundle_header header;
    struct bundle_view view;
    enum status status = write_manifest(build, &manifest);

    header = make_header(build, manifest.bytes);
    text_add(out, &header, sizeof(header));
    text_add(out, manifest.data, manifest.bytes);
    text_add(out, build->flat.code.data, build->flat.code.bytes);
    text_add(out, build->flat.rodata.data, build->flat.rodata.bytes);
    out->failed |= manifest.failed;
    text_free(&manifest);
    if (status == ST_OK && out->failed)
        status = complain(&build->complaint, ST_NO_MEMORY, "out of memory");
    if (status == ST_OK && build->options.sign_key)
        status = sign(build, &header, out);
    if (status == ST_OK && out->failed)
        status = complain(&build->complaint, ST_NO_MEMORY, "out of memory");
    if (status != ST_OK)
        return status;
    /* What we write, we can read: never hand out a bundle that the reader refuses. */
    status = bundle_read((const uint8_t *)out->data, out->bytes, &view);
    if (status != ST_OK)
        return complain(&build->complaint, status, "the bundle would be invalid (status %d)",
                        status);
    return ST_OK;
}

/* ---- all of it --------------------------------------------------------------------- */

static enum status build_in_workdir(struct build *build, struct text *out)
{
    enum status status = validate_module(&build->dir, build->options.wasm,
                                         build->options.wasm_bytes, &build->complaint);

    if (status == ST_OK)
        status = compile(build);
    if (status == ST_OK)
        status = write_bundle(build, out);
    flat_code_free(&build->flat);
    return status;
}

/* Stopping a build must not leave its directory behind: signals wait until it is removed. */
static void block_stops(sigset_t *before)
{
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &stops, before);
}

static bool wants_marks(const struct build *build)
{
    if (build->options.tracking == BUNDLE_TRACKING_AUTO)
        return build->contract.memory_initial >= BUNDLE_MARKS_FROM;
    return build->options.tracking == BUNDLE_TRACKING_MARK;
}

static enum status build_module(struct build *build, struct text *out)
{
    enum status status = contract_check(&build->module, build->options.memory_mib * MIB,
                                        &build->contract, &build->complaint);
    sigset_t before;

    if (status != ST_OK)
        return status;
    build->marks = wants_marks(build);
    block_stops(&before);
    status = workdir_create(&build->dir, &build->complaint);
    if (status == ST_OK) {
        status = build_in_workdir(build, out);
        workdir_remove(&build->dir);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

enum status bundle_build(const struct bundle_build_options *options, struct bundle_buffer *out,
                         char *error, size_t error_bytes)
{
    struct build build = {.options = *options, .complaint = {error, error_bytes}};
    struct text file = {0};
    enum status status;

    memset(out, 0, sizeof(*out));
    fill_in_defaults(&build.options);
    status = check_options(&build);
    if (status != ST_OK)
        return status;
    status = wasm_parse(options->wasm, options->wasm_bytes, &build.module, &build.complaint);
    if (status != ST_OK)
        return status;
    status = build_module(&build, &file);
    wasm_free(&build.module);
    if (status != ST_OK) {
        text_free(&file);
        return status;
    }
    out->data = (uint8_t *)file.data;
    out->bytes = file.bytes;
    return ST_OK;
}

void bundle_buffer_free(struct bundle_buffer *buffer)
{
    free(buffer->data);
    memset(buffer, 0, sizeof(*buffer));
}

void bundle_name_from_path(const char *path, char *name, size_t name_bytes)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t bytes = strlen(base), most = name_bytes - 1;

    if (bytes > 5 && strcmp(base + bytes - 5, ".wasm") == 0)
        bytes -= 5;
    if (most > BUNDLE_NAME_MAX)
        most = BUNDLE_NAME_MAX;
    if (bytes > most)
        bytes = most;
    for (size_t i = 0; i < bytes; i++)
        name[i] = bundle_name_valid(base + i, 1) ? base[i] : '-';
    if (bytes == 0)
        name[bytes++] = '-';
    name[bytes] = '\0';
}
