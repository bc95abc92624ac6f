/*
 * A tenant that looks for others' data. Input {"secret":"S"}; output {"secret":"S","found":N}: how
 * many other secrets ("HUNT" and 12 more characters) lie anywhere in its memory. Then it leaves its
 * own everywhere: in static data, on the stack, and, if it ends in '+', in memory that it grows.
 *
 * Without stdio and malloc, whose state would not let it run again where nothing is rewound
 * (tests/serve/hunt_control.sh).
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECRET_BYTES 16
#define PAGE_BYTES   65536u
#define GROWN_PAGES  4u

static char everywhere[64 << 10];

static unsigned hunt(const char *own)
{
    const char *memory = (const char *)64;
    size_t bytes = __builtin_wasm_memory_size(0) * PAGE_BYTES - 64;
    unsigned found = 0;

    for (size_t i = 0; i + SECRET_BYTES <= bytes; i++) {
        if (memory[i] != 'H' || memcmp(memory + i, "HUNT", 4) != 0)
            continue;
        /* "HUNT" alone is this program's own constant; so is the input's copy of our secret */
        if (memory[i + 4] >= '0' && memory[i + 4] <= '9' &&
            memcmp(memory + i, own, SECRET_BYTES) != 0)
            found++;
    }
    return found;
}

__attribute__((noinline)) static void leave_traces(const char *own)
{
    char stack[8 << 10];
    bool grows = own[SECRET_BYTES - 1] == '+';
    size_t grown = grows ? __builtin_wasm_memory_grow(0, GROWN_PAGES) : (size_t)-1;
    char *memory = (char *)(grown * PAGE_BYTES);

    for (size_t i = 0; i + SECRET_BYTES <= sizeof(everywhere); i += SECRET_BYTES)
        memcpy(everywhere + i, own, SECRET_BYTES);
    for (size_t i = 0; grown != (size_t)-1 && i < GROWN_PAGES * PAGE_BYTES; i += SECRET_BYTES)
        memcpy(memory + i, own, SECRET_BYTES);
    for (size_t i = 0; i + SECRET_BYTES <= sizeof(stack); i += SECRET_BYTES)
        memcpy(stack + i, own, SECRET_BYTES);
    __asm__ volatile("" : : "r"(stack), "r"(memory) : "memory");
}

int main(void)
{
    char input[128] = "", own[SECRET_BYTES + 1] = "", answer[80];
    const char *at;
    size_t have = 0;
    ssize_t n;

    while ((n = read(STDIN_FILENO, input + have, sizeof(input) - 1 - have)) > 0)
        have += (size_t)n;
    at = strstr(input, "HUNT");
    if (!at || strlen(at) < SECRET_BYTES)
        return 1;
    memcpy(own, at, SECRET_BYTES);
    n = snprintf(answer, sizeof(answer), "{\"secret\":\"%s\",\"found\":%u}\n", own, hunt(own));
    if (write(STDOUT_FILENO, answer, (size_t)n) != n)
        return 1;
    leave_traces(own);
    return 0;
}
