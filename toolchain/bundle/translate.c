#include "toolchain/bundle/translate.h"

#include "toolchain/bundle/lines.h"
#include "toolchain/bundle/preview1.h"

#include <stdlib.h>
#include <string.h>

#define WASI_INSTANCE "Z_wasi_snapshot_preview1_instance"

/* Replacements, each wherever it is found. None can match inside a string or a comment of the
 * author's: normalisation leaves no such text. */
static const struct replacement {
    const char *from, *to;
} replacements[] = {
    /* the instance as parameter, in definitions, declarations and pointer types */
    {"(Z_m_instance_t* instance, ", "("},
    {"(Z_m_instance_t* instance)", "(void)"},
    {"(Z_m_instance_t *instance)", "(void)"},
    {"(Z_m_instance_t*, ", "("},
    {"(Z_m_instance_t*)", "(void)"},
    {"(struct " WASI_INSTANCE "_t*, ", "("},
    {"(struct " WASI_INSTANCE "_t*)", "(void)"},
    {"(*)(void*, ", "(*)("},
    {"(*)(void*)", "(*)(void)"},
    /* the instance as argument */
    {"(instance, ", "("},
    {"(instance)", "()"},
    {"(instance->" WASI_INSTANCE ", ", "("},
    {"(instance->" WASI_INSTANCE ")", "()"},
    /* the instance as such */
    {"instance->", "INSTANCE->"},
};

/* A function reference, "(wasm_rt_funcref_t){func_types[N], function, instance}", becomes a macro
 * call, FUNCREF(N, function, instance): its first bracket goes, its first brace ends it. */
#define FUNCREF_LITERAL "(wasm_rt_funcref_t){func_types["
#define FUNCREF_MACRO   "FUNCREF("

