#include "toolchain/rewrite/rewrite.h"

#include "toolchain/rewrite/rewriter.h"

#include "abi/sfi.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool refuse(struct rewriter *rewriter, const char *format, ...)
{
    va_list arguments;

    rewriter->problem->line = rewriter->line;
    va_start(arguments, format);
    vsnprintf(rewriter->problem->message, sizeof(rewriter->problem->message), format, arguments);
    va_end(arguments);
    return false;
}

/* Everything that is held back goes out. */
bool rewriter_settle(struct rewriter *rewriter)
{
    if (rewriter->guard_given)
        return refuse(rewriter, "%%r11 is for guards: no access follows the guard");
    mark_now(rewriter);
    stack_before_label(rewriter);
    window_flush(&rewriter->window);
    return true;
}

/* Functions start bundles: computed calls lead to nothing else. */
static bool rewrite_label(struct rewriter *rewriter, struct span name)
{
    if (!span_is_name(name))
        return refuse(rewriter, "not a label");
    if (!rewriter_settle(rewriter))
        return false;
    if (rewriter->in_text && rewriter->function.bytes && span_equal(name, rewriter->function)) {
        fprintf(rewriter->out, "\t.p2align\t%u\n", SFI_BUNDLE_SHIFT);
        rewriter->function.bytes = 0;
        rewriter->function_start = rewriter->window.written;
    }
    fprintf(rewriter->out, "%.*s:\n", (int)name.bytes, name.at);
    return true;
}

static bool rewrite_operation(struct rewriter *rewriter, struct span statement)
{
    struct span name = span_leading_name(statement);
    struct span arguments = span_trim(span_skip(statement, name.bytes));
    struct insn insn;
    const char *problem;

    if (!name.bytes)
        return refuse(rewriter, "not a statement of an assembler");
    if (name.at[0] == '.')
        return rewriter_settle(rewriter) && rewrite_directive(rewriter, name, arguments);
    problem = insn_parse(name, arguments, &insn);
    if (problem)
        return refuse(rewriter, "%s: %.*s", problem,
                      (int)(statement.bytes < 100 ? statement.bytes : 100), statement.at);
    return rewrite_instruction(rewriter, &insn);
}

/* "label: label: operation" */
static bool rewrite_statement(struct rewriter *rewriter, struct span statement)
{
    for (;;) {
        struct span name;

        statement = span_trim(statement);
        if (!statement.bytes)
            return true;
        name = span_leading_name(statement);
        if (name.bytes == statement.bytes || !name.bytes || statement.at[name.bytes] != ':')
            return rewrite_operation(rewriter, statement);
        if (!rewrite_label(rewriter, name))
            return false;
        statement = span_skip(statement, name.bytes + 1);
    }
}

/* A line is statements separated by ';', up to a '#'; neither counts inside a string. */
static bool rewrite_line(struct rewriter *rewriter, struct span line)
{
    bool in_string = false;
    size_t start = 0;

    for (size_t at = 0; at <= line.bytes; at++) {
        char c = at < line.bytes ? line.at[at] : '\0';
        bool end = at == line.bytes || (!in_string && (c == ';' || c == '#'));

        if (in_string && c == '\\')
            at++;
        else if (c == '"')
            in_string = !in_string;
        if (!end)
            continue;
        if (in_string)
            return refuse(rewriter, "a string does not end");
        if (!rewrite_statement(rewriter, (struct span){line.at + start, at - start}))
            return false;
        if (c == '#')
            break;
        start = at + 1;
    }
    return true;
}

static bool rewrite_lines(struct rewriter *rewriter, struct span text)
{
    if (memchr(text.at, '\0', text.bytes))
        return refuse(rewriter, "not a text");
    fprintf(rewriter->out, "\t.bundle_align_mode\t%u\n", SFI_BUNDLE_SHIFT);
    while (text.bytes) {
        const char *end = memchr(text.at, '\n', text.bytes);
        size_t bytes = end ? (size_t)(end - text.at) : text.bytes;

        rewriter->line++;
        if (!rewrite_line(rewriter, (struct span){text.at, bytes}))
            return false;
        text = span_skip(text, bytes + (end != NULL));
    }
    return rewriter_settle(rewriter);
}

enum status rewrite(const char *text, size_t bytes, const struct rewrite_options *options,
                    struct rewrite_result *result, struct rewrite_problem *problem)
{
    struct rewriter rewriter = {
        .problem = problem, .marks = options->marks, .in_text = true, .function_start = UINT64_MAX};
    bool done, written;

    memset(result, 0, sizeof(*result));
    memset(problem, 0, sizeof(*problem));
    rewriter.out = open_memstream(&result->text, &result->bytes);
    if (!rewriter.out)
        return ST_NO_MEMORY;
    window_open(&rewriter.window, rewriter.out, &rewriter.counts);
    done = rewrite_lines(&rewriter, (struct span){text, bytes});
    written = !ferror(rewriter.out);
    written &= fclose(rewriter.out) == 0;
    result->counts = rewriter.counts;
    if (done && written)
        return ST_OK;
    rewrite_free(result);
    return done ? ST_NO_MEMORY : ST_UNSUPPORTED;
}

void rewrite_free(struct rewrite_result *result)
{
    free(result->text);
    memset(result, 0, sizeof(*result));
}
