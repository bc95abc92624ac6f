#include "toolchain/bundle/compile.h"

#include "abi/gates.h"
#include "toolchain/bundle/flatten.h"
#include "toolchain/bundle/lines.h"
#include "toolchain/bundle/tool.h"
#include "toolchain/rewrite/rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_NAME    "module.c"
#define ASSEMBLY_NAME  "module.s"
#define REWRITTEN_NAME "sandboxed.s"
#define OBJECT_NAME    "module.o"
#define LINKED_NAME    "module.elf"

static enum status compile_to_assembly(const struct workdir *dir, const char *sdk_dir,
                                       const struct compile_options *options,
                                       const struct complaint *complaint)
{
    char march[32], include[PATH_MAX + 4], map[PATH_MAX + 32];
    const char *const argv[] = {
        "gcc", "-S", "-std=gnu17", "-w", "-O2", "-fno-ident",
        /* as mk/sandboxed.mk */
        "-ffreestanding", "-fPIC", "-fvisibility=hidden", "-fno-stack-protector",
        "-fcf-protection=none", "-fno-asynchronous-unwind-tables", "-fno-strict-aliasing",
        "-fwrapv", "-fno-jump-tables", "-ffixed-r11", "-ffixed-r14", march,
        /* numbers as WebAssembly defines them */
        "-fno-math-errno", "-ffp-contract=off", "-fsignaling-nans",
        /* address 0 of a segment is an ordinary address */
        "-fno-delete-null-pointer-checks",
        /* endless recursion must run out of stack, not become a loop */
        "-fno-optimize-sibling-calls",
        /* no calls of memcpy and memset, no lookup tables in place of switches */
        "-fno-tree-loop-distribute-patterns", "-fno-tree-switch-conversion",
        /* one translation unit: drop what nothing calls */
        "-fwhole-program",
        /* the same output wherever it is built */
        "-frandom-seed=reclave", "-gno-record-gcc-switches", map, include, "-o", ASSEMBLY_NAME,
        SOURCE_NAME, options->marks ? "-DRECLAVE_TRACK_MARKS" : NULL, NULL};

    snprintf(march, sizeof(march), "-march=x86-64-v%u", options->cpu_level);
    snprintf(include, sizeof(include), "-I%s", sdk_dir);
    snprintf(map, sizeof(map), "-ffile-prefix-map=%s=.", sdk_dir);
    return tool_run(dir, argv, "the C compiler refuses the translated module", complaint);
}

/* GCC 12 loses the segment of a constant address above 2 GiB: "movabsl 4294967296, %eax". The
 * only MOVABS that may stand in sandboxed code loads a constant, "movabsq $5, %rax". */
static enum status check_assembly(const struct text *assembly, const struct complaint *complaint)
{
    struct lines lines = lines_of(assembly);
    struct line line;

    while (lines_next(&lines, &line))
        if (line_starts(line, "\tmovabs") && !memchr(line.text, '$', line.bytes))
            return complain(complaint, ST_UNSUPPORTED,
                            "the C compiler has written an address without segment: %.*s",
                            (int)line.bytes, line.text);
    return ST_OK;
}

static enum status confine(const struct workdir *dir, const struct text *assembly, bool marks,
                           const struct complaint *complaint)
{
    const struct rewrite_options options = {.marks = marks};
    struct rewrite_result result;
    struct rewrite_problem problem;
    enum status status = rewrite(assembly->data, assembly->bytes, &options, &result, &problem);

    if (status != ST_OK)
        return complain(complaint, status,
                        "the rewriter refuses the compiled module: " ASSEMBLY_NAME ":%u: %s",
                        problem.line, problem.message);
    status = workdir_write(dir, REWRITTEN_NAME, result.text, result.bytes, complaint);
    rewrite_free(&result);
    return status;
}

static enum status rewrite_assembly(const struct workdir *dir,
                                    const struct compile_options *options,
                                    const struct complaint *complaint)
{
    struct text assembly = {0};
    enum status status = workdir_read(dir, ASSEMBLY_NAME, &assembly, complaint);

    if (status == ST_OK)
        status = check_assembly(&assembly, complaint);
    if (status == ST_OK)
        status = options->unconfined
                     ? workdir_write(dir, REWRITTEN_NAME, assembly.data, assembly.bytes, complaint)
                     : confine(dir, &assembly, options->marks, complaint);
    text_free(&assembly);
    return status;
}

/* GNU as cannot make a call end its bundle. */
static enum status assemble(const struct workdir *dir, const struct complaint *complaint)
{
    const char *const argv[] = {
        "clang", "--target=x86_64-linux-gnu", "-c", "-o", OBJECT_NAME, REWRITTEN_NAME, NULL};

    return tool_run(dir, argv, "the assembler refuses the translated module", complaint);
}

