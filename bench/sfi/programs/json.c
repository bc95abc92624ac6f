/* JSON: a document is printed from random values, parsed into a tree, and printed again. */
#include "program.h"

#define ITEMS     150 /* records in the document */
#define TEXT_MAX  65536
#define NODES_MAX 8192
#define DEPTH_MAX 32

enum kind { NOTHING, BOOLEAN, NUMBER, STRING, LIST, RECORD };

struct node {
    enum kind kind;
    struct node *next, *child; /* in lists and records */
    const char *key, *text;    /* into the parsed text, quotes excluded */
    uint32_t key_bytes, text_bytes;
    int64_t number; /* thousandths; 0 or 1 */
};

struct output {
    char text[TEXT_MAX];
    size_t bytes;
};

static struct output document, copy;
static struct node nodes[NODES_MAX];
static size_t node_count;

/* ---- printing ---------------------------------------------------------------- */

static void put(struct output *out, char c)
{
    if (out->bytes < TEXT_MAX)
        out->text[out->bytes++] = c;
}

static void put_text(struct output *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        put(out, text[i]);
}

static void put_word(struct output *out, const char *word)
{
    while (*word)
        put(out, *word++);
}

static void put_quoted(struct output *out, const char *text, size_t bytes)
{
    put(out, '"');
    put_text(out, text, bytes);
    put(out, '"');
}

/* Thousandths, without zeros at the end. */
static void put_number(struct output *out, int64_t thousandths)
{
    uint64_t rest = thousandths < 0 ? -(uint64_t)thousandths : (uint64_t)thousandths;
    uint32_t fraction = (uint32_t)(rest % 1000);
    char digits[20];
    size_t count = 0;

    if (thousandths < 0)
        put(out, '-');
    rest /= 1000;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    while (count)
        put(out, digits[--count]);
    if (fraction)
        put(out, '.');
    for (uint32_t unit = 100; fraction; fraction %= unit, unit /= 10)
        put(out, (char)('0' + fraction / unit));
}

static void print_node(struct output *out, const struct node *node)
{
    switch (node->kind) {
    case NOTHING:
        put_word(out, "null");
        break;
    case BOOLEAN:
        put_word(out, node->number ? "true" : "false");
        break;
    case NUMBER:
        put_number(out, node->number);
        break;
    case STRING:
        put_quoted(out, node->text, node->text_bytes);
        break;
    case LIST:
    case RECORD:
        put(out, node->kind == LIST ? '[' : '{');
        for (const struct node *child = node->child; child; child = child->next) {
            if (node->kind == RECORD) {
                put_quoted(out, child->key, child->key_bytes);
                put(out, ':');
            }
            print_node(out, child);
            if (child->next)
                put(out, ',');
        }
        put(out, node->kind == LIST ? ']' : '}');
        break;
    }
}

/* ---- parsing ------------------------------------------------------------------ */

struct parser {
    const char *at, *end;
    bool failed;
};

static char peek(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t'))
        p->at++;
    return p->at < p->end ? *p->at : '\0';
}

