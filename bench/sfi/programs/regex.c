/*
 * A regular expression matcher that backtracks, over lines of a log. Patterns know . [a-z] [^a-z]
 * \d \w, the repetitions * + ?, groups with |, and the ends ^ $.
 */
#include "program.h"

#define LINES      120 /* for each unit of scale, with all patterns */
#define LINE_BYTES 96
#define NODES      64

enum kind { MATCH, ANY, SET, SPLIT, JUMP, LINE_START, LINE_END };

/* A program as for a virtual machine: a SPLIT tries `next` first, then `other`. */
struct node {
    enum kind kind;
    uint32_t set[8]; /* of bytes, for SET */
    uint8_t next, other;
};

struct pattern {
    struct node nodes[NODES];
    uint8_t count;
    const char *at; /* while compiling */
};

static const char *const sources[] = {
    "^\\d+ (GET|PUT|POST) /api/(\\w+/)*\\w+ 20\\d",
    "user=[a-z]+\\d\\d?.*time=\\d+ms$",
    "(error|warning|fatal): [^:]+:",
    "\\w+@\\w+(\\.\\w+)+",
    "(a|b|ab)*c+d",
};

static struct pattern patterns[COUNT_OF(sources)];
static char line[LINE_BYTES + 1];

static uint8_t add_node(struct pattern *p, enum kind kind)
{
    uint8_t i = p->count++;

    p->nodes[i] = (struct node){.kind = kind, .next = p->count};
    return i;
}

static void set_range(struct node *node, uint8_t first, uint8_t last)
{
    for (unsigned c = first; c <= last; c++)
        node->set[c / 32] |= 1u << c % 32;
}

static void set_class(struct node *node, char name)
{
    if (name == 'd' || name == 'w')
        set_range(node, '0', '9');
    if (name == 'w') {
        set_range(node, 'a', 'z');
        set_range(node, 'A', 'Z');
        set_range(node, '_', '_');
    }
    if (name != 'd' && name != 'w')
        set_range(node, (uint8_t)name, (uint8_t)name);
}

static void compile_brackets(struct pattern *p, struct node *node)
{
    bool inverted = *p->at == '^';

    p->at += inverted;
    while (*p->at != ']') {
        uint8_t first = (uint8_t)*p->at++, last = first;

        if (p->at[0] == '-' && p->at[1] != ']') {
            last = (uint8_t)p->at[1];
            p->at += 2;
        }
        set_range(node, first, last);
    }
    p->at++;
    for (size_t i = 0; inverted && i < COUNT_OF(node->set); i++)
        node->set[i] = ~node->set[i];
}

static void compile_choice(struct pattern *p);

static void compile_one(struct pattern *p)
{
    char c = *p->at++;

    if (c == '(') {
        compile_choice(p);
        p->at++; /* the closing one */
    } else if (c == '.') {
        add_node(p, ANY);
    } else if (c == '^' || c == '$') {
        add_node(p, c == '^' ? LINE_START : LINE_END);
    } else if (c == '[') {
        compile_brackets(p, &p->nodes[add_node(p, SET)]);
    } else {
        struct node *node = &p->nodes[add_node(p, SET)];

        if (c == '\\')
            set_class(node, *p->at++);
        else
            set_range(node, (uint8_t)c, (uint8_t)c);
    }
}

/* Makes room for a SPLIT before `from`; what is behind moves by one with its links. */
static void insert_split(struct pattern *p, uint8_t from)
{
    for (uint8_t i = p->count; i > from; i--) {
        p->nodes[i] = p->nodes[i - 1];
        p->nodes[i].next = (uint8_t)(p->nodes[i].next + 1);
        p->nodes[i].other = (uint8_t)(p->nodes[i].other + 1);
    }
    p->count++;
    p->nodes[from] = (struct node){.kind = SPLIT, .next = (uint8_t)(from + 1)};
}

static void compile_repeated(struct pattern *p)
{
    uint8_t first = p->count;
    char c;

    compile_one(p);
    c = *p->at;
    if (c == '*' || c == '?') {
        insert_split(p, first);
        if (c == '*')
            p->nodes[add_node(p, JUMP)].next = first;
        p->nodes[first].other = p->count;
    } else if (c == '+') {
        uint8_t split = add_node(p, SPLIT);

        p->nodes[split].next = first;
        p->nodes[split].other = p->count;
    }
    p->at += c == '*' || c == '?' || c == '+';
}

static void compile_choice(struct pattern *p)
{
    uint8_t first = p->count;

    while (*p->at && *p->at != '|' && *p->at != ')')
        compile_repeated(p);
    if (*p->at == '|') {
        uint8_t jump;

        p->at++;
        insert_split(p, first);
        jump = add_node(p, JUMP);
        p->nodes[first].other = p->count;
        compile_choice(p);
        p->nodes[jump].next = p->count;
    }
}

static bool in_set(const struct node *node, uint8_t c)
{
    return node->set[c / 32] >> c % 32 & 1;
}

/* The end of the first match found from here; NULL: none. */
static const char *match_here(const struct node *nodes, uint8_t at, const char *text)
{
    for (;;) {
        const struct node *node = &nodes[at];

        switch (node->kind) {
        case MATCH:
            return text;
        case ANY:
            if (!*text++)
                return NULL;
            break;
        case SET:
            if (!*text || !in_set(node, (uint8_t)*text++))
                return NULL;
            break;
        case LINE_START:
            if (text != line)
                return NULL;
            break;
        case LINE_END:
            if (*text)
                return NULL;
            break;
        case SPLIT: {
            const char *end = match_here(nodes, node->next, text);

            if (end)
                return end;
            at = node->other;
            continue;
        }
        case JUMP:
            break;
        }
        at = node->next;
    }
}

/* First and last byte of the leftmost match as a number; 0: none. */
static uint32_t search(const struct pattern *p)
{
    for (const char *from = line; *from; from++) {
        const char *end = match_here(p->nodes, 0, from);

        if (end)
            return (uint32_t)(from - line) << 16 | (uint32_t)(end - line);
    }
    return 0;
}

static size_t append(size_t at, const char *text)
{
    while (*text && at < LINE_BYTES)
        line[at++] = *text++;
    return at;
}

static void write_line(uint64_t *seed)
{
    static const char *const parts[] = {"1234 GET /api/users/list/all 200 ",
                                        "77 POST /api/x 404 ",
                                        "user=alice42 ",
                                        "user=bob7 ",
                                        "time=35ms",
                                        "error: disk full: ",
                                        "warning: slow; ",
                                        "mail ann@example.org ",
                                        "at host.example.com ",
                                        "abababababab",
                                        "aabbabac",
                                        "ccd ",
                                        "9",
                                        "_"};
    size_t at = 0;

    while (at < LINE_BYTES - 40 || next_random(seed) % 4)
        if ((at = append(at, parts[next_random(seed) % COUNT_OF(parts)])) >= LINE_BYTES)
            break;
    line[at] = '\0';
}

static void compile(struct pattern *p, const char *source)
{
    p->count = 0;
    p->at = source;
    compile_choice(p);
    add_node(p, MATCH);
}

uint64_t run(uint32_t scale)
{
    uint64_t checksum = 0, seed = 13;

    for (size_t i = 0; i < COUNT_OF(sources); i++)
        compile(&patterns[i], sources[i]);
    for (uint32_t round = 0; round < scale * LINES; round++) {
        write_line(&seed);
        for (size_t i = 0; i < COUNT_OF(patterns); i++)
            checksum = mix(checksum, search(&patterns[i]));
    }
    return checksum;
}
