/* Directives: what may be in a file of sandboxed code besides instructions. */
#include "toolchain/rewrite/rewriter.h"

#include <string.h>

enum directive_kind {
    DIRECTIVE_DROP,  /* says nothing to the assembler that we need */
    DIRECTIVE_NAMES, /* arguments: names */
    DIRECTIVE_TYPE,
    DIRECTIVE_SIZE,
    DIRECTIVE_ALIGN, /* numbers */
    DIRECTIVE_DATA,  /* numbers, names, strings; not in text */
    DIRECTIVE_TEXT,
    DIRECTIVE_SECTION,
};

static const struct directive {
    const char *name;
    enum directive_kind kind;
} directives[] = {
    {".file", DIRECTIVE_DROP},       {".ident", DIRECTIVE_DROP},   {".globl", DIRECTIVE_NAMES},
    {".hidden", DIRECTIVE_NAMES},    {".local", DIRECTIVE_NAMES},  {".set", DIRECTIVE_NAMES},
    {".type", DIRECTIVE_TYPE},       {".size", DIRECTIVE_SIZE},    {".p2align", DIRECTIVE_ALIGN},
    {".align", DIRECTIVE_ALIGN},     {".balign", DIRECTIVE_ALIGN}, {".byte", DIRECTIVE_DATA},
    {".value", DIRECTIVE_DATA},      {".short", DIRECTIVE_DATA},   {".long", DIRECTIVE_DATA},
    {".int", DIRECTIVE_DATA},        {".quad", DIRECTIVE_DATA},    {".string", DIRECTIVE_DATA},
    {".ascii", DIRECTIVE_DATA},      {".zero", DIRECTIVE_DATA},    {".text", DIRECTIVE_TEXT},
    {".section", DIRECTIVE_SECTION},
};

static const struct directive *find(struct span name)
{
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
        if (span_is(name, directives[i].name))
            return &directives[i];
    return NULL;
}

/* ---- arguments ------------------------------------------------------------------ */

/* "5", "-5", "name", "name+5", "name-name", ".-name" */
static bool is_expression(struct span text)
{
    int64_t number;
    struct span first = span_leading_name(text), second;

    if (!text.bytes)
        return false;
    if (!first.bytes)
        return span_number(text, &number);
    second = span_skip(text, first.bytes);
    if (!second.bytes)
        return true;
    if (second.at[0] != '+' && second.at[0] != '-')
        return false;
    second = span_skip(second, 1);
    return span_is_name(second) ||
           (second.bytes && second.at[0] != '-' && span_number(second, &number));
}

static bool is_string(struct span text)
{
    if (text.bytes < 2 || text.at[0] != '"' || text.at[text.bytes - 1] != '"')
        return false;
    for (size_t i = 1; i < text.bytes - 1; i++) {
        if (text.at[i] == '"' || text.at[i] == '\n')
            return false;
        if (text.at[i] == '\\' && ++i == text.bytes - 1)
            return false;
    }
    return true;
}

static bool all_arguments(struct span arguments, bool (*accepts)(struct span))
{
    struct span rest = arguments, argument;
    bool any = false;

    while (span_next_argument(&rest, &argument)) {
        if (!accepts(argument))
            return false;
        any = true;
    }
    return any;
}

static bool is_number_or_empty(struct span text)
{
    int64_t number;

    return !text.bytes || (span_number(text, &number) && number >= 0 && number <= 4096);
}

static bool write_checked(struct rewriter *rewriter, struct span name, struct span arguments,
                          bool accepted)
{
    if (!accepted)
        return refuse(rewriter, "%.*s with these arguments is not for sandboxed code",
                      (int)name.bytes, name.at);
    fprintf(rewriter->out, "\t%.*s\t%.*s\n", (int)name.bytes, name.at, (int)arguments.bytes,
            arguments.at);
    return true;
}

/* ---- sections --------------------------------------------------------------------- */

struct section_kind {
    const char *name;
    bool text;
    const char *flags;
};

/* Each with all sections whose name continues with a dot. */
static const struct section_kind section_kinds[] = {
    {".text", true, "ax"},         {".rodata", false, "aMS"},
    {".data.rel.ro", false, "aw"}, /* constants with addresses in them: read-only for us */
    {".crt_info", false, "a"},     {".note.GNU-stack", false, ""},
};