/* Gates and the code's base are fixed offsets in the code zone, which is linked at 0. */
static enum status link_flat(const struct workdir *dir, const char *sdk_dir,
                             const struct complaint *complaint)
{
    static const struct {
        const char *name;
        unsigned gate;
    } gates[] = {{"gate2_wasi", GATE2_WASI},
                 {"gate2_trap", GATE2_TRAP},
                 {"gate2_grow", GATE2_GROW},
                 {"gate2_return", GATE2_RETURN},
                 {"gate2_data", GATE2_DATA}};
    char script[PATH_MAX + 64], rodata_base[64], defsym[GATE2_COUNT][64];
    const char *const argv[] = {"ld",
                                "-static",
                                "-nostdlib",
                                "--build-id=none",
                                "--orphan-handling=error",
                                "-z",
                                "noexecstack",
                                "-z",
                                "max-page-size=4096",
                                "--no-warn-rwx-segments",
                                "-e",
                                "crt_enter",
                                "--defsym=code_base=0",
                                rodata_base,
                                defsym[0],
                                defsym[1],
                                defsym[2],
                                defsym[3],
                                defsym[4],
                                "-T",
                                script,
                                "-o",
                                LINKED_NAME,
                                OBJECT_NAME,
                                NULL};

    _Static_assert(sizeof(gates) / sizeof(gates[0]) == GATE2_COUNT, "every gate has its symbol");
    snprintf(rodata_base, sizeof(rodata_base), "--defsym=rodata_base=%u", CODE_RODATA_OFF);
    for (int i = 0; i < GATE2_COUNT; i++)
        snprintf(defsym[i], sizeof(defsym[i]), "--defsym=%s=%u", gates[i].name,
                 gates[i].gate * GATE_ENTRY_BYTES);
    snprintf(script, sizeof(script), "%s/sandboxed/crt/bundle.ld", sdk_dir);
    return tool_run(dir, argv, "the linker refuses the translated module", complaint);
}

static enum status assemble_and_link(const struct workdir *dir, const char *sdk_dir,
                                     struct flat_code *flat, const struct complaint *complaint)
{
    struct text object = {0}, linked = {0};
    enum status status = assemble(dir, complaint);

    if (status == ST_OK)
        status = workdir_read(dir, OBJECT_NAME, &object, complaint);
    if (status == ST_OK)
        status = flatten_check_relocations(&object, complaint);
    if (status == ST_OK)
        status = link_flat(dir, sdk_dir, complaint);
    if (status == ST_OK)
        status = workdir_read(dir, LINKED_NAME, &linked, complaint);
    if (status == ST_OK)
        status = flatten(&linked, flat, complaint);
    text_free(&linked);
    text_free(&object);
    return status;
}

enum status compile_module(const struct workdir *dir, const struct text *source,
                           const struct compile_options *options, struct flat_code *flat,
                           const struct complaint *complaint)
{
    enum status status;
    char *sdk = realpath(options->sdk_dir, NULL); /* the tools run in another directory */

    memset(flat, 0, sizeof(*flat));
    if (!sdk)
        return complain_errno(complaint, "find the SDK", options->sdk_dir);
    status = workdir_write(dir, SOURCE_NAME, source->data, source->bytes, complaint);
    if (status == ST_OK)
        status = compile_to_assembly(dir, sdk, options, complaint);
    if (status == ST_OK)
        status = rewrite_assembly(dir, options, complaint);
    if (status == ST_OK)
        status = assemble_and_link(dir, sdk, flat, complaint);
    free(sdk);
    return status;
}

void flat_code_free(struct flat_code *flat)
{
    text_free(&flat->rodata);
    text_free(&flat->code);
}

/* The last word of a line: "GNU ld (GNU Binutils for Debian) 2.40" -> "2.40". */
static const char *last_word(const char *line)
{
    const char *space = strrchr(line, ' ');

    return space ? space + 1 : line;
}

enum status compile_toolchain(const struct workdir *dir, char *text, size_t text_bytes,
                              const struct complaint *complaint)
{
    const char *const ask_wabt[] = {"wasm2c", "--version", NULL};
    const char *const ask_gcc[] = {"gcc", "--version", NULL};
    const char *const ask_ld[] = {"ld", "--version", NULL};
    char wabt[64], gcc[128], ld[128];
    enum status status = tool_first_line(dir, ask_wabt, wabt, sizeof(wabt), complaint);

    if (status == ST_OK)
        status = tool_first_line(dir, ask_gcc, gcc, sizeof(gcc), complaint);
    if (status == ST_OK)
        status = tool_first_line(dir, ask_ld, ld, sizeof(ld), complaint);
    if (status == ST_OK)
        snprintf(text, text_bytes, "wabt %s; gcc %s; binutils %s", wabt, last_word(gcc),
                 last_word(ld));
    return status;
}
