/*
 * Whatever the input, the rewriter neither crashes nor lets a memory operand through that is none
 * of the policy's forms. The output is looked at here as text, by other code than the rewriter's.
 */
#include "toolchain/rewrite/rewrite.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(bool holds, const char *line)
{
    if (!holds) {
        fprintf(stderr, "passed through: %s\n", line);
        abort();
    }
}

/* Names of 64-bit registers start with "%r"; of others only r8d .. r15d do. */
static bool has_wide_register(const char *at)
{
    for (; (at = strstr(at, "%r")) != NULL; at++) {
        size_t digits = strspn(at + 2, "0123456789");

        if (digits == 0 || at[2 + digits] != 'd')
            return true;
    }
    return false;
}

static void check_address(const char *line, const char *open, bool locked)
{
    char inside[256];
    const char *close = strchr(open, ')');
    bool segment = strstr(line, "%gs:") || strstr(line, "%fs:");

    check(close && close - open < (long)sizeof(inside), line);
    memcpy(inside, open + 1, (size_t)(close - open - 1));
    inside[close - open - 1] = '\0';
    if (strncmp(line, "\tlea", 4) == 0)
        return;
    if (strcmp(inside, "%rsp") == 0 || strcmp(inside, "%rip") == 0)
        check(!segment, line);
    else if (has_wide_register(inside))
        check(locked && strstr(line, "%fs:") && !strchr(inside, ','), line);
    else
        check(segment && !strstr(inside, "%esp"), line);
}

/* Branches through %r11 apart, nothing but the guard's own
 * instructions and marks names %r14. */
static void check_line(const char *line, bool locked, bool marks, bool *text)
{
    const char *open = strchr(line, '(');

    if (strncmp(line, "\t.text", 6) == 0 || strncmp(line, "\t.section", 9) == 0)
        *text = strncmp(line, "\t.section\t.text", 15) == 0 || strncmp(line, "\t.text", 6) == 0;
    if (line[0] != '\t' || line[1] == '.')
        return;
    check(*text, line);
    check(strncmp(line, "\tret", 4) != 0 && strncmp(line, "\tleave", 6) != 0, line);
    if (strchr(line, '*'))
        check(locked && strstr(line, "\t*%r11"), line);
    if (strcmp(line, "\tmovb\t$1, 536870912(%r14,%r11,1)") == 0) {
        check(locked && marks, line);
        return;
    }
    if (strstr(line, "%r14"))
        check(strcmp(line, "\taddq\t%r14, %r11") == 0, line);
    if (open)
        check_address(line, open, locked);
    else
        check(!strstr(line, "%gs:") && !strstr(line, "%fs:"), line);
}

static void check_output(char *output, bool marks)
{
    bool locked = false, text = true;

    for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "\t.bundle_lock", 13) == 0) {
            check(!locked, line);
            locked = true;
        } else if (strcmp(line, "\t.bundle_unlock") == 0) {
            check(locked, line);
            locked = false;
        } else {
            check_line(line, locked, marks, &text);
        }
    }
    if (locked)
        abort();
}

static void rewrite_and_check(const char *text, size_t size, const struct rewrite_options *options)
{
    struct rewrite_result result;
    struct rewrite_problem problem;
    char *output;

    if (rewrite(text, size, options, &result, &problem) != ST_OK)
        return;
    output = malloc(result.bytes + 1);
    if (!output)
        abort();
    memcpy(output, result.text, result.bytes);
    output[result.bytes] = '\0';
    rewrite_free(&result);
    check_output(output, options->marks);
    free(output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rewrite_and_check((const char *)data, size, &(struct rewrite_options){.marks = false});
    rewrite_and_check((const char *)data, size, &(struct rewrite_options){.marks = true});
    return 0;
}