static bool is_kind(struct span name, const char *kind)
{
    return span_starts(name, kind) && (name.bytes == strlen(kind) || name.at[strlen(kind)] == '.');
}

static bool flags_within(struct span flags, const char *allowed)
{
    if (flags.bytes < 2 || flags.at[0] != '"' || flags.at[flags.bytes - 1] != '"')
        return false;
    for (size_t i = 1; i < flags.bytes - 1; i++)
        if (!strchr(allowed, flags.at[i]))
            return false;
    return true;
}

static bool is_section_type(struct span argument)
{
    int64_t number;

    return span_is(argument, "@progbits") || (span_number(argument, &number) && number > 0);
}

static bool check_section(struct span arguments, bool *text)
{
    struct span rest = arguments, name, flags, argument;

    if (!span_next_argument(&rest, &name) ||
        !span_is_name(span_starts(name, ".note.GNU-stack") ? (struct span){"x", 1} : name))
        return false;
    for (size_t i = 0; i < sizeof(section_kinds) / sizeof(section_kinds[0]); i++) {
        if (!is_kind(name, section_kinds[i].name))
            continue;
        *text = section_kinds[i].text;
        if (!span_next_argument(&rest, &flags))
            return true;
        if (!flags_within(flags, section_kinds[i].flags))
            return false;
        while (span_next_argument(&rest, &argument))
            if (!is_section_type(argument))
                return false;
        return true;
    }
    return false;
}

static bool change_section(struct rewriter *rewriter, struct span name, struct span arguments)
{
    bool text = true;

    if (name.bytes == strlen(".text") ? arguments.bytes != 0 : !check_section(arguments, &text))
        return refuse(rewriter,
                      "not a section for sandboxed code, which has text and constants only");
    rewriter->in_text = text;
    return write_checked(rewriter, name, arguments, true);
}

/* ---- all of them ------------------------------------------------------------------ */

static bool rewrite_type(struct rewriter *rewriter, struct span name, struct span arguments)
{
    struct span rest = arguments, symbol, type;

    if (!span_next_argument(&rest, &symbol) || !span_is_name(symbol) ||
        !span_next_argument(&rest, &type) || rest.bytes ||
        (!span_is(type, "@function") && !span_is(type, "@object")))
        return write_checked(rewriter, name, arguments, false);
    if (span_is(type, "@function"))
        rewriter->function = symbol;
    return write_checked(rewriter, name, arguments, true);
}

/* For disassemblers only: functions end here, sizes of constants do not matter. */
static bool rewrite_size(struct rewriter *rewriter, struct span arguments)
{
    struct span name = span_leading_name(arguments);

    if (rewriter->in_text && name.bytes)
        fprintf(rewriter->out, "\t.size\t%.*s, .-%.*s\n", (int)name.bytes, name.at, (int)name.bytes,
                name.at);
    return true;
}

static bool is_data(struct span argument)
{
    return is_expression(argument) || is_string(argument);
}

/* Strings may contain commas: one string is the whole argument list, as gcc writes it. */
static bool check_data(struct rewriter *rewriter, struct span name, struct span arguments)
{
    if (rewriter->in_text)
        return refuse(rewriter, "data in text");
    return write_checked(rewriter, name, arguments,
                         is_string(arguments) || all_arguments(arguments, is_data));
}

bool rewrite_directive(struct rewriter *rewriter, struct span name, struct span arguments)
{
    const struct directive *directive = find(name);

    if (!directive && span_starts(name, ".cfi_"))
        return true;
    if (!directive)
        return refuse(rewriter, "the directive %.*s is not listed for sandboxed code",
                      (int)name.bytes, name.at);
    switch (directive->kind) {
    case DIRECTIVE_DROP:
        return true;
    case DIRECTIVE_NAMES:
        return write_checked(rewriter, name, arguments, all_arguments(arguments, span_is_name));
    case DIRECTIVE_TYPE:
        return rewrite_type(rewriter, name, arguments);
    case DIRECTIVE_SIZE:
        return rewrite_size(rewriter, arguments);
    case DIRECTIVE_ALIGN:
        return write_checked(rewriter, name, arguments,
                             all_arguments(arguments, is_number_or_empty));
    case DIRECTIVE_DATA:
        return check_data(rewriter, name, arguments);
    case DIRECTIVE_TEXT:
    case DIRECTIVE_SECTION:
        return change_section(rewriter, name, arguments);
    }
    return false;
}