static const struct replacement *match(const char *at, const char *end)
{
    for (size_t i = 0; i < sizeof(replacements) / sizeof(replacements[0]); i++) {
        size_t bytes = strlen(replacements[i].from);

        if ((size_t)(end - at) >= bytes && memcmp(at, replacements[i].from, bytes) == 0)
            return &replacements[i];
    }
    return NULL;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* All replacements start with '(' or with a word. */
static bool may_start_replacement(const char *at, const char *line)
{
    return *at == '(' || (*at == 'i' && (at == line || !is_name_char(at[-1])));
}

static void add_translated(struct text *out, struct line line)
{
    const char *end = line.text + line.bytes, *pending = line.text;
    bool in_funcref = false;

    for (const char *at = line.text; at < end;) {
        const struct replacement *replacement = NULL;
        size_t skip = 1;
        const char *put = NULL;

        if (in_funcref && *at == ']') {
            put = "";
        } else if (in_funcref && *at == '}') {
            put = ")";
            in_funcref = false;
        } else if (line_at_starts(at, end, FUNCREF_LITERAL)) {
            put = FUNCREF_MACRO;
            skip = strlen(FUNCREF_LITERAL);
            in_funcref = true;
        } else if (may_start_replacement(at, line.text) && (replacement = match(at, end)) != NULL) {
            put = replacement->to;
            skip = strlen(replacement->from);
        }
        if (put) {
            text_add(out, pending, (size_t)(at - pending));
            text_add_string(out, put);
            pending = at + skip;
        }
        at += skip;
    }
    text_add(out, pending, (size_t)(end - pending));
}

static enum status unexpected(const struct complaint *complaint, const char *missing)
{
    return complain(complaint, ST_UNSUPPORTED,
                    "wasm2c's output is not what version 1.0.32 writes (no \"%s\"): install wabt "
                    "1.0.32 (Debian 12)",
                    missing);
}

/* ---- parts of our own ------------------------------------------------------ */

/* Exports under the names that the crt calls them by. */
static void add_configuration(struct text *out, const struct contract *contract)
{
    text_print(out, "#define CONFIG_TABLE_GROWTH %uu\n", CONTRACT_TABLE_GROWTH);
    for (int which = 0; which < CONTRACT_EXPORTS; which++) {
        uint32_t index = contract->export_index[which];
        const char *macro = contract_export_macro(which);

        if (contract->exports & contract_export_flag(which))
            text_print(out, "#define %s Z_mZ_x%u\n", macro, index);
    }
    for (unsigned i = 0; i < CONTRACT_BUFFER_EXPORTS && contract->has_buffer; i++)
        text_print(out, "#define %s Z_mZ_x%u\n", contract_buffer_macro(i),
                   contract->buffer_index[i]);
    text_add_string(out, "#include \"sandboxed/wasm/preamble.h\"\n");
}

static const char *c_type(char letter)
{
    return letter == 'I' ? "u64" : "u32"; /* WASI has no others */
}

/* One function for each import, into the WASI gate. */
static void add_wasi_stub(struct text *out, const struct preview1_function *function)
{
    size_t params = strlen(function->params);

    text_print(out, "%s Z_" PREVIEW1_MODULE "Z_%s(", function->results[0] ? "u32" : "void",
               function->name);
    for (size_t i = 0; i < params; i++)
        text_print(out, "%s%s a%zu", i ? ", " : "", c_type(function->params[i]), i);
    text_print(out, "%s)\n{\n    %sgate2_wasi(%u", params ? "" : "void",
               function->results[0] ? "return (u32)" : "", function->call);
    /* The gate takes five arguments; calls with more are answered ENOSYS unseen. */
    for (size_t i = 0; i < 5; i++)
        text_print(out, i < params ? ", a%zu" : ", 0", i);
    text_add_string(out, ");\n");
    if (!function->results[0]) /* proc_exit does not return */
        text_add_string(out, "    gate2_trap(TRAP_RUNTIME);\n");
    text_add_string(out, "}\n");
}

static void add_wasi_stubs(struct text *out, const struct wasm_module *module)
{
    for (uint32_t i = 0; i < module->import_count; i++) {
        const struct preview1_function *function = preview1_find(module->imports[i].field);
        bool repeated = false;

        for (uint32_t k = 0; k < i && !repeated; k++)
            repeated = preview1_find(module->imports[k].field) == function;
        if (!repeated)
            add_wasi_stub(out, function);
    }
}

/* ---- wasm2c's header --------------------------------------------------------- */

/* The instance's definition, result structs, and declarations of imports and exports. */
static enum status translate_header(const struct text *header, struct text *out,
                                    const struct complaint *complaint)
{
    struct lines lines = lines_of(header);
    struct line line;

    if (!lines_skip_past(&lines, "extern \"C\" {") || !lines_skip_past(&lines, "#endif"))
        return unexpected(complaint, "extern \"C\"");
    while (lines_next(&lines, &line)) {
        if (line_starts(line, "#ifdef __cplusplus"))
            return ST_OK;
        if (line_starts(line, "void Z_m_init_module(") ||
            line_starts(line, "void Z_m_instantiate(") || line_starts(line, "void Z_m_free("))
            continue;
        add_translated(out, line);
    }
    return unexpected(complaint, "#ifdef __cplusplus");
}

/* ---- wasm2c's source --------------------------------------------------------- */

/* The text between the first '=' and the end of a registration: equal texts are equal types. */
static struct line registration_of(struct line line)
{
    const char *equals = memchr(line.text, '=', line.bytes);
    struct line text = {line.text, 0};

    if (equals) {
        text.text = equals;
        text.bytes = line.bytes - (size_t)(equals - line.text);
    }
    return text;
}

/* init_func_types' lines become constants: for type N 1 + the first index of an equal type. */
static enum status translate_types(struct lines *lines, struct text *out,
                                   const struct wasm_module *module,
                                   const struct complaint *complaint)
{
    struct line *seen = calloc((size_t)module->type_count + 1, sizeof(*seen));
    struct line line;
    uint32_t count = 0;

    if (!seen)
        return complain(complaint, ST_NO_MEMORY, "out of memory");
    while (lines_next(lines, &line) && !line_is(line, "}")) {
        uint32_t same = 0;

        if (count == module->type_count || !line_starts(line, "  func_types["))
            break;
        seen[count] = registration_of(line);
        while (!line_equal(seen[same], seen[count]))
            same++;
        text_print(out, "#define FUNC_TYPE_%u %u\n", count, same + 1);
        count++;
    }
    free(seen);
    if (!line_is(line, "}") || count != module->type_count)
        return unexpected(complaint, "func_types");
    return ST_OK;
}

/* One item of an element segment, "  {TYPE, (wasm_rt_function_ptr_t)FUNCTION, OFFSET},", becomes a
 * macro call. */
static bool translate_element(struct line line, struct text *out)
{
    const char open[] = "  {", close[] = "},\n";
    size_t around = strlen(open) + strlen(close);

    if (line_is(line, "  {0, NULL, 0},")) {
        text_add_string(out, "  NULL_ELEMENT,\n");
        return true;
    }
    if (!line_starts(line, open) || line.bytes < around ||
        !line_at_starts(line.text + line.bytes - strlen(close), line.text + line.bytes, close))
        return false;
    text_add_string(out, "  ELEMENT(");
    text_add(out, line.text + strlen(open), line.bytes - around);
    text_add_string(out, "),\n");
    return true;
}

static enum status translate_elements(struct lines *lines, struct text *out,
                                      const struct complaint *complaint)
{
    struct line line;

    while (lines_next(lines, &line) && !line_is(line, "};"))
        if (!translate_element(line, out))
            return unexpected(complaint, "{type, function, offset}");
    if (!line_is(line, "};"))
        return unexpected(complaint, "};");
    text_add_string(out, "};\n");
    return ST_OK;
}

/* The body of Z_m_instantiate without what belongs to wasm2c's own runtime. */
static enum status translate_instantiate(struct lines *lines, struct text *out,
                                         const struct complaint *complaint)
{
    struct line line;

    text_add_string(out, "static void instantiate(void) {\n");
    while (lines_next(lines, &line)) {
        if (line_starts(line, "  assert(") || line_starts(line, "  init_instance_import("))
            continue;
        add_translated(out, line);
        if (line_is(line, "}"))
            return ST_OK;
    }
    return unexpected(complaint, "Z_m_instantiate");
}

static enum status translate_code(struct lines *lines, struct text *out,
                                  const struct complaint *complaint)
{
    struct line line;
    bool instantiated = false;

    while (lines_next(lines, &line)) {
        if (line_starts(line, "static void init_instance_import(") ||
            line_starts(line, "void Z_m_init_module(")) {
            if (!lines_skip_past(lines, "}"))
                return unexpected(complaint, "}");
        } else if (line_starts(line, "void Z_m_instantiate(")) {
            enum status status = translate_instantiate(lines, out, complaint);

            if (status != ST_OK)
                return status;
            instantiated = true;
        } else if (line_starts(line, "static const wasm_elem_segment_expr_t ")) {
            enum status status;

            add_translated(out, line);
            status = translate_elements(lines, out, complaint);
            if (status != ST_OK)
                return status;
        } else if (line_starts(line, "void Z_m_free(")) {
            return instantiated ? ST_OK : unexpected(complaint, "Z_m_instantiate");
        } else {
            add_translated(out, line);
        }
    }
    return unexpected(complaint, "Z_m_free");
}

static enum status translate_source(const struct text *source, struct text *out,
                                    const struct wasm_module *module,
                                    const struct complaint *complaint)
{
    struct lines lines = lines_of(source);
    enum status status;

    /* Everything before this line is the preamble. */
    if (!lines_skip_past(&lines, "static bool s_module_initialized = false;"))
        return unexpected(complaint, "s_module_initialized");
    if (!lines_skip_past(&lines, "static void init_func_types(void) {"))
        return unexpected(complaint, "init_func_types");
    status = translate_types(&lines, out, module, complaint);
    if (status != ST_OK)
        return status;
    return translate_code(&lines, out, complaint);
}

enum status translate(const struct wasm_module *module, const struct contract *contract,
                      const struct text *header, const struct text *source, struct text *out,
                      const struct complaint *complaint)
{
    enum status status;

    add_configuration(out, contract);
    status = translate_header(header, out, complaint);
    if (status != ST_OK)
        return status;
    text_add_string(out, "#include \"sandboxed/crt/state.h\"\n");
    add_wasi_stubs(out, module);
    status = translate_source(source, out, module, complaint);
    if (status != ST_OK)
        return status;
    text_add_string(out, "#include \"sandboxed/crt/entry.h\"\n");
    if (out->failed)
        return complain(complaint, ST_NO_MEMORY, "out of memory");
    return ST_OK;
}
