/* The outer interpreter: takes source text apart, executes and compiles. */
#include "forth.h"

#include <stdio.h>
#include <string.h>

/* ---- words of the source -------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static char take(struct forth *forth)
{
    char c = *forth->source.start;

    forth->source.start++;
    forth->source.bytes--;
    if (c == '\n')
        forth->line++;
    return c;
}

/* Empty at the end of the source. Fails above WORD_BYTES_MAX. */
static struct text next_word(struct forth *forth)
{
    struct text word;

    while (forth->source.bytes && is_space(*forth->source.start))
        take(forth);
    word = (struct text){forth->source.start, 0};
    while (forth->source.bytes && !is_space(*forth->source.start)) {
        take(forth);
        word.bytes++;
    }
    if (word.bytes > WORD_BYTES_MAX) {
        forth_fail(forth, "the word is too long");
        word.bytes = WORD_BYTES_MAX;
    }
    return word;
}

/* Up to and without `end`, which is taken as well. */
static struct text take_until(struct forth *forth, char end)
{
    struct text text;

    if (forth->source.bytes)
        take(forth); /* the space behind the word */
    text = (struct text){forth->source.start, 0};
    while (forth->source.bytes && take(forth) != end)
        text.bytes++;
    return text;
}

/* Decimal, or hexadecimal after $; 32 bits. */
static bool parse_number(struct text word, uint32_t *value)
{
    bool negative = word.bytes && *word.start == '-';
    unsigned base = word.bytes && *word.start == '$' ? 16 : 10;
    size_t at = negative || base == 16 ? 1 : 0;
    uint64_t number = 0;

    if (at == word.bytes)
        return false;
    for (; at < word.bytes; at++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, word.start[at]);

        if (!word.start[at] || !digit || digit - digits >= (int)base)
            return false;
        number = number * base + (uint64_t)(digit - digits);
        if (number > UINT32_MAX)
            return false;
    }
    *value = negative ? 0 - (uint32_t)number : (uint32_t)number;
    return true;
}

/* ---- control structures ------------------------------------------------------------ */

static bool open(struct forth *forth, enum open_kind kind, uint32_t address)
{
    if (forth->open_count == OPEN_MAX)
        return forth_fail(forth, "too many structures inside each other");
    forth->open[forth->open_count++] = (struct open){kind, address};
    return true;
}

static bool close(struct forth *forth, enum open_kind kind, uint32_t *address)
{
    *address = 0;
    if (!forth->open_count || forth->open[forth->open_count - 1].kind != kind)
        return forth_fail(forth, "nothing that this ends is open");
    *address = forth->open[--forth->open_count].address;
    return true;
}

/* A branch whose target is known later, behind the token. */
static bool branch_ahead(struct forth *forth, enum primitive token, enum open_kind kind)
{
    return memory_append(forth, token) && memory_append(forth, 0) &&
           open(forth, kind, forth->here - CELL);
}

static bool branch_back(struct forth *forth, enum primitive token, uint32_t target)
{
    return memory_append(forth, token) && memory_append(forth, target);
}

static bool land_here(struct forth *forth, uint32_t branch)
{
    return cell_write(forth, branch, forth->here);
}

static bool compile_if(struct forth *forth)
{
    return branch_ahead(forth, P_BRANCH_0, OPEN_IF);
}

static bool compile_else(struct forth *forth)
{
    uint32_t condition;

    return close(forth, OPEN_IF, &condition) && branch_ahead(forth, P_BRANCH, OPEN_IF) &&
           land_here(forth, condition);
}

static bool compile_then(struct forth *forth)
{
    uint32_t branch;

    return close(forth, OPEN_IF, &branch) && land_here(forth, branch);
}

static bool compile_begin(struct forth *forth)
{
    return open(forth, OPEN_BEGIN, forth->here);
}

static bool compile_until(struct forth *forth)
{
    uint32_t start;

    return close(forth, OPEN_BEGIN, &start) && branch_back(forth, P_BRANCH_0, start);
}

static bool compile_while(struct forth *forth)
{
    return branch_ahead(forth, P_BRANCH_0, OPEN_WHILE);
}

static bool compile_repeat(struct forth *forth)
{
    uint32_t condition, start;

    return close(forth, OPEN_WHILE, &condition) && close(forth, OPEN_BEGIN, &start) &&
           branch_back(forth, P_BRANCH, start) && land_here(forth, condition);
}

static bool compile_do(struct forth *forth)
{
    return branch_ahead(forth, P_DO, OPEN_DO);
}

static bool compile_question_do(struct forth *forth)
{
    return branch_ahead(forth, P_QUESTION_DO, OPEN_DO);
}

/* The way out of a loop is in front of its first word. */
static bool end_loop(struct forth *forth, enum primitive token)
{
    uint32_t way_out;

    return close(forth, OPEN_DO, &way_out) && branch_back(forth, token, way_out + CELL) &&
           land_here(forth, way_out);
}

static bool compile_loop(struct forth *forth)
{
    return end_loop(forth, P_LOOP);
}

static bool compile_plus_loop(struct forth *forth)
{
    return end_loop(forth, P_PLUS_LOOP);
}

/* ---- definitions ------------------------------------------------------------------- */

static bool pop(struct forth *forth, uint32_t *value)
{
    *value = 0;
    if (!forth->depth)
        return forth_fail(forth, "the stack is empty");
    *value = forth->data[--forth->depth];
    return true;
}

static bool push(struct forth *forth, uint32_t value)
{
    if (forth->depth == STACK_CELLS)
        return forth_fail(forth, "the stack is full");
    forth->data[forth->depth++] = value;
    return true;
}

