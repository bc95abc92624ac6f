/*
 * A tenant that looks for others' data. Input {"secret":"S"}; output {"secret":"S","found":N}: how
 * many other secrets ("HUNT" and 12 more characters) lie anywhere in its memory. Then it leaves its
 * own everywhere: in static data, on the heap, on the stack.
 */
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

#define SECRET_BYTES 16
#define HEAP_BYTES   (256 << 10)

static char everywhere[64 << 10];

static unsigned hunt(const char *own)
{
    const char *memory = (const char *)64;
    size_t bytes = __builtin_wasm_memory_size(0) * 65536 - 64;
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
    char *heap = malloc(HEAP_BYTES);

    for (size_t i = 0; i + SECRET_BYTES <= sizeof(everywhere); i += SECRET_BYTES)
        memcpy(everywhere + i, own, SECRET_BYTES);
    for (size_t i = 0; heap && i + SECRET_BYTES <= HEAP_BYTES; i += SECRET_BYTES)
        memcpy(heap + i, own, SECRET_BYTES);
    for (size_t i = 0; i + SECRET_BYTES <= sizeof(stack); i += SECRET_BYTES)
        memcpy(stack + i, own, SECRET_BYTES);
    __asm__ volatile("" : : "r"(stack), "r"(heap) : "memory");
}

int main(void)
{
    char input[128] = "", own[SECRET_BYTES + 1] = "";
    const char *at;

    input[fread(input, 1, sizeof(input) - 1, stdin)] = 0;
    at = strstr(input, "HUNT");
    if (!at || strlen(at) < SECRET_BYTES)
        return 1;
    memcpy(own, at, SECRET_BYTES);
    printf("{\"secret\":\"%s\",\"found\":%u}\n", own, hunt(own));
    leave_traces(own);
    return 0;
}