static bool take(struct parser *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static void expect(struct parser *p, const char *word)
{
    for (; *word; word++)
        if (p->at == p->end || *p->at++ != *word)
            p->failed = true;
}

static uint32_t parse_quoted(struct parser *p, const char **text)
{
    if (!take(p, '"'))
        p->failed = true;
    *text = p->at;
    while (p->at < p->end && *p->at != '"')
        p->at += *p->at == '\\' && p->at + 1 < p->end ? 2 : 1;
    if (p->at == p->end) {
        p->failed = true;
        return 0;
    }
    return (uint32_t)(p->at++ - *text);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int64_t parse_number(struct parser *p)
{
    bool negative = take(p, '-');
    int64_t value = 0, unit = 100;

    while (p->at < p->end && is_digit(*p->at))
        value = value * 10 + (*p->at++ - '0');
    value *= 1000;
    if (p->at < p->end && *p->at == '.')
        for (p->at++; p->at < p->end && is_digit(*p->at); unit /= 10)
            value += (*p->at++ - '0') * unit;
    return negative ? -value : value;
}

static struct node *parse_value(struct parser *p, unsigned depth);

static struct node *parse_members(struct parser *p, enum kind kind, unsigned depth)
{
    struct node *first = NULL, **place = &first;
    char closing = kind == LIST ? ']' : '}';

    p->at++;
    if (take(p, closing))
        return NULL;
    do {
        const char *key = NULL;
        uint32_t key_bytes = 0;
        struct node *child;

        if (kind == RECORD) {
            key_bytes = parse_quoted(p, &key);
            if (!take(p, ':'))
                p->failed = true;
        }
        child = parse_value(p, depth + 1);
        child->key = key;
        child->key_bytes = key_bytes;
        *place = child;
        place = &child->next;
    } while (!p->failed && take(p, ','));
    if (!take(p, closing))
        p->failed = true;
    return first;
}

static void parse_word(struct parser *p, struct node *node)
{
    switch (peek(p)) {
    case 't':
        expect(p, "true");
        node->kind = BOOLEAN;
        node->number = 1;
        break;
    case 'f':
        expect(p, "false");
        node->kind = BOOLEAN;
        break;
    default:
        expect(p, "null");
        break;
    }
}

static struct node *parse_value(struct parser *p, unsigned depth)
{
    struct node *node = &nodes[node_count < NODES_MAX - 1 ? node_count++ : node_count];
    char c = peek(p);

    *node = (struct node){.kind = NOTHING};
    if (depth > DEPTH_MAX || node_count == NODES_MAX - 1) {
        p->failed = true;
    } else if (c == '{' || c == '[') {
        node->kind = c == '[' ? LIST : RECORD;
        node->child = parse_members(p, node->kind, depth);
    } else if (c == '"') {
        node->kind = STRING;
        node->text_bytes = parse_quoted(p, &node->text);
    } else if (c == '-' || is_digit(c)) {
        node->kind = NUMBER;
        node->number = parse_number(p);
    } else {
        parse_word(p, node);
    }
    return node;
}

/* ---- the document -------------------------------------------------------------- */

static void put_random_text(struct output *out, uint64_t *seed)
{
    size_t bytes = 4 + next_random(seed) % 24;

    put(out, '"');
    for (size_t i = 0; i < bytes; i++) {
        char c = (char)(' ' + next_random(seed) % 95);

        if (c == '"' || c == '\\')
            put(out, '\\');
        put(out, c);
    }
    put(out, '"');
}

static void put_item(struct output *out, uint64_t *seed)
{
    put_word(out, "{\"id\":");
    put_number(out, (int64_t)(next_random(seed) % 1000000000) * 1000);
    put_word(out, ",\"name\":");
    put_random_text(out, seed);
    put_word(out, ",\"weight\":");
    put_number(out, (int64_t)(next_random(seed) % 2000000) - 1000000);
    put_word(out, next_random(seed) % 2 ? ",\"known\":true" : ",\"known\":false");
    put_word(out, ",\"none\":null,\"tags\":[");
    put_random_text(out, seed);
    put(out, ',');
    put_random_text(out, seed);
    put_word(out, "],\"place\":{\"x\":");
    put_number(out, (int64_t)(next_random(seed) % 360000) - 180000);
    put_word(out, ",\"y\":");
    put_number(out, (int64_t)(next_random(seed) % 180000) - 90000);
    put_word(out, "}}");
}

static void write_document(uint64_t *seed)
{
    document.bytes = 0;
    put(&document, '[');
    for (size_t i = 0; i < ITEMS; i++) {
        if (i)
            put(&document, ',');
        put_item(&document, seed);
    }
    put(&document, ']');
}

static bool same_text(const struct output *a, const struct output *b)
{
    size_t i = 0;

    while (i < a->bytes && i < b->bytes && a->text[i] == b->text[i])
        i++;
    return i == a->bytes && i == b->bytes;
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 14;

    for (uint32_t round = 0; round < scale; round++) {
        struct parser parser;

        write_document(&seed);
        parser = (struct parser){document.text, document.text + document.bytes, false};
        node_count = 0;
        copy.bytes = 0;
        print_node(&copy, parse_value(&parser, 0));
        if (parser.failed || parser.at != parser.end || !same_text(&document, &copy))
            return 0;
        checksum = mix(checksum, node_count);
        for (size_t i = 0; i < copy.bytes; i += 5)
            checksum = mix(checksum, (uint8_t)copy.text[i]);
    }
    return checksum;
}