static bool define(struct forth *forth)
{
    return dictionary_begin(forth, next_word(forth), WORD_TOKEN);
}

static bool end_definition(struct forth *forth)
{
    if (forth->open_count)
        return forth_fail(forth, "something is still open");
    if (!memory_append(forth, P_EXIT))
        return false;
    dictionary_reveal(forth);
    return true;
}

static bool define_constant(struct forth *forth, uint32_t value)
{
    if (!dictionary_begin(forth, next_word(forth), WORD_CONSTANT) || !memory_append(forth, value))
        return false;
    dictionary_reveal(forth);
    return true;
}

static bool constant(struct forth *forth)
{
    uint32_t value;

    return pop(forth, &value) && define_constant(forth, value);
}

/* A constant that is the address behind itself. */
static bool create(struct forth *forth)
{
    return define_constant(forth, 0) && cell_write(forth, forth->here - CELL, forth->here);
}

static bool variable(struct forth *forth)
{
    return create(forth) && memory_append(forth, 0);
}

static bool recurse(struct forth *forth)
{
    uint32_t token;
    uint32_t latest = forth->latest, definition = forth->definition;
    struct text name;

    if (!cell_read(forth, definition + 2 * CELL, &token))
        return false;
    name = (struct text){(const char *)forth->memory + definition + 3 * CELL, token};
    forth->latest = definition;
    dictionary_find(forth, name, &token);
    forth->latest = latest;
    return memory_append(forth, token);
}

static bool compile_string(struct forth *forth)
{
    struct text text = take_until(forth, '"');
    uint32_t bytes = (uint32_t)text.bytes;
    uint32_t start;

    if (!memory_append(forth, P_TYPE_STRING) || !memory_append(forth, bytes))
        return false;
    start = forth->here;
    if (!memory_allot(forth, (bytes + CELL - 1) & ~(CELL - 1)))
        return false;
    memcpy(forth->memory + start, text.start, bytes);
    return true;
}

static bool print_string(struct forth *forth)
{
    struct text text = take_until(forth, '"');

    fwrite(text.start, 1, text.bytes, stdout);
    return true;
}

static bool literal(struct forth *forth, uint32_t value)
{
    if (!forth->definition)
        return push(forth, value);
    return memory_append(forth, P_LIT) && memory_append(forth, value);
}

static bool tick(struct forth *forth)
{
    uint32_t token;

    if (dictionary_find(forth, next_word(forth), &token) != WORD_TOKEN)
        return forth_fail(forth, "no word that could be executed follows");
    return literal(forth, token);
}

static bool comment(struct forth *forth)
{
    take_until(forth, ')');
    return true;
}

static bool line_comment(struct forth *forth)
{
    while (forth->source.bytes && *forth->source.start != '\n')
        take(forth);
    return true;
}

/* ---- the loop ------------------------------------------------------------------------- */

/* Words that read the source or build a definition. NULL: not there. */
static const struct special {
    const char *name;
    bool (*interpreted)(struct forth *forth);
    bool (*compiled)(struct forth *forth);
} specials[] = {
    {":", define, NULL},
    {";", NULL, end_definition},
    {"constant", constant, NULL},
    {"variable", variable, NULL},
    {"create", create, NULL},
    {"recurse", NULL, recurse},
    {"'", tick, tick},
    {"if", NULL, compile_if},
    {"else", NULL, compile_else},
    {"then", NULL, compile_then},
    {"begin", NULL, compile_begin},
    {"until", NULL, compile_until},
    {"while", NULL, compile_while},
    {"repeat", NULL, compile_repeat},
    {"do", NULL, compile_do},
    {"?do", NULL, compile_question_do},
    {"loop", NULL, compile_loop},
    {"+loop", NULL, compile_plus_loop},
    {".\"", print_string, compile_string},
    {"(", comment, comment},
    {"\\", line_comment, line_comment},
};

static const struct special *find_special(struct text word)
{
    for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
        if (word.bytes == strlen(specials[i].name) &&
            memcmp(word.start, specials[i].name, word.bytes) == 0)
            return &specials[i];
    return NULL;
}

static bool do_special(struct forth *forth, const struct special *special)
{
    bool (*act)(struct forth *) = forth->definition ? special->compiled : special->interpreted;

    if (!act)
        return forth_fail(forth, forth->definition ? "not inside a definition"
                                                   : "only inside a definition");
    return act(forth);
}

static bool do_word(struct forth *forth, struct text word)
{
    const struct special *special = find_special(word);
    uint32_t value;

    if (special)
        return do_special(forth, special);
    switch (dictionary_find(forth, word, &value)) {
    case WORD_TOKEN:
        return forth->definition ? memory_append(forth, value) : forth_execute(forth, value);
    case WORD_CONSTANT:
        return literal(forth, value);
    default:
        if (forth->error)
            return false;
        return parse_number(word, &value) ? literal(forth, value)
                                          : forth_fail(forth, "neither a word nor a number");
    }
}

void forth_start(struct forth *forth)
{
    forth->here = MEMORY_FIRST;
}

bool forth_interpret(struct forth *forth, struct text source)
{
    forth->source = source;
    forth->line = 1;
    for (;;) {
        forth->word = next_word(forth);
        if (!forth->word.bytes || forth->error)
            break;
        if (!do_word(forth, forth->word))
            break;
    }
    if (!forth->error && forth->definition)
        forth_fail(forth, "the last definition does not end");
    return !forth->error;
}
